"""Grades for learning platforms: the files are read as those platforms read them."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from aicourse.grading.bundle import LessonBundle, lesson_bundle
from aicourse.grading.exports import (
    CANVAS,
    GRADESCOPE,
    MOODLE,
    TABLE,
    Exported,
    ExportError,
    harmless,
    write_exports,
)
from aicourse.grading.lesson_grades import (
    BY_HAND,
    WAITING,
    ExerciseGrade,
    LessonGrade,
    Person,
)
from aicourse.grading.results import FAILED, GRADED, PASSED, UNREADABLE, Note, Result

ROOT = Path(__file__).resolve().parents[1]
VECTORS, MATRICES = "01_math_python/02_vectors", "01_math_python/03_matrices_least_squares"
ZOE = Person("zoe.a", "Zoë", "Adeyemi", "Zoe@x.org", "4711")
KOFI = Person("kofi", "Kofi", 'Mensah; Jr, "K"', "kofi@x.org")
ITO = Person("伊藤", "", "", "")
NOBODY = Person("absent", "Ab", "Sent", "absent@x.org")
ROSTER = (ZOE, KOFI, ITO, NOBODY)


@pytest.fixture(scope="module")
def lessons() -> tuple[LessonBundle, LessonBundle]:
    return lesson_bundle(ROOT, VECTORS), lesson_bundle(ROOT, MATRICES)


def grade(person: Person, bundle: LessonBundle, last: str = PASSED, said: str = "") -> LessonGrade:
    """Everything right but the last exercise."""
    exercises = []
    for e in bundle.exercises:
        is_last = e is bundle.exercises[-1]
        outcome = last if is_last else PASSED
        earned = e.points if outcome in (PASSED, BY_HAND) else 0.0
        exercises.append(ExerciseGrade(e, earned, outcome, None, said if is_last else ""))
    return LessonGrade(person, bundle, Result(bundle.name, GRADED, ()), tuple(exercises), ())


@pytest.fixture
def written(tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]) -> Exported:
    """Zoë has both lessons, Kofi's second waits for a person, Ito has one, unread."""
    vectors, matrices = lessons
    unread = tuple(ExerciseGrade(e, 0.0, UNREADABLE) for e in vectors.exercises)
    ito = LessonGrade(ITO, vectors, Result(VECTORS, UNREADABLE, ()), unread, ())
    grades = [
        grade(ZOE, vectors, FAILED, "got <b> & 3, expected 4"),
        grade(ZOE, matrices, BY_HAND),
        grade(KOFI, vectors),
        grade(KOFI, matrices, WAITING),
        ito,
    ]
    return write_exports(tmp_path / "exports", lessons, ROSTER, iter(grades))


def table(exported: Exported, name: str) -> list[dict[str, str]]:
    [file] = [file for file in exported.files if file.name == name]
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_canvas_finds_students_assignments_and_points(
    written: Exported, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    vectors, matrices = lessons
    rows = table(written, CANVAS)
    header = list(rows[0])
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == [vectors.title, matrices.title]
    possible, *students = rows
    assert "Points Possible" in possible["Student"]
    assert [possible[vectors.title], possible[matrices.title]] == ["30", "26"]
    assert [row["Student"] for row in students] == ["Zoë Adeyemi", 'Kofi Mensah; Jr, "K"']
    zoe, kofi = students
    assert [zoe["ID"], zoe["SIS User ID"], zoe["SIS Login ID"]] == ["4711", "zoe.a", "zoe.a"]
    assert [zoe[vectors.title], zoe[matrices.title]] == ["24", "26"]
    assert [kofi[vectors.title], kofi[matrices.title]] == ["30", ""]


def test_what_has_no_final_grade_is_named(written: Exported) -> None:
    assert (KOFI.id, MATRICES, "explain_price_fit") in written.waiting
    assert {(student, lesson) for student, lesson, _ in written.waiting} == {
        (KOFI.id, MATRICES),
        (ITO.id, VECTORS),
    }


def test_partial_grades_only_when_asked_for(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    waiting = grade(KOFI, lessons[1], WAITING)
    without = write_exports(tmp_path, lessons, ROSTER, [waiting])
    assert len(table(without, CANVAS)) == 1  # the row of the points possible
    assert table(without, MOODLE) == []
    partial = write_exports(tmp_path, lessons, ROSTER, [waiting], partial=True)
    assert table(partial, CANVAS)[1][lessons[1].title] == "22"
    assert partial.waiting == without.waiting


def test_moodle_gets_a_grade_and_feedback_that_is_html(
    written: Exported, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    vectors, matrices = lessons
    zoe, kofi = table(written, MOODLE)
    assert [zoe["ID number"], zoe["Email address"]] == ["zoe.a", "Zoe@x.org"]
    assert zoe[vectors.title] == "24"
    assert "got &lt;b&gt; &amp; 3, expected 4" in zoe[f"{vectors.title} (feedback)"]
    assert [kofi[matrices.title], kofi[f"{matrices.title} (feedback)"]] == ["-", ""]


def test_the_table_has_a_row_per_exercise(
    written: Exported, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    rows = table(written, TABLE)
    assert len(rows) == sum(len(b.exercises) * n for b, n in zip(lessons, (3, 2), strict=True))
    last = lessons[0].exercises[-1]
    [row] = [r for r in rows if r["student"] == "zoe.a" and r["exercise"] == last.grade_id]
    assert row == {
        "student": "zoe.a",
        "lesson": VECTORS,
        "exercise": last.grade_id,
        "points": "0",
        "possible": f"{last.points:g}",
        "outcome": FAILED,
        "message": "got <b> & 3, expected 4",
    }
    assert {r["student"] for r in rows} == {"zoe.a", "kofi", "伊藤"}


@pytest.mark.parametrize(("email", "score"), [("zoe@X.ORG ", 50), ("kofi@x.org", 30), ("e@x", 0)])
def test_gradescopes_autograder_hands_out_the_grades(
    written: Exported, tmp_path: Path, email: str, score: float
) -> None:
    home = tmp_path / "autograder"
    (home / "results").mkdir(parents=True)
    [file] = [file for file in written.files if file.name == GRADESCOPE]
    with zipfile.ZipFile(file) as archive:
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        modes = {i.filename: i.external_attr >> 16 for i in archive.infolist()}
        assert modes["run_autograder"] & 0o111
        archive.extractall(home / "source")
    metadata = {"users": [{"email": email, "id": 1, "name": "x"}], "previous_submissions": []}
    (home / "submission_metadata.json").write_text(json.dumps(metadata))
    script = (home / "source" / "run_autograder").read_text(encoding="utf-8")
    script = script.replace('"/autograder"', json.dumps(str(home)))
    environment = {**os.environ, "PYTHONUTF8": "1"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    results = json.loads((home / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == score
    assert sum(test["score"] for test in results.get("tests", [])) == score
    for test in results.get("tests", []):
        assert 0 <= test["score"] <= test["max_score"]


def test_a_late_submission_costs_points_everywhere(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    late = replace(grade(ZOE, lessons[0]), penalty=2.5)
    exported = write_exports(tmp_path, lessons, ROSTER, [late])
    assert table(exported, CANVAS)[1][lessons[0].title] == "27.5"
    assert table(exported, MOODLE)[0][lessons[0].title] == "27.5"
    assert sum(float(row["points"]) for row in table(exported, TABLE)) == 27.5


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1+cmd|'/C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "＝1"],
)
def test_no_cell_of_a_students_is_a_formula(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle], text: str
) -> None:
    person = Person(text, text, text, text, text)
    exported = write_exports(tmp_path, lessons, (), [grade(person, lessons[0], FAILED, text)])
    for name in (CANVAS, MOODLE, TABLE):
        for row in table(exported, name):
            for cell in row.values():
                assert cell == "-" or not cell.lstrip().startswith(tuple("=+-@\t\r＝")), cell
    assert harmless("a = 1") == "a = 1"


def test_a_student_called_points_possible_sets_no_points(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    person = Person("mallory", "Points", "Possible")
    exported = write_exports(tmp_path, lessons, (person,), [grade(person, lessons[0])])
    assert ["Points Possible" in row["Student"] for row in table(exported, CANVAS)] == [True, False]


def test_an_exported_canvas_gradebook_gives_names_and_numbers(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    vectors, matrices = lessons
    canvas = tmp_path / "canvas-export.csv"
    rows = [
        [
            "Student",
            "ID",
            "SIS User ID",
            "SIS Login ID",
            "Section",
            f"{vectors.title} (991)",
            "Final",
        ],
        ["    Points Possible", "", "", "", "", "30", "(read only)"],
        ["Adeyemi, Zoë", "4711", "S1", "za", "A", "", ""],
        ["Mensah, Kofi", "4712", "S2", "KOFI@x.org", "B", "12", ""],
    ]
    with canvas.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    grades = [grade(person, vectors) for person in (ZOE, KOFI, ITO)]
    exported = write_exports(tmp_path, lessons, ROSTER, grades, canvas_gradebook=canvas)
    header = list(table(exported, CANVAS)[0])
    assert header[5:] == [f"{vectors.title} (991)", matrices.title]
    who = [tuple(row.values())[:6] for row in table(exported, CANVAS)[1:]]
    assert who == [
        ("Adeyemi, Zoë", "4711", "S1", "za", "A", "30"),
        ("Mensah, Kofi", "4712", "S2", "KOFI@x.org", "B", "30"),
    ]
    assert exported.unknown == (ITO.id,)


def test_another_file_is_not_a_canvas_gradebook(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ExportError, match="Export Entire Gradebook"):
        write_exports(tmp_path, lessons, ROSTER, [], canvas_gradebook=file)


def test_an_empty_class_gives_empty_files(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    exported = write_exports(tmp_path, lessons, ROSTER, [])
    assert {file.name for file in exported.files} == {CANVAS, MOODLE, GRADESCOPE, TABLE}
    assert [len(table(exported, name)) for name in (CANVAS, MOODLE, TABLE)] == [1, 0, 0]
    assert exported.waiting == ()
    assert not list(tmp_path.glob("*.part"))


def test_suspicions_are_nobodys_business(
    tmp_path: Path, lessons: tuple[LessonBundle, LessonBundle]
) -> None:
    note = Note("suspicious", "reads the gradebook")
    suspect = replace(grade(ZOE, lessons[0]), notes=(note,))
    exported = write_exports(tmp_path, lessons, ROSTER, [suspect])
    for file in exported.files:
        raw = file.read_bytes()
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                raw = b"".join(archive.read(name) for name in archive.namelist())
        assert b"reads the gradebook" not in raw
