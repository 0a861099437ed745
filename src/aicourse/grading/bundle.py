"""What grading a lesson takes: its released cells, its tests, its points; made from notebooks/.

A bundle is all that a grader knows of a lesson. It never enters the process that runs a
submission; only the released cells that a submission still contains do, because it brings them.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import nbformat

from aicourse.lessons.exercises import lesson_from_notebook

#: In a test cell: this test runs whole in the process of the learner's code, and why.
_NOT_SEALED = re.compile(r"^# not sealed: *(\S.*)$", re.MULTILINE)


class BundleError(RuntimeError):
    """A lesson cannot be graded; the message says what is missing and what to do."""


@dataclass(frozen=True)
class ReleasedCell:
    """One cell of the student notebook.

    `role` is "lesson", "answer", "written", "test" or "check" (a cell that only calls `check`);
    `grade_id` is set for answers, written answers and tests.
    """

    id: str
    kind: str
    source: str
    role: str
    grade_id: str = ""


@dataclass(frozen=True)
class GradedTest:
    """One test cell with its hidden part; `not_sealed` is the reason why it runs whole, or ""."""

    __test__ = False  # not a pytest class

    grade_id: str
    exercise: str
    points: float
    source: str
    hidden: bool
    not_sealed: str = ""


@dataclass(frozen=True)
class GradedExercise:
    """An exercise: the names that an answer defines and the reference answer.

    `written` exercises have no tests; a person grades them.
    """

    grade_id: str
    title: str
    points: float
    defines: tuple[str, ...]
    reference: str
    written: bool = False


@dataclass(frozen=True)
class LessonBundle:
    """Everything about one lesson, "<phase>/<notebook stem>"."""

    name: str
    title: str
    cells: tuple[ReleasedCell, ...]
    exercises: tuple[GradedExercise, ...]
    tests: tuple[GradedTest, ...]
    data: tuple[str, ...]

    @property
    def assignment(self) -> str:
        """nbgrader's assignment: the phase."""
        return self.name.split("/")[0]

    @property
    def stem(self) -> str:
        """nbgrader's notebook."""
        return self.name.split("/")[1]

    @cached_property
    def digest(self) -> str:
        """Changes when anything changes that a grade depends on."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def exercise(self, grade_id: str) -> GradedExercise:
        """The exercise called `grade_id`; raises KeyError."""
        for exercise in self.exercises:
            if exercise.grade_id == grade_id:
                return exercise
        raise KeyError(grade_id)

    def tests_of(self, exercise: str) -> tuple[GradedTest, ...]:
        """The exercise's tests, in the order of the notebook."""
        return tuple(test for test in self.tests if test.exercise == exercise)


def lesson_bundle(root: Path, name: str) -> LessonBundle:
    """Read a lesson from notebooks/ and student/ of the repository `root`.

    Raises:
        BundleError: the lesson, or its student version, is missing or stale.
    """
    source_file = root / "notebooks" / f"{name}.ipynb"
    student_file = root / "student" / f"{name}.ipynb"
    for file in (source_file, student_file):
        if not file.is_file():
            raise BundleError(f"{file} is missing: run `make build`.")
    source = nbformat.read(source_file, as_version=4)
    student = nbformat.read(student_file, as_version=4)
    lesson = lesson_from_notebook(source, name)
    references = {_grade_id(cell): cell.source for cell in source.cells}
    cells = tuple(_released(cell) for cell in student.cells)
    answers = {cell.grade_id for cell in cells if cell.role in ("answer", "written")}
    if answers != {e.grade_id for e in lesson.exercises}:
        raise BundleError(f"{student_file} is out of date: run `make build`.")
    exercises = tuple(
        GradedExercise(
            e.grade_id,
            e.title,
            e.points,
            e.defines,
            references[e.grade_id],
            e.written,
        )
        for e in lesson.exercises
    )
    tests = tuple(
        GradedTest(t.grade_id, e.grade_id, t.points, t.source, t.hidden, why_not_sealed(t.source))
        for e in lesson.exercises
        for t in e.tests
    )
    return LessonBundle(name, lesson.title, cells, exercises, tests, lesson.data)


def bundles(root: Path, assignment: str) -> tuple[LessonBundle, ...]:
    """The lessons of an assignment (a folder of notebooks/), in course order.

    Raises:
        BundleError: there is no such assignment, or one of its lessons cannot be graded.
    """
    files = sorted((root / "notebooks" / assignment).glob("*.ipynb"))
    if not files:
        known = ", ".join(sorted({f.parent.name for f in (root / "notebooks").glob("*/*.ipynb")}))
        raise BundleError(f"There is no assignment {assignment!r}; there are: {known}.")
    return tuple(lesson_bundle(root, f"{assignment}/{file.stem}") for file in files)


def _grade_id(cell: nbformat.NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _released(cell: nbformat.NotebookNode) -> ReleasedCell:
    grading = cell.metadata.get("nbgrader", {})
    role = "lesson"
    if grading.get("solution"):
        role = "written" if grading.get("grade") else "answer"
    elif grading.get("grade"):
        role = "test"
    elif cell.cell_type == "code" and only_checks(cell.source):
        role = "check"
    named = role in ("answer", "written", "test")
    return ReleasedCell(cell.id, cell.cell_type, cell.source, role, _grade_id(cell) * named)


def why_not_sealed(test: str) -> str:
    """The reason in the test's comment `# not sealed: …`, or ""."""
    found = _NOT_SEALED.search(test)
    return found[1].strip() if found else ""


def _calls(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        value = statement.value if isinstance(statement, ast.Expr) else None
        function = value.func if isinstance(value, ast.Call) else None
        yield function.id if isinstance(function, ast.Name) else ""


def only_checks(source: str) -> bool:
    """Whether code does nothing but call `check(…)` or `check_all()`."""
    try:
        called = list(_calls(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(called) and set(called) <= {"check", "check_all"}
