"""Feedback pages: for each student and lesson what was right, what was wrong, and their notebook.

They stand where nbgrader puts its own, so `nbgrader release_feedback` and formgrader find them.
Hidden tests appear by their messages alone.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from aicourse.grading import safe_html
from aicourse.grading.bundle import LessonBundle, only_checks
from aicourse.grading.finish import printable
from aicourse.grading.hidden_text import WITHHELD, hidden_text
from aicourse.grading.lesson_grades import BY_HAND, WAITING, ExerciseGrade, LessonGrade
from aicourse.grading.results import (
    DIED,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    RAISED,
    TIMEOUT,
    UNREADABLE,
    Note,
)

#: What `nbgrader release_feedback` reads beside the pages.
_COMPANIONS = ("timestamp.txt", "submission_secret.txt")
_LARGEST_NOTEBOOK = 100_000_000
_MOST_OWN_CELLS, _MOST_OUTPUTS = 200, 20
#: Characters of one page, and of the sources shown on it; what comes after is left out.
_LARGEST_PAGE, _LONGEST_SOURCES = 8_000_000, 150_000
_TOO_LONG = "[left out: this page is too long]"
#: Stretches of a hidden test that make an output suspicious: in a traceback through a library a
#: few may occur by chance.
_TELLING = 8

#: Outcome → badge, tone of the badge, sentence.
_WORDS = {
    PASSED: ("Right", "good", ""),
    FAILED: ("Wrong", "bad", ""),
    NOT_ATTEMPTED: ("Not attempted", "", "The answer is missing or not finished."),
    RAISED: ("Raised an error", "bad", "Your answer raised an error where the test called it."),
    TIMEOUT: (
        "Too slow",
        "bad",
        "Your answer was still running when the test's time was up. Does a loop never end, or is"
        " something computed again and again?",
    ),
    DIED: (
        "Ended the program",
        "bad",
        "Your answer ended the program that ran it: it used too much memory, recursed too deeply or"
        " left on purpose.",
    ),
    WAITING: ("Waits for a person", "person", "A person has still to look at this."),
    BY_HAND: ("Graded by hand", "person", ""),
    UNREADABLE: ("Not read", "some", ""),
}


@dataclass
class _Part:
    """A piece of the page; the template says which fields it uses for which `kind`."""

    kind: str
    text: str = ""
    title: str = ""
    number: int = 0
    grade: ExerciseGrade | None = None
    badge: str = ""
    tone: str = ""
    says: str = ""
    message: str = ""
    raw: bool = False
    open: bool = False
    by_hand: bool = False
    answer: Markup = field(default_factory=Markup)
    source: Markup = field(default_factory=Markup)
    error: str = ""
    outputs: list[Markup] = field(default_factory=list)
    visible: list[Markup] = field(default_factory=list)


def write_feedback(
    course: Path, grades: Iterable[LessonGrade]
) -> Iterator[tuple[LessonGrade, tuple[Note, ...]]]:
    """Write a page per grade, course/feedback/<student>/<phase>/<stem>.html, one after another.

    Args:
        course: the folder with autograded/ and feedback/, where nbgrader is run.

    Yields:
        Each grade with the suspicious things found while writing its page: (grade, notes).
    """
    for grade in grades:
        where = Path(grade.person.id, grade.bundle.assignment)
        autograded = course / "autograded" / where
        folder = course / "feedback" / where
        folder.mkdir(parents=True, exist_ok=True)
        notebook = grade.result.notebook or _read(autograded / f"{grade.bundle.stem}.ipynb")
        text, notes = feedback_page(grade, notebook)
        _replace(folder / f"{grade.bundle.stem}.html", text)
        for name in _COMPANIONS:
            if (autograded / name).is_file():
                shutil.copyfile(autograded / name, folder / name)
        yield grade, notes


def _read(file: Path) -> str:
    if not file.is_file() or file.stat().st_size > _LARGEST_NOTEBOOK:
        return ""
    return file.read_text(encoding="utf-8", errors="replace")


def _replace(file: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def feedback_page(grade: LessonGrade, notebook: str) -> tuple[str, tuple[Note, ...]]:
    """The page as HTML text, and suspicious things found in the notebook's outputs.

    Args:
        notebook: the graded notebook as JSON text; "" or a broken one leaves the summary alone.
    """
    parts, suspicious = _Notebook(grade, notebook).parts()
    exercises = sorted((part for part in parts if part.kind == "exercise"), key=lambda p: p.number)
    share = 100 * max(0.0, min(1.0, grade.points / grade.possible)) if grade.possible else 0
    text = safe_html.page(
        "feedback.html",
        grade=grade,
        unreadable=grade.result.state == UNREADABLE and not any(e.by_hand for e in grade.exercises),
        notes=[note for note in grade.notes if note.kind in ("repaired", "problem")],
        exercises=exercises,
        parts=parts,
        share=f"{share:.1f}",
    )
    return text, suspicious


class _Notebook:
    """The submitted notebook, as parts of a page. Nothing in it is taken for granted."""

    def __init__(self, grade: LessonGrade, text: str) -> None:
        self._grade = grade
        self._secret = hidden_text(grade.bundle)
        self._cells = _cells(text) if grade.result.state != UNREADABLE else []
        self._own = [safe_html.joined(cell.get("source")) for cell in self._cells]
        self._errors = dict(grade.result.cell_errors)
        self._suspicious: list[Note] = []
        self._size = self._sources = 0

    def parts(self) -> tuple[list[_Part], tuple[Note, ...]]:
        grade, bundle = self._grade, self._grade.bundle
        released = {cell.source.strip() for cell in bundle.cells}
        numbers = {e.grade_id: i for i, e in enumerate(bundle.exercises, 1)}
        exercises = {e.exercise.grade_id: e for e in grade.exercises}
        tests = {test.grade_id for test in bundle.tests}
        parts: list[_Part] = []
        left, own = 0, 0
        for cell, source in zip(self._cells, self._own, strict=True):
            name = _grade_id(cell)
            if name in exercises:
                found = self._exercise(exercises.pop(name), numbers[name], cell)
            elif name in tests or not source.strip() or _is_check(cell, source):
                continue
            elif source.strip() in released or own >= _MOST_OWN_CELLS:
                left += 1
                continue
            else:
                own += 1
                found = self._own_cell(cell, source, bundle)
            if left:
                parts.append(_skipped(left))
                left = 0
            parts.append(found)
        if left:
            parts.append(_skipped(left))
        if grade.result.state != UNREADABLE:
            parts += [self._exercise(e, numbers[name], {}) for name, e in exercises.items()]
        return parts, tuple(self._suspicious)

    def _exercise(self, grade: ExerciseGrade, number: int, cell: Mapping[str, Any]) -> _Part:
        bundle, exercise = self._grade.bundle, grade.exercise
        badge, tone, says = _WORDS[grade.outcome]
        if grade.outcome not in (PASSED, BY_HAND, WAITING) and grade.points > 0:
            badge, tone = "Partly right", "some"
        if grade.outcome == FAILED and grade.test is not None:
            kind = "hidden" if grade.test.hidden else "visible"
            says = f"A {kind} test found this:" if grade.message else f"A {kind} test failed."
        part = _Part(
            "exercise",
            number=number,
            grade=grade,
            badge=badge,
            tone=tone,
            says=says,
            message=grade.message if grade.outcome != NOT_ATTEMPTED else "",
            raw=grade.outcome == RAISED,
            open=grade.outcome == WAITING and not grade.by_hand,
            by_hand=grade.by_hand and not exercise.written,
            error=self._error(cell) if grade.outcome != NOT_ATTEMPTED else "",
            outputs=self._outputs(cell),
            visible=[
                safe_html.code(test.source)
                for test in bundle.tests_of(exercise.grade_id)
                if not test.hidden
            ],
        )
        source = safe_html.joined(cell.get("source"))
        stub = next((c.source for c in bundle.cells if c.grade_id == exercise.grade_id), "")
        if source.strip() and source.strip() != stub.strip():
            part.answer = self._shown(cell, source)
        return part

    def _own_cell(self, cell: Mapping[str, Any], source: str, bundle: LessonBundle) -> _Part:
        is_released = cell.get("id") in {released.id for released in bundle.cells}
        return _Part(
            "own",
            title="A cell of the lesson that you changed" if is_released else "Your own cell",
            source=self._shown(cell, source),
            error=self._error(cell),
            outputs=self._outputs(cell),
        )

    def _shown(self, cell: Mapping[str, Any], source: str) -> Markup:
        self._sources += len(source)
        if self._sources > _LONGEST_SOURCES:
            return safe_html.plain(_TOO_LONG, "skipped")
        if cell.get("cell_type") == "markdown":
            attachments = cell.get("attachments")
            return self._within(
                safe_html.markdown(source, attachments if isinstance(attachments, dict) else None)
            )
        return self._within(safe_html.code(source))

    def _within(self, shown: Markup) -> Markup:
        """`shown`, unless the page is already too long for it."""
        if self._size + len(shown) > _LARGEST_PAGE:
            return safe_html.plain(_TOO_LONG, "skipped")
        self._size += len(shown)
        return shown

    def _error(self, cell: Mapping[str, Any]) -> str:
        error = self._errors.get(str(cell.get("id")), "")
        if error and self._secret.found_in(error, self._own, _TELLING):
            self._suspect(cell, "The error of a cell")
            return WITHHELD
        return printable(error)

    def _outputs(self, cell: Mapping[str, Any]) -> list[Markup]:
        outputs = cell.get("outputs")
        shown = []
        for output in outputs[:_MOST_OUTPUTS] if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            html = safe_html.output(output)
            if self._secret.found_in(safe_html.read(html), self._own, _TELLING):
                self._suspect(cell, "An output of a cell")
                html = safe_html.plain(WITHHELD, "skipped")
            shown.append(self._within(html))
        return shown

    def _suspect(self, cell: Mapping[str, Any], what: str) -> None:
        where = printable(str(cell.get("id")), 100)
        text = f"{what} repeats a hidden test; feedback does not show it."
        self._suspicious.append(Note("suspicious", text, where))


def _cells(text: str) -> list[dict[str, Any]]:
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _grade_id(cell: Mapping[str, Any]) -> str:
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(grading.get("grade_id", "")) if isinstance(grading, dict) else ""


def _is_check(cell: Mapping[str, Any], source: str) -> bool:
    return cell.get("cell_type") == "code" and len(source) < 1000 and only_checks(source)


def _skipped(count: int) -> _Part:
    cells = "1 cell" if count == 1 else f"{count} cells"
    return _Part("skipped", text=f"… {cells} of the lesson, as released …")
