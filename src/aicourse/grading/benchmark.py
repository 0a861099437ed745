"""How fast a class is graded: this grader beside stock nbgrader, small classes beside large ones.

Everything is measured in one run on one machine, on submissions made from the known answers, and
reported as ratios; every score of both graders is compared with the known one.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aicourse.grading.bundle import lesson_bundle
from aicourse.grading.class_run import Choice, grade_class
from aicourse.grading.demo import compare, import_roster, prepare
from aicourse.grading.gradebook import (
    GradebookError,
    build_gradebook,
    course_config,
    must_succeed,
    open_course,
)
from aicourse.grading.simulated_class import SimulatedClass, make_class

#: Submissions that `nbgrader autograde` grades as a process of its own; each takes many seconds.
_FRESH = 2
#: A test cell as otter-grader reads it.
_OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}
SOURCE = {source!r}


@test_case(points=points)
def runs(env):
    exec(SOURCE, env)
"""


@dataclass(frozen=True)
class Measured:
    """One way of grading: submissions, wall seconds, the coordinator's peak memory, scores."""

    name: str
    notebooks: int
    seconds: float
    peak_mb: float
    different: int  # scores that are not the known ones

    @property
    def each(self) -> float:
        """Seconds per notebook."""
        return self.seconds / self.notebooks


def versus_stock(
    root: Path,
    lessons: Sequence[str],
    students: int,
    console: Console,
    serial: int,
    otter: Path | None = None,
) -> bool:
    """Grade one class both ways and print the table; whether all scores of both are right.

    The course's own time contains its start-up, nbgrader's in one process does not.

    Args:
        root: the repository.
        lessons: "<phase>/<stem>" of each lesson that is handed in, all of one phase.
        students: size of the class.
        serial: how many of the class nbgrader grades in one process; its time for each does not
            depend on how many there are.
        otter: the program of an otter-grader whose Python can import the course; it grades, too.
    """
    with tempfile.TemporaryDirectory() as scratch:
        rows = []
        ours, stock = Path(scratch) / "ours", Path(scratch) / "stock"
        with console.status("Making the class …"):
            simulated = _course(root, ours, lessons, students)
            _course(root, stock, lessons, students)
        for workers in (1, 2):
            with console.status(f"Grading with {workers} worker(s) …"):
                rows.append(_ours(ours, simulated, workers))
        with console.status("Grading with nbgrader, a process for each student …"):
            rows.append(_fresh(stock, simulated))
        with console.status("Grading with nbgrader in one process …"):
            rows.append(_stock(stock, simulated, serial))
        if otter is not None:
            with console.status("Grading with otter run, a process for each notebook …"):
                rows.append(_otter(otter, root, ours, Path(scratch) / "otter", simulated))
    table = Table(title=f"{rows[0].notebooks} notebooks, {len(lessons)} lessons")
    for column in ("Grader", "Notebooks", "Seconds each", "Times ours", "Wrong scores"):
        table.add_column(column, justify="left" if column == "Grader" else "right")
    for row in rows:
        times = f"{row.each / rows[0].each:.1f}"
        cells = (row.name, str(row.notebooks), f"{row.each:.2f}", times, str(row.different))
        table.add_row(*cells)
    console.print(table)
    return not any(row.different for row in rows)


def at_scale(root: Path, lesson: str, sizes: Sequence[int], console: Console) -> bool:
    """Grade classes of several sizes and print time and memory of each; whether all is right."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "course"
            with console.status(f"Making a class of {size} …"):
                simulated = _course(root, folder, [lesson], size)
            with console.status(f"Grading a class of {size} …"):
                rows.append(_ours(folder, simulated, 1))
    table = Table(title=f"{lesson}, one worker")
    columns = ("Notebooks", "Seconds", "Each", "Each more", "Coordinator's MB", "Wrong scores")
    for column in columns:
        table.add_column(column, justify="right")
    for before, row in zip([None, *rows], rows, strict=False):
        # Seconds for each notebook that the smaller class does not have: without the start-up.
        more = (
            (row.seconds - before.seconds) / (row.notebooks - before.notebooks) if before else None
        )
        table.add_row(
            str(row.notebooks),
            f"{row.seconds:.1f}",
            f"{row.each:.3f}",
            "" if more is None else f"{more:.3f}",
            f"{row.peak_mb:.0f}",
            str(row.different),
        )
    console.print(table)
    return not any(row.different for row in rows)


def _course(root: Path, folder: Path, lessons: Sequence[str], students: int) -> SimulatedClass:
    prepare(root, folder)
    simulated = make_class(root, folder, lessons, students)
    build_gradebook(root, folder)
    import_roster(open_course(course_config(folder)), folder / "roster.csv")
    return simulated


def _ours(folder: Path, simulated: SimulatedClass, workers: int) -> Measured:
    """In a process of its own, so that its memory is the coordinator's alone."""
    command = [sys.executable, "-m", __name__, str(folder), _phase(simulated), str(workers)]
    start = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if ended.returncode != 0:
        raise GradebookError(f"Grading failed:\n{ended.stderr}")
    run = json.loads(ended.stdout.splitlines()[-1])
    name = f"course grade, {workers} worker{'s' * (workers > 1)}"
    different = _different(folder, simulated)
    return Measured(name, run["graded"], seconds, run["peak_mb"], different)


def _stock(folder: Path, simulated: SimulatedClass, students: int) -> Measured:
    """Stock nbgrader, one student after another in this process; start-up is not counted."""
    api = open_course(course_config(folder))
    phase, some = _phase(simulated), simulated.students[:students]
    start = time.perf_counter()
    for student in some:
        must_succeed(api.autograde(phase, student.id, force=True), student.id)
    seconds = time.perf_counter() - start
    theirs = tuple(s for s in simulated.submissions if s.student in some)
    different = _different(folder, replace(simulated, submissions=theirs))
    return Measured("nbgrader, in process", len(theirs), seconds, 0.0, different)


def _fresh(folder: Path, simulated: SimulatedClass) -> Measured:
    """`nbgrader autograde`, a process for each student, for the first few students."""
    phase, some = _phase(simulated), simulated.students[:_FRESH]
    start = time.perf_counter()
    for student in some:
        command = [sys.executable, "-m", "nbgrader", "autograde", phase]
        command.append(f"--student={student.id}")
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
    seconds = time.perf_counter() - start
    notebooks = sum(submission.student in some for submission in simulated.submissions)
    return Measured("nbgrader autograde", notebooks, seconds, 0.0, 0)


def _otter(
    otter: Path, root: Path, course: Path, folder: Path, simulated: SimulatedClass
) -> Measured:
    """`otter run` on the notebooks of the first few students, with the same tests and points."""
    some = [s for s in simulated.submissions if s.student in simulated.students[:_FRESH]]
    archives = {}
    for lesson in {submission.lesson for submission in some}:
        place = folder / lesson
        (place / "tests").mkdir(parents=True)
        for test in lesson_bundle(root, lesson).tests:
            (place / "tests" / f"{test.grade_id}.py").write_text(
                _OTTER_TEST.format(name=test.grade_id, points=test.points, source=test.source)
            )
        archives[lesson] = place / "autograder.zip"
        words = ["generate", "-t", "tests", "-o", str(archives[lesson]), "--no-environment"]
        subprocess.run([otter, *words], cwd=place, capture_output=True, check=True)
    different = 0
    start = time.perf_counter()
    for submission in some:
        phase, stem = submission.lesson.split("/")
        out = folder / submission.student.id / stem
        out.mkdir(parents=True)
        file = out / f"{stem}.ipynb"
        handed_in = course / "submitted" / submission.student.id / phase / file.name
        file.write_bytes(handed_in.read_bytes())
        words = ["run", str(file), "-a", str(archives[submission.lesson]), "-o", str(out)]
        subprocess.run([otter, *words, "--no-logo"], cwd=out, capture_output=True, check=True)
        tests = json.loads((out / "results.json").read_text())["tests"]
        scores = {test["name"]: test.get("score") for test in tests}
        different += sum(scores.get(c) != p for c, p in submission.points.items() if c in scores)
        different += sum(name not in scores for name in submission.points if _is_test(name))
    seconds = time.perf_counter() - start
    return Measured("otter run", len(some), seconds, 0.0, different)


def _is_test(grade_id: str) -> bool:
    return grade_id.endswith(("_visible", "_hidden"))


def _phase(simulated: SimulatedClass) -> str:
    return simulated.submissions[0].lesson.split("/")[0]


def _different(folder: Path, simulated: SimulatedClass) -> int:
    """Scores of tests that are not the known ones."""
    with open_course(course_config(folder)).gradebook as gradebook:
        scores = compare(gradebook, simulated)
    return sum(not score.equal for score in scores if _is_test(score.cell))


def main(folder: str, phase: str, workers: str) -> None:
    """Grade the class in `folder` and print what it took as one line of JSON."""
    root = Path(__file__).resolve().parents[3]
    choice = Choice(workers=int(workers), force=True, publish=False)
    run = grade_class(root, phase, choice, Path(folder))
    if run.broken or run.failed:
        sys.exit("\n".join([*run.broken.values(), *run.remarks]))
    print(json.dumps({"graded": run.graded, "peak_mb": run.peak_mb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
