"""Hostile and unlucky submissions, graded for real in the sandbox: see attacks/.

The telling ones; AICOURSE_ALL_ATTACKS=1 takes all.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest
from attacks import course, stock
from attacks.attack import Attack
from attacks.outside import Outside, make_secrets, strings, student_sees
from attacks.table import ATTACKS, TELLING

from aicourse.grading.bundle import lesson_bundle
from aicourse.grading.class_run import Choice, grade_class
from aicourse.grading.gradebook import course_config, open_course
from aicourse.grading.grader import Grader
from aicourse.grading.results import PASSED, Result
from aicourse.grading.sealed.sandbox import Limits

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]
CHOSEN = ATTACKS if os.environ.get("AICOURSE_ALL_ATTACKS") else TELLING
#: Small, so that what exceeds them is over soon.
LIMITS = Limits(
    cell_seconds=3, test_seconds=3, total_seconds=60, memory_mb=1500, processes=100, disk_mb=64
)
#: They try to change what those who come next find; each is followed by an honest submission.
LASTING = ("writing",)


class Field:
    """The course under attack, its grader, and the world outside."""

    def __init__(self, outside: Outside, grader: Grader) -> None:
        self.outside, self._grader = outside, grader

    def grade(self, raw: bytes) -> Result:
        return self._grader.grade(raw, course.LESSON)

    def released(self) -> nbformat.NotebookNode:
        return course.student_notebook(self.outside.root)

    def graded_answers(self, answers: dict[str, str]) -> Result:
        notebook = course.answered(self.released(), answers)
        return self.grade(nbformat.writes(notebook).encode())


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    secrets = make_secrets()
    root = course.make(tmp_path_factory.mktemp("attacked"), secrets)
    bundle = lesson_bundle(root, course.LESSON)
    with Outside(root, secrets) as outside, Grader([bundle], LIMITS) as grader:
        yield Field(outside, grader)


def earned(result: Result, exercise: str) -> float:
    return sum(score.earned for score in result.scores if score.exercise == exercise)


@pytest.mark.parametrize("attack", CHOSEN, ids=lambda attack: f"{attack.family}-{attack.name}")
def test_attack(field: Field, attack: Attack) -> None:
    content = attack.notebook(field.released(), field.outside.known)
    field.outside.harm()
    result = field.grade(content)

    assert earned(result, attack.target) == attack.earned, "no point is forged"
    kept = [e for e in course.EXERCISES if e not in (attack.target, *attack.lost_too)]
    assert {e: earned(result, e) for e in kept} == dict.fromkeys(kept, course.POINTS)

    words = list(strings(asdict(result)))
    assert [secret for text in words for secret in field.outside.secrets_in(text)] == []
    assert field.outside.hidden_in(student_sees(field.outside.root, result)) == []
    raised = [text for _, text in result.cell_errors]
    assert not any("attack not started" in text for text in raised), "the sandbox is not there"

    lost = [score for score in result.scores if score.outcome != PASSED]
    assert all(score.message or result.notes for score in lost), "every loss has its reason"
    outcomes = {score.outcome for score in lost if score.exercise == attack.target}
    assert outcomes <= attack.outcomes

    if attack.family in LASTING:
        follower = field.graded_answers(course.RIGHT | {attack.target: course.BLANK[attack.target]})
        assert earned(follower, attack.target) == 0
        assert follower.earned == course.POINTS * (len(course.EXERCISES) - 1)
    assert field.outside.harm() == []


def test_honest_answers_after_all_attacks(field: Field) -> None:
    assert field.graded_answers(course.RIGHT).earned == course.POINTS * len(course.EXERCISES)
    assert field.graded_answers(course.BLANK).earned == 0


#: In a class: each would end, hang or fill something that all share.
_VIOLENT = (
    *("kill_everything", "fork_bomb", "forged_report_1", "kill_the_graders"),
    *("another_student", "wrong_kinds", "schema_99", "gradebook_rewrite"),
)


def test_a_class_with_attackers_is_graded_to_its_end(field: Field) -> None:
    root = field.outside.root
    attacks = {attack.name: attack for attack in ATTACKS if attack.name in _VIOLENT}
    assert len(attacks) == len(_VIOLENT)
    for name, attack in attacks.items():
        content = attack.notebook(field.released(), field.outside.known)
        course.hand_in(root, f"{name}.attacker", content)
    for honest in ("aaron", "zoe"):
        notebook = course.answered(field.released(), course.RIGHT)
        course.hand_in(root, honest, nbformat.writes(notebook).encode())

    bundle = lesson_bundle(root, course.LESSON)
    choice = Choice(workers=0, publish=False, factory=lambda: Grader([bundle], LIMITS))
    run = grade_class(root, course.PHASE, choice)

    assert (run.graded, run.failed, run.unreadable) == (len(attacks) + 3, 0, 0)
    with open_course(course_config(root / "grading")).gradebook as gradebook:
        recorded = {
            one.student.id: one.score for one in gradebook.assignment_submissions(course.PHASE)
        }
    most = course.POINTS * len(course.EXERCISES)
    assert {recorded[name] for name in ("aaron", "zoe", course.CLASSMATE)} == {most}
    for name in attacks:
        assert recorded[f"{name}.attacker"] <= most - course.POINTS


def test_there_are_enough_attacks_and_nbgrader_falls_for_some() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names))
    assert len(TELLING) >= 60
    recorded = [row["attack"] for row in stock.table()]
    assert set(recorded) <= {attack.name for attack in stock.applicable()}
    forged = {row["attack"] for row in stock.table() if float(row["points"] or 0) >= course.POINTS}
    assert {"ast_transformer", "input_transformer", "solution_from_disk"} <= forged


@pytest.mark.parametrize("path", ["notebooks", "grading"])
def test_the_attacked_places_exist(field: Field, path: str) -> None:
    """The attacks fail because of the sandbox, not because there is nothing to find."""
    root: Path = field.outside.root
    assert list((root / path).rglob("*.ipynb"))
