"""One submission through the whole grader: intake, sandbox, snapshots, checker."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import small_course

from aicourse.authoring.student_build import build
from aicourse.grading.bundle import LessonBundle, lesson_bundle
from aicourse.grading.grader import Grader, LessonBroken
from aicourse.grading.results import (
    DIED,
    FAILED,
    NOT_ATTEMPTED,
    RAISED,
    TIMEOUT,
    Result,
    result_from_json,
)
from aicourse.grading.sealed import sandbox
from aicourse.grading.sealed.sandbox import Limits, SandboxUnavailable

LIMITS = Limits(cell_seconds=1.5, test_seconds=1.5, total_seconds=60, memory_mb=1024)
EVERYTHING = {"scale_column": 4.0, "running_mean": 3.0, "fixed_scale": 2.0}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = small_course.make(tmp_path_factory.mktemp("repository"))
    build(made)
    return made


@pytest.fixture(scope="module")
def bundle(root: Path) -> LessonBundle:
    return lesson_bundle(root, small_course.LESSON)


@pytest.fixture(scope="module")
def grader(bundle: LessonBundle) -> Iterator[Grader]:
    with Grader([bundle], LIMITS) as made:
        yield made


def handed_in(root: Path, extra: dict[str, str] | None = None, **answers: str) -> bytes:
    """A submission; `extra` maps an exercise to code of the student's own, right before it."""
    notebook = nbformat.read(root / small_course.STUDENT, 4)
    for cell in list(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id in (sources := small_course.RIGHT | answers):
            cell.source = sources[grade_id]
            if own := (extra or {}).get(grade_id):
                place = notebook.cells.index(cell)
                notebook.cells.insert(place, nbformat.v4.new_code_cell(own, id=f"own-{grade_id}"))
    return nbformat.writes(notebook).encode()


def points(result: Result) -> dict[str, float]:
    earned: dict[str, float] = {}
    for score in result.scores:
        earned[score.exercise] = earned.get(score.exercise, 0.0) + score.earned
    return earned


def outcomes(result: Result, exercise: str) -> set[str]:
    return {score.outcome for score in result.scores if score.exercise == exercise}


def test_right_answers_earn_everything_and_the_report_survives_the_journey(
    grader: Grader, root: Path
) -> None:
    result = grader.grade(handed_in(root), small_course.LESSON)
    assert points(result) == EVERYTHING
    assert result.notes == ()
    assert result_from_json(result.to_json()) == result


def test_an_untouched_notebook_earns_nothing_and_counts_as_not_attempted(
    grader: Grader, root: Path
) -> None:
    result = grader.grade((root / small_course.STUDENT).read_bytes(), small_course.LESSON)
    assert result.earned == 0
    assert {score.outcome for score in result.scores} == {NOT_ATTEMPTED}


def test_a_wrong_answer_gets_the_tests_message(grader: Grader, root: Path) -> None:
    wrong = "def scale_column(values):\n    return values - values.mean()\n"
    result = grader.grade(handed_in(root, scale_column=wrong), small_course.LESSON)
    earned = points(result)
    assert earned == EVERYTHING | {"scale_column": earned["scale_column"]}
    assert earned["scale_column"] < EVERYTHING["scale_column"]
    failed = [score for score in result.scores if score.outcome == FAILED]
    assert failed
    assert all(score.message for score in failed)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("while True:\n    pass\n", TIMEOUT),
        ("def scale_column(values):\n    while True:\n        pass\n", TIMEOUT),
        ("import os\n\nos._exit(0)\n", DIED),
        ("import ctypes\n\nctypes.string_at(0)\n", DIED),
        ("def scale_column(values):\n    import os\n    os._exit(0)\n", DIED),
        ("def scale_column(values):\n    return undefined_name\n", RAISED),
        ("def scale_column(values:\n", FAILED),
    ],
    ids=["loops", "test loops", "exits", "crashes", "test exits", "raises", "is no Python"],
)
def test_what_ends_badly_costs_its_exercise_and_no_other(
    grader: Grader, root: Path, answer: str, outcome: str
) -> None:
    result = grader.grade(handed_in(root, scale_column=answer), small_course.LESSON)
    assert points(result) == EVERYTHING | {"scale_column": 0.0}
    assert outcomes(result, "scale_column") == {outcome}
    assert all(s.message for s in result.scores if s.exercise == "scale_column")


def test_a_cell_that_swallows_interrupts_is_ended_all_the_same(grader: Grader, root: Path) -> None:
    stubborn = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
    result = grader.grade(handed_in(root, scale_column=stubborn), small_course.LESSON)
    assert points(result) == EVERYTHING | {"scale_column": 0.0}
    assert outcomes(result, "scale_column") == {TIMEOUT}
    assert [(note.kind, note.cell) for note in result.notes] == [("problem", "scale_column")]


def test_memory_is_limited_over_all_processes_together(grader: Grader, root: Path) -> None:
    greedy = """\
import os
import time

for _ in range(4):
    if os.fork() == 0:
        block = bytearray(400 << 20)
        time.sleep(1000)
time.sleep(1000)
"""
    result = grader.grade(handed_in(root, {"fixed_scale": greedy}), small_course.LESSON)
    assert points(result) == EVERYTHING
    assert any("memory" in note.text for note in result.notes)


def test_a_demonstration_that_an_answer_uses_is_run(grader: Grader, root: Path) -> None:
    """What is left out for speed must never cost a point."""
    uses = "def scale_column(values):\n    assert ratio > 0\n"
    uses += "    return (values - values.mean()) / (values.std() or 1.0)\n"
    result = grader.grade(handed_in(root, scale_column=uses), small_course.LESSON)
    assert points(result) == EVERYTHING


def test_nothing_of_a_submission_reaches_the_next(grader: Grader, root: Path) -> None:
    vandal = """\
import builtins, os, numpy

numpy.ndarray.mean = None
numpy.mean = None
builtins.len = None
for folder in (".", "/tmp", "/dev/shm"):
    open(os.path.join(folder, "left-behind"), "w").write("x")
"""
    grader.grade(handed_in(root, {"scale_column": vandal}), small_course.LESSON)
    looks = """\
import os

found = [f for f in (".", "/tmp", "/dev/shm") if os.path.exists(os.path.join(f, "left-behind"))]
assert not found, found
"""
    result = grader.grade(handed_in(root, {"scale_column": looks}), small_course.LESSON)
    assert points(result) == EVERYTHING
    assert result.cell_errors == ()


def test_an_unreadable_file_is_a_result_with_the_reason(grader: Grader) -> None:
    result = grader.grade(b"not a notebook", small_course.LESSON)
    assert (result.state, result.earned) == ("unreadable", 0)
    assert result.notes[0].kind == "problem"


def test_a_lesson_whose_reference_fails_is_not_graded(bundle: LessonBundle, root: Path) -> None:
    test = replace(bundle.tests[0], source="assert scale_column is None, 'never'\n")
    broken = replace(bundle, tests=(test, *bundle.tests[1:]))
    with Grader([broken], LIMITS) as grader, pytest.raises(LessonBroken, match=test.grade_id):
        grader.grade(handed_in(root), small_course.LESSON)


def test_the_grader_starts_anew_when_its_processes_are_killed(grader: Grader, root: Path) -> None:
    grader.grade(handed_in(root), small_course.LESSON)
    for lane in grader._lanes.values():
        for process in (lane.sandbox._process, lane.checker._process):
            assert process is not None
            os.killpg(process.pid, 9)
            process.wait()
    assert points(grader.grade(handed_in(root), small_course.LESSON)) == EVERYTHING


def test_without_bubblewrap_nothing_runs(
    bundle: LessonBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise SandboxUnavailable("bubblewrap is not installed")

    monkeypatch.setattr(sandbox, "bubblewrap", missing)
    with pytest.raises(SandboxUnavailable, match="bubblewrap"), Grader([bundle], LIMITS):
        pass


def test_the_named_flag_grades_without_a_sandbox(bundle: LessonBundle, root: Path) -> None:
    wrong = "def scale_column(values):\n    while True:\n        pass\n"
    with Grader([bundle], LIMITS, sandbox=False) as grader:
        assert points(grader.grade(handed_in(root), small_course.LESSON)) == EVERYTHING
        result = grader.grade(handed_in(root, scale_column=wrong), small_course.LESSON)
    assert points(result) == EVERYTHING | {"scale_column": 0.0}
