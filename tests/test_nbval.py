"""The nbval stage of `make test` fails when a lesson breaks, and only then."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from aicourse.authoring.all_checks import stages
from aicourse.authoring.notebook_text import from_text

TEXT = """
%% code setup
import time
%% solution double
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
%% visible double points=1
assert double(3) == 6
%% code number
print("twice 21 is", double(21))
%% code timing tags=nbval-ignore-output
print("now:", time.perf_counter())
"""


@pytest.fixture(scope="module")
def executed() -> str:
    notebook = from_text(TEXT)
    NotebookClient(notebook, kernel_name="python3").execute()
    return nbformat.writes(notebook)


def change_solution(notebook: NotebookNode) -> None:
    cell = notebook.cells[1]
    cell.source = cell.source.replace("2 * x", "3 * x")


def change_number(notebook: NotebookNode) -> None:
    [output] = notebook.cells[3].outputs
    output.text = output.text.replace("42", "43")


def change_timing(notebook: NotebookNode) -> None:
    [output] = notebook.cells[4].outputs
    output.text = "now: 0.0\n"


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda notebook: None, set()),
        (change_timing, set()),
        (change_solution, {"Cell 2", "Cell 3"}),
        (change_number, {"Cell 3"}),
    ],
    ids=["untouched", "varying output", "broken solution", "changed number"],
)
def test_nbval_fails_exactly_when_a_lesson_breaks(
    executed: str, tmp_path: Path, change: Callable[[NotebookNode], None], failing: set[str]
) -> None:
    notebook = nbformat.reads(executed, 4)
    change(notebook)
    file = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, file)
    root = Path(__file__).resolve().parents[1]
    [stage] = [stage for stage in stages(root) if stage.name.startswith("nbval")]
    command = [part for part in stage.command if part != "notebooks"]
    done = subprocess.run(
        [*command, "-rf", str(file)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    found = {
        line.split("::")[1].split(" -")[0]
        for line in done.stdout.splitlines()
        if line.startswith("FAILED")
    }
    assert found == failing, done.stdout + done.stderr
    assert done.returncode == bool(failing)
