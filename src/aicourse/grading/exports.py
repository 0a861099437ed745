"""Grades as files that learning platforms import, and as one table for everything else.

Canvas, Gradebook → Import: `Student`, `ID`, `SIS User ID`, `SIS Login ID`, `Section`, then a column
per assignment, "Name (id)" for one that exists; under the header a row "Points Possible". Students
are found by ID, else by SIS User ID, SIS Login ID, name. A blank cell clears a score.
  https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
  https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades

Moodle, Grades → Import → CSV file: a column says who (map "Email address" to *Email address*, or
"ID number" to *ID number* or *Username*), one per grade item, one per feedback (map it to *Feedback
for …*; imported without its grade it removes the grade). "-" is no grade. One unknown student, or a
grade above 100 where the site does not allow it, and nothing is imported. Feedback is HTML.
  https://docs.moodle.org/en/Grade_import
  https://github.com/moodle/moodle/blob/main/grade/import/csv/classes/load_data.php

Gradescope documents no import of a table of grades: scores come from rubrics, or from what an
autograder writes to results.json. So the file for Gradescope is an autograder for a programming
assignment that looks up, by the e-mail address in submission_metadata.json, the results that were
made here; it runs none of the student's code. Upload it under Configure Autograder, then Manage
Submissions → Regrade All Submissions.
  https://gradescope-autograders.readthedocs.io/en/latest/specs/
  https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
  https://guides.gradescope.com/hc/en-us/articles/22066635961357-Grading-a-Programming-Assignment

Who handed nothing in for a lesson has no grade there (blank, "-"), not 0: the platform's own policy
for missing work applies. Neither has who waits for a person, unless partial grades are asked for.
"""

import csv
import hashlib
import html
import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.finish import printable
from aicourse.grading.lesson_grades import BY_HAND, WAITING, ExerciseGrade, LessonGrade, Person
from aicourse.grading.results import PASSED

CANVAS, MOODLE, GRADESCOPE, TABLE = "canvas.csv", "moodle.csv", "gradescope.zip", "grades.csv"
_NO_GRADE = "-"  # Moodle's word
#: A spreadsheet runs a cell that begins so; a full-width sign counts as the sign.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_LONGEST_FEEDBACK = 4_000


class ExportError(RuntimeError):
    """Grades cannot be exported; the message says why and what to do."""


@dataclass(frozen=True)
class Exported:
    """What was written, and what was not.

    `waiting`: (student, lesson, exercise) without a final grade; `unknown`: students that the given
    Canvas gradebook lacks.
    """

    files: tuple[Path, ...]
    waiting: tuple[tuple[str, str, str], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """A student's lesson as the platforms get it; `points` is None while it is not final."""

    points: float | None
    tests: tuple[dict[str, Any], ...]
    feedback: str


def write_exports(
    folder: Path,
    bundles: Sequence[LessonBundle],
    people: Sequence[Person],
    grades: Iterable[LessonGrade],
    partial: bool = False,
    canvas_gradebook: Path | None = None,
) -> Exported:
    """Write canvas.csv, moodle.csv, gradescope.zip and grades.csv.

    Args:
        folder: where to write; it is made, and files of these names are replaced.
        bundles: the lessons of one assignment, one column each.
        people: the roster; who has no grade at all is left out.
        grades: at most one per person and lesson.
        partial: export the points so far of lessons in which something waits for a person.
        canvas_gradebook: a gradebook exported from Canvas; students and assignments then keep the
            names and numbers that Canvas knows them by.

    Raises:
        ExportError: `canvas_gradebook` is not one.
    """
    canvas = _Canvas(canvas_gradebook) if canvas_gradebook else None
    folder.mkdir(parents=True, exist_ok=True)
    entries: dict[tuple[str, str], _Entry] = {}
    waiting: list[tuple[str, str, str]] = []

    def rows() -> Iterator[list[str]]:
        yield ["student", "lesson", "exercise", "points", "possible", "outcome", "message"]
        for grade in grades:
            entries[grade.person.id, grade.bundle.name] = _entry(grade, partial)
            waiting.extend((grade.person.id, grade.bundle.name, e) for e in grade.waiting)
            yield from _table_rows(grade)

    table = _write_csv(folder / TABLE, rows())
    graded = {student for student, _ in entries}
    roster = {person.id: person for person in people}
    people = [*(p for p in people if p.id in graded)] + [
        Person(student) for student in sorted(graded - roster.keys())
    ]
    files = (
        _write_csv(folder / CANVAS, _canvas_rows(bundles, people, entries, canvas)),
        _write_csv(folder / MOODLE, _moodle_rows(bundles, people, entries)),
        _write_gradescope(folder / GRADESCOPE, bundles, people, entries),
        table,
    )
    unknown = tuple(p.id for p in people if canvas and canvas.student(p) is None)
    return Exported(files, tuple(waiting), unknown)


def _number(points: float) -> str:
    return f"{round(points, 4):g}"


def harmless(text: str, longest: int = 500) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = printable(text, longest).strip()
    return f"'{text}" if text.lstrip("'\" ").startswith(_FORMULA) else text


def _write_csv(file: Path, rows: Iterable[Sequence[str]]) -> Path:
    temporary = file.with_suffix(".part")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    os.replace(temporary, file)
    return file


# --------------------------------------------------------------------------------- what is exported


def _entry(grade: LessonGrade, partial: bool) -> _Entry:
    points = grade.points if partial or not grade.waiting else None
    tests = []
    lines = []
    for e in grade.exercises:
        says = _says(e)
        tests.append(
            {
                "name": f"{grade.bundle.title.split(':')[0]}, {e.exercise.title}",
                "name_format": "text",
                "score": round(e.points, 4),
                "max_score": e.exercise.points,
                "output": says,
                "output_format": "text",
                "visibility": "visible",
            }
        )
        line = f"{e.exercise.title}: {_number(e.points)}/{_number(e.exercise.points)}, {says}"
        lines.append(html.escape(line, quote=False))
    if grade.penalty:
        tests.append(
            {"name": "Handed in late", "score": -round(grade.penalty, 4), "visibility": "visible"}
        )
        lines.append(f"Handed in late: −{_number(grade.penalty)}")
    return _Entry(points, tuple(tests), "<br>".join(lines)[:_LONGEST_FEEDBACK])


def _says(e: ExerciseGrade) -> str:
    """Outcome, message and comment in one text."""
    message = "" if e.outcome in (PASSED, WAITING, BY_HAND) else e.message
    said = [e.outcome, printable(message, 400), printable(e.comment, 1_000)]
    return ": ".join(part for part in said if part)


def _table_rows(grade: LessonGrade) -> Iterator[list[str]]:
    for e in grade.exercises:
        yield [
            harmless(grade.person.id),
            grade.bundle.name,
            e.exercise.grade_id,
            _number(e.points),
            _number(e.exercise.points),
            e.outcome,
            harmless(e.message),
        ]
    if grade.penalty:
        late = [_number(-grade.penalty), "0", "late", ""]
        yield [harmless(grade.person.id), grade.bundle.name, "late_penalty", *late]


# ------------------------------------------------------------------------------------------- Canvas


class _Canvas:
    """A gradebook that Canvas exported: who its students are, what its assignments are called."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8-sig")
        comma = (
            ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        )
        rows = list(csv.reader(io.StringIO(text), delimiter=comma))
        header = rows[0] if rows else []
        if "Section" not in header or not {"ID", "Student"} <= set(header):
            raise ExportError(
                f"{file} is not a gradebook exported from Canvas: its first line lacks Student, ID"
                " or Section. In Canvas choose Grades → Export → Export Entire Gradebook."
            )
        end = header.index("Section") + 1
        self.header = header[:end]
        self.titles = [title for title in header[end:] if title.rstrip().endswith(")")]
        self._rows: dict[str, list[str]] = {}
        names = ("ID", "SIS User ID", "SIS Login ID")
        places = [header.index(name) for name in names if name in header]
        for row in rows[1:]:
            if len(row) >= end and any(row[place] for place in places):
                for place in places:
                    if row[place]:
                        self._rows.setdefault(row[place].casefold(), row[:end])

    def student(self, person: Person) -> list[str] | None:
        """The columns that say who `person` is; None if Canvas does not know them."""
        for key in (person.lms_id, person.id, person.email):
            if key and (row := self._rows.get(key.casefold())):
                return [harmless(row[0]), *row[1:]]
        return None

    def title(self, wanted: str) -> str:
        """The assignment's name with its number in Canvas, if it has one."""
        for title in self.titles:
            if title[: title.rindex("(")].strip() == wanted:
                return title
        return wanted


def _canvas_rows(
    bundles: Sequence[LessonBundle],
    people: Sequence[Person],
    entries: dict[tuple[str, str], _Entry],
    canvas: _Canvas | None,
) -> Iterator[list[str]]:
    who = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    header = canvas.header if canvas else who
    titles = [canvas.title(b.title) if canvas else b.title for b in bundles]
    yield [*header, *titles]
    possible = [_number(sum(e.points for e in b.exercises)) for b in bundles]
    yield ["    Points Possible", *[""] * (len(header) - 1), *possible]
    for person in people:
        own = [entries.get((person.id, b.name)) for b in bundles]
        scores = ["" if e is None or e.points is None else _number(e.points) for e in own]
        columns = canvas.student(person) if canvas else _canvas_student(person)
        # A row of blanks would clear scores that are in Canvas already.
        if any(scores) and columns is not None:
            yield [*columns, *scores]


def _canvas_student(person: Person) -> list[str]:
    name = harmless(person.name)
    if "points possible" in name.casefold():  # Canvas would read the row as that of the points
        name = harmless(person.id)
    login = harmless(person.id)
    return [name, harmless(person.lms_id), login, login, ""]


# ------------------------------------------------------------------------------------------- Moodle


def _moodle_rows(
    bundles: Sequence[LessonBundle],
    people: Sequence[Person],
    entries: dict[tuple[str, str], _Entry],
) -> Iterator[list[str]]:
    columns = [title for b in bundles for title in (b.title, f"{b.title} (feedback)")]
    yield ["First name", "Last name", "ID number", "Email address", *columns]
    for person in people:
        cells = []
        for b in bundles:
            entry = entries.get((person.id, b.name))
            if entry is None or entry.points is None:
                cells += [_NO_GRADE, ""]
            else:
                cells += [_number(entry.points), harmless(entry.feedback, _LONGEST_FEEDBACK)]
        if any(cell not in (_NO_GRADE, "") for cell in cells):
            who = (person.first_name, person.last_name, person.id, person.email)
            yield [*(harmless(text) for text in who), *cells]


# --------------------------------------------------------------------------------------- Gradescope

_SETUP = """#!/usr/bin/env bash
command -v python3 > /dev/null || { apt-get update && apt-get install -y python3; }
"""
#: Reads two JSON files and writes one; the submission itself is not opened.
_RUN = '''#!/usr/bin/env python3
"""Hands out grades that were made before: see /autograder/source/results."""
import hashlib
import json
import pathlib

HOME = pathlib.Path("/autograder")
users = json.loads((HOME / "submission_metadata.json").read_text(encoding="utf-8"))["users"]
results = None
for user in users:
    key = hashlib.sha256(user["email"].strip().lower().encode()).hexdigest()
    file = HOME / "source" / "results" / (key + ".json")
    if file.is_file():
        results = json.loads(file.read_text(encoding="utf-8"))
        break
if results is None:
    results = {"score": 0, "output": "There is no grade for this e-mail address yet."}
(HOME / "results" / "results.json").write_text(json.dumps(results), encoding="utf-8")
'''


def _write_gradescope(
    file: Path,
    bundles: Sequence[LessonBundle],
    people: Sequence[Person],
    entries: dict[tuple[str, str], _Entry],
) -> Path:
    temporary = file.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", _SETUP), ("run_autograder", _RUN)):
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = 0o100755 << 16
            archive.writestr(info, text)
        for person in people:
            own = [e for b in bundles if (e := entries.get((person.id, b.name))) is not None]
            final = [entry for entry in own if entry.points is not None]
            if not person.email or not final:
                continue
            key = hashlib.sha256(person.email.strip().lower().encode()).hexdigest()
            score = round(sum(entry.points or 0.0 for entry in final), 4)
            results: dict[str, Any] = {"score": score, "tests": [t for e in final for t in e.tests]}
            if len(final) < len(own):
                results["output"] = "Some lessons wait for a person; they are not counted yet."
            archive.writestr(f"results/{key}.json", json.dumps(results, ensure_ascii=False))
    os.replace(temporary, file)
    return file
