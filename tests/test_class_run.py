"""Grading a class: what is found, what survives kills, who may write, and what a regrade moves."""

import csv
import io
import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import nbformat
import pytest
import sqlalchemy as sa
from distributed import Client, Security

pytest.importorskip("resource", reason="grading a class needs Linux or macOS")

import postgres
from graded_class import (
    EXERCISES,
    FIRST,
    PHASE,
    SECOND,
    WRITTEN,
    Class,
    FakeGraders,
    fill,
    make_course,
)
from nbformat import NotebookNode
from rich.console import Console

from aicourse.grading import workers
from aicourse.grading.bundle import bundles
from aicourse.grading.class_run import ClassRunError, report
from aicourse.grading.gradebook import GradebookError, build_gradebook
from aicourse.grading.gradebook_lock import GradebookInUse, LockError, locked
from aicourse.grading.results import Result
from aicourse.grading.workers import WorkersUnavailable

# nbgrader 0.9 makes SQLAlchemy 2.1 grumble.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")
RIGHT = dict.fromkeys(EXERCISES, "RIGHT")
KILLS = 20


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course") / "repository")


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[str]:
    """A PostgreSQL server; its database `postgres` holds the gradebook of the built course."""
    with postgres.server() as url:
        build_gradebook(built, db_url=url)
        yield url


def copy(built: Path, folder: Path) -> Class:
    for name in ("notebooks", "student", "grading"):
        shutil.copytree(built / name, folder / name)
    return Class(folder)


def fresh_database(server: str) -> str:
    """The URL of a database with the gradebook in it."""
    name = f"test_{time.monotonic_ns()}"
    # A database that is copied must not be in use, so not over a connection to it.
    engine = sa.create_engine(
        server.replace("/postgres?", "/template1?"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE postgres"))
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def school(request: pytest.FixtureRequest, built: Path, tmp_path: Path) -> Class:
    made = copy(built, tmp_path)
    if request.param == "postgresql":
        made.db_url = fresh_database(request.getfixturevalue("server"))
    return made


@pytest.fixture
def small(built: Path, tmp_path: Path) -> Class:
    return copy(built, tmp_path)


# ------------------------------------------------------------------------------------- what counts


def test_a_class_is_graded_once(school: Class) -> None:
    fill(school, 6)
    run = school.grade()
    assert (run.graded, run.unreadable, run.missing, run.unchanged) == (10, 1, 1, 0)
    # By the pattern of `fill`: student 1 has WRONG, STRICT RIGHT and TODO in both lessons.
    assert school.total("student001") == 6.0
    assert school.scores("student001")["running_mean_hidden"] == (2.0, None, False)
    before = school.content()
    again = school.grade()
    assert (again.graded, again.unreadable, again.unchanged) == (0, 0, 11)
    assert school.content() == before


def test_a_fresh_course_gets_its_gradebook(small: Class) -> None:
    (small.grading / "gradebook.db").unlink()
    small.hand_in("amara", **RIGHT)
    small.grade()
    assert small.total("amara") == 9.0
    assert not (small.grading / "gradebook-before-update.db").exists()


def test_chosen_students_and_lessons_only(small: Class) -> None:
    for student in ("amara", "bruno"):
        small.hand_in(student, FIRST, **RIGHT)
        small.hand_in(student, SECOND, **RIGHT)
    run = small.grade(students=["amara"], lessons=["02_again"])
    assert (run.graded, run.missing) == (1, 0)
    assert small.total("amara") == 9.0
    # Not graded yet is no zero.
    assert set(small.scores("amara", FIRST).values()) == {(None, None, True)}
    with pytest.raises(ClassRunError, match="zoe"):
        small.grade(students=["zoe"])
    with pytest.raises(ClassRunError, match="01_fixture, 02_again"):
        small.grade(lessons=["03_none"])


def test_nothing_handed_in(small: Class) -> None:
    with pytest.raises(ClassRunError, match="submitted/<student>/01_math_python"):
        small.grade()


def test_awkward_files(small: Class) -> None:
    small.hand_in("renamed", name="01_fixture (1)", **RIGHT)
    small.hand_in("copied", name="Copy of 01-Fixture", **RIGHT)
    small.hand_in("untitled", name="Untitled3", **RIGHT)
    small.hand_in("twice", name="01_fixture", **RIGHT)
    small.hand_in("twice", name="01_fixture-Copy1", scale_column="WRONG")
    newer = small.hand_in("newest", name="01_fixture (2)", **RIGHT)
    older = small.hand_in("newest", name="01_fixture (1)", scale_column="WRONG")
    os.utime(older, (1, 1))
    small.folder("empty")
    (small.folder("foreign") / "holiday.ipynb").write_bytes(
        nbformat.writes(nbformat.v4.new_notebook()).encode()
    )
    (small.folder("linked") / "01_fixture.ipynb").symlink_to(newer)
    (small.grading / "submitted" / "shadow").symlink_to(small.grading / "submitted" / "twice")
    os.mkfifo(small.folder("pipe") / "01_fixture.ipynb")
    (small.folder("blank") / "01_fixture.ipynb").touch()
    (small.folder("folder") / "01_fixture.ipynb").mkdir()
    (small.folder("late") / "timestamp.txt").write_text("yesterday-ish")
    run = small.grade()
    for student in ("renamed", "copied", "untitled", "twice", "newest"):
        assert small.total(student) == 9.0, student
    assert (run.graded, run.unreadable) == (5, 4)
    said = "\n".join(run.remarks)
    for words in (
        "01_fixture (1).ipynb is taken for 01_fixture.ipynb",
        "holiday.ipynb belongs to no lesson",
        "linked: 01_math_python/01_fixture cannot be read: The file is a link",
        "'shadow' is left out: the folder is a link",
        "pipe: 01_math_python/01_fixture cannot be read: This is not a file",
        "blank: 01_math_python/01_fixture cannot be read",
        "late: timestamp.txt is not a time",
        "twice: of several files for 01_fixture, 01_fixture.ipynb has the right name",
        "newest: of several files for 01_fixture, 01_fixture (2).ipynb is the newest",
        "renamed is not on the roster",
    ):
        assert words in said, words
    assert set(small.scores("linked").values()) == {(None, None, True)}
    assert small.grade().unchanged == 9


def test_a_file_larger_than_any_notebook_is_not_read(small: Class) -> None:
    with (small.folder("amara") / "01_fixture.ipynb").open("wb") as file:
        file.truncate(200_000_000)
    run = small.grade()
    assert run.unreadable == 1
    assert any("200 MB" in remark for remark in run.remarks)


def test_a_failure_of_the_grader_is_reported_and_tried_again(small: Class) -> None:
    small.hand_in("amara", **RIGHT)
    small.hand_in("bruno", scale_column="BREAK THE GRADER")
    run = small.grade()
    assert (run.graded, run.failed) == (1, 1)
    assert any("bruno" in r and "RuntimeError: broken" in r for r in run.remarks)
    assert set(small.scores("bruno").values()) == {(None, None, True)}
    small.hand_in("bruno", **RIGHT)
    assert (small.grade().graded, small.total("bruno")) == (1, 9.0)


def test_a_broken_lesson_costs_nobody_a_grade(small: Class) -> None:
    for student in ("amara", "bruno"):
        small.hand_in(student, FIRST, scale_column="LESSON IS BROKEN")
        small.hand_in(student, SECOND, **RIGHT)
    run = small.grade()
    assert (run.graded, run.failed) == (2, 2)
    assert run.broken == {FIRST: f"{FIRST}: the course's own answer fails."}
    assert set(small.scores("bruno", FIRST).values()) == {(None, None, True)}


class Liar:
    """A grader whose reports are about something else."""

    def __init__(self, graders: FakeGraders, change: dict[str, object]) -> None:
        self._grader, self._change = graders(), change

    def __enter__(self) -> "Liar":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def grade(self, raw: bytes, lesson: str) -> Result:
        return replace(self._grader.grade(raw, lesson), **self._change)


@pytest.mark.parametrize(
    "change", [{"lesson": SECOND}, {"scores": ()}, {"written": ()}, {"notebook": "[]"}]
)
def test_a_report_that_does_not_fit_the_lesson_is_not_recorded(
    small: Class, change: dict[str, object]
) -> None:
    small.hand_in("amara", **RIGHT)
    graders = FakeGraders(small.bundles())
    run = small.grade(factory=lambda: Liar(graders, change))
    assert (run.graded, run.failed) == (0, 1)
    assert set(small.scores("amara").values()) == {(None, None, True)}


def test_the_summary_says_what_happened(small: Class) -> None:
    fill(small, 3)
    run = small.grade()
    console = Console(width=120, record=True, file=io.StringIO())
    report(console, run)
    printed = console.export_text()
    assert "student000: 01_math_python/02_again cannot be read" in printed
    assert "s each" in printed
    assert "MB of memory" in printed


def test_pages_are_written_where_something_changed(small: Class) -> None:
    for student in ("amara", "bruno"):
        small.hand_in(student, FIRST, text="Trees do not care.", **RIGHT)
    made = small.grade(publish=True).published
    assert made.pages == 2
    assert len(made.exported.waiting) == 2
    assert made.report.is_file()
    page = small.grading / "feedback" / "amara" / f"{FIRST}.html"
    assert "One criterion missing." not in page.read_text()
    assert small.grade(publish=True).published.pages == 0
    small.person_scores("amara", WRITTEN, 3.5, "One criterion missing.")
    assert small.grade(publish=True).published.pages == 1
    assert "One criterion missing." in page.read_text()
    (small.grading / "feedback" / "bruno" / f"{FIRST}.html").unlink()
    assert small.grade(publish=True).published.pages == 1
    small.hand_in("bruno", FIRST, text="Trees do not care.", scale_column="RIGHT")
    assert small.grade(publish=True).published.pages == 1


# ------------------------------------------------------------------------------------------ regrade


def test_a_fixed_test_regrades_its_lesson_and_lists_what_moved(school: Class) -> None:
    school.hand_in("amara", FIRST, text="Trees do not care.", **RIGHT)
    school.hand_in("bruno", FIRST, **dict.fromkeys(EXERCISES, "STRICT RIGHT"))
    school.hand_in("bruno", SECOND, **RIGHT)
    school.grade()
    school.person_scores("amara", WRITTEN, 3.0)
    before = {s: school.total(s) for s in ("amara", "bruno")}
    assert before == {"amara": 12.0, "bruno": 18.0}
    school.make_strict()
    run = school.grade()
    assert (run.graded, run.unchanged) == (2, 1)
    (change,) = run.changes
    assert (change.student, change.lesson, change.exercise) == ("amara", FIRST, "scale_column")
    assert (change.before, change.after, change.reason) == (4.0, 1.0, "tests changed")
    assert (school.total("amara"), school.total("bruno")) == (9.0, 18.0)
    assert school.scores("amara")[WRITTEN] == (None, 3.0, False)
    with (school.grading / "reports" / f"{PHASE}-changes.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student"], row["before"], row["after"]) == ("amara", "4", "1")
    assert school.grade().changes == []


def test_another_seed_regrades_everything(small: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(small, 2)
    small.grade()
    monkeypatch.setenv("AICOURSE_TEST_SEED", "4711")
    assert small.grade().unchanged == 0


def test_added_tests_are_refused_once_there_are_submissions(small: Class) -> None:
    small.hand_in("amara", **RIGHT)
    small.grade()

    def drop(notebook: NotebookNode) -> None:
        notebook.cells = [
            cell
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") != "scale_column_visible"
        ]

    small.change_source(FIRST, drop)
    with pytest.raises(GradebookError, match="added or removed"):
        small.grade()
    assert small.total("amara") == 9.0


# ------------------------------------------------------------------------------------------- kills


def killed(school: Class, dice: random.Random, seconds: float) -> bool:
    """Start a coordinator and kill it at a random moment; False if it finished before."""

    def files() -> set[tuple[str, int]]:
        found = (school.grading / "autograded").rglob("*.ipynb")
        return {(str(file), file.stat().st_mtime_ns) for file in found}

    coordinator = multiprocessing.get_context("fork").Process(
        target=school.grade, kwargs={"seconds": seconds}
    )
    before, enough = files(), dice.choice([0, 1, 1])
    coordinator.start()
    while coordinator.is_alive() and len(files() - before) < enough:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 2 * seconds))
    if coordinator.is_alive():
        os.kill(coordinator.pid, signal.SIGKILL)
    coordinator.join()
    return coordinator.exitcode == -signal.SIGKILL


@pytest.mark.slow
def test_killed_and_resumed_ends_like_undisturbed(
    school: Class, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    calm = copy(built, tmp_path_factory.mktemp("calm"))
    for one in (calm, school):
        fill(one, 14)
    calm.grade()
    dice = random.Random("kills")
    times = 6 if school.db_url else KILLS
    kills = sum(killed(school, dice, 0.02) for _ in range(times))
    assert kills >= times - 2
    school.grade()
    assert school.content() == calm.content()
    # A regrade that is killed ends the same way, and tells of every change.
    for one in (calm, school):
        one.make_strict()
    moved = calm.grade().changes
    assert sum(killed(school, dice, 0.02) for _ in range(4)) >= 3
    changes = school.grade().changes
    assert school.content() == calm.content()
    assert moved
    assert [replace(c, at=None) for c in changes] == [replace(c, at=None) for c in moved]


def hold(url: str, ready: Event, end: Event) -> None:
    with locked(url):
        ready.set()
        end.wait()


def test_a_second_coordinator_is_refused(school: Class) -> None:
    school.hand_in("amara", **RIGHT)
    fork = multiprocessing.get_context("fork")
    ready, end = fork.Event(), fork.Event()
    first = fork.Process(target=hold, args=(school.api.coursedir.db_url, ready, end))
    first.start()
    assert ready.wait(60)
    with pytest.raises(GradebookInUse, match=rf"course grade, process {first.pid} on "):
        school.grade()
    assert not (school.grading / "autograded").exists()
    os.kill(first.pid, signal.SIGKILL)  # a crash leaves no lock behind
    first.join()
    for _ in range(100):  # PostgreSQL takes a moment to notice
        try:
            school.grade()
            break
        except GradebookInUse:
            time.sleep(0.1)
    assert school.total("amara") == 9.0


def test_other_databases_are_refused(small: Class) -> None:
    with pytest.raises(LockError, match="SQLite or PostgreSQL"), locked("mysql://a/b"):
        pass


def test_ctrl_c_records_what_is_finished(small: Class) -> None:
    fill(small, 8)
    fork = multiprocessing.get_context("fork")
    coordinator = fork.Process(target=_grade_and_exit, args=(small,))
    coordinator.start()
    while not list((small.grading / "autograded").rglob("*.ipynb")) and coordinator.is_alive():
        time.sleep(0.005)
    os.kill(coordinator.pid, signal.SIGINT)
    coordinator.join()
    assert coordinator.exitcode == 7
    rest = small.grade()
    assert rest.unchanged
    assert rest.graded


def _grade_and_exit(small: Class) -> None:
    os._exit(7 if small.grade(seconds=0.2).interrupted else 0)


# ----------------------------------------------------------------------------------------- workers


@pytest.mark.slow
def test_workers_grade_the_same_and_survive_their_death(
    small: Class, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    calm = copy(built, tmp_path_factory.mktemp("calm"))
    for one in (calm, small):
        fill(one, 12)
    once = small.grading / "died-once"
    small.hand_in("zoe", scale_column=f"RIGHT KILL THE WORKER UNLESS {once}")
    once.touch()
    shutil.copytree(small.folder("zoe"), calm.folder("zoe"), dirs_exist_ok=True)
    calm.grade()
    once.unlink()
    small.hand_in("guilty", scale_column="KILL THE WORKER")
    run = small.grade(workers=2)
    assert once.exists()
    assert run.failed == 1
    assert any("guilty" in r and "3 times" in r for r in run.remarks)
    assert set(small.scores("guilty").values()) == {(None, None, True)}
    theirs = {
        what: [row for row in rows if "guilty" not in row[0]]
        for what, rows in small.content().items()
        if what != "files"
    }
    ours = {what: rows for what, rows in calm.content().items() if what != "files"}
    assert theirs == ours


class Unstartable:
    """A grader that finds no sandbox."""

    def __enter__(self) -> None:
        raise RuntimeError("bubblewrap is not installed")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_no_sandbox_stops_the_run_and_records_nothing(small: Class, workers: int) -> None:
    small.hand_in("amara", **RIGHT)
    with pytest.raises(WorkersUnavailable, match="bubblewrap is not installed"):
        small.grade(factory=Unstartable, workers=workers)
    assert not (small.grading / "autograded").exists()


@pytest.mark.slow
def test_a_scheduler_that_is_not_there(small: Class) -> None:
    small.hand_in("amara", **RIGHT)
    with pytest.raises(WorkersUnavailable, match=r"tcp://127\.0\.0\.1:9"):
        small.grade(scheduler="tcp://127.0.0.1:9")


def test_workers_of_this_machine_take_orders_from_their_coordinator_only() -> None:
    """Whoever can reach the scheduler's port could else run code as the instructor."""
    with workers._workers_here(1) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://127.0.0.1:")
        with pytest.raises(OSError, match=r"(?i)certificate|timed out|refused"):
            Client(address, security=Security.temporary(), timeout="3s")
        with Client(cluster, timeout="30s") as ours:
            assert ours.submit(sum, [1, 2]).result(timeout=30) == 3


@pytest.mark.parametrize("lesson", [f"{PHASE}/{FIRST}", "no/such"], ids=["graded", "failed"])
def test_what_is_graded_leaves_the_coordinators_memory(built: Path, lesson: str) -> None:
    size, before, after = 250_000, 40, 400
    work = (workers.Work(f"s{n}", lesson, os.urandom(size), "") for n in range(after))
    graders = FakeGraders(tuple(bundles(built, PHASE)))
    outcomes = workers.on_cluster(work, graders, threading.Event(), 1)
    held = [_resident_bytes() for _ in outcomes]
    assert len(held) == after
    # Less than half of what it would hold if it kept the notebooks.
    assert held[-1] - held[before] < (after - before) * size / 2


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
