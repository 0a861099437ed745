"""The class report: counts that can be checked by hand, and a page that stays small and safe."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from test_feedback import assert_harmless, seen

from aicourse.grading.bundle import LessonBundle, lesson_bundle
from aicourse.grading.class_report import same_mistake, write_report
from aicourse.grading.lesson_grades import WAITING, ExerciseGrade, LessonGrade, Person
from aicourse.grading.results import (
    DIED,
    FAILED,
    GRADED,
    NOT_ATTEMPTED,
    PASSED,
    RAISED,
    TIMEOUT,
    UNREADABLE,
    Note,
    Result,
)

ROOT = Path(__file__).resolve().parents[1]
LESSON = "01_math_python/03_matrices_least_squares"


@pytest.fixture(scope="module")
def bundle() -> LessonBundle:
    return lesson_bundle(ROOT, LESSON)


def grade(
    student: str,
    bundle: LessonBundle,
    outcome: str = PASSED,
    message: str = "",
    hidden: bool = True,
    notes: tuple[Note, ...] = (),
) -> LessonGrade:
    """`outcome` in the first exercise, everything else right, the written answer waiting."""
    exercises = []
    for i, e in enumerate(bundle.exercises):
        tests = bundle.tests_of(e.grade_id)
        if e.written:
            exercises.append(ExerciseGrade(e, 0.0, WAITING))
        elif i or outcome == PASSED:
            exercises.append(ExerciseGrade(e, e.points, PASSED))
        else:
            test = tests[-1] if hidden else tests[0]
            exercises.append(ExerciseGrade(e, 0.0, outcome, test, message))
    result = Result(bundle.name, GRADED, (), notes=notes)
    return LessonGrade(Person(student), bundle, result, tuple(exercises), notes)


def unreadable(student: str, bundle: LessonBundle) -> LessonGrade:
    note = Note("problem", "The file is empty.")
    exercises = tuple(ExerciseGrade(e, 0.0, UNREADABLE) for e in bundle.exercises)
    result = Result(bundle.name, UNREADABLE, (), notes=(note,))
    return LessonGrade(Person(student), bundle, result, exercises, (note,))


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The first table after `heading`: first cell → the other cells."""
    soup = BeautifulSoup(page, "html.parser")
    [title] = [h for h in soup(["h2", "h3", "summary"]) if h.get_text().startswith(heading)]
    table = title.find_next("table")
    assert table is not None
    cells = [[cell.get_text().strip() for cell in row("td")] for row in table("tr") if row("td")]
    return {first: rest for first, *rest in cells}


def report(folder: Path, bundle: LessonBundle, grades: list[LessonGrade], **more: object) -> str:
    people = [Person(f"student{i}") for i in range(12)]
    file = write_report(folder / "reports" / "phase.html", [bundle], people, grades, **more)  # type: ignore[arg-type]
    page = file.read_text(encoding="utf-8")
    assert_harmless(page)
    return page


@pytest.fixture
def page(tmp_path: Path, bundle: LessonBundle) -> str:
    outcomes = [
        ("student0", PASSED, "", True),
        ("student1", PASSED, "", True),
        ("student2", FAILED, "shapes: got (3, 4), expected (4, 3): transposed?", True),
        ("student3", FAILED, "shapes: got (7, 2), expected (2, 7): transposed?", True),
        ("student4", FAILED, "expected a float, got None", False),
        ("student5", RAISED, "ValueError: operands (3,) (4,)", False),
        ("student6", NOT_ATTEMPTED, "", False),
        ("student7", TIMEOUT, "", True),
        ("student8", DIED, "", True),
    ]
    grades = [
        grade(student, bundle, outcome, message, hidden)
        for student, outcome, message, hidden in outcomes
    ]
    return report(tmp_path, bundle, [*grades, unreadable("student9", bundle)])


def test_who_handed_in(page: str, bundle: LessonBundle) -> None:
    [numbers] = [cells for title, cells in rows(page, "Lessons").items() if title == bundle.title]
    assert numbers[:4] == ["10", "2", "1", "9"]  # handed in, missing, not read, waiting


def test_outcomes_of_an_exercise(page: str, bundle: LessonBundle) -> None:
    first = bundle.exercises[0]
    numbers = rows(page, bundle.title)[first.title]
    share, mean, *counts = numbers
    assert share == "22\xa0%"
    assert mean == f"{2 * first.points / 9:.2f} / {first.points:g}".replace(".00", "")
    # not tried, visible failed, hidden failed, raised, too slow, ended
    assert counts == ["1", "1", "2", "1", "1", "1"]


def test_the_same_mistake_counts_once(page: str, bundle: LessonBundle) -> None:
    soup = BeautifulSoup(page, "html.parser")
    [title] = [h for h in soup("h3") if h.get_text() == "Commonest mistakes"]
    table = title.find_next("table")
    assert table is not None
    mistakes = [[c.get_text() for c in row("td")][1:] for row in table("tr") if row("td")]
    assert mistakes[0] == ["shapes: got …, expected …: transposed?", "2"]
    assert len(mistakes) == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("got 3.25, expected -1e-07", "got 12, expected 4", True),
        ("got [1.5, [2.0]], expected 3", "got [], expected 4", True),
        ("column 'price' is missing", "column 'rent' is missing", True),
        ("got {'a': 1}", "got {'b': 2, 'c': [3]}", True),
        ("got nan", "got 3", True),
        ("expected float, got ndarray", "expected float, got list", False),
        ("int8 overflow", "int16 overflow", False),
    ],
)
def test_values_make_no_other_mistake(one: str, other: str, same: bool) -> None:
    assert (same_mistake(one) == same_mistake(other)) is same


def test_what_needs_a_person_is_named_on_the_page_and_in_the_table(
    tmp_path: Path, bundle: LessonBundle
) -> None:
    notes = (Note("repaired", "metadata was lost"), Note("suspicious", "opened /etc/passwd", "c1"))
    grades = [grade("student1", bundle, notes=notes), unreadable("student2", bundle)]
    later = [("student3", LESSON, Note("suspicious", "=printed a hidden test"))]
    page = report(tmp_path, bundle, grades, suspicious=later)
    assert rows(page, "Could not be read: 1.")["student2"][1] == "The file is empty."
    assert rows(page, "Suspicious: 2.")["student1"][1] == "opened /etc/passwd (cell c1)"
    assert rows(page, "Repaired: 1.")["student1"][1] == "metadata was lost"
    with (tmp_path / "reports" / "phase-attention.csv").open(newline="") as stream:
        table = list(csv.reader(stream))
    assert [row[0] for row in table] == [
        *("kind", "unreadable", "suspicious", "suspicious", "waiting", "repaired")
    ]
    assert table[3][1:] == ["student3", LESSON, "'=printed a hidden test"]


@dataclass(frozen=True)
class Moved:
    student: str
    lesson: str
    exercise: str
    before: float
    after: float
    reason: str


def test_grades_that_moved(tmp_path: Path, bundle: LessonBundle) -> None:
    changes = [
        Moved("student1", LESSON, "solve_qr", 4, 3.5, "tests changed"),
        Moved("student2", LESSON, "solve_qr", 0, 4, "tests changed"),
    ]
    page = report(tmp_path, bundle, [grade("student1", bundle)], changes=changes)
    assert "Grades that moved: 2 1 up, 1 down" in seen(page)
    moved = rows(page, "Grades that moved")
    assert list(moved) == ["student2", "student1"]
    assert moved["student1"][2:] == ["4", "3.5", "tests changed"]
    assert "Grades that moved" not in report(tmp_path, bundle, [])


def test_how_tests_run_is_said(tmp_path: Path, bundle: LessonBundle) -> None:
    sealed = replace(bundle, tests=tuple(replace(t, not_sealed="") for t in bundle.tests))
    assert "All tests run sealed" in report(tmp_path, sealed, [grade("student1", sealed)])
    first, *others = sealed.tests
    tests = (replace(first, not_sealed="asks for object identity"), *others)
    whole = replace(sealed, tests=tests)
    text = seen(report(tmp_path, whole, [grade("student1", whole)]))
    assert f"{first.grade_id}: asks for object identity" in text
    assert "All tests run sealed" not in text


def test_the_distribution_counts_every_student_once(tmp_path: Path, bundle: LessonBundle) -> None:
    grades = [grade("a", bundle), grade("b", bundle, FAILED), unreadable("c", bundle)]
    soup = BeautifulSoup(report(tmp_path, bundle, grades), "html.parser")
    [plot] = soup("svg", class_="plot")
    bars = {bar.title.get_text().split(": ")[0]: float(bar["height"]) for bar in plot("rect")}
    assert sum(height > 0 for height in bars.values()) == 3
    assert bars["0 to 1.3 points"] == 145


def test_means_and_scale_are_of_what_was_read(tmp_path: Path, bundle: LessonBundle) -> None:
    later = replace(bundle, name="01_math_python/99_later", title="9.9 Later")
    grades = [grade("a", bundle), unreadable("b", bundle)]
    file = write_report(tmp_path / "phase.html", [bundle, later], [], grades)
    page = file.read_text(encoding="utf-8")
    assert rows(page, "Lessons")[bundle.title] == ["2", "", "1", "1", "22 / 26"]
    assert rows(page, "Lessons")[later.title] == ["0", "2", "", "", "– / 26"]
    assert "of 26;" in seen(page)


def test_an_empty_class(tmp_path: Path, bundle: LessonBundle) -> None:
    assert "Nobody has handed in yet." in seen(report(tmp_path, bundle, []))


def test_a_large_class_stays_readable(tmp_path: Path, bundle: LessonBundle) -> None:
    evil = "<script>alert(1)</script>" * 20
    grades = [
        grade(
            f"s{i}<b>", bundle, FAILED, f"{evil} {chr(0x4E00 + i)}", notes=(Note("repaired", evil),)
        )
        for i in range(3_000)
    ]
    changes = [Moved(f"s{i}", LESSON, "e", 0, 1, evil) for i in range(3_000)]
    page = report(tmp_path, bundle, grades, changes=changes)
    assert len(page) < 500_000
    assert "and 2900 more" in seen(page)
