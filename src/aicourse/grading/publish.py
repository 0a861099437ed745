"""After grading: feedback pages, grades for learning platforms, the report on the class.

Pages are written where something changed since, a person's score or comment included.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.class_report import write_report
from aicourse.grading.exports import Exported, write_exports
from aicourse.grading.feedback import write_feedback
from aicourse.grading.lesson_grades import LessonGrade, lesson_grades, roster
from aicourse.grading.recorder import Change, Recorder
from aicourse.grading.results import Note

#: Pages that are remembered together; a run that is killed in between writes them again.
_BATCH = 100


@dataclass(frozen=True)
class Published:
    """What was written, and where."""

    pages: int
    feedback: Path
    exported: Exported
    exports: Path
    report: Path


def publish(
    course: Path,
    recorder: Recorder,
    bundles: Sequence[LessonBundle],
    changes: Sequence[Change] = (),
    partial: bool = False,
    canvas_gradebook: Path | None = None,
) -> Published:
    """Write everything that is made from the grades of an assignment.

    Args:
        course: the folder with feedback/, exports/ and reports/.
        recorder: of the assignment.
        bundles: all lessons of the assignment.
        changes: whose points moved, for the report.
        partial: export also points that are not final.
        canvas_gradebook: see `write_exports`.

    Raises:
        ExportError: `canvas_gradebook` is not one.
    """
    assignment = bundles[0].assignment
    people = roster(recorder.gradebook)

    def grades() -> Iterator[LessonGrade]:
        return lesson_grades(recorder.gradebook, bundles, recorder.results())

    pages = _write_pages(course, recorder, grades())
    exports = course / "exports" / assignment
    exported = write_exports(exports, bundles, people, grades(), partial, canvas_gradebook)
    report = write_report(
        course / "reports" / f"{assignment}.html",
        bundles,
        people,
        grades(),
        changes,
        recorder.page_notes(),
    )
    return Published(pages, course / "feedback", exported, exports, report)


def _write_pages(course: Path, recorder: Recorder, grades: Iterator[LessonGrade]) -> int:
    written: list[tuple[str, str, str, tuple[Note, ...]]] = []
    pages = 0
    for grade, notes in write_feedback(course, _outdated(course, recorder, grades)):
        written.append((grade.person.id, grade.bundle.name, _digest(grade), notes))
        pages += 1
        if len(written) == _BATCH:
            recorder.pages_written(written)
            written.clear()
    recorder.pages_written(written)
    return pages


def _outdated(
    course: Path, recorder: Recorder, grades: Iterator[LessonGrade]
) -> Iterator[LessonGrade]:
    student, known = "", {}
    for grade in grades:
        if grade.person.id != student:
            student = grade.person.id
            known = recorder.pages(student)
        page = course / "feedback" / student / f"{grade.bundle.name}.html"
        if known.get(grade.bundle.name) != _digest(grade) or not page.is_file():
            yield grade


def _digest(grade: LessonGrade) -> str:
    """Changes when anything changes that the page shows beside the autograded notebook."""
    shown = (grade.person, grade.exercises, grade.notes, grade.penalty, grade.result)
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()
