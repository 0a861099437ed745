"""`course check FILE`: a saved notebook is graded by the tests of the bank, whatever it says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from aicourse.authoring.known_answers import answers_file, parse_answers
from aicourse.executor import Runner
from aicourse.grading.saved_notebook import NotALesson, NotebookGrade, grade_notebook
from aicourse.lessons import exercises, record

ROOT = Path(__file__).resolve().parents[1]
LESSON = "01_math_python/02_vectors"
FIRST, *OTHERS = [e for e in exercises.lesson(LESSON).exercises if not e.written]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as entered:
        yield entered


def right_answer(grade_id: str) -> str:
    answers = parse_answers(answers_file(ROOT, LESSON))
    return next(a.source for a in answers if (a.grade_id, a.kind) == (grade_id, "right"))


def wrong_answer(grade_id: str) -> str:
    answers = parse_answers(answers_file(ROOT, LESSON))
    return next(a.source for a in answers if (a.grade_id, a.kind) == (grade_id, "wrong"))


class Notebook:
    """A learner's copy of the lesson, changed as the test says."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "my vectors.ipynb"
        self.content = nbformat.read(ROOT / "student" / f"{LESSON}.ipynb", 4)

    def cell(self, grade_id: str) -> nbformat.NotebookNode:
        return next(
            c
            for c in self.content.cells
            if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    def grade(self, runner: Runner) -> NotebookGrade:
        nbformat.write(self.content, self.path)
        return grade_notebook(self.path, runner)


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path)


def outcomes(grade: NotebookGrade) -> dict[str, str]:
    return {g.exercise.grade_id: g.outcome for g in grade.exercises if g.outcome != "written"}


def test_nothing_attempted(notebook: Notebook, runner: Runner) -> None:
    grade = notebook.grade(runner)
    assert set(outcomes(grade).values()) == {"not attempted"}
    assert grade.earned == 0
    assert grade.failed_cells == ()


def test_right_wrong_and_not_attempted(notebook: Notebook, runner: Runner) -> None:
    notebook.cell(FIRST.grade_id).source = right_answer(FIRST.grade_id)
    notebook.cell(OTHERS[0].grade_id).source = wrong_answer(OTHERS[0].grade_id)
    grade = notebook.grade(runner)
    first, second, *rest = [g for g in grade.exercises if g.outcome != "written"]
    assert (first.outcome, first.earned) == ("right", FIRST.points)
    assert second.outcome == "wrong"
    assert second.earned < second.exercise.points
    assert second.message.startswith(("[visible test] ", "[hidden test] "))
    assert {g.outcome for g in rest} == {"not attempted"}


def test_weakened_and_deleted_tests_do_not_help(notebook: Notebook, runner: Runner) -> None:
    wrong, missing = FIRST.grade_id, OTHERS[0].grade_id
    notebook.cell(wrong).source = wrong_answer(wrong)
    notebook.cell(f"{wrong}_visible").source = "assert True"
    notebook.cell(f"{wrong}_hidden").source = "assert True"
    notebook.cell(missing).source = right_answer(missing)
    deleted = {f"{missing}_visible", f"{missing}_hidden"}
    notebook.content.cells = [
        c
        for c in notebook.content.cells
        if c.metadata.get("nbgrader", {}).get("grade_id") not in deleted
    ]
    grade = notebook.grade(runner)
    assert outcomes(grade)[wrong] == "wrong"
    assert outcomes(grade)[missing] == "right"


def test_a_cell_that_raises_costs_nothing_else(notebook: Notebook, runner: Runner) -> None:
    extra = nbformat.v4.new_code_cell("my_experiment(1)", id="experiment")
    notebook.content.cells.insert(4, extra)
    notebook.cell(FIRST.grade_id).source = right_answer(FIRST.grade_id)
    grade = notebook.grade(runner)
    assert outcomes(grade)[FIRST.grade_id] == "right"
    assert [cell for cell, _ in grade.failed_cells] == ["experiment"]


def test_a_deleted_answer_is_not_attempted(notebook: Notebook, runner: Runner) -> None:
    notebook.cell(FIRST.grade_id).source = ""
    assert outcomes(notebook.grade(runner))[FIRST.grade_id] == "not attempted"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("not json", "not a readable notebook"),
        (
            json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
            "no lesson",
        ),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, runner: Runner, text: str | None, message: str
) -> None:
    path = tmp_path / "file.ipynb"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(NotALesson, match=message):
        grade_notebook(path, runner)


def test_the_command_prints_a_table_and_records_it(notebook: Notebook) -> None:
    folder = notebook.path.parent
    (folder / record.FOLDER).mkdir()
    notebook.cell(FIRST.grade_id).source = right_answer(FIRST.grade_id)
    nbformat.write(notebook.content, notebook.path)
    command = [sys.executable, "-m", "aicourse.cli", "check", str(notebook.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    assert f"{FIRST.points:g} / {FIRST.points:g}" in done.stdout
    recorded = {e.exercise: e.outcome for e in record.read(folder) if e.exercise}
    assert recorded[FIRST.grade_id] == "right"
    assert recorded[OTHERS[0].grade_id] == "not attempted"
