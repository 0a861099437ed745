"""Every student notebook runs from top to bottom before anything is solved.

Only the visible tests of unsolved exercises may fail, and each of them must: a visible test that
passes on the stub tests nothing.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from aicourse.lessons import exercises

ROOT = Path(__file__).resolve().parents[1]
LESSONS = [
    path.relative_to(ROOT / "student").with_suffix("").as_posix()
    for path in sorted((ROOT / "student").glob("*/*.ipynb"))
]


def test_every_source_has_a_student_version() -> None:
    sources = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
    expected = [p.relative_to(ROOT / "notebooks").with_suffix("").as_posix() for p in sources]
    assert expected == LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=[f"student/{name}" for name in LESSONS])
def test_only_unsolved_tests_fail(lesson: str, tmp_path: Path) -> None:
    """And `check` calls an unsolved exercise neither right nor wrong."""
    notebook = nbformat.read(ROOT / "student" / f"{lesson}.ipynb", 4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    failed = {
        cell["id"]: output["ename"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }
    visible = {
        test.grade_id
        for exercise in exercises.lesson(lesson).exercises
        for test in exercise.tests
        if not test.hidden
    }
    assert set(failed) == visible
    assert set(failed.values()) <= {"NotImplementedError"}
    for exercise in exercises.lesson(lesson).exercises:
        if not exercise.written:
            [check] = [c for c in notebook.cells if c.source == f'check("{exercise.grade_id}")']
            [output] = check.outputs
            assert ": not attempted" in output["data"]["text/plain"], exercise.grade_id
