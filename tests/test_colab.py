"""Lessons opened in Google Colab: its versions, its kernel, and the course installed by the cell.

The first run on a machine builds two environments (see colab/simulated.py), a minute or two each.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from colab import simulated
from nbformat import NotebookNode

from aicourse.authoring.colab_cell import colab_cell
from aicourse.authoring.release import read_release
from aicourse.lessons import colab, data, exercises, record
from aicourse.lessons.exercises import Exercise, Lesson

ROOT = Path(__file__).resolve().parents[1]
RELEASE = read_release(ROOT)
LESSONS = sorted(
    file.relative_to(ROOT / "student").with_suffix("").as_posix()
    for file in (ROOT / "student").glob("*/*.ipynb")
)
CURRENT = simulated.HERE / "constraints-current.txt"
OLDER = simulated.HERE / "constraints-2026.01.txt"

in_colab = pytest.mark.skipif(sys.platform != "linux", reason="Colab runs on Linux")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as it is now, tagged with its version."""
    bare = tmp_path_factory.mktemp("github") / "course.git"
    simulated.serve_repository(ROOT, bare, f"v{RELEASE.version}")
    return bare


@pytest.fixture(scope="session")
def current(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> simulated.Session:
    """A session with Colab's present versions, in which the generated cell ran once."""
    return session_with_course(CURRENT, repository, tmp_path_factory.mktemp("colab"))


@pytest.fixture(scope="session")
def older(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> simulated.Session:
    """The same with the lowest versions that the course supports in Colab."""
    if sys.version_info >= (3, 13):
        pytest.skip("that image's numpy has no build for this Python")
    return session_with_course(OLDER, repository, tmp_path_factory.mktemp("older-colab"))


def session_with_course(constraints: Path, repository: Path, folder: Path) -> simulated.Session:
    """A session in which the generated cell ran; nothing that Colab has may change by it."""
    environment = simulated.environment(constraints)
    session = simulated.Session.start(
        environment, folder, data.cache_dir(), RELEASE.repository, repository
    )
    before = session.installed()
    executed = session.run(only_cell("no/lesson"))
    assert errors(executed) == {}
    assert "Not ready: there is no lesson 'no/lesson'" in printed(executed.cells[0])
    after = session.installed()
    assert {name: after.get(name) for name in before} == before
    assert after.keys() - before.keys() == {"aicourse"}
    assert after["aicourse"] == RELEASE.version
    return session


def only_cell(lesson: str, version: str = RELEASE.version) -> NotebookNode:
    """A notebook that holds just the generated cell."""
    source = colab_cell(lesson, RELEASE.repository, version)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="colab-setup")])


def printed(cell: NotebookNode) -> str:
    """The cell's standard output."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


def shown(cell: NotebookNode) -> str:
    """All text the cell shows: standard output, then each result's plain form."""
    results = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
    return "\n".join([printed(cell), *results]).strip()


def errors(notebook: NotebookNode) -> dict[str, str]:
    """Cell id → error, for every cell that failed."""
    return {
        cell["id"]: f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


def student(lesson: str) -> NotebookNode:
    return nbformat.read(ROOT / "student" / f"{lesson}.ipynb", as_version=4)


def source(lesson: str) -> NotebookNode:
    return nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)


def solved(lesson: str) -> NotebookNode:
    """The student notebook with the source's answers typed in."""
    notebook = student(lesson)
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source(lesson).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution"):
            cell.source = answers[grading["grade_id"]]
    return notebook


def scoreboard(executed: NotebookNode) -> str:
    """What the lesson's `check_all()` shows."""
    [cell] = [cell for cell in executed.cells if cell.source.strip() == "check_all()"]
    return shown(cell)


def by_machine(bank: Lesson) -> list[Exercise]:
    """The exercises that `check` grades."""
    return [exercise for exercise in bank.exercises if not exercise.written]


# ----------------------------------------------------------------------------------------- the cell


def test_the_cell_is_short_and_formatted(tmp_path: Path) -> None:
    lesson = "01_math_python/02_vectors"
    text = colab_cell(lesson, "https://github.com/owner/name/", "1.2.3")
    assert text == colab_cell(lesson, "https://github.com/owner/name", "1.2.3")
    assert '"git+https://github.com/owner/name@v1.2.3"' in text
    assert f'colab.setup("{lesson}")' in text
    lines = [line for line in text.splitlines() if line]
    assert len(lines) <= 15
    assert lines[0].startswith("# ")
    assert "does nothing" in lines[0]
    (tmp_path / "cell.py").write_text(text + "\n")
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "100", tmp_path]
    subprocess.run(ruff, check=True, capture_output=True)


def test_outside_colab_the_cell_does_nothing() -> None:
    text = colab_cell("01_math_python/02_vectors", "https://github.com/owner/name", "9.9.9")
    program = (
        f"import sys\ncell = compile({text!r}, 'cell', 'exec')\n"
        "before = set(sys.modules)\n"
        "exec(cell, {})\n"
        "print(set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.parametrize("lesson", LESSONS)
def test_student_notebooks_hold_the_cell_before_the_lessons_set_up(lesson: str) -> None:
    code = [cell for cell in student(lesson).cells if cell.cell_type == "code"]
    assert code[0].source == colab_cell(lesson, RELEASE.repository, RELEASE.version)


@in_colab
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (True, "pathspec 'v0.0.404' did not match"),
        (False, "does not appear to be a git repository"),
    ],
    ids=["release gone", "repository out of reach"],
)
def test_when_the_course_cannot_be_had_the_cell_says_what_to_do(
    current: simulated.Session, answers: bool, reason: str
) -> None:
    before = current.installed()
    session = current if answers else replace(current, repository=Path("/nothing/here.git"))
    notebook = only_cell("no/lesson", version="0.0.404")
    [error] = errors(session.run(notebook)).values()
    assert error.startswith("RuntimeError: ")
    assert reason in error  # git's own words
    assert error.endswith("Run this cell again, or reopen the lesson.")
    assert session.installed() == before


@in_colab
@pytest.mark.parametrize("versions", ["current", "older"])
def test_the_cell_installs_the_course_once(versions: str, request: pytest.FixtureRequest) -> None:
    session = request.getfixturevalue(versions)  # its fixture checks what the first time changed
    before = session.installed()
    offline = replace(session, repository=Path("/nothing/here.git"))
    # Without repository and index, only a cell that installs nothing can succeed.
    assert errors(offline.run(only_cell("no/lesson"), PIP_NO_INDEX="1")) == {}
    assert session.installed() == before


# -------------------------------------------------------------------------------------- the lessons


@in_colab
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_solved_lesson_gets_full_marks(lesson: str, current: simulated.Session) -> None:
    before = current.installed()
    notebook = solved(lesson)
    page = current.folder / "page.ipynb"
    page.write_text(nbformat.writes(_as_colab_has_it(notebook)))
    notebook.cells.append(nbformat.v4.new_code_cell("colab.hand_in()", id="hand-in"))
    executed = current.run(notebook, COLAB_PAGE=str(page))
    assert errors(executed) == {}
    cells = {cell["id"]: cell for cell in executed.cells}

    bank = exercises.lesson(lesson)
    first = printed(next(cell for cell in executed.cells if cell.cell_type == "code"))
    assert first.splitlines()[-1].startswith(f"Ready: {bank.title} ("), first
    for exercise in by_machine(bank):
        result = shown(cells[f"{exercise.grade_id}-check"])
        marks = f"({exercise.points:g} of {exercise.points:g} points)"
        assert result == f"{exercise.grade_id}: right {marks}"
    full = sum(exercise.points for exercise in by_machine(bank))
    assert re.search(
        rf"^Tests in total +{full:g} of {bank.tested_points:g}$", scoreboard(executed), re.M
    )

    best = {e.exercise: e.earned for e in record.read(current.content) if e.lesson == lesson}
    assert sum(best.values()) == full
    assert {exercise.grade_id for exercise in by_machine(bank)} == best.keys() - {None}

    handed_in = current.content / f"{Path(lesson).name}.ipynb"
    assert printed(cells["hand-in"]) == (
        f"Saved as {handed_in}; your browser downloads it now.\n<downloads {handed_in.name}>\n"
    )
    assert _sources(nbformat.read(handed_in, 4)) == _sources(solved(lesson))

    after = current.installed()
    assert {name: after.get(name) for name in before} == before

    differences = _different_outputs(source(lesson), executed)
    assert not differences, (
        f"notebooks/{lesson}.ipynb prints something else on Colab's versions:\n{differences}"
    )


@in_colab
@pytest.mark.parametrize("lesson", LESSONS)
def test_in_a_fresh_lesson_only_the_visible_tests_fail(
    lesson: str, older: simulated.Session
) -> None:
    executed = older.run(student(lesson))
    bank = exercises.lesson(lesson)
    expected = {f"{exercise.grade_id}_visible" for exercise in by_machine(bank)}
    failed = errors(executed)
    assert failed.keys() == expected, failed
    cells = {cell["id"]: cell for cell in executed.cells}
    for exercise in by_machine(bank):
        result = shown(cells[f"{exercise.grade_id}-check"])
        assert result.startswith(f"{exercise.grade_id}: not attempted"), result
    assert re.search(rf"^Tests in total +0 of {bank.tested_points:g}$", scoreboard(executed), re.M)


def _as_colab_has_it(notebook: NotebookNode) -> NotebookNode:
    """The notebook after Colab took it over: own ids, sources as lines, metadata gone."""
    cells = [
        nbformat.from_dict(
            {
                "cell_type": cell.cell_type,
                "metadata": {"id": f"colab{number}"},
                "source": cell.source.splitlines(keepends=True),
                **({"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}),
            }
        )
        for number, cell in enumerate(notebook.cells)
    ]
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 0, "metadata": {"colab": {}}, "cells": cells}
    )


def _sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def _different_outputs(expected: NotebookNode, executed: NotebookNode) -> str:
    """Cells whose text differs from the committed one, as nbval compares it; "" for none."""
    cells = {cell["id"]: cell for cell in executed.cells}
    lines = []
    for cell in expected.cells:
        varies = "nbval-ignore-output" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not varies and shown(cell) != shown(cells[cell["id"]]):
            got = shown(cells[cell["id"]])
            lines.append(f"cell {cell['id']!r} committed:\n{shown(cell)}\nin Colab:\n{got}\n")
    return "\n".join(lines)


# ------------------------------------------------------------------------------- set-up and hand-in


LESSON = Lesson(
    name="00_phase/01_lesson",
    title="0.1 A lesson",
    time="an hour",
    data=("ames",),
    exercises=(
        Exercise(
            "double",
            "Exercise 1 — Double",
            2,
            ("double",),
            (
                exercises.TestCell(
                    "double_visible", 2, "import numpy as np\nassert double(1) == 2\n"
                ),
            ),
        ),
        Exercise("explain", "Exercise 2 — Explain", 3, (), (), written=True),
    ),
)
ANSWER = "def double(x):\n    return 2 * x"


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bank with one lesson, and an empty current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exercises, "lessons", lambda: (LESSON,))
    monkeypatch.setattr(colab, "_lesson", None)
    monkeypatch.setattr(data, "prefetch", lambda names: None)
    monkeypatch.setattr(data, "load", lambda name: None)
    return


@pytest.mark.usefixtures("bank")
def test_setup_begins_the_record_and_says_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    colab.setup(LESSON.name)
    colab.setup(LESSON.name)
    versions, kept, ready = capsys.readouterr().out.splitlines()[-3:]
    names = [part.split()[0] for part in versions.split(" · ")]
    assert names[0] == "Python"
    assert {"numpy", "pandas", "scikit-learn", "matplotlib"} <= set(names)
    assert f"numpy {metadata.version('numpy')}" in versions
    assert str(record.record_file(tmp_path)) in kept
    assert "Save a copy in Drive" in kept
    assert record.find_folder() == tmp_path
    assert ready == "Ready: 0.1 A lesson (2 exercises, 5 points, data: ames)"


@pytest.mark.usefixtures("bank")
def test_setup_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def offline(names: object) -> None:
        raise data.DataUnavailable('"ames" is not in the cache, and the network is down.')

    monkeypatch.setattr(data, "prefetch", offline)
    colab.setup(LESSON.name)
    assert 'Not ready: "ames" is not in the cache' in capsys.readouterr().out

    monkeypatch.setattr(colab.importlib.util, "find_spec", lambda name: None)
    colab.setup(LESSON.name)
    out = capsys.readouterr().out
    assert "Not ready: Exercise 1 — Double needs the package 'numpy'" in out
    assert "Disconnect and delete runtime" in out

    colab.setup("00_phase/01_leson")
    assert "Did you mean 00_phase/01_lesson?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([ANSWER], []),
        (
            ["import os", ANSWER + "  # edited"],
            ["the cell of `double` (Exercise 1 — Double) did not run as it stands"],
        ),
        (["!pip list", "x = 1"], ["no cell defines `double` (Exercise 1 — Double)."]),
    ],
)
def test_hand_in_compares_the_page_with_what_ran(cells: list[str], expected: list[str]) -> None:
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in ["%time 1", *cells]]
    )
    found = colab._differences(_as_colab_has_it(page), LESSON, {"%time 1", ANSWER})
    assert len(found) == len(expected)
    for sentence, begin in zip(found, expected, strict=True):
        assert sentence.startswith(begin)


@pytest.mark.usefixtures("bank")
def test_hand_in_names_the_menu_when_the_page_is_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    colab.hand_in()
    assert capsys.readouterr().out.startswith("Run the first cell of the lesson")
    colab.setup(LESSON.name)
    capsys.readouterr()
    colab.hand_in()
    assert "Use File → Download → Download .ipynb instead." in capsys.readouterr().out


def test_a_newer_freeze_of_colab_replaces_the_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = tmp_path / "pip-freeze.txt"
    freeze.write_text(
        "# made by pip\nnumpy==9.9.9\ntorch @ https://example.org/torch.whl\nzict==3.0\n"
    )
    monkeypatch.setenv("AICOURSE_COLAB_FREEZE", str(freeze))
    lines = simulated.pins(CURRENT)
    assert "numpy==9.9.9" in lines
    assert "ipython==7.34.0" in lines
    assert not any(line.startswith("zict") for line in lines)
