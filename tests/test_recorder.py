"""The gradebook after grading: nbgrader's rows, a person's work, and what a later run finds."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("resource", reason="grading a class needs Linux or macOS")

from graded_class import EXERCISES, FIRST, PHASE, SECOND, WRITTEN, Class, fill, make_course

from aicourse.grading.finish import printable, sanitised, with_outcomes
from aicourse.grading.gradebook import must_succeed
from aicourse.grading.gradebook_lock import GradebookInUse, locked
from aicourse.grading.recorder import Fingerprint, Recorder, StaleGradebook
from aicourse.grading.results import (
    FAILED,
    GRADED,
    PASSED,
    RAISED,
    Note,
    Result,
    Score,
    WrittenAnswer,
)

# nbgrader 0.9 makes SQLAlchemy 2.1 grumble.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course") / "repository")


@pytest.fixture
def school(built: Path, tmp_path: Path) -> Class:
    for name in ("notebooks", "student", "grading"):
        shutil.copytree(built / name, tmp_path / name)
    return Class(tmp_path)


RIGHT = dict.fromkeys(EXERCISES, "RIGHT")


def test_rows_are_those_of_nbgrader(school: Class) -> None:
    """What grading leaves equals what nbgrader's own autograding of the same file leaves."""
    answers = {
        "scale_column": "RIGHT\ndef scale_column(values):\n"
        "    c = values - values.mean()\n    return c / (c.std() or 1.0)",
        "running_mean": "WRONG\nclass RunningMean:\n    pass",
    }
    school.hand_in("amara", text="Trees do not care.", **answers)
    school.grade()
    ours = school.content()
    (school.grading / "gradebook.db.lock").unlink()
    with school.api.gradebook as gradebook:
        gradebook.remove_submission(PHASE, "amara")
    shutil.rmtree(school.grading / "autograded")
    must_succeed(school.api.autograde(PHASE, "amara"), "amara")
    theirs = school.content()
    for what in ("grades", "comments", "submissions"):
        assert ours[what] == theirs[what], what
    assert {name for name in ours["files"]} == {name for name in theirs["files"]}


def test_formgrader_and_feedback_of_nbgrader_work_on_it(school: Class) -> None:
    school.hand_in("amara", text="Trees do not care.", **RIGHT)
    school.hand_in("bruno", scale_column="WRONG")
    school.grade()
    api = school.api
    assert api.get_autograded_students(PHASE) == {"amara", "bruno"}
    listed = {s["student"]: s for s in api.get_notebook_submissions(PHASE, "01_fixture")}
    assert listed["amara"]["score"] == 9.0
    assert listed["amara"]["needs_manual_grade"]
    assert not listed["amara"]["failed_tests"]
    assert listed["bruno"]["failed_tests"]
    must_succeed(api.generate_feedback(PHASE, "bruno"), "bruno")
    page = (school.grading / "feedback" / "bruno" / PHASE / "01_fixture.html").read_text()
    assert "the mean is wrong" in page
    assert "no mutation" not in page.split("Hidden tests ran here", 1)[1][:200]


def test_a_failed_test_shows_its_message_in_the_autograded_notebook(school: Class) -> None:
    school.hand_in("amara", scale_column="WRONG", running_mean="RIGHT")
    school.grade()
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in school.autograded("amara").cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    (output,) = cells["scale_column_hidden"].outputs
    assert (output.ename, output.evalue) == ("AssertionError", "the mean is wrong")
    assert "BEGIN HIDDEN TESTS" in cells["scale_column_hidden"].source
    assert cells["running_mean_hidden"].outputs == []


def test_recording_again_changes_nothing(school: Class) -> None:
    fill(school, 3)
    school.grade()
    before = school.content()
    run = school.grade(force=True)
    assert (run.graded, run.unreadable, run.unchanged) == (5, 1, 0)
    assert run.changes == []
    assert school.content() == before


# ------------------------------------------------------------------------------- a person's work


def test_a_persons_score_stays_while_the_text_is_the_same(school: Class) -> None:
    school.hand_in("amara", text="Trees do not care.", **RIGHT)
    school.grade()
    assert school.scores("amara")[WRITTEN] == (None, None, True)
    school.person_scores("amara", WRITTEN, 3.5, "One criterion missing.")
    school.make_strict()
    school.hand_in("amara", text="Trees do not care.  ", scale_column="WRONG")
    run = school.grade()
    assert run.graded == 1
    assert school.scores("amara")[WRITTEN] == (None, 3.5, False)
    with school.api.gradebook as gradebook:
        comment = gradebook.find_comment(WRITTEN, "01_fixture", PHASE, "amara")
        assert comment.manual_comment == "One criterion missing."


def test_a_new_text_asks_for_the_person_again_and_keeps_the_old_score(school: Class) -> None:
    school.hand_in("amara", text="Trees do not care.")
    school.grade()
    school.person_scores("amara", WRITTEN, 3.5)
    school.hand_in("amara", text="Neighbours do care.")
    school.grade()
    assert school.scores("amara")[WRITTEN] == (None, 3.5, True)
    school.grade(force=True)
    assert school.scores("amara")[WRITTEN] == (None, 3.5, True)


def test_a_persons_score_of_a_test_stays_and_is_questioned_when_the_test_says_otherwise(
    school: Class,
) -> None:
    school.hand_in("amara", scale_column="WRONG")
    school.grade()
    school.person_scores("amara", "scale_column_hidden", 2.0)
    school.grade(force=True)
    assert school.scores("amara")["scale_column_hidden"] == (0.0, 2.0, False)
    school.hand_in("amara", scale_column="RIGHT")
    school.grade()
    assert school.scores("amara")["scale_column_hidden"] == (3.0, 2.0, True)


def test_untouched_text_gets_0_and_says_so(school: Class) -> None:
    school.hand_in("amara")
    school.grade()
    assert school.scores("amara")[WRITTEN] == (0.0, None, False)
    with school.api.gradebook as gradebook:
        for name in (*EXERCISES, WRITTEN):
            comment = gradebook.find_comment(name, "01_fixture", PHASE, "amara")
            assert comment.auto_comment == "No response."


def test_unreadable_is_no_zero(school: Class) -> None:
    file = school.hand_in("amara", **RIGHT)
    school.grade()
    file.write_text("{")
    run = school.grade()
    assert run.unreadable == 1
    assert set(school.scores("amara").values()) == {(None, None, True)}
    assert "amara" in {
        s["student"] for s in school.api.get_notebook_submissions(PHASE, "01_fixture")
    }
    (cell,) = school.autograded("amara").cells
    assert "no grade yet" in cell.source
    school.hand_in("amara", **RIGHT)
    school.grade()
    assert school.total("amara") == 9.0
    assert school.scores("amara")["scale_column_hidden"] == (3.0, None, False)


# --------------------------------------------------------------------------------- late, and lost


def test_late_penalties_are_those_of_the_plugin(school: Class) -> None:
    with (school.grading / "nbgrader_config.py").open("a") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with school.api.gradebook as gradebook:
        gradebook.update_or_create_assignment(PHASE, duedate="2026-03-01 00:00:00 UTC")
    school.hand_in("amara", **RIGHT)
    school.hand_in("bruno", **RIGHT)
    (school.folder("bruno") / "timestamp.txt").write_text("2026-02-28 10:00:00 UTC\n")
    school.grade()
    with school.api.gradebook as gradebook:
        late = gradebook.find_submission(PHASE, "amara")
        assert late.timestamp == datetime(2026, 3, 2, 18, 30)
        assert late.late_submission_penalty == 9.0
        assert gradebook.find_submission(PHASE, "bruno").late_submission_penalty == 0.0


def test_what_nbgrader_removed_is_graded_again(school: Class) -> None:
    school.hand_in("amara", **RIGHT)
    school.hand_in("bruno", **RIGHT)
    school.grade()
    with school.api.gradebook as gradebook:
        gradebook.remove_student("amara")
    shutil.rmtree(school.grading / "autograded" / "bruno")
    run = school.grade()
    assert (run.graded, run.unchanged) == (2, 0)
    assert school.total("amara") == school.total("bruno") == 9.0


def test_a_lesson_that_was_not_handed_in_gets_0(school: Class) -> None:
    school.hand_in("amara", **RIGHT)
    run = school.grade()
    assert run.missing == 1
    assert set(school.scores("amara", SECOND).values()) == {(0.0, None, False)}


def test_the_grade_of_a_file_that_is_gone_stays(school: Class) -> None:
    school.hand_in("amara", FIRST, **RIGHT)
    file = school.hand_in("amara", SECOND, **RIGHT)
    school.grade()
    file.unlink()
    run = school.grade()
    assert any("its file is gone" in remark for remark in run.remarks)
    assert school.total("amara") == 18.0


def test_a_gradebook_of_other_tests_is_refused(school: Class) -> None:
    school.make_strict()
    with pytest.raises(StaleGradebook, match="01_fixture"):
        Recorder(school.api, school.bundles())


def test_the_same_process_cannot_lock_twice(school: Class) -> None:
    url = school.api.coursedir.db_url
    with locked(url), pytest.raises(GradebookInUse, match="course grade, process"), locked(url):
        pass
    with locked(url):
        pass


# ----------------------------------------------------------------------------- what may be stored


def hostile(bundle_name: str, school: Class) -> Result:
    """A result full of what databases, files and terminals choke on."""
    bundle = next(b for b in school.bundles() if b.name == bundle_name)
    bad = "\x00\x1b[2J\ud800\u202eevil\r" + "x" * 10_000
    cell = nbformat.v4.new_markdown_cell(f"lone {chr(0xDC00)}", id="lone")
    return Result(
        bundle_name,
        GRADED,
        tuple(Score(t.grade_id, t.exercise, t.points, 0.0, FAILED, bad) for t in bundle.tests),
        (WrittenAnswer(WRITTEN, bad, False),),
        (Note("problem", bad, bad),) * 500,
        nbformat.writes(nbformat.v4.new_notebook(cells=[cell])),
        ((bad, bad),) * 500,
    )


def test_hostile_texts_are_cleaned_and_cut(school: Class) -> None:
    school.folder("amara")
    with Recorder(school.api, school.bundles()) as recorder:
        recorder.record("amara", hostile(FIRST, school), Fingerprint("0" * 64, "d", ""))
        ((student, stored),) = recorder.results()
    assert student == "amara"
    texts = [s.message for s in stored.scores] + [n.text for n in stored.notes]
    assert all(text.startswith("\ufffdevilxxx") and len(text) <= 2000 for text in texts)
    assert len(stored.notes) <= 100
    assert "lone ?" in school.autograded("amara").cells[0].source


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("nul\x00 bell\x07 c1\x9b", "nul bell c1"),
        ("half \ud800 pair 😀", "half \ufffd pair 😀"),
        ("abc" * 10, "abcabcabcab…"),
    ],
)
def test_printable(text: str, clean: str) -> None:
    assert printable(text, 12 if len(clean) == 12 else 100) == clean


def test_outcomes_name_the_error_that_was_raised() -> None:
    cell = nbformat.v4.new_code_cell("1", metadata={"nbgrader": {"grade_id": "a", "grade": True}})
    cell.outputs = [nbformat.v4.new_output("stream", text="forged: all tests passed")]
    notebook = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    score = Score("a", "e", 1.0, 0.0, RAISED, "TypeError: no float")
    result = Result(FIRST, GRADED, (score,), notebook=notebook)
    (output,) = nbformat.reads(with_outcomes(sanitised(result)).notebook, 4).cells[0].outputs
    assert (output.ename, output.evalue) == ("TypeError", "no float")
    passed = replace(result, scores=(Score("a", "e", 1.0, 1.0, PASSED),))
    assert nbformat.reads(with_outcomes(passed).notebook, 4).cells[0].outputs == []
