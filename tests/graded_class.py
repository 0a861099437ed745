"""A class to grade: two small lessons, submissions, and a grader that reads its verdicts off them.

The grader stands in for the sealed one where the coordinator and the gradebook are tested: it says
at once what the real one would find out by running code.
"""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import small_course
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade
from nbgrader.apps.api import NbGraderAPI

from aicourse.authoring.student_build import build
from aicourse.grading.bundle import LessonBundle, bundles
from aicourse.grading.class_run import Choice, ClassRun, grade_class
from aicourse.grading.gradebook import build_gradebook, course_config, open_course
from aicourse.grading.grader import LessonBroken
from aicourse.grading.intake import prepare
from aicourse.grading.recorder import Recorded
from aicourse.grading.results import (
    FAILED,
    GRADED,
    NOT_ATTEMPTED,
    PASSED,
    UNREADABLE,
    Note,
    Result,
    Score,
)
from aicourse.grading.submitted_file import Unreadable

ROOT = Path(__file__).resolve().parents[1]
PHASE = "01_math_python"
FIRST, SECOND = f"{PHASE}/01_fixture", f"{PHASE}/02_again"
EXERCISES = ("scale_column", "running_mean", "fixed_scale")
WRITTEN = "explain_scaling"
HANDED_IN = "2026-03-02 18:30:00 UTC"


def make_course(root: Path) -> Path:
    """A repository with two lessons, built, and a gradebook; returns `root`."""
    small_course.make(root)
    text = (small_course.FIXTURES / "lesson.txt").read_text(encoding="utf-8")
    text = text.replace("01_fixture", "02_again").replace("# 1.1 Scaling", "# 1.2 Scaling again")
    for name in (*EXERCISES, WRITTEN):
        text = re.sub(rf"\b{name}", f"{name}_2", text)
    small_course.add_lesson(root, SECOND, text)
    build(root)
    shutil.copy(ROOT / "grading" / "nbgrader_config.py", root / "grading")
    build_gradebook(root)
    return root


@dataclass(frozen=True)
class FakeGraders:
    """Makes graders that read their verdicts off the answers, each after `seconds`."""

    bundles: tuple[LessonBundle, ...]
    seconds: float = 0.0

    def __call__(self) -> "FakeGrader":
        return FakeGrader(self)


class FakeGrader:
    """Passes the tests of an answer that says RIGHT, and hidden ones marked strict for STRICT."""

    def __init__(self, made_by: FakeGraders) -> None:
        self._bundles = {bundle.name: bundle for bundle in made_by.bundles}
        self._seconds = made_by.seconds

    def __enter__(self) -> "FakeGrader":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def grade(self, raw: bytes, lesson: str) -> Result:
        time.sleep(self._seconds)
        bundle = self._bundles[lesson]
        try:
            prepared = prepare(raw, bundle)
        except Unreadable as error:
            return Result(lesson, UNREADABLE, (), notes=(Note("problem", str(error)),))
        answers = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in prepared.notebook.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        for answer in answers.values():
            if once := re.search(r"KILL THE WORKER(?: UNLESS (.+))?", answer):
                marker = once[1] and Path(once[1])
                if not (marker and marker.exists()):
                    if marker:
                        marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
            if "LESSON IS BROKEN" in answer:
                raise LessonBroken(f"{lesson}: the course's own answer fails.")
        if any("BREAK THE GRADER" in answer for answer in answers.values()):
            raise RuntimeError("broken")
        scores = []
        for test in bundle.tests:
            answer = answers.get(test.exercise, "")
            right = "STRICT" in answer if "strict" in test.source else "RIGHT" in answer
            outcome = PASSED if right else FAILED if "WRONG" in answer else NOT_ATTEMPTED
            scores.append(
                Score(
                    test.grade_id,
                    test.exercise,
                    test.points,
                    test.points if right else 0.0,
                    outcome,
                    "" if right else "the mean is \x1b[31mwrong\x00",
                )
            )
        return Result(
            lesson,
            GRADED,
            tuple(scores),
            prepared.written,
            prepared.notes,
            nbformat.writes(prepared.notebook),
            bundle_digest=bundle.digest,
            seconds=self._seconds,
        )


@dataclass
class Class:
    """A course with a class; `db_url` "" is the file that the configuration names."""

    root: Path
    db_url: str = ""

    @property
    def grading(self) -> Path:
        return self.root / "grading"

    @property
    def api(self) -> NbGraderAPI:
        config = course_config(self.grading)
        if self.db_url:
            config.CourseDirectory.db_url = self.db_url
        return open_course(config)

    def bundles(self) -> tuple[LessonBundle, ...]:
        return bundles(self.root, PHASE)

    def folder(self, student: str) -> Path:
        folder = self.grading / "submitted" / student / PHASE
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def hand_in(
        self, student: str, lesson: str = FIRST, text: str = "", name: str = "", **answers: str
    ) -> Path:
        """Write a submission; `answers` are comments that `FakeGrader` reads, `text` is written."""
        notebook = self.released(lesson)
        suffix = "_2" if lesson == SECOND else ""
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            exercise = grade_id.removesuffix(suffix)
            if exercise in answers:
                cell.source = f"# {answers[exercise]}"
            elif exercise == WRITTEN and text:
                cell.source = text
        file = self.folder(student) / f"{name or lesson.split('/')[1]}.ipynb"
        nbformat.write(notebook, file)
        (file.parent / "timestamp.txt").write_text(HANDED_IN + "\n")
        return file

    def released(self, lesson: str = FIRST) -> NotebookNode:
        return nbformat.read(self.root / "student" / f"{lesson}.ipynb", 4)

    def change_source(self, lesson: str, change: Callable[[NotebookNode], None]) -> None:
        file = self.root / "notebooks" / f"{lesson}.ipynb"
        notebook = nbformat.read(file, 4)
        change(notebook)
        nbformat.write(notebook, file)

    def make_strict(self, exercise: str = "scale_column", lesson: str = FIRST) -> None:
        """Change the text of one hidden test."""

        def change(notebook: NotebookNode) -> None:
            for cell in notebook.cells:
                if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_hidden":
                    cell.source = cell.source.replace("\n### END", "\n# strict\n### END")

        self.change_source(lesson, change)

    def grade(self, **choice: object) -> ClassRun:
        """`grade_class` with the stand-in, in this process unless `workers` says otherwise."""
        seconds = choice.pop("seconds", 0.0)
        choice.setdefault("workers", 0)
        choice.setdefault("publish", False)
        choice.setdefault("factory", FakeGraders(self.bundles(), seconds))
        return grade_class(self.root, PHASE, Choice(db_url=self.db_url, **choice))

    def scores(
        self, student: str, lesson: str = FIRST
    ) -> dict[str, tuple[float | None, float | None, bool]]:
        """Graded cell → (automatic score, manual score, whether a person must look)."""
        with self.api.gradebook as gradebook:
            notebook = gradebook.find_submission_notebook(lesson.split("/")[1], PHASE, student)
            return {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in notebook.grades
            }

    def total(self, student: str) -> float:
        with self.api.gradebook as gradebook:
            return float(gradebook.find_submission(PHASE, student).score)

    def person_scores(self, student: str, cell: str, score: float, comment: str = "") -> None:
        """What formgrader does when a person fills in a score."""
        with self.api.gradebook as gradebook:
            where = (cell, "01_fixture", PHASE, student)
            grade = gradebook.find_grade(*where)
            grade.manual_score, grade.needs_manual_grade = score, False
            if comment:
                gradebook.find_comment(*where).manual_comment = comment
            gradebook.db.commit()

    def autograded(self, student: str, lesson: str = FIRST) -> NotebookNode:
        return nbformat.read(self.grading / "autograded" / student / f"{lesson}.ipynb", 4)

    def content(self) -> dict[str, object]:
        """Everything that is recorded, without ids and times, and the autograded files."""
        with self.api.gradebook as gradebook:
            db = gradebook.db
            grades = sorted(
                (
                    grade.student.id,
                    grade.notebook.name,
                    grade.name,
                    grade.auto_score,
                    grade.manual_score,
                    grade.needs_manual_grade,
                )
                for grade in db.query(Grade)
            )
            comments = sorted(
                (
                    comment.student.id,
                    comment.notebook.name,
                    comment.name,
                    comment.auto_comment or "",
                    comment.manual_comment or "",
                )
                for comment in db.query(Comment)
            )
            own = []
            for row in db.query(Recorded):
                result = json.loads(row.result)
                for changing in ("seconds", "peak_mb"):
                    result.pop(changing)
                what = (row.student, row.lesson, row.sha256, row.bundle_digest)
                own.append((*what, json.dumps(result, sort_keys=True)))
            penalties = sorted(
                (submission.student.id, str(submission.timestamp))
                for submission in gradebook.find_assignment(PHASE).submissions
            )
        files = {
            file.relative_to(self.grading).as_posix(): file.read_bytes()
            for file in sorted((self.grading / "autograded").rglob("*"))
            if file.is_file()
        }
        return {
            "grades": grades,
            "comments": comments,
            "own": sorted(own),
            "submissions": penalties,
            "files": files,
        }


def fill(target: Class, students: int) -> None:
    """Hand in two lessons for each of some students, with answers of all kinds."""
    for number in range(students):
        kinds = [("RIGHT", "WRONG", "STRICT RIGHT", "TODO")[(number + k) % 4] for k in range(3)]
        answers = dict(zip(EXERCISES, kinds, strict=True))
        text = f"Trees do not care, says {number}." if number % 3 else ""
        target.hand_in(f"student{number:03}", FIRST, text, **answers)
        if number % 4:
            target.hand_in(f"student{number:03}", SECOND, **answers)
    file = target.folder("student000") / "02_again.ipynb"
    file.write_text("{ not a notebook")
