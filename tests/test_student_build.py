"""The author's build: execution, exercise bank, student notebooks, README, leaks."""

import io
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import small_course
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum
from rich.console import Console
from small_course import BANK, LESSON, SOURCE, STUDENT

from aicourse.authoring import execute_notebooks, leak_scan, student_build
from aicourse.authoring.execute_notebooks import code_hash, normalise, to_bytes
from aicourse.authoring.readme_table import BEGIN, END
from aicourse.authoring.release import read_release
from aicourse.authoring.student_build import BuildError, LeakError, build
from aicourse.lessons.exercises import PHASES


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course after its first build. Tests only read it."""
    root = small_course.make(tmp_path_factory.mktemp("built"))
    report = build(root)
    assert report.executed == [SOURCE]
    assert set(report.written) == {BANK, STUDENT, "README.md"}
    assert not report.stale
    assert not report.strays
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    """A copy of the built course, in another folder, to change."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A course with nothing but a lesson of two cells, not executed."""
    root = small_course.make(tmp_path / "tiny")
    (root / SOURCE).unlink()
    small_course.add_lesson(root, "01_math_python/02_tiny", small_course.TINY)
    return root


TINY = "notebooks/01_math_python/02_tiny.ipynb"


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, 4)


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    [found] = [x for x in notebook.cells if x["id"] == cell_id]
    return found


def edit(path: Path, cell_id: str, change: Callable[[str], str]) -> None:
    notebook = read(path)
    chosen = cell(notebook, cell_id)
    chosen.source = change(chosen.source)
    path.write_bytes(to_bytes(notebook))


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


# ---------------------------------------------------------------------------------- execution


def test_source_is_executed_in_normal_form(built: Path) -> None:
    notebook = read(built / SOURCE)
    code = [x for x in notebook.cells if x.cell_type == "code"]
    assert [x.execution_count for x in code] == list(range(1, len(code) + 1))
    assert all("execution" not in x.metadata for x in code)
    assert notebook.metadata["language_info"] == {"name": "python"}
    assert notebook.metadata["aicourse"] == {"executed": code_hash(notebook, LESSON)}
    assert cell(notebook, "ratio").outputs[0].text == "prices are 104.1 times areas\n"
    assert "image/png" in cell(notebook, "picture").outputs[0].data


def test_check_in_the_source_finds_its_own_bank(built: Path) -> None:
    """The bank is written before the notebook runs, so `check` knows the exercise."""
    [output] = cell(read(built / SOURCE), "scale_column-check").outputs
    assert output.data["text/plain"] == "scale_column: right (4 of 4 points)"
    assert "text/html" in output.data
    [board] = cell(read(built / SOURCE), "scoreboard").outputs
    assert "9 of 9" in board.data["text/plain"]


def test_normalise_joins_streams_and_drops_noise() -> None:
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {}})
    timing = {"execution": {"iopub.status.busy": "2030-01-01"}}
    code = nbformat.v4.new_code_cell("print()", metadata=timing)
    new = nbformat.v4.new_output
    code.outputs = [
        new("stream", name="stdout", text="a"),
        new("stream", name="stdout", text="b\n"),
        new("stream", name="stderr", text="c\n"),
        new("execute_result", {"text/plain": "1"}, execution_count=40),
    ]
    code.execution_count = 40
    notebook.cells = [nbformat.v4.new_code_cell(""), code]
    normalise(notebook)
    assert [o.get("text") for o in code.outputs] == ["ab\n", "c\n", None]
    assert (code.execution_count, code.outputs[2].execution_count) == (1, 1)
    assert notebook.cells[0].execution_count is None
    assert code.metadata == {}
    assert "widgets" not in notebook.metadata


def test_only_changed_code_runs_again(course: Path) -> None:
    edit(course / SOURCE, "why", lambda source: source + "\n\nMore prose.")
    report = build(course)
    assert report.executed == []
    assert report.written == [STUDENT]

    # `check_all` prints the exercise's title, so the outputs depend on it.
    statement = "scale_column-statement"
    edit(course / SOURCE, statement, lambda source: source.replace("Scale a", "Rescale a"))
    report = build(course)
    assert report.executed == [SOURCE]
    board = cell(read(course / SOURCE), "scoreboard").outputs[0]
    assert "Rescale a column" in board.data["text/plain"]


def test_force_runs_everything(tiny: Path) -> None:
    assert build(tiny).executed == [TINY]
    assert build(tiny).executed == []
    assert build(tiny, force=True).executed == [TINY]


def failing(root: Path, code: str) -> str:
    """Put `code` into the tiny lesson, build, and give the error's text."""
    build(root)
    edit(root / TINY, "work", lambda _: code)
    before = contents(root)
    with pytest.raises(BuildError) as caught:
        build(root)
    after = contents(root)
    if "while it was running" not in str(caught.value):
        assert after == before
    assert {k: v for k, v in after.items() if k.startswith(("student/", "README"))} == {
        k: v for k, v in before.items() if k.startswith(("student/", "README"))
    }
    return str(caught.value)


def test_failing_cell_is_named_and_nothing_is_written(tiny: Path) -> None:
    message = failing(tiny, "def inner():\n    return {}['missing']\n\n\ninner()")
    assert f"{TINY}, cell 'work': KeyError: 'missing'" in message
    assert "return {}['missing']" in message
    assert "\x1b" not in message


def test_dead_kernel_is_named(tiny: Path) -> None:
    assert f"{TINY}, cell 'work': the kernel died" in failing(tiny, "import os\n\nos._exit(3)")


def test_slow_cell_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_notebooks, "CELL_TIMEOUT", 2)
    message = failing(tiny, "import time\n\ntime.sleep(60)")
    assert f"{TINY}, cell 'work': it ran longer than 2 seconds" in message


def test_work_saved_while_running_is_not_overwritten(tiny: Path) -> None:
    code = "import pathlib\n\nf = pathlib.Path('02_tiny.ipynb')\nf.write_text(f.read_text() + ' ')"
    assert "saved by someone while it was running" in failing(tiny, code)
    assert (tiny / TINY).read_text().endswith("\n ")


# ---------------------------------------------------------------------------- student notebooks


def test_student_notebook_is_stamped(built: Path) -> None:
    source, student = read(built / SOURCE), read(built / STUDENT)
    ids = [x["id"] for x in student.cells]
    assert ids[:5] == ["title", "colab-badge", "bridge", "colab-setup", "setup"]
    assert [x for x in ids if not x.startswith("colab-")] == [x["id"] for x in source.cells]
    release = read_release(built)
    path = f"swe-to-ai/course/blob/v{release.version}/student/{LESSON}.ipynb"
    badge = cell(student, "colab-badge").source
    assert f"(https://colab.research.google.com/github/{path})" in badge
    assert f'"{LESSON}"' in cell(student, "colab-setup").source
    assert student.metadata["aicourse"] == {
        "generated": "by `make build` from notebooks/; do not edit",
        "lesson": LESSON,
        "version": release.version,
    }
    assert student.metadata["kernelspec"]["name"] == "python3"
    assert all(not x.get("outputs") and not x.get("execution_count") for x in student.cells)


def test_solutions_become_stubs_at_the_right_depth(built: Path) -> None:
    student = read(built / STUDENT)
    assert cell(student, "scale_column").source == (
        "def scale_column(values: np.ndarray) -> np.ndarray:\n"
        '    """Values with mean 0 and deviation 1; zeros for a constant column. Shape (n,)."""\n'
        "    raise NotImplementedError"
    )
    assert cell(student, "running_mean").source == (
        "class RunningMean:\n"
        '    """The mean of a stream of numbers."""\n'
        "\n"
        "    def __init__(self) -> None:\n"
        "        raise NotImplementedError\n"
        "\n"
        "    def add(self, value: float) -> None:\n"
        '        """Take one more number into account."""\n'
        "        raise NotImplementedError\n"
        "\n"
        "    @property\n"
        "    def value(self) -> float:\n"
        '        """The mean so far; raises ValueError before the first number."""\n'
        "\n"
        "        # The region may follow a comment and an empty line.\n"
        "        raise NotImplementedError"
    )
    assert cell(student, "explain_scaling").source == student_build.TEXT_STUB


def test_nested_functions_get_their_own_stub(tiny: Path) -> None:
    text = (
        small_course.TINY
        + "%% solution nested\n"
        + "def outer():\n    def inner():\n        ### BEGIN SOLUTION\n        return 11\n"
        + "        ### END SOLUTION\n\n    class Local:\n        def method(self):\n"
        + "            ### BEGIN SOLUTION\n            return 12\n            ### END SOLUTION\n\n"
        + "    ### BEGIN SOLUTION\n    return inner, Local\n    ### END SOLUTION\n"
    )
    small_course.add_lesson(tiny, "01_math_python/02_tiny", text)
    build(tiny)
    student = read(tiny / "student/01_math_python/02_tiny.ipynb")
    assert cell(student, "nested").source == (
        "def outer():\n    def inner():\n        raise NotImplementedError\n\n    class Local:\n"
        "        def method(self):\n            raise NotImplementedError\n\n"
        "    raise NotImplementedError"
    )


def test_badly_indented_region_is_refused(tiny: Path) -> None:
    text = small_course.TINY + (
        "%% solution wrong\ndef f():\n### BEGIN SOLUTION\n    return 1\n### END SOLUTION\n"
    )
    small_course.add_lesson(tiny, "01_math_python/02_tiny", text)
    with pytest.raises(BuildError, match=r"cell 'wrong'.*Indent `### BEGIN SOLUTION`"):
        build(tiny)


def test_hidden_cells_say_when_they_run(built: Path) -> None:
    assert cell(read(built / STUDENT), "running_mean_hidden").source == (
        "# Hidden tests: a random stream, and no value before the first number.\n"
        '# They run when you call check("running_mean"), and when the lesson is graded.'
    )


def test_only_visible_tests_may_raise(built: Path) -> None:
    tagged = {x["id"] for x in read(built / STUDENT).cells if x.metadata.get("tags")}
    assert tagged == {
        "timing",  # nbval-ignore-output, from the source
        "scale_column_visible",
        "running_mean_visible",
        "fixed_scale_visible",
    }
    assert cell(read(built / STUDENT), "scale_column_visible").metadata.tags == ["raises-exception"]


def test_nbgrader_accepts_the_student_notebook(built: Path) -> None:
    student = read(built / STUDENT)
    MetadataValidator().validate_nb(student)
    graded = [x for x in student.cells if "nbgrader" in x.metadata]
    assert len(graded) == 10
    for x in graded:
        assert x.metadata.nbgrader.checksum == compute_checksum(x), x["id"]
        assert x.metadata.deletable is False
        assert x.metadata.get("editable", True) is not x.metadata.nbgrader.locked


def test_run_all_passes_in_the_student_notebook(built: Path, tmp_path: Path) -> None:
    """Nothing but a visible test raises, and Jupyter goes on after those."""
    student = read(built / STUDENT)
    environment = {**os.environ, "PYTHONPATH": str(built / "src")}
    NotebookClient(
        student, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute(env=environment)
    errors = {x["id"]: o.ename for x in student.cells for o in x.get("outputs", []) if "ename" in o}
    tests = ("scale_column_visible", "running_mean_visible", "fixed_scale_visible")
    assert errors == dict.fromkeys(tests, "NotImplementedError")
    assert "not attempted" in cell(student, "running_mean-check").outputs[0].data["text/plain"]


def test_same_bytes_elsewhere_and_later(
    built: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (STUDENT, BANK):
        (course / name).unlink()
    (course / "README.md").write_text(small_course.README, encoding="utf-8")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(course.parent)
    report = build(course)
    assert report.executed == []
    assert set(report.written) == {BANK, STUDENT, "README.md"}
    for name in (SOURCE, STUDENT, BANK, "README.md"):
        assert (course / name).read_bytes() == (built / name).read_bytes(), name
    assert Path.cwd() == course.parent


def test_unchanged_files_are_not_written(course: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*") if path.is_file()}
    report = build(course)
    assert (report.executed, report.written, report.removed) == ([], [], [])
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_files_beside_a_lesson_are_copied(course: Path) -> None:
    beside = course / "notebooks/01_math_python"
    (beside / "images").mkdir()
    (beside / "images/map.svg").write_bytes(b"<svg/>\r\n\xff")
    (beside / ".ipynb_checkpoints").mkdir()
    (beside / ".ipynb_checkpoints/01_fixture-checkpoint.ipynb").write_text("{}")
    report = build(course)
    assert report.written == ["student/01_math_python/images/map.svg"]
    assert (course / report.written[0]).read_bytes() == b"<svg/>\r\n\xff"
    assert build(course, check=True).stale == []


def test_a_stray_source_name_is_reported(course: Path) -> None:
    shutil.copy(course / SOURCE, course / "notebooks/01_math_python/Untitled.ipynb")
    report = build(course)
    assert report.written == []
    assert "Untitled.ipynb" in report.strays[0]


def test_orphans_go_and_foreign_files_stay(course: Path) -> None:
    small_course.add_lesson(course, "02_ml/01_gone", small_course.TINY)
    build(course)
    gone = ["student/02_ml/01_gone.ipynb", BANK.replace(LESSON, "02_ml/01_gone")]
    assert all((course / name).exists() for name in gone)
    (course / "notebooks/02_ml/01_gone.ipynb").unlink()
    own = course / "student/01_math_python/my_notes.ipynb"
    own.write_bytes(to_bytes(nbformat.v4.new_notebook()))

    checked = build(course, check=True)
    assert len(checked.stale) == 3, "two orphans and the README"
    report = build(course)
    assert sorted(report.removed) == sorted(gone)
    assert report.written == ["README.md"]
    assert not (course / "student/02_ml").exists()
    assert own.exists()
    assert report.strays == [
        "student/01_math_python/my_notes.ipynb: not made by the build; move or delete it"
    ]


def test_only_one_lesson(course: Path) -> None:
    small_course.add_lesson(course, "01_math_python/02_tiny", small_course.TINY)
    edit(course / SOURCE, "why", lambda source: source + "\n\nMore prose.")
    report = build(course, only="01_math_python/02_tiny")
    assert report.executed == [TINY]
    assert set(report.written) == {
        "student/01_math_python/02_tiny.ipynb",
        BANK.replace("01_fixture", "02_tiny"),
    }
    with pytest.raises(BuildError, match="no notebooks/01_math_python/09_missing"):
        build(course, only="01_math_python/09_missing")


def test_missing_cells_are_named(tiny: Path) -> None:
    text = small_course.TINY.replace("%% code setup", "%% code start")
    small_course.add_lesson(tiny, "01_math_python/02_tiny", text)
    with pytest.raises(BuildError, match="no cell called 'setup'"):
        build(tiny)
    assert list((tiny / "student").iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda text: text.replace('"id": "work"', '"id": "setup"'),
            "two cells have the id 'setup'",
        ),
        (lambda text: text.replace('   "id": "work",\n', ""), "a cell has no id"),
        (lambda text: text[:-20], "cannot be read: JSONDecodeError"),
        (lambda text: text.replace('"print(value)"', '"print(value"'), "cell 'work': SyntaxError"),
        (lambda text: text.replace('"cells"', '"cell"'), "cannot be read: KeyError"),
    ],
)
def test_unreadable_sources_are_named(
    tiny: Path, spoil: Callable[[str], str], message: str
) -> None:
    text = (tiny / TINY).read_text()
    assert spoil(text) != text
    (tiny / TINY).write_text(spoil(text))
    with pytest.raises(BuildError, match=re.escape(message)) as caught:
        build(tiny)
    assert TINY in str(caught.value)


def test_what_nbgrader_says_is_passed_on(tiny: Path) -> None:
    text = small_course.TINY + "%% code loose\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"
    small_course.add_lesson(tiny, "01_math_python/02_tiny", text)
    with pytest.raises(BuildError, match="Solution region detected in a non-solution cell"):
        build(tiny)


# -------------------------------------------------------------------------------------- --check


def test_report_is_printed_as_text(course: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    (course / STUDENT).unlink()
    console.print(build(course, check=True))
    text = console.file.getvalue()
    assert text.splitlines()[0] == f"stale     {STUDENT}: missing"
    assert "make build" in text
    assert "1 lesson in" in text


def test_check_of_a_fresh_build_finds_nothing_and_is_fast(course: Path) -> None:
    before = contents(course)
    report = build(course, check=True)
    assert report.stale == []
    assert contents(course) == before
    assert report.seconds < 3


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda root: edit(root / SOURCE, "ratio", lambda s: s + "  # new"), [SOURCE, STUDENT]),
        (lambda root: edit(root / SOURCE, "why", lambda s: s + " New."), [STUDENT]),
        (lambda root: edit(root / STUDENT, "why", lambda s: s + " New."), [STUDENT]),
        (lambda root: (root / STUDENT).unlink(), [STUDENT]),
        (lambda root: (root / BANK).unlink(), [BANK]),
        (lambda root: (root / BANK).write_text("{}"), [BANK]),
        (lambda root: (root / "README.md").write_text(f"{BEGIN}\n{END}\n"), ["README.md"]),
        (
            lambda root: edit(root / SOURCE, "scale_column_hidden", lambda s: s.replace("5", "6")),
            [SOURCE, BANK],
        ),
    ],
)
def test_check_lists_what_is_stale(
    course: Path, spoil: Callable[[Path], None], expected: list[str]
) -> None:
    spoil(course)
    before = contents(course)
    stale = build(course, check=True).stale
    assert sorted(text.split(":")[0] for text in stale) == sorted(expected)
    assert contents(course) == before


# ---------------------------------------------------------------------------------------- leaks


def refuse(root: Path) -> str:
    """Build, expect a leak, and make sure that nothing reached student/."""
    before = contents(root / "student")
    with pytest.raises(LeakError) as caught:
        build(root)
    assert contents(root / "student") == before
    return str(caught.value)


def test_a_generator_that_removes_nothing_is_caught(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(folder: Path, phase: str) -> None:
        shutil.copytree(folder / "notebooks" / phase, folder / "student" / phase)

    monkeypatch.setattr(student_build, "_generate", copy)
    message = refuse(course)
    assert f"{STUDENT}, cell 'scale_column': solution of scale_column: 'spread = " in message
    assert "cell 'running_mean': solution of running_mean: 'self.sum_so_far += value'" in message
    assert "cell 'scale_column': marker: '### BEGIN SOLUTION'" in message
    assert "hidden tests in scale_column_hidden: 'before = [column.copy()" in message
    assert "cell 'explain_scaling': solution of explain_scaling: 'Trees compare" in message


def test_a_leak_in_a_file_beside_is_caught(course: Path) -> None:
    beside = course / "notebooks/01_math_python/notes.txt"
    beside.write_text("remember: spread = centred_values.std()")
    assert "student/01_math_python/notes.txt" in refuse(course)
    beside.write_text(
        "return np.where(deviation > 0, (values - values.mean()) / (deviation or 1), 0.0)"
    )
    assert "known answer" in refuse(course)


def student_with(text: str, **more: object) -> NotebookNode:
    code = nbformat.v4.new_code_cell(text, id="here", **more)
    return nbformat.v4.new_notebook(cells=[code])


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("x = 1\n    spread = centred_values.std()", "solution of scale_column"),
        ("`spread = centred_values.std()`", "solution of scale_column"),
        ("# self.sum_so_far += value", "solution of running_mean"),
        ("expected_rows = [scaled_by_hand(column) for column in columns]", "hidden tests in"),
        ("Nearest neighbours add distances across columns and do need it.", "solution of explain"),
        ("        self.mean += (value - self.mean) / self.seen", "known answer"),
        ("### END HIDDEN TESTS", "marker"),
    ],
)
def test_scan_finds(course: Path, text: str, origin: str) -> None:
    answers = (course / small_course.ANSWERS).read_text()
    secrets = leak_scan.secrets_of(read(course / SOURCE), answers)
    [leak] = leak_scan.scan_notebook(student_with(text), secrets, "file")
    assert leak.origin.startswith(origin)
    assert (leak.file, leak.cell_id) == ("file", "here")


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",  # stands in the set-up cell as well
        "np.where(deviation > 0, deviation, 1.0)",  # stands in a hint
        "else:",
        "def scale_column(values: np.ndarray) -> np.ndarray:",
        "The words SOLUTION and HIDDEN TESTS alone are harmless.",
    ],
)
def test_scan_accepts(course: Path, text: str) -> None:
    answers = (course / small_course.ANSWERS).read_text()
    secrets = leak_scan.secrets_of(read(course / SOURCE), answers)
    assert leak_scan.scan_notebook(student_with(text), secrets, "file") == []


def test_scan_finds_outputs(course: Path) -> None:
    output = nbformat.v4.new_output("stream", text="42")
    student = student_with("x = 1", outputs=[output])
    [leak] = leak_scan.scan_notebook(student, leak_scan.Secrets({}), "file")
    assert leak.origin == "output"


def test_bank_holds_tests_and_no_solution(built: Path) -> None:
    bank = json.loads((built / BANK).read_text(encoding="utf-8"))
    first = bank["exercises"][0]
    assert first["points"] == 4
    assert "scaled_by_hand" in first["tests"][1]["source"]
    assert "centred_values" not in (built / BANK).read_text(encoding="utf-8")


def test_a_solution_in_the_bank_is_caught(course: Path) -> None:
    def oracle(source: str) -> str:
        return source.replace("before =", "spread = centred_values.std()\nbefore =")

    secrets = leak_scan.secrets_of(read(course / SOURCE), hidden_tests_are_secret=False)
    lesson = student_build.lesson_from_notebook(read(course / SOURCE), LESSON)
    assert leak_scan.scan_bank(lesson, secrets, "bank") == []
    [hidden] = [t for e in lesson.exercises for t in e.tests if t.grade_id == "scale_column_hidden"]
    object.__setattr__(hidden, "source", oracle(hidden.source) + "\nsum_so_far = 0\n")
    secrets.lines["sum_so_far = 0"] = "solution of running_mean"
    assert len(leak_scan.scan_bank(lesson, secrets, "bank")) == 2


# --------------------------------------------------------------------------------------- README


def test_readme_table(built: Path) -> None:
    readme = (built / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# A course\n\n" + BEGIN)
    assert readme.endswith(END + "\n\nMore text.\n")
    [row] = [line for line in readme.splitlines() if line.startswith("| 1.1 ")]
    cells = [x.strip() for x in row.strip("|").split("|")]
    title = "1.1 Scaling: numbers that can be compared"
    assert cells[:5] == [title, "about 1 hour", "4", "13", "–"]
    assert "colab.research.google.com/github/" in cells[5]
    assert f"(notebooks/{LESSON}.ipynb)" in cells[5]
    for number, phase in enumerate(PHASES.values(), 1):
        assert f"### Phase {number} — {phase}" in readme
    assert readme.count("\n|---|") == 1, "phases without lessons have no table"


@pytest.mark.parametrize(
    "readme", ["no markers", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"]
)
def test_readme_needs_its_markers(course: Path, readme: str) -> None:
    (course / "README.md").write_text(readme)
    with pytest.raises(BuildError, match=r"README\.md needs the line"):
        build(course)
    assert (course / "README.md").read_text() == readme


def test_release_must_be_on_github(course: Path) -> None:
    project = course / "pyproject.toml"
    project.write_text(project.read_text().replace("https://github.com/", "https://example.org/"))
    with pytest.raises(BuildError, match="Colab opens notebooks only from"):
        build(course)
