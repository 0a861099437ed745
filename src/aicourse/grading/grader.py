"""Grades one submitted notebook: takes it in, runs it in the sandbox, lets the tests judge it.

Nothing that a submission does raises here: it comes out as outcomes and notes of its `Result`.
"""

import ast
import contextlib
import json
import re
import socket
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import nbformat

from aicourse.frames import receive
from aicourse.grading.bundle import GradedTest, LessonBundle
from aicourse.grading.cell_code import tree_of
from aicourse.grading.hidden_text import WITHHELD, hidden_text
from aicourse.grading.intake import (
    Prepared,
    Step,
    StudentCell,
    TestPlace,
    prepare,
)
from aicourse.grading.needed_cells import binds, needed
from aicourse.grading.results import (
    DIED,
    FAILED,
    GRADED,
    NOT_ATTEMPTED,
    PASSED,
    TIMEOUT,
    UNREADABLE,
    Note,
    Result,
    Score,
)
from aicourse.grading.sealed.checker import Checker, CheckerError, Verdict
from aicourse.grading.sealed.plain_data import decode, encode
from aicourse.grading.sealed.sandbox import Limits, Sandbox, SandboxBroken
from aicourse.grading.sealed.snapshot import RemoteSnapshot
from aicourse.grading.sealed.split_test import LearnersError
from aicourse.grading.submitted_file import Unreadable

_NAME = re.compile(r"name '(\w+)' is not defined")
#: A submission whose cells keep ending its process is run again without them this often.
_MOST_RUNS = 8
_ENDING_SECONDS = 60.0
_LARGEST_REPORT = 1 << 16
_ENDED = {
    "timeout": "This cell did not finish in the {cell_seconds:g} seconds allowed.",
    "died": "This cell ended the process that ran it (a crash, an exit, or too much memory).",
    "memory": "This cell and what it started used more than {memory_mb} MB of memory.",
    "total": "The notebook did not finish in the {total_seconds:g} seconds allowed; this cell was"
    " running then.",
}


#: A fork of a process that has imported these takes several times as long, so lessons without
#: them are graded from processes of their own.
_HEAVY = frozenset({"torch", "transformers", "tensorflow", "jax"})


class LessonBroken(RuntimeError):
    """The course's own reference does not earn full marks; the message says where it fails."""


@dataclass
class _Run:
    """What running the steps of a submission came to."""

    ended: str = "died"
    errors: dict[int, tuple[str, str]] = field(default_factory=dict)  # step → (type, message)
    stopped: dict[int, str] = field(default_factory=dict)  # step → why it was left out
    reached: int = 0  # steps that are through
    judged: bool = False
    snapshots: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    peak_mb: float = 0.0


@dataclass
class _Lane:
    """The warm processes for lessons that import the same heavy libraries."""

    sandbox: Sandbox
    checker: Checker
    stack: contextlib.ExitStack


class Grader:
    """One worker's grader; a context manager.

    Args:
        bundles: the lessons that it will be asked to grade.
        limits: what a submission may use.
        sandbox: False runs students' code with your rights (see sandbox.py).
    """

    def __init__(
        self, bundles: Sequence[LessonBundle], limits: Limits | None = None, sandbox: bool = True
    ) -> None:
        self._bundles = {bundle.name: bundle for bundle in bundles}
        self._limits = limits or Limits()
        self._sandboxed = sandbox
        self._lanes: dict[frozenset[str], _Lane] = {}
        self._open: dict[str, frozenset[str]] = {}  # lesson → its lane

    def __enter__(self) -> "Grader":
        """Start the warm processes; raises SandboxUnavailable."""
        self._lane(frozenset())
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes.values():
            lane.stack.close()
        self._lanes.clear()
        self._open.clear()

    def _lane(self, heavy: frozenset[str]) -> "_Lane":
        if heavy not in self._lanes:
            with contextlib.ExitStack() as stack:
                sandbox = stack.enter_context(Sandbox(self._sandboxed))
                checker = stack.enter_context(Checker())
                self._lanes[heavy] = _Lane(sandbox, checker, stack.pop_all())
        return self._lanes[heavy]

    def grade(self, raw: bytes, lesson: str) -> Result:
        """Grade the bytes of a notebook handed in for `lesson` ("<phase>/<stem>").

        Raises:
            LessonBroken: the lesson itself cannot be graded here.
        """
        started = time.perf_counter()
        bundle = self._bundles[lesson]
        try:
            prepared = prepare(raw, bundle)
        except Unreadable as error:
            return _unreadable(bundle, str(error))
        try:
            result = self._graded(prepared, bundle)
        except (SandboxBroken, CheckerError):
            self.__exit__()  # whatever broke it, from here on all is new
            try:
                result = self._graded(prepared, bundle)
            except (SandboxBroken, CheckerError) as error:
                self.__exit__()
                result = _result(prepared, bundle, _Run(ended="broken"), (), False)
                text = f"Grading it broke the grader twice ({error}); a person must look at it."
                result = replace(result, notes=(*result.notes, Note("problem", text)))
        return replace(result, seconds=round(time.perf_counter() - started, 3))

    # lessons

    def _open_lesson(self, bundle: LessonBundle) -> None:
        """Make ready for a lesson, and prove with its reference that it can be graded here."""
        if bundle.name in self._open:
            return
        prepared = prepare(_reference(bundle), bundle)
        steps = needed(prepared, bundle)
        own = [s.source for s in steps if isinstance(s, StudentCell) and s.role == "lesson"]
        modules = imported([*own, *(test.source for test in bundle.tests)])
        heavy = _HEAVY & {name.split(".")[0] for name in modules}
        lane = self._lane(heavy)
        lane.checker.import_modules(modules)
        lane.sandbox.import_modules(modules)
        try:
            lane.checker.open_lesson(bundle, own)
        except CheckerError as error:
            raise LessonBroken(str(error)) from None
        self._open[bundle.name] = heavy
        proof = self._attempt(steps, bundle, ask_modules=True)
        for test in bundle.tests:
            verdict = proof.verdicts.get(test.grade_id)
            if verdict is None or verdict["outcome"] != PASSED:
                del self._open[bundle.name]
                why = verdict["message"] if verdict else _ended(proof, self._limits)
                raise LessonBroken(
                    f"{bundle.name}: the course's own answer fails {test.grade_id} on this machine,"
                    f" so nobody's can be graded: {why}"
                )
        # Libraries import parts of themselves when they are first used: submissions find them.
        lane.sandbox.import_modules(proof.modules)

    # one submission

    def _graded(self, prepared: Prepared, bundle: LessonBundle) -> Result:
        self._open_lesson(bundle)
        steps = needed(prepared, bundle)
        run, steps = self._run(steps, bundle)
        left_out = [step for step in prepared.steps if step not in steps]
        whole = bool(left_out) and _missed(run, binds(left_out))
        if whole:
            run, steps = self._run(prepared.steps, bundle)
        return _result(prepared, bundle, run, steps, whole)

    def _run(self, steps: Sequence[Step], bundle: LessonBundle) -> tuple[_Run, tuple[Step, ...]]:
        """Run the steps; if a cell ends the process, again without it."""
        steps = tuple(steps)
        stopped: dict[int, str] = {}
        for number in range(_MOST_RUNS):
            run = self._attempt(steps, bundle, stopped, last=number == _MOST_RUNS - 1)
            run.stopped = stopped
            if run.judged:
                break
            stopped[_guilty(run, steps, stopped)] = _ended(run, self._limits)
        return run, steps

    def _attempt(
        self,
        steps: Sequence[Step],
        bundle: LessonBundle,
        skipped: Collection[int] = (),
        last: bool = False,
        ask_modules: bool = False,
    ) -> _Run:
        """Run the steps once, then the tests.

        A run that broke off is judged only if it is the `last`, or if there is no time for another.
        """
        plan: list[dict[str, Any]] = []
        pairs: dict[str, tuple[socket.socket, socket.socket]] = {}  # exercise → ends
        for number, step in enumerate(steps):
            if isinstance(step, TestPlace):
                plan.append({"snapshot": len(pairs)})
                pairs[step.exercise] = socket.socketpair()
            else:
                plan.append({"cell": "" if number in skipped else step.source})
        snapshots = {exercise: ours for exercise, (ours, _) in pairs.items()}
        ends = [theirs for _, theirs in pairs.values()]
        lane = self._lanes[self._open[bundle.name]]
        connection = lane.sandbox.start(plan, ends, self._limits)
        try:
            run = _followed(connection, plan, self._limits)
            left = any(
                isinstance(steps[n], StudentCell) for n in set(range(len(steps))) - {*skipped}
            )
            run.judged = run.ended in ("done", "total") or last or not left
            if run.judged:
                tests = [
                    (test, snapshots[test.exercise])
                    for exercise in list(snapshots)[: run.snapshots]
                    for test in bundle.tests_of(exercise)
                ]
                seconds = self._limits.test_seconds
                run.verdicts = lane.checker.run(bundle.name, tests, seconds)
                if ask_modules:
                    for snapshot in snapshots.values():
                        run.modules |= _modules(RemoteSnapshot(snapshot, seconds))
        finally:
            for snapshot in snapshots.values():
                snapshot.close()
            _finished(connection)
        return run


def imported(sources: Iterable[str]) -> set[str]:
    """Modules that pieces of code import."""
    names: set[str] = set()
    for source in sources:
        for node in ast.walk(tree_of(source) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return names


def _modules(snapshot: RemoteSnapshot) -> set[str]:
    """The modules that a snapshot of the reference has imported."""
    try:
        return set(decode(snapshot.evaluate("sorted(__import__('sys').modules)", encode({}))))
    except LearnersError:
        return set()


def _followed(connection: socket.socket, plan: Sequence[dict[str, Any]], limits: Limits) -> _Run:
    """Read a supervisor's reports until the cells are through.

    A submission can write reports of its own: whatever is not the next one due ends the reading.
    """
    run = _Run()
    patience = limits.total_seconds + limits.cell_seconds + 60
    try:
        while True:
            due = plan[run.reached] if run.reached < len(plan) else {}
            match receive(connection, patience, _LARGEST_REPORT):
                case {"cell": int(number), "error": None | [str(), str()] as error} if (
                    "cell" in due and number == run.reached
                ):
                    if error:
                        run.errors[number] = (error[0], error[1])
                    run.reached += 1
                case {"snapshot": int(number)} if number == due.get("snapshot", -1):
                    run.reached += 1
                    run.snapshots += 1
                case {"ended": str(ended), "peak_mb": float() | int() as peak}:
                    whole = run.reached == len(plan)
                    run.ended = "died" if ended == "done" and not whole else ended
                    run.peak_mb = float(peak)
                    return run
                case {"broken": str(words)}:
                    raise SandboxBroken(words)
                case _:
                    return run
    except (EOFError, OSError, TimeoutError, ValueError):
        return run


def _guilty(run: _Run, steps: Sequence[Step], stopped: Collection[int]) -> int:
    """The cell at which a run broke off, or the last before if none was due."""
    cells = [n for n, step in enumerate(steps) if isinstance(step, StudentCell)]
    left = [n for n in cells if n not in stopped]
    return next((n for n in left if n >= run.reached), left[-1])


def _finished(connection: socket.socket) -> None:
    """Let the supervisor end the submission, and wait until none of its processes is left.

    Raises:
        SandboxBroken: it does not end.
    """
    try:
        connection.shutdown(socket.SHUT_WR)
        while receive(connection, _ENDING_SECONDS, _LARGEST_REPORT) != {"gone": True}:
            pass
    except (EOFError, OSError, TimeoutError, ValueError):
        raise SandboxBroken("a submission's processes did not end") from None
    finally:
        connection.close()


def _ended(run: _Run, limits: Limits) -> str:
    """Why a run broke off, about the cell where it did."""
    return _ENDED.get(run.ended, _ENDED["died"]).format(**asdict(limits))


def _missed(run: _Run, names: set[str]) -> bool:
    """Whether something failed for want of a name that the cells left out define."""
    wanted = [message for kind, message in run.errors.values() if kind == "NameError"]
    wanted += [v["message"] for v in run.verdicts.values() if v["error"] == "NameError"]
    return any(found[1] in names for text in wanted if (found := _NAME.search(text)))


def _reference(bundle: LessonBundle) -> bytes:
    """The lesson with its own answers, as a student would hand it in."""
    notebook = nbformat.v4.new_notebook()
    for cell in bundle.cells:
        source = cell.source
        if cell.role == "answer":
            source = bundle.exercise(cell.grade_id).reference
        make = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
        notebook.cells.append(make(source, id=cell.id))
    return nbformat.writes(notebook).encode()


# ------------------------------------------------------------------------------------------ results


def _unreadable(bundle: LessonBundle, reason: str) -> Result:
    scores = tuple(
        Score(test.grade_id, test.exercise, test.points, 0.0, NOT_ATTEMPTED, "")
        for test in bundle.tests
    )
    notes = (Note("problem", reason),)
    return Result(bundle.name, UNREADABLE, scores, notes=notes, bundle_digest=bundle.digest)


def _result(
    prepared: Prepared,
    bundle: LessonBundle,
    run: _Run,
    steps: Sequence[Step],
    whole: bool,
) -> Result:
    places = {
        step.grade_id: number
        for number, step in enumerate(steps)
        if isinstance(step, StudentCell) and step.role == "answer"
    }
    cells = {n: step for n, step in enumerate(steps) if isinstance(step, StudentCell)}
    own = [step.source for step in cells.values()]
    secret = hidden_text(bundle)
    notes = list(prepared.notes)
    scores = []
    for test in bundle.tests:
        score = _score(test, bundle, run, places.get(test.exercise, -1))
        if secret.found_in(score.message, own):
            text = f"What {test.grade_id} said holds code of the hidden test; it is not passed on."
            notes.append(Note("suspicious", text, test.exercise))
            score = replace(score, message=WITHHELD)
        scores.append(score)
    said = {number: f"{kind}: {message}" for number, (kind, message) in run.errors.items()}
    errors = tuple((cells[n].id, text) for n, text in sorted((said | run.stopped).items()))
    for number, message in sorted(run.stopped.items()):
        text = f"{message} The rest of the notebook was graded without it."
        notes.append(Note("problem", text, cells[number].id))
    if run.ended != "done":
        notes.append(
            Note("problem", "The notebook did not run to its end; what was not reached scored 0.")
        )
    return Result(
        lesson=bundle.name,
        state=GRADED,
        scores=tuple(scores),
        written=prepared.written,
        notes=tuple(notes),
        notebook=json.dumps(prepared.notebook, ensure_ascii=False),
        cell_errors=errors,
        bundle_digest=bundle.digest,
        peak_mb=run.peak_mb,
        reran_whole=whole,
    )


def _score(test: GradedTest, bundle: LessonBundle, run: _Run, place: int) -> Score:
    """The score of one test; `place` is the step of the answer, or -1."""
    verdict = run.verdicts.get(test.grade_id)
    defines = bundle.exercise(test.exercise).defines
    if verdict is None:
        outcome, message = DIED, "The notebook ended before this test was reached."
    else:
        outcome, message = verdict["outcome"], verdict["message"]
        found = _NAME.search(message) if verdict["error"] == "NameError" else None
        if found and found[1] in defines:
            outcome, message = _undefined(found[1], run, place)
    if outcome != PASSED and run.errors.get(place, ("",))[0] == "KeyboardInterrupt":
        outcome, message = TIMEOUT, "The answer's cell did not finish in the time allowed."
    earned = test.points if outcome == PASSED else 0.0
    return Score(test.grade_id, test.exercise, test.points, earned, outcome, message)


def _undefined(name: str, run: _Run, place: int) -> tuple[str, str]:
    """Why an answer's name does not exist: outcome and message."""
    if place in run.stopped:
        message = run.stopped[place]
        return TIMEOUT if "finish" in message else DIED, message
    if place in run.errors:
        kind, message = run.errors[place]
        return FAILED, f"The answer's cell raised {kind}: {message}"
    return NOT_ATTEMPTED, f"`{name}` is not defined."
