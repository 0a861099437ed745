"""Grades one saved lesson notebook: runs its cells, then each exercise's tests in a fork."""

from dataclasses import dataclass
from pathlib import Path

import nbformat

from aicourse.executor import Branch, BranchOutcome, Run, Runner, Step
from aicourse.lessons import exercises
from aicourse.lessons.exercises import Exercise, Lesson

_TEST_TIMEOUT = 60.0
_NOTEBOOK_TIMEOUT = 900.0


class NotALesson(ValueError):
    """The file is not a notebook of this course; the message says what is wrong with it."""


@dataclass(frozen=True)
class ExerciseGrade:
    """What one exercise of the notebook earned; `outcome` as in `check`."""

    exercise: Exercise
    outcome: str
    earned: float
    message: str


@dataclass(frozen=True)
class NotebookGrade:
    """The grade of one notebook; `failed_cells` are other cells that raised (id, error)."""

    lesson: Lesson
    exercises: tuple[ExerciseGrade, ...]
    failed_cells: tuple[tuple[str, str], ...]

    @property
    def earned(self) -> float:
        return sum(grade.earned for grade in self.exercises)


def read_lesson_notebook(path: Path) -> tuple[nbformat.NotebookNode, Lesson]:
    """Read a learner's notebook and find out which lesson it is.

    Raises:
        NotALesson: no such file, not a notebook, or not a notebook of this course.
    """
    if not path.is_file():
        raise NotALesson(f"{path}: there is no such file.")
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        # nbformat raises many kinds; for the reader they mean one thing.
        raise NotALesson(f"{path}: not a readable notebook ({error}).") from error
    graded = {
        cell.metadata.get("nbgrader", {}).get("grade_id")
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    name = notebook.metadata.get("aicourse", {}).get("lesson")
    for lesson in exercises.lessons():
        if lesson.name == name or graded & {e.grade_id for e in lesson.exercises}:
            return notebook, lesson
    raise NotALesson(f"{path}: this notebook belongs to no lesson of the course.")


def grade_notebook(path: Path, runner: Runner) -> NotebookGrade:
    """Run the notebook at `path` from the top and grade every exercise.

    Tests come from the exercise bank, whatever the file's own test cells say; each runs in a copy
    of the state at its place in the notebook, so a test that crashes or never ends costs one
    exercise.

    Raises:
        NotALesson: see read_lesson_notebook.
    """
    notebook, lesson = read_lesson_notebook(path)
    tests = {test.grade_id: test for e in lesson.exercises for test in e.tests}
    steps: list[Step] = []
    placed: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id in tests:
            if grade_id not in placed:
                steps.append(_branch(grade_id, tests[grade_id].source))
                placed.add(grade_id)
        elif not cell.source.lstrip().startswith(("check(", "check_all(")):
            steps.append(Run(cell.source, cell["id"]))
    # A deleted test cell is no reason to lose points.
    steps += [_branch(name, test.source) for name, test in tests.items() if name not in placed]
    outcome = runner.run(steps, folder=path.resolve().parent, timeout=_NOTEBOOK_TIMEOUT)
    failed = tuple(
        (step.label, f"{result.error}: {result.message}")
        for step in steps
        if isinstance(step, Run) and (result := outcome.cell(step.label)).error
    )
    return NotebookGrade(lesson, tuple(_grade(e, outcome) for e in lesson.exercises), failed)


def _branch(grade_id: str, source: str) -> Branch:
    return Branch([Run(source, "test")], grade_id, _TEST_TIMEOUT)


def _grade(exercise: Exercise, outcome: BranchOutcome) -> ExerciseGrade:
    if exercise.written:
        return ExerciseGrade(exercise, "written", 0.0, "graded by hand")
    earned = 0.0
    message = ""
    attempted = True
    for test in exercise.tests:
        result = outcome.branch(test.grade_id).cell("test")
        if result.error is None:
            earned += test.points
        elif result.error == "NotImplementedError":
            attempted = False
        elif result.error == "NameError" and any(
            f"'{name}'" in result.message for name in exercise.defines
        ):
            attempted = False
            message = message or "the answer is not defined"
        elif not message:
            kind = "hidden test" if test.hidden else "visible test"
            what = (
                result.message
                if result.error == "AssertionError"
                else (f"{result.error}: {result.message}")
            )
            message = f"[{kind}] {what}"
    if not attempted:
        return ExerciseGrade(exercise, "not attempted", 0.0, message)
    return ExerciseGrade(exercise, "wrong" if message else "right", earned, message)
