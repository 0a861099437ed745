"""Submissions as students hand them in: broken in every way, and what is made of them."""

import copy
import json
import pickle
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import SCHEMA_VERSION as NBGRADERS_SCHEMA_VERSION

from aicourse.grading import cell_code, intake, submitted_file
from aicourse.grading.bundle import LessonBundle, bundles, lesson_bundle
from aicourse.grading.intake import (
    MISSING,
    Prepared,
    StudentCell,
    TestPlace,
    lesson_of,
    prepare,
)
from aicourse.grading.submitted_file import Unreadable

ROOT = Path(__file__).resolve().parents[1]
LESSON = "01_math_python/03_matrices_least_squares"  # has a written exercise
WRITTEN = "explain_price_fit"
FIRST, SECOND, THIRD = "affine_transform", "solve_qr", "polynomial_fit"
STUB_END = "raise NotImplementedError"


@cache
def bundle() -> LessonBundle:
    return lesson_bundle(ROOT, LESSON)


@cache
def _released() -> dict[str, Any]:
    return json.loads((ROOT / "student" / f"{LESSON}.ipynb").read_text(encoding="utf-8"))


class Submission:
    """A student's copy, every exercise answered; tests change it before they hand it in."""

    def __init__(self) -> None:
        self.content = copy.deepcopy(_released())
        for exercise in bundle().exercises:
            cell = self.cell(exercise.grade_id)
            cell["source"] = "My answer." if exercise.written else exercise.reference

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.content["cells"]

    def cell(self, name: str) -> dict[str, Any]:
        return next(c for c in self.cells if c.get("id") == name)

    def index(self, name: str) -> int:
        return next(i for i, c in enumerate(self.cells) if c.get("id") == name)

    def remove(self, *names: str) -> None:
        self.cells[:] = [c for c in self.cells if c.get("id") not in names]

    def insert(self, place: int, source: str, kind: str = "code", **more: Any) -> dict[str, Any]:
        cell = {"cell_type": kind, "metadata": {}, "source": source, **more}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        cell.setdefault("id", f"new-{random.getrandbits(40)}")
        self.cells.insert(place, cell)
        return cell

    def after(self, name: str, source: str, kind: str = "code", **more: Any) -> dict[str, Any]:
        return self.insert(self.index(name) + 1, source, kind, **more)

    def stub(self, name: str) -> None:
        self.cell(name)["source"] = next(c.source for c in bundle().cells if c.id == name)

    def forget_labels(self) -> None:
        """What is left after a tool that keeps neither metadata nor cell ids."""
        for cell in self.cells:
            cell.pop("id")
            cell["metadata"] = {}
        self.content["metadata"] = {}
        self.content["nbformat_minor"] = 0

    def raw(self) -> bytes:
        return json.dumps(self.content).encode()

    def hand_in(self) -> Prepared:
        prepared = prepare(self.raw(), bundle())
        nbformat.validate(prepared.notebook)
        assert places(prepared) == {e.grade_id for e in bundle().exercises if not e.written}
        graded = [
            cell.metadata.nbgrader.grade_id
            for cell in prepared.notebook.cells
            if "nbgrader" in cell.metadata
        ]
        assert sorted(graded) == sorted(c.grade_id for c in bundle().cells if c.grade_id)
        return prepared


@pytest.fixture
def submission() -> Submission:
    return Submission()


def places(prepared: Prepared) -> set[str]:
    names = [step.exercise for step in prepared.steps if isinstance(step, TestPlace)]
    assert len(names) == len(set(names))
    return set(names)


def before_tests(prepared: Prepared, exercise: str) -> list[StudentCell]:
    """The cells that run before the tests of `exercise` look."""
    steps = prepared.steps
    place = steps.index(TestPlace(exercise))
    return [step for step in steps[:place] if isinstance(step, StudentCell)]


def answer_of(prepared: Prepared, exercise: str) -> str:
    """The last definition of the exercise's names that runs before its tests."""
    names = set(bundle().exercise(exercise).defines)
    cells = [c for c in before_tests(prepared, exercise) if names & cell_code.defined(c.source)]
    return cells[-1].source if cells else ""


def reference(exercise: str) -> str:
    return bundle().exercise(exercise).reference


def texts(prepared: Prepared, kind: str = "") -> str:
    return "\n".join(
        f"{note.cell}: {note.text}" for note in prepared.notes if kind in ("", note.kind)
    )


def roles(prepared: Prepared) -> dict[str, str]:
    return {step.id: step.role for step in prepared.steps if isinstance(step, StudentCell)}


def everything_is_as_if_untouched(prepared: Prepared) -> None:
    assert prepared.steps == Submission().hand_in().steps


# ------------------------------------------------------------------------------ a clean submission


@pytest.mark.parametrize("name", [b.name for b in bundles(ROOT, "01_math_python")])
def test_the_released_notebook_is_clean(name: str) -> None:
    mine = lesson_bundle(ROOT, name)
    prepared = prepare((ROOT / "student" / f"{name}.ipynb").read_bytes(), mine)
    nbformat.validate(prepared.notebook)
    assert prepared.notes == ()
    assert places(prepared) == {e.grade_id for e in mine.exercises if not e.written}
    released = {c.id for c in mine.cells if c.kind == "code" and c.role in ("lesson", "answer")}
    assert set(roles(prepared)) == released - {"colab-setup"}
    assert set(roles(prepared).values()) == {"lesson", "answer"}
    assert all(answer.untouched and not answer.missing for answer in prepared.written)


def test_an_answered_notebook_is_clean(submission: Submission) -> None:
    prepared = submission.hand_in()
    assert prepared.notes == ()
    for exercise in bundle().exercises:
        if exercise.written:
            continue
        assert answer_of(prepared, exercise.grade_id) == exercise.reference
        last = before_tests(prepared, exercise.grade_id)[-1]
        assert (last.role, last.grade_id) == ("answer", exercise.grade_id)
    (text,) = prepared.written
    assert (text.grade_id, text.text, text.untouched) == (WRITTEN, "My answer.", False)


def test_a_prepared_submission_travels_and_holds_no_hidden_test(submission: Submission) -> None:
    prepared = submission.hand_in()
    assert pickle.loads(pickle.dumps(prepared)) == prepared
    text = nbformat.writes(prepared.notebook)
    hidden = [test.source for test in bundle().tests if test.hidden]
    lines = {line.strip() for source in hidden for line in source.splitlines() if len(line) > 50}
    shown = {line.strip() for c in bundle().cells for line in c.source.splitlines()}
    assert lines - shown
    assert not [line for line in lines - shown if json.dumps(line)[1:-1] in text]


def test_the_schema_version_is_nbgraders() -> None:
    assert intake.SCHEMA_VERSION == NBGRADERS_SCHEMA_VERSION


def test_line_ends_and_spaces_do_not_change_a_lesson_cell(submission: Submission) -> None:
    cell = submission.cell("load_ames")
    cell["source"] = "".join(cell["source"]).replace("\n", "  \r\n") + "\n\n"
    prepared = submission.hand_in()
    assert roles(prepared)["load_ames"] == "lesson"
    assert prepared.notes == ()


def test_an_edited_lesson_cell_is_the_students(submission: Submission) -> None:
    submission.cell("fit_area")["source"] = "w = 3"
    prepared = submission.hand_in()
    assert roles(prepared)["fit_area"] == "changed"
    assert prepared.notes == ()


# -------------------------------------------------------------------------------- unreadable files


def broken(change: Callable[[bytes], bytes]) -> bytes:
    return change(Submission().raw())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b" \n\0\0", "empty"),
        (b"just text", "not a notebook"),
        (b"<!DOCTYPE html><html>Sign in to Colab</html>", "web page"),
        (b"PK\3\4rest of a zip", "zip archive"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"[1, 2]", "no cells"),
        (b'{"a": 1}', "no cells"),
        (b'{"cells": 5, "nbformat": 4}', "cells are no list"),
        (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "no cells with"),
        (b'{"cells": [], "nbformat": 5, "nbformat_minor": 0, "metadata": {}}', "format 5"),
        (b"[" * 100_000, "nested"),
        (b'{"cells": ' + b"[" * 200 + b"]" * 200 + b"}", "nested"),
        (b'{"cells": [], "x": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b'{"cells": [' + b",".join([b"{}"] * 5001) + b"]}", "5,001 cells"),
        (b'{"cells": [{"cell_type": "code", "source": "' + b"x" * 1_100_000 + b'"}]}', "1.1 MB of"),
        (b"\xff\xfe{\0}", "utf-16"),
        (b'{"worksheets": [{"cells": [3]}], "nbformat": 3}', "old format 3"),
        (broken(lambda raw: raw[: len(raw) // 2]), "breaks off"),
        (broken(lambda raw: raw[:-1]), "breaks off"),
        (broken(lambda raw: raw + raw), "goes on after"),
        (broken(lambda raw: raw.replace(b'"cells":', b'"cells"', 1)), "not valid JSON"),
        (
            broken(lambda raw: b"{\n<<<<<<< HEAD\n" + raw[1:] + b"\n=======\n>>>>>>> theirs\n"),
            "Line 2 is the mark of a git merge conflict",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unreadable(raw: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as caught:
        prepare(raw, bundle())
    assert 40 < len(str(caught.value)) < 500  # a reason and what to do


def test_too_large(monkeypatch: pytest.MonkeyPatch, submission: Submission) -> None:
    monkeypatch.setattr(submitted_file, "_LARGEST_FILE", 10_000)
    with pytest.raises(Unreadable, match="larger than"):
        submission.hand_in()


def test_another_lessons_notebook() -> None:
    other = (ROOT / "student" / "01_math_python" / "02_vectors.ipynb").read_bytes()
    with pytest.raises(Unreadable, match="01_math_python/02_vectors, handed in as"):
        prepare(other, bundle())
    content = json.loads(other)
    content["metadata"] = {}
    with pytest.raises(Unreadable, match="its exercises are best_match_axis"):
        prepare(json.dumps(content).encode(), bundle())


def test_a_notebook_of_something_else(submission: Submission) -> None:
    submission.content["cells"] = []
    submission.content["metadata"] = {}
    submission.insert(0, "print('holiday')")
    with pytest.raises(Unreadable, match="No cell of this notebook belongs"):
        submission.hand_in()


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_other_encodings_are_read(submission: Submission, encoding: str) -> None:
    submission.cell(WRITTEN)["source"] = "Größe – naïve"
    text = json.dumps(submission.content, ensure_ascii=False)
    raw = text.encode(encoding, errors="ignore")
    prepared = prepare(raw, bundle())
    assert prepared.written[0].text == "Größe – naïve"
    assert bool(prepared.notes) == (encoding != "utf-8-sig")
    assert [s for s in prepared.steps if isinstance(s, TestPlace)]


# ------------------------------------------------------------------------------------ lost labels


def test_no_metadata_and_no_ids(submission: Submission) -> None:
    submission.forget_labels()
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "found by their id, text or names" in texts(prepared, "repaired")
    assert prepared.written == Submission().hand_in().written


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
def test_ids_of_older_minor_versions(submission: Submission, minor: int) -> None:
    for cell in submission.cells:
        cell.pop("id")
    submission.content["nbformat_minor"] = minor
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert prepared.notes == ()


def test_colab_keeps_ids_in_the_metadata(submission: Submission) -> None:
    for cell in submission.cells:
        cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://…"}}
    submission.content["metadata"] = {"colab": {"provenance": []}}
    submission.content["nbformat_minor"] = 0
    everything_is_as_if_untouched(submission.hand_in())


def test_labels_lost_and_statements_and_lesson_cells_edited(submission: Submission) -> None:
    for name in (f"{FIRST}-statement", f"{SECOND}-statement"):
        cell = submission.cell(name)
        cell["source"] = "".join(cell["source"]).replace("the", "THE", 3) + "\n\nmy note"
    cell = submission.cell("fit_area")
    cell["source"] = "".join(cell["source"]) + "\nprint('mine')"
    submission.forget_labels()
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert roles(prepared)["fit_area"] == "changed"
    assert "missing" not in texts(prepared)


def test_labels_lost_and_an_answer_that_is_no_python(submission: Submission) -> None:
    submission.cell(FIRST)["source"] = "def affine_transform(points, A, b)\n    return points @ A"
    submission.cell(SECOND)["source"] = "I do not know ("
    submission.forget_labels()
    prepared = submission.hand_in()
    assert before_tests(prepared, FIRST)[-1].source.startswith("def affine_transform(points, A, b)")
    assert before_tests(prepared, SECOND)[-1].source == "I do not know ("


def test_answers_pasted_into_a_new_notebook(submission: Submission) -> None:
    submission.content["cells"] = []
    submission.content["metadata"] = {}
    submission.insert(0, "import numpy as np")
    submission.insert(1, reference(SECOND))
    submission.insert(2, reference(FIRST))
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert answer_of(prepared, SECOND) == reference(SECOND)
    assert before_tests(prepared, FIRST)[0].id == "setup"
    assert f"{THIRD}: The cell of the answer is not in the notebook" in texts(prepared, "problem")


# ------------------------------------------------------------------------------------------ tests


def mutate_test(kind: str, submission: Submission) -> None:
    name = f"{FIRST}_visible"
    cell = submission.cell(name)
    match kind:
        case "edited":
            cell["source"] = "assert True"
        case "deleted":
            submission.remove(name)
        case "moved":
            submission.cells.insert(0, submission.cells.pop(submission.index(name)))
        case "moved to the end":
            submission.cells.append(submission.cells.pop(submission.index(name)))
        case "text":
            cell["cell_type"] = "markdown"
        case "raw":
            cell["cell_type"] = "raw"
        case "tagged":
            cell["metadata"]["tags"] = ["skip-execution", "remove-cell"]
        case "both deleted":
            submission.remove(name, f"{FIRST}_hidden")


@pytest.mark.parametrize(
    "kind",
    [
        *("edited", "deleted", "moved", "moved to the end", "text", "raw", "tagged"),
        "both deleted",
    ],
)
def test_tests_come_from_the_lesson(submission: Submission, kind: str) -> None:
    mutate_test(kind, submission)
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    cell = next(c for c in prepared.notebook.cells if c.id == f"{FIRST}_visible")
    released = next(c for c in bundle().cells if c.id == f"{FIRST}_visible")
    assert (cell.cell_type, cell.source, cell.outputs) == ("code", released.source, [])
    assert "tags" not in cell.metadata
    quiet = kind in ("moved", "moved to the end", "tagged")
    assert bool(prepared.notes) is not quiet


def test_copied_tests_do_not_run(submission: Submission) -> None:
    for name in (f"{FIRST}_visible", f"{FIRST}_hidden"):
        submission.insert(
            submission.index(SECOND), "".join(submission.cell(name)["source"]), id="copy-" + name
        )["metadata"] = submission.cell(name)["metadata"]
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "is a copy of a test" in texts(prepared, "repaired")


def test_an_answer_written_into_a_test_cell_runs(submission: Submission) -> None:
    submission.stub(FIRST)
    cell = submission.cell(f"{FIRST}_visible")
    cell["source"] = reference(FIRST) + "\n\nassert True"
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST) + "\n\nassert True"
    assert "What was written there of an answer runs before it" in texts(prepared)


@pytest.mark.parametrize("version", [1, 2, 99, "x", None])
def test_other_schema_versions(submission: Submission, version: Any) -> None:
    for cell in submission.cells:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = version
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "it was renewed" in texts(prepared, "repaired")
    kept = [c.metadata.nbgrader.schema_version for c in prepared.notebook.cells if c.metadata]
    assert set(kept) == {intake.SCHEMA_VERSION}


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        (f"{FIRST}_visible", {"points": 1000}),
        (f"{FIRST}_hidden", {"points": float("inf")}),
        (FIRST, {"grade": True, "points": 100}),
        (FIRST, {"solution": False}),
        (WRITTEN, {"points": 99}),
        (f"{FIRST}_visible", {"points": {"a": [1]}}),
    ],
)
def test_changed_points_are_reported_and_do_not_count(
    submission: Submission, name: str, claim: dict[str, Any]
) -> None:
    submission.cell(name)["metadata"]["nbgrader"] |= claim
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "grading metadata was changed" in texts(prepared, "suspicious")
    clean = {c.id: c.metadata for c in Submission().hand_in().notebook.cells}
    assert {c.id: c.metadata for c in prepared.notebook.cells} == clean


# ---------------------------------------------------------------------------------------- answers


def test_swapped_grade_ids(submission: Submission) -> None:
    first, second = submission.cell(FIRST), submission.cell(SECOND)
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)


def test_grade_ids_on_cells_that_are_something_else(submission: Submission) -> None:
    submission.cell("load_ames")["metadata"] = submission.cell(FIRST)["metadata"]
    submission.cell(FIRST)["metadata"] = {}
    everything_is_as_if_untouched(submission.hand_in())


def test_a_copy_of_an_untouched_answer_counts(submission: Submission) -> None:
    submission.stub(FIRST)
    copied = submission.after(FIRST, reference(FIRST))
    copied["metadata"] = submission.cell(FIRST)["metadata"]
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert "was there twice" in texts(prepared, "repaired")


def test_of_two_answers_the_one_in_place_counts(submission: Submission) -> None:
    other = reference(FIRST).replace("return", "return 2 *")
    copied = submission.after(FIRST, other)
    copied["metadata"] = submission.cell(FIRST)["metadata"]
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert "the two differ" in texts(prepared, "problem")


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_that_became_text_is_code(submission: Submission, kind: str) -> None:
    cell = submission.cell(FIRST)
    cell["cell_type"] = kind
    cell.pop("outputs")
    cell.pop("execution_count")
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "it was put right" in texts(prepared, "repaired")


def test_a_deleted_answer_is_not_attempted(submission: Submission) -> None:
    submission.remove(FIRST)
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST).rstrip().endswith(STUB_END)
    assert "counts as not attempted" in texts(prepared, "problem")
    assert answer_of(prepared, SECOND) == reference(SECOND)


def test_an_emptied_answer_does_not_run(submission: Submission) -> None:
    submission.cell(FIRST)["source"] = "  \n"
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == ""
    assert FIRST not in roles(prepared)


@pytest.mark.parametrize("place", [FIRST, f"{FIRST}_hidden", f"{FIRST}-check", "scoreboard"])
def test_an_answer_in_another_cell(submission: Submission, place: str) -> None:
    submission.stub(FIRST)
    submission.after(place, reference(FIRST))
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert FIRST not in roles(prepared)
    assert "not in its own cell; it counts" in texts(prepared, "repaired")


def test_an_answer_above_its_untouched_cell(submission: Submission) -> None:
    submission.stub(FIRST)
    submission.insert(submission.index(FIRST), reference(FIRST))
    assert answer_of(submission.hand_in(), FIRST) == reference(FIRST)


def test_two_answers_in_one_cell(submission: Submission) -> None:
    both = reference(FIRST) + "\n\n" + reference(SECOND)
    submission.cell(FIRST)["source"] = both
    submission.stub(SECOND)
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == answer_of(prepared, SECOND) == both
    steps = list(prepared.steps)
    assert steps.index(TestPlace(FIRST)) < steps.index(TestPlace(SECOND))


def test_an_answer_with_its_label_and_another_without(submission: Submission) -> None:
    """A copy without label, made in a tool that drops metadata, with labels lost everywhere."""
    submission.stub(FIRST)
    submission.after(FIRST, reference(FIRST))
    submission.forget_labels()
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    assert "untouched answer cell" in texts(prepared)


def test_helpers_between_answer_and_tests_run_before_the_tests(submission: Submission) -> None:
    submission.after(FIRST, "def helper(): return 1")
    prepared = submission.hand_in()
    assert before_tests(prepared, FIRST)[-1].source == "def helper(): return 1"
    submission.remove(f"{FIRST}_visible", f"{FIRST}_hidden")
    assert before_tests(submission.hand_in(), FIRST)[-1].source == "def helper(): return 1"


# ----------------------------------------------------------------------------------- lesson cells


def test_deleted_lesson_cells_are_back(submission: Submission) -> None:
    submission.remove("setup", "load_ames", "fit_area", "triangles", f"{FIRST}-check")
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "are back" in texts(prepared, "repaired")
    assert "setup, load_ames, fit_area" in texts(prepared)


def test_emptied_and_disabled_lesson_cells_are_back(submission: Submission) -> None:
    submission.cell("load_ames")["source"] = ""
    submission.cell("fit_area")["cell_type"] = "raw"
    everything_is_as_if_untouched(submission.hand_in())


def test_setup_moved_to_the_end_runs_first(submission: Submission) -> None:
    submission.cells.append(submission.cells.pop(submission.index("setup")))
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "set-up cell stood after" in texts(prepared, "repaired")


def test_own_cells_above_the_setup_stay_there(submission: Submission) -> None:
    submission.insert(0, "import os")
    prepared = submission.hand_in()
    assert [s.source for s in prepared.steps[:1]] == ["import os"]  # type: ignore[union-attr]
    assert prepared.notes == ()


def test_reordered_exercises_run_in_the_students_order(submission: Submission) -> None:
    answer = submission.cells.pop(submission.index(FIRST))
    submission.cells.append(answer)
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == reference(FIRST)
    steps = list(prepared.steps)
    assert steps.index(TestPlace(FIRST)) > steps.index(TestPlace(SECOND))


def test_checks_and_colabs_setup_do_not_run(submission: Submission) -> None:
    submission.after(FIRST, 'check("affine_transform")\ncheck_all()')
    submission.insert(0, "".join(submission.cell("colab-setup")["source"]))
    everything_is_as_if_untouched(submission.hand_in())


def test_duplicate_and_invalid_ids(submission: Submission) -> None:
    submission.after("fit_area", "a = 1", id="fit_area")
    submission.after("fit_area", "b = 1", id="not valid / id")
    prepared = submission.hand_in()
    ids = [step.id for step in prepared.steps if isinstance(step, StudentCell)]
    assert len(ids) == len(set(ids))
    assert roles(prepared)["fit_area"] == "lesson"
    assert {"a = 1", "b = 1"} <= {s.source for s in prepared.steps if isinstance(s, StudentCell)}


# --------------------------------------------------------------------------------- magics, kernels


def test_installing_is_taken_out(submission: Submission) -> None:
    lines = (
        "!pip install polars \\\n    duckdb\n%pip install x\n!apt-get install y\n"
        'if True:\n    !conda install z\ntext = """\n!pip install stays\n"""\nv = 2\n'
    )
    submission.cell(FIRST)["source"] = lines + reference(FIRST)
    prepared = submission.hand_in()
    source = answer_of(prepared, FIRST)
    compile(source, "cell", "exec")
    assert source.count("install") == 1
    assert len(source.splitlines()) == len((lines + reference(FIRST)).splitlines())
    assert f"{FIRST}: Installing packages is no part of grading" in texts(prepared, "repaired")
    shown = next(c for c in prepared.notebook.cells if c.id == FIRST)
    assert "!pip install polars" in shown.source


def test_timing_magics(submission: Submission) -> None:
    submission.cell(FIRST)["source"] = "%%time\n" + reference(FIRST)
    submission.cell(SECOND)["source"] = "%%timeit -n 1\n" + reference(SECOND)
    prepared = submission.hand_in()
    assert answer_of(prepared, FIRST) == "%%time\n" + reference(FIRST)
    assert answer_of(prepared, SECOND) == reference(SECOND)
    assert f"{SECOND}: %%timeit keeps" in texts(prepared, "repaired")
    assert f"{FIRST}:" not in texts(prepared)


def test_cells_in_other_languages_are_noted(submission: Submission) -> None:
    submission.after(FIRST, "%%bash\nls", id="shell")
    assert "shell: The cell is not Python but %%bash" in texts(submission.hand_in(), "problem")


def test_another_kernel_name(submission: Submission) -> None:
    submission.content["metadata"]["kernelspec"] = {"name": "my-env", "language": "python"}
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "'my-env'; it was run with Python 3" in texts(prepared, "repaired")
    assert prepared.notebook.metadata.kernelspec.name == "python3"


def test_another_language(submission: Submission) -> None:
    submission.content["metadata"]["kernelspec"] = {"name": "ir", "language": "R"}
    everything_is_as_if_untouched(submission.hand_in())  # the wrong kernel, but Python inside
    for exercise in bundle().exercises:
        submission.cell(exercise.grade_id)["source"] = "f <- function(x) { x }"
    with pytest.raises(Unreadable, match="written in R"):
        submission.hand_in()


# ------------------------------------------------------------------------------- formats, outputs


def test_format_3_is_upgraded(submission: Submission) -> None:
    cells = []
    for cell in submission.cells:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        text = "input" if cell["cell_type"] == "code" else "source"
        old[text] = cell["source"]
        if cell["cell_type"] == "code":
            old |= {"language": "python", "outputs": [], "prompt_number": 3, "collapsed": False}
        cells.append(old)
    submission.content = {
        "metadata": {"name": "x"},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    assert "old format 3" in texts(prepared, "repaired")


def test_outputs_are_kept_and_huge_ones_cut(submission: Submission) -> None:
    figure = {"output_type": "display_data", "data": {"image/png": "aGk="}, "metadata": {}}
    submission.cell("fit_area")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        figure,
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
    ]
    submission.cell("load_ames")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 3_000_000}
    ]
    prepared = submission.hand_in()
    everything_is_as_if_untouched(prepared)
    outputs = {c.id: c.outputs for c in prepared.notebook.cells if c.cell_type == "code"}
    assert [o.output_type for o in outputs["fit_area"]] == ["stream", "display_data", "error"]
    assert outputs["fit_area"][0].text == "a\nb"
    assert outputs["load_ames"][0].text == "[Output of 3.0 MB, left out.]"
    assert "load_ames (3.0 MB)" in texts(prepared, "repaired")
    assert len(nbformat.writes(prepared.notebook)) < 1_000_000


def test_what_no_notebook_holds_is_dropped(submission: Submission) -> None:
    submission.cell("fit_area")["outputs"] = ["x", {"output_type": 7}, {"data": 3}, None]
    submission.cell("fit_area")["metadata"] = ["x"]
    submission.cell(FIRST)["execution_count"] = "many"
    submission.cells.insert(3, "not a cell")  # type: ignore[arg-type]
    submission.cells.insert(4, {"cell_type": "heading", "source": {"a": 1}})
    prepared = prepare(submission.raw(), bundle())
    nbformat.validate(prepared.notebook)
    assert "Cell 4 is no cell" in texts(prepared, "problem")


def test_halves_of_characters_do_not_break_the_report(submission: Submission) -> None:
    submission.cell(WRITTEN)["source"] = "half \ud83d of it"
    prepared = submission.hand_in()
    assert prepared.written[0].text.encode() == "half \ufffd of it".encode()


# -------------------------------------------------------------------------------- written answers


def test_an_untouched_or_emptied_text(submission: Submission) -> None:
    submission.stub(WRITTEN)
    assert submission.hand_in().written[0].untouched
    submission.cell(WRITTEN)["source"] = " \n"
    assert submission.hand_in().written[0].untouched


def test_a_deleted_text_is_missing(submission: Submission) -> None:
    submission.remove(WRITTEN)
    prepared = submission.hand_in()
    (text,) = prepared.written
    assert (text.untouched, text.missing, text.text) == (True, True, "")
    cell = next(c for c in prepared.notebook.cells if c.id == WRITTEN)
    assert cell.source.startswith(MISSING)


def test_a_text_in_the_next_cell(submission: Submission) -> None:
    submission.stub(WRITTEN)
    submission.after(WRITTEN, "My answer.", "markdown")
    prepared = submission.hand_in()
    (text,) = prepared.written
    assert (text.untouched, text.text) == (False, "My answer.")
    assert "in another text cell" in texts(prepared, "repaired")


def test_a_text_that_became_code(submission: Submission) -> None:
    cell = submission.cell(WRITTEN)
    cell |= {"cell_type": "code", "outputs": [], "execution_count": None}
    prepared = submission.hand_in()
    assert prepared.written[0].text == "My answer."
    assert WRITTEN not in roles(prepared)
    everything_is_as_if_untouched(prepared)


def test_images_in_a_text_are_kept_up_to_a_size(submission: Submission) -> None:
    submission.cell(WRITTEN)["attachments"] = {"a.png": {"image/png": "aGk="}}
    prepared = submission.hand_in()
    cell = next(c for c in prepared.notebook.cells if c.id == WRITTEN)
    assert cell.attachments == {"a.png": {"image/png": "aGk="}}
    submission.cell(WRITTEN)["attachments"] = {"a.png": {"image/png": "a" * 11_000_000}}
    assert "images were too large" in texts(submission.hand_in(), "problem")


# ------------------------------------------------------------------------------- which lesson it is


def test_lesson_of(submission: Submission) -> None:
    every = bundles(ROOT, "01_math_python")
    assert lesson_of(submission.raw(), every) == LESSON
    submission.content["metadata"] = {}
    assert lesson_of(submission.raw(), every) == LESSON
    submission.content["metadata"] = {"aicourse": {"lesson": "01_math_python/02_vectors"}}
    assert lesson_of(submission.raw(), every) == LESSON  # what it holds, not what it says
    submission.content["cells"] = [submission.insert(0, "x = 1")]
    assert lesson_of(submission.raw(), every) == "01_math_python/02_vectors"
    submission.content["metadata"] = {}
    assert lesson_of(submission.raw(), every) is None
    assert lesson_of(b"nonsense", every) is None


# ------------------------------------------------------------------------------------ any disorder


def disorder(submission: Submission, rng: random.Random) -> set[str]:
    """Damage the notebook; returns the exercises whose answer is still there to be found."""
    cells = submission.cells
    found = {e.grade_id for e in bundle().exercises if not e.written}
    unlabelled = False
    for _ in range(rng.randint(1, 12)):
        if not cells:
            break
        i = rng.randrange(len(cells))
        cell = cells[i]
        name = cell.get("id", "")
        match rng.choice(
            ["delete", "copy", "move", "type", "metadata", "id", "shuffle", "own", "claim", "tag"]
        ):
            case "delete":
                cells.pop(i)
                source = "".join(cell["source"])
                found -= {e for e in found if reference(e) == source}
            case "copy":
                cells.insert(rng.randrange(len(cells) + 1), copy.deepcopy(cell))
            case "move":
                cells.insert(rng.randrange(len(cells)), cells.pop(i))
            case "type":
                cell["cell_type"] = rng.choice(["code", "markdown", "raw", "heading", None, 3])
            case "metadata":
                cell["metadata"] = rng.choice([{}, {"nbgrader": {}}, {"nbgrader": 3}, None])
            case "id":
                cell["id"] = rng.choice([name, "", "x", None, rng.choice(cells).get("id"), 7])
            case "shuffle":
                if rng.random() < 0.2:
                    rng.shuffle(cells)
            case "own":
                submission.insert(i, rng.choice(["x = 1", "def g(: pass", "", "%%bash\nls", "("]))
            case "claim":
                other = rng.choice(cells)
                if isinstance(other.get("metadata"), dict):
                    cell["metadata"] = copy.deepcopy(other["metadata"])
            case "tag" if rng.random() < 0.1 and not unlabelled:
                unlabelled = True
                for one in cells:
                    one.pop("id", None)
                    one["metadata"] = {}
    return found


@pytest.mark.parametrize("seed", range(200))
def test_any_disorder(seed: int) -> None:
    rng = random.Random(seed)
    submission = Submission()
    found = disorder(submission, rng)
    prepared = submission.hand_in()
    for exercise in found:
        assert answer_of(prepared, exercise) == reference(exercise), exercise
    for test in bundle().tests:
        (cell,) = [
            c
            for c in prepared.notebook.cells
            if c.metadata.get("nbgrader", {}).get("grade_id") == test.grade_id
        ]
        assert cell.metadata.nbgrader.points == test.points


@pytest.mark.parametrize("seed", range(60))
def test_damaged_bytes_are_read_or_refused_with_a_reason(seed: int) -> None:
    rng = random.Random(seed)
    raw = bytearray(Submission().raw())
    for _ in range(rng.randint(1, 20)):
        start = rng.randrange(len(raw))
        raw[start : start + rng.randrange(50)] = rng.randbytes(rng.randrange(20))
    try:
        nbformat.validate(prepare(bytes(raw), bundle()).notebook)
    except Unreadable as error:
        reason = str(error)
    else:
        reason = ""
    assert len(reason) > 40 or not reason
