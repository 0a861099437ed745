"""The instructor's path, for real: the demo's class, and stock nbgrader as we configure it."""

import csv
import hashlib
import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import small_course
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from small_course import LESSON

from aicourse.authoring.notebook_text import from_text
from aicourse.authoring.student_build import build
from aicourse.grading import demo, simulated_class
from aicourse.grading.gradebook import (
    BACKUP,
    GradebookError,
    build_gradebook,
    course_config,
    must_succeed,
    open_course,
)
from aicourse.grading.simulated_class import GivenAnswer, Student
from aicourse.lessons.exercises import Lesson, lesson_from_notebook

ROOT = Path(__file__).resolve().parents[1]
LESSON_TEXT = (Path(__file__).parent / "fixtures" / "lesson.txt").read_text(encoding="utf-8")
PHASE, STEM = LESSON.split("/")
#: Every lesson goes the same way through nbgrader, and each costs seconds per student.
REAL = list(demo.LESSONS)
STUDENTS = 4
# nbgrader 0.9 makes SQLAlchemy 2.1 grumble.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


def fingerprint(folder: Path) -> dict[str, str]:
    """Path → hash of every file below `folder`."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id")
    }


def recorded(
    api: NbGraderAPI, student: str, lesson: str = LESSON
) -> dict[str, tuple[float | None, bool]]:
    """Graded cell → (automatic or manual score, whether a person must look)."""
    phase, stem = lesson.split("/")
    with api.gradebook as gradebook:
        notebook = gradebook.find_submission_notebook(stem, phase, student)
        return {
            grade.name: (
                grade.manual_score if grade.manual_score is not None else grade.auto_score,
                grade.needs_manual_grade,
            )
            for grade in notebook.grades
        }


def page_text(page: Path) -> str:
    """The text that a reader of a feedback page sees."""
    content = page.read_text(encoding="utf-8")
    content = re.sub(r"<(style|script)\b.*?</\1>", "", content, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", content))


def secret_lines(lesson: Lesson, released: NotebookNode) -> list[str]:
    """Lines of hidden tests that no released cell contains."""
    public = "\n".join(cell.source for cell in released.cells)
    return [
        line.strip()
        for exercise in lesson.exercises
        for test in exercise.tests
        if test.hidden
        for line in test.source.splitlines()
        if len(line.strip()) > 20 and line.strip() not in public
    ]


# ------------------------------------------------------------------- a class on the real lessons


@dataclass(frozen=True)
class Graded:
    """A class graded by the demo, and what was on disk before."""

    folder: Path
    code: int
    before: dict[str, str]
    api: NbGraderAPI


@pytest.fixture(scope="module")
def graded() -> Iterator[Graded]:
    if sys.platform != "linux":
        pytest.skip("a class is graded on Linux")
    # Not in the system's temporary folder: on Windows that may be on another drive, and the
    # demo's configuration names notebooks/ and student/ relative to itself.
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="grading-", dir=ROOT / "build"))
    before = fingerprint(ROOT / "student") | fingerprint(ROOT / "notebooks")
    code = demo.run(ROOT, STUDENTS, folder=folder, lessons=REAL)
    yield Graded(folder, code, before, open_course(course_config(folder)))
    shutil.rmtree(folder)


def expected_rows(graded: Graded) -> list[dict[str, str]]:
    with (graded.folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.xdist_group("class")
def test_every_score_is_the_known_one(graded: Graded) -> None:
    assert graded.code == 0
    rows = expected_rows(graded)
    released = [nbformat.read(ROOT / "student" / f"{lesson}.ipynb", 4) for lesson in REAL]
    cells = sum(
        bool(cell.metadata.nbgrader.grade)
        for notebook in released
        for cell in graded_cells(notebook).values()
    )
    assert len(rows) == STUDENTS * cells
    for row in rows:
        scores = recorded(graded.api, row["student_id"], row["lesson"])
        assert scores[row["cell"]] == (float(row["points"]), False), row


@pytest.mark.slow
@pytest.mark.xdist_group("class")
def test_the_class_gives_every_kind_of_answer(graded: Graded) -> None:
    rows = expected_rows(graded)
    by_kind: dict[str, float] = {}
    for row in rows:
        kind = row["answer"].split(":")[0]
        by_kind[kind] = by_kind.get(kind, 0) + float(row["points"])
    assert {"right", "wrong"} <= set(by_kind)
    assert all(by_kind.get(kind, 0) == 0 for kind in ("stub", "empty", "blank"))
    assert by_kind["right"] > 0


@pytest.mark.slow
@pytest.mark.xdist_group("class")
def test_the_exported_totals_are_the_known_ones(graded: Graded) -> None:
    expected: dict[str, float] = {}
    for row in expected_rows(graded):
        expected[row["student_id"]] = expected.get(row["student_id"], 0) + float(row["points"])
    exported: dict[str, float] = {}
    table = graded.folder / "exports" / PHASE / "grades.csv"
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["lesson"] in REAL:
                points = float(row["points"])
                exported[row["student"]] = exported.get(row["student"], 0) + points
    assert exported == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.xdist_group("class")
def test_feedback_shows_messages_and_no_hidden_tests(graded: Graded) -> None:
    messages_seen = 0
    for lesson_name in REAL:
        source = nbformat.read(ROOT / "notebooks" / f"{lesson_name}.ipynb", 4)
        released = nbformat.read(ROOT / "student" / f"{lesson_name}.ipynb", 4)
        secrets = secret_lines(lesson_from_notebook(source, lesson_name), released)
        assert secrets
        for student in {row["student_id"] for row in expected_rows(graded)}:
            text = page_text(graded.folder / "feedback" / student / f"{lesson_name}.html")
            autograded = nbformat.read(
                graded.folder / "autograded" / student / f"{lesson_name}.ipynb", 4
            )
            own = "\n".join(
                cell.source
                for cell in autograded.cells
                if cell.metadata.get("nbgrader", {}).get("solution")
            )
            # A line that the student wrote, too, is no secret.
            assert [line for line in secrets if line in text and line not in own] == []
            for grade_id, cell in graded_cells(autograded).items():
                for output in cell.get("outputs", []):
                    # An exercise that was not attempted says so in other words.
                    if grade_id.endswith("_visible") and output.get("ename") == "AssertionError":
                        last_line = (output.evalue.strip().splitlines() or [output.ename])[-1]
                        assert last_line in text
                        messages_seen += 1
    assert messages_seen


@pytest.mark.slow
@pytest.mark.xdist_group("class")
def test_source_and_release_are_untouched(graded: Graded) -> None:
    assert fingerprint(ROOT / "student") | fingerprint(ROOT / "notebooks") == graded.before


# --------------------------------------------------------- one small lesson, awkward submissions


@dataclass(frozen=True)
class Course:
    """A repository with one small lesson, its gradebook, and an open nbgrader."""

    root: Path
    api: NbGraderAPI

    @property
    def grading(self) -> Path:
        return self.root / "grading"

    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "student" / f"{LESSON}.ipynb", 4)

    def hand_in(self, student: str, change: Callable[[NotebookNode], None]) -> None:
        notebook = self.released()
        change(notebook)
        file = self.grading / "submitted" / student / PHASE / f"{STEM}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)

    def grade(
        self, student: str, change: Callable[[NotebookNode], None]
    ) -> dict[str, tuple[float | None, bool]]:
        self.hand_in(student, change)
        must_succeed(self.api.autograde(PHASE, student), student)
        return recorded(self.api, student)

    def autograded(self, student: str) -> NotebookNode:
        return nbformat.read(self.grading / "autograded" / student / f"{LESSON}.ipynb", 4)


def make_course(root: Path) -> Course:
    """The fixture lesson, built and released, with this repository's nbgrader configuration."""
    small_course.make(root)
    build(root)
    for name in ("nbgrader_config.py", "example_roster.csv"):
        shutil.copy(ROOT / "grading" / name, root / "grading")
    build_gradebook(root)
    return Course(root, open_course(course_config(root / "grading")))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("repository"))


ALL_RIGHT = {
    "scale_column_visible": 1,
    "scale_column_hidden": 3,
    "running_mean_visible": 1,
    "running_mean_hidden": 2,
    "fixed_scale_visible": 1,
    "fixed_scale_hidden": 1,
}


def solve(notebook: NotebookNode, **answers: str) -> None:
    cells = graded_cells(notebook)
    for exercise, source in (small_course.RIGHT | answers).items():
        cells[exercise].source = source


def scores(grades: dict[str, tuple[float | None, bool]]) -> dict[str, float | None]:
    """Scores of the test cells."""
    return {name: score for name, (score, _) in grades.items() if name != "explain_scaling"}


@pytest.mark.slow
def test_blank_submission_scores_nothing(course: Course) -> None:
    grades = course.grade("blank", lambda notebook: None)
    assert grades == {name: (0, False) for name in [*ALL_RIGHT, "explain_scaling"]}


@pytest.mark.slow
def test_written_answer_waits_for_a_person(course: Course) -> None:
    def write(notebook: NotebookNode) -> None:
        solve(notebook)
        graded_cells(notebook)["explain_scaling"].source = "Trees do not care."

    grades = course.grade("writer", write)
    assert scores(grades) == ALL_RIGHT
    assert grades["explain_scaling"] == (None, True)


@pytest.mark.slow
def test_weakened_tests_are_overwritten(course: Course) -> None:
    def weaken(notebook: NotebookNode) -> None:
        for name in ("scale_column_visible", "scale_column_hidden"):
            graded_cells(notebook)[name].source = "pass"
            graded_cells(notebook)[name].metadata.nbgrader.points = 100
        solve(notebook, scale_column="def scale_column(values):\n    return values\n")

    grades = scores(course.grade("weakens", weaken))
    assert grades == ALL_RIGHT | {"scale_column_visible": 0, "scale_column_hidden": 0}


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_tags_earn_no_points(course: Course, tag: str) -> None:
    def add_tags(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata["tags"] = [tag]

    assert not any(scores(course.grade(f"tags-{tag}", add_tags)).values())


@pytest.mark.slow
def test_deleted_copied_and_stripped_cells_are_put_right(course: Course) -> None:
    def mistreat(notebook: NotebookNode) -> None:
        solve(notebook)
        cells = graded_cells(notebook)
        twin = deepcopy(cells["scale_column"])
        twin["id"], twin.source = "twin", "def scale_column(values):\n    return None\n"
        notebook.cells.insert(0, twin)  # a copied cell: the last one counts
        notebook.cells.remove(cells["running_mean_visible"])
        notebook.cells.remove(cells["running_mean_hidden"])
        del cells["fixed_scale"].metadata["nbgrader"]
        cells["fixed_scale_visible"].metadata.nbgrader.solution = True
        cells["fixed_scale_hidden"].metadata.nbgrader.grade = False
        notebook.cells.remove(cells["explain_scaling"])

    grades = course.grade("mistreats", mistreat)
    assert scores(grades) == ALL_RIGHT
    assert grades["explain_scaling"] == (None, True), "a person must look for the missing text"


@pytest.mark.slow
def test_a_notebook_without_its_metadata_is_still_graded(course: Course) -> None:
    def strip(notebook: NotebookNode) -> None:
        solve(notebook)
        for cell in notebook.cells:
            cell.metadata.clear()

    assert scores(course.grade("stripped", strip)) == ALL_RIGHT


@pytest.mark.slow
def test_stderr_costs_nothing_and_an_endless_loop_costs_its_exercise(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loop(notebook: NotebookNode) -> None:
        noisy = "import sys\nimport warnings\n" + small_course.RIGHT["fixed_scale"].replace(
            "    return",
            '    print("noise", file=sys.stderr)\n    warnings.warn("noise")\n    return',
        )
        endless = "def scale_column(values):\n    while True:\n        pass\n"
        solve(notebook, fixed_scale=noisy, scale_column=endless)

    monkeypatch.setitem(course.api.config.Execute, "timeout", 3)
    grades = scores(course.grade("loops", loop))
    assert grades == ALL_RIGHT | {"scale_column_visible": 0, "scale_column_hidden": 0}


@pytest.mark.slow
def test_the_instructors_seed_reaches_the_tests_and_checks_are_skipped(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(notebook: NotebookNode) -> None:
        source = "from aicourse.lessons.check import test_seed\nprint('seed', test_seed())"
        notebook.cells.append(nbformat.v4.new_code_cell(source, id="look"))

    monkeypatch.setenv("AICOURSE_TEST_SEED", "4711")
    course.grade("seed", look)
    cells = {cell["id"]: cell for cell in course.autograded("seed").cells}
    assert cells["look"].outputs[0].text == "seed 4711\n"
    assert cells["scale_column-check"].execution_count is None
    assert not list(course.root.rglob("*.sqlite"))


# ----------------------------------------------------------------- the gradebook and its updates


@pytest.mark.slow
def test_regrading_after_a_fixed_test(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    released = fingerprint(course.root / "student")

    def write(notebook: NotebookNode) -> None:
        solve(notebook)
        graded_cells(notebook)["explain_scaling"].source = "Trees do not care."

    assert scores(course.grade("ada", write)) == ALL_RIGHT
    with course.api.gradebook as gradebook:
        grade = gradebook.find_grade("explain_scaling", STEM, PHASE, "ada")
        grade.manual_score, grade.needs_manual_grade = 3, False
        gradebook.db.commit()

    stricter = LESSON_TEXT.replace("assert mean.value == 3.0", "assert mean.value == 4.0")
    assert stricter != LESSON_TEXT
    small_course.add_lesson(course.root, LESSON, stricter)
    build_gradebook(course.root)
    assert (course.grading / BACKUP).exists()
    must_succeed(course.api.autograde(PHASE, "ada"), "ada")
    grades = recorded(course.api, "ada")
    assert scores(grades) == ALL_RIGHT | {"running_mean_visible": 0}
    assert grades["explain_scaling"] == (3, True), "the manual score stays, to be confirmed"

    more = LESSON_TEXT + "\n%% solution added\ndef added():\n    ### BEGIN SOLUTION\n    return 1\n"
    more += "    ### END SOLUTION\n%% visible added points=1\nassert added() == 1\n"
    small_course.add_lesson(course.root, LESSON, more)
    with pytest.raises(GradebookError, match="Move that file aside"):
        build_gradebook(course.root)
    assert scores(recorded(course.api, "ada"))["running_mean_visible"] == 0
    assert fingerprint(course.root / "student") == released


# -------------------------------------------------------------- the commands of grading/README.md


def nbgrader(*arguments: str, folder: Path) -> str:
    """Run `nbgrader` as an instructor does, without an activated environment; return its output."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PATH", "VIRTUAL_ENV")}
    environment |= {"PATH": os.defpath, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_downloads_are_collected_and_generate_is_harmless(course: Course) -> None:
    nbgrader("db", "student", "import", "example_roster.csv", folder=course.grading)
    assert "amara.okafor" in nbgrader("db", "student", "list", folder=course.grading)

    archive = course.grading / "downloaded" / PHASE / "archive"
    (archive / "yuki.tanaka").mkdir(parents=True)
    released = course.root / "student" / f"{LESSON}.ipynb"
    shutil.copy(released, archive / f"amara.okafor_{STEM}.ipynb")
    shutil.copy(released, archive / f"bruno.garcia_4711_12_{STEM} (1).ipynb")
    shutil.copy(released, archive / "yuki.tanaka" / f"{STEM}.ipynb")
    shutil.make_archive(str(archive / "chiara.rossi"), "zip", released.parent)
    nbgrader("zip_collect", PHASE, folder=course.grading)
    for student in ("amara.okafor", "bruno.garcia", "yuki.tanaka", "chiara.rossi"):
        assert (course.grading / "submitted" / student / PHASE / f"{STEM}.ipynb").exists()

    before = fingerprint(course.root / "student")
    nbgrader("generate_assignment", PHASE, "--force", folder=course.grading)
    assert fingerprint(course.root / "student") == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange on Windows")
def test_exchange_there_and_back(course: Course, tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    where = f"--Exchange.root={exchange}"
    home = tmp_path / "student"
    home.mkdir()
    nbgrader("release_assignment", PHASE, where, folder=course.grading)
    nbgrader("fetch_assignment", PHASE, "--course=swe_to_ai", where, folder=home)
    fetched = home / PHASE / f"{STEM}.ipynb"
    released = course.root / "student" / f"{LESSON}.ipynb"
    assert fetched.read_bytes() == released.read_bytes()
    nbgrader("submit", PHASE, "--course=swe_to_ai", where, folder=home)
    nbgrader("collect", PHASE, where, folder=course.grading)
    collected = course.grading / "submitted"
    assert any(
        file.read_bytes() == released.read_bytes() and (file.parent / "timestamp.txt").exists()
        for file in collected.glob(f"*/{LESSON}.ipynb")
    )


class Formgrader:
    """JupyterLab in grading/, as the guide starts it, and requests to its formgrader."""

    def __init__(self, course: Course) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        arguments = ["--no-browser", f"--port={self.port}", "--ServerApp.root_dir=.."]
        self.log = course.root / "jupyter.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", *arguments),
                    *("--IdentityProvider.token=secret", "--allow-root"),
                ],
                cwd=course.grading,
                stdout=log,
                stderr=log,
            )

    def request(self, path: str, method: str = "GET", body: Any = None) -> str:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/formgrader/{path}",
            data=data,
            method=method,
            headers={"Authorization": "token secret"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def wait(self) -> None:
        for _ in range(120):
            try:
                self.request("manage_assignments")
            except OSError:
                time.sleep(0.5)
            else:
                return
        pytest.fail("JupyterLab did not start:\n" + self.log.read_text())


@pytest.fixture
def formgrader(course: Course) -> Iterator[Formgrader]:
    server = Formgrader(course)
    try:
        server.wait()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=30)


@pytest.mark.slow
def test_formgrader_shows_and_takes_a_written_answer(
    course: Course, formgrader: Formgrader
) -> None:
    def write(notebook: NotebookNode) -> None:
        text = 'Units decide the distance. <img src=x onerror="attack()"><script>attack()</script>'
        graded_cells(notebook)["explain_scaling"].source = text

    course.grade("essayist", write)
    (assignment,) = json.loads(formgrader.request("api/assignments"))
    assert assignment["name"] == PHASE
    submissions = json.loads(formgrader.request(f"api/submitted_notebooks/{PHASE}/{STEM}"))
    (waiting,) = [s for s in submissions if s["student"] == "essayist"]
    assert waiting["needs_manual_grade"]
    page = formgrader.request(f"submissions/{waiting['id']}/")
    assert "Units decide the distance." in page
    assert "Rubric" in page
    assert "<script>attack" not in page
    assert "<img src=x" not in page

    grades = json.loads(formgrader.request(f"api/grades?submission_id={waiting['id']}"))
    (written,) = [grade for grade in grades if grade["name"] == "explain_scaling"]
    formgrader.request(f"api/grade/{written['id']}", "PUT", {"manual_score": 2})
    assert recorded(course.api, "essayist")["explain_scaling"] == (2, False)

    released = fingerprint(course.root / "student")
    formgrader.request(f"api/assignment/{PHASE}/assign", "POST")  # the Generate button
    assert fingerprint(course.root / "student") == released


# ---------------------------------------------------------------------------- the simulated class


def test_a_class_is_the_same_for_the_same_seed(course: Course, tmp_path: Path) -> None:
    def files(name: str, seed: int) -> dict[str, str]:
        folder = tmp_path / name
        folder.mkdir()
        simulated_class.make_class(course.root, folder, [LESSON], students=15, seed=seed)
        return fingerprint(folder)

    assert files("one", 1) == files("again", 1)
    assert simulated_class.invent_students(5, 1) != simulated_class.invent_students(5, 2)
    with (tmp_path / "one" / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    given = {row["answer"] for row in rows if row["cell"] == "scale_column_hidden"}
    assert given == {
        "reference: the notebook's own solution",
        "stub: the untouched stub",
        "empty: an empty cell",
        "right: through a z-score of floats",
        "wrong: divides by the variance",
        "wrong: does not centre",
        "wrong: returns the visible example",
    }
    written = {row["answer"].split(":")[0]: row["points"] for row in rows if "sc" in row["cell"]}
    assert float(written["stub"]) == float(written["empty"]) == 0
    essays = {row["points"] for row in rows if row["cell"] == "explain_scaling"}
    assert essays == {"4", "1", "0"}


def test_answers_that_need_other_answers_are_not_given() -> None:
    lesson = lesson_from_notebook(from_text(LESSON_TEXT), LESSON)
    calls = "def fixed_scale(values):\n    return scale_column(values)\n"
    assert simulated_class.needs_other_answers(calls, "fixed_scale", lesson)
    assert not simulated_class.needs_other_answers(
        small_course.RIGHT["fixed_scale"], "fixed_scale", lesson
    )
    brings_its_own = small_course.RIGHT["scale_column"] + calls
    assert not simulated_class.needs_other_answers(brings_its_own, "fixed_scale", lesson)


def test_large_classes_have_distinct_ids() -> None:
    students = simulated_class.invent_students(2000, seed=1)
    assert len({student.id for student in students}) == 2000
    assert all(re.fullmatch(r"[a-z.]+\d*", student.id) for student in students)


def test_a_differing_score_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    student = Student("ada", "Ada", "L")
    answer = GivenAnswer("scale", "right", "x", "", {"scale_visible": 1.0})
    handed_in = simulated_class.Submission(student, LESSON, (answer,))
    simulated = simulated_class.SimulatedClass((student,), (handed_in,))
    found = [demo.Score("ada", LESSON, "scale_visible", 1.0, None)]
    assert demo.report(demo.Console(), simulated, found) == found
    assert "the gradebook holds nothing" in capsys.readouterr().out
