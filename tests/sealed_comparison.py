"""Compares the verdicts of tests cut in two with those of whole tests, on known answers.

    OMP_NUM_THREADS=1 python tests/sealed_comparison.py 01_math_python/03_matrices_least_squares

prints the verdicts as JSON, and those that differ on stderr. One process, one thread: every answer
runs in forks of it.
"""

import contextlib
import json
import os
import socket
import symtable
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from aicourse.authoring.known_answers import Answer, parse_answers
from aicourse.grading.sealed.snapshot import RemoteSnapshot, serve
from aicourse.grading.sealed.split_test import LearnersError, PreparedTest, SplitTest
from aicourse.lessons.exercises import lesson_from_notebook

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def held(answer: str, namespace: dict[str, Any], seconds: float = 30) -> Iterator[RemoteSnapshot]:
    """A snapshot of a process in which the cell `answer` ran."""
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        here.close()
        try:
            exec(answer, namespace)
            serve(there, namespace)
        finally:
            os._exit(1)
    there.close()
    try:
        yield RemoteSnapshot(here, seconds)
    finally:
        here.close()
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def _forked(run: Callable[[], Any]) -> Any:
    """What `run` returns, as JSON would have it, from a silent fork."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            result = run()
        except BaseException as error:
            result = ["broken", f"{type(error).__name__}: {error}"]
        with os.fdopen(write_end, "w") as stream:
            json.dump(result, stream)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as stream:
        result = json.load(stream)
    os.waitpid(pid, 0)
    return result


def _whole(test: str, answer: str, names: dict[str, Any]) -> tuple[str, str]:
    try:
        exec(answer, names)
        exec(compile(test, "<test>", "exec"), names)
    except Exception as error:
        return "wrong", f"{type(error).__name__}: {error}"
    return "right", ""


def _cut(test: PreparedTest, answer: str, names: dict[str, Any]) -> tuple[str, str]:
    with held(answer, names, seconds=120) as snapshot:
        try:
            test.run(snapshot)
        except (AssertionError, LearnersError) as error:
            return "wrong", f"{type(error).__name__}: {error}"
    return "right", ""


def _free_names(source: str) -> set[str]:
    """Names that code reads at its top level or in its functions and does not bind itself."""
    return _names(source, lambda symbol: symbol.is_global()) - _bound_names(source)


def _bound_names(source: str) -> set[str]:
    table = symtable.symtable(source, "cell", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def _names(source: str, wanted: Callable[[symtable.Symbol], bool]) -> set[str]:
    found = set()
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        table = tables.pop()
        found |= {s.get_name() for s in table.get_symbols() if wanted(s)}
        tables += table.get_children()
    return found


def _cells_before(notebook: Any, grade_id: str, sources: list[str]) -> str:
    """The lesson's cells that answers of an exercise need: those that bind what they read."""
    before: list[str] = []
    for cell in notebook.cells:
        if cell["id"] == grade_id:
            break
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
            before.append(cell.source)
    needed = set().union(*map(_free_names, sources))
    kept = []
    for source in reversed(before):
        if _bound_names(source) & needed:
            kept.append(source)
            needed |= _free_names(source)
    return "\n".join(reversed(kept))


@dataclass(frozen=True)
class Compared:
    """One test on one known answer: `cut` and `whole` are a verdict and a message.

    `kind` is the answer's: "reference", "right" or "wrong". `seconds` are those of what the test
    does before it needs an answer, of the whole test and of the cut one.
    """

    exercise: str
    test: str
    kind: str
    answer: str
    cut: list[str]
    whole: list[str] | None
    seconds: list[float]


def compare(lesson: str, few: bool = False) -> list[Compared]:
    """Run every test of the lesson on the reference and the known answers.

    Args:
        few: only cut tests, on the reference and on the first right and wrong answer of each
            exercise, whose whole verdicts `course known-answers` knows.
    """
    file = ROOT / "notebooks" / f"{lesson}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    cells = {cell["id"]: cell.source for cell in notebook.cells}
    answers = parse_answers(ROOT / "grading" / "answers" / f"{lesson}.py")
    setup: dict[str, Any] = {"__name__": "__main__"}
    os.chdir(file.parent)
    with contextlib.redirect_stdout(sys.stderr):
        exec(cells["setup"], setup)
    compared = []
    for exercise in lesson_from_notebook(notebook, lesson).exercises:
        if exercise.written:
            continue
        own = [a for a in answers if a.grade_id == exercise.grade_id]
        if few:
            own = [next(a for a in own if a.kind == kind) for kind in ("right", "wrong")]
        tried = [Answer(exercise.grade_id, "reference", "", cells[exercise.grade_id]), *own]
        before = _cells_before(notebook, exercise.grade_id, [a.source for a in tried])
        for test in exercise.tests:
            run = partial(_verdicts, test.source, exercise.defines, setup, before, tried, few)
            records = _forked(run)
            if records[0] == "broken":
                raise AssertionError(f"{test.grade_id} cannot be prepared: {records[1]}")
            compared += [
                Compared(exercise.grade_id, test.grade_id, answer.kind, answer.name, *record)
                for answer, record in zip(tried, records, strict=True)
            ]
    return compared


def _verdicts(
    source: str,
    learners: tuple[str, ...],
    setup: dict[str, Any],
    cells: str,
    tried: list[Answer],
    few: bool,
) -> list[Any]:
    start = time.perf_counter()
    prepared = SplitTest(source, learners).prepare(dict(setup))
    preparing = time.perf_counter() - start
    lesson = dict(setup)
    exec(cells, lesson)
    records = []
    for answer in tried:
        start = time.perf_counter()
        whole = None if few else _forked(partial(_whole, source, answer.source, lesson))
        middle = time.perf_counter()
        cut = _forked(partial(_cut, prepared, answer.source, lesson))
        end = time.perf_counter()
        records.append((cut, whole, [preparing, middle - start, end - middle]))
    return records


if __name__ == "__main__":
    found = compare(sys.argv[1], few="--few" in sys.argv)
    print(json.dumps([asdict(one) for one in found]))
    for one in found:
        if one.whole is not None and one.whole[0] != one.cut[0]:
            print(f"{one.test}, {one.kind}: {one.answer}: {one.whole} {one.cut}", file=sys.stderr)
