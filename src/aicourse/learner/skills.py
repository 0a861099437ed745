"""The diagnosis of lesson 1.0: thirty items over six phases and five skill areas, and what follows.

One item per phase and area, so every area has six items and every phase five. Each phase from the
second on also has three harder items, its test-out. An answer is a letter, "e" means "I don't
know"; that, a wrong answer and no answer all count nothing, and nothing counts against anybody.

The bank `skills_items.toml` is generated from `grading/skills_items.toml` (edit there) by

    python -m aicourse.learner.skills grading/skills_items.toml

In it the right letters are salted hashes and the explanations are enciphered with the right letter,
so that neither can be read by accident. This keeps an honest learner from seeing them too early;
it is no protection against somebody who wants them, who would only deceive themselves.
"""

import base64
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aicourse.learner import curriculum
from aicourse.learner.curriculum import PlannedLesson
from aicourse.learner.progress import LessonProgress, Progress
from aicourse.lessons import record
from aicourse.lessons.exercises import PHASES, Exercise

BANK = Path(__file__).with_name("skills_items.toml")
SAVED = "skills.json"
AREAS = ("programming", "system design", "data handling", "model knowledge", "deployment")
LETTERS = "abcd"
DONT_KNOW = "e"
#: What an item was answered with; only "right" counts.
MARKS = ("right", "wrong", "don't know", "open")

#: A phase counts as familiar from so many right items of its five: a guesser gets there in 1.6 %.
FAMILIAR = 4
#: All five in the phases whose questions a careful reader can partly answer without the subject.
FAMILIAR_STRICT = 5
STRICT = ("02_ml", "03_deep_learning", "04_llm_rag")
#: The share of a lesson's hours that skimming it takes: its summary and its hard exercises.
SKIM_SHARE = 0.4
#: So many of a lesson's exercises, those with the most points, are the evidence to skip it.
HARD_EXERCISES = 2


class AnswersUnreadable(Exception):
    """The saved answers are damaged; the message says what to do."""


# ---------------------------------------------------------------------------------------- the bank


@dataclass(frozen=True)
class Item:
    """A question with four options; `answer` and `why` are sealed (see the module's text)."""

    id: str
    topic: str
    phase: str
    area: str
    lessons: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    answer: str = field(repr=False)
    why: str = field(repr=False)
    test_out: bool = False

    def mark(self, letter: str) -> str:
        """ "right", "wrong", "don't know" or "open" for an answer; see `MARKS`."""
        if not letter:
            return "open"
        if letter == DONT_KNOW:
            return "don't know"
        return "right" if _hash(self.id, letter) == self.answer else "wrong"

    def explanation(self) -> str:
        """Why the right option is right."""
        letter = next(one for one in LETTERS if _hash(self.id, one) == self.answer)
        return _cipher(base64.b64decode(self.why), self.id, letter).decode("utf-8")


def _hash(item: str, letter: str) -> str:
    return hashlib.sha256(f"aicourse skills {item}:{letter}".encode()).hexdigest()[:24]


def _cipher(text: bytes, item: str, letter: str) -> bytes:
    """`text` xor a key stream made from the item and its right letter; its own inverse."""
    key = hashlib.shake_256(f"aicourse why {item}:{letter}".encode()).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, key, strict=True))


def seal(source: str) -> str:
    """The text of the bank, made from the text of its source (TOML with plain answers)."""
    lines = ["# Generated from grading/skills_items.toml by `python -m aicourse.learner.skills`."]
    for item in tomllib.loads(source)["items"]:
        why = _cipher(item["why"].encode("utf-8"), item["id"], item["answer"])
        sealed = {
            **item,
            "answer": _hash(item["id"], item["answer"]),
            "why": base64.b64encode(why).decode("ascii"),
        }
        lines += ["", "[[items]]"]
        # A JSON string, list of strings or boolean is also valid TOML.
        lines += [f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in sealed.items()]
    return "\n".join(lines) + "\n"


@cache
def items() -> tuple[Item, ...]:
    """Every item, the diagnosis first, then the test-outs."""
    numbers = {one.number: one.name for one in curriculum.lessons()}
    rows = tomllib.loads(BANK.read_text(encoding="utf-8"))["items"]
    return tuple(
        Item(
            **{
                **row,
                "options": tuple(row["options"]),
                "lessons": tuple(numbers[one] for one in row["lessons"]),
            }
        )
        for row in rows
    )


def diagnosis(phase: str | None = None) -> tuple[Item, ...]:
    """The thirty items, or the five of one phase."""
    return tuple(one for one in items() if not one.test_out and phase in (None, one.phase))


def test_out(phase: str) -> tuple[Item, ...]:
    """The harder items of a phase; none for the first, whose exercises are the test-out."""
    return tuple(one for one in items() if one.test_out and one.phase == phase)


test_out.__test__ = False  # type: ignore[attr-defined]  # not a pytest function


@dataclass(frozen=True)
class Questions:
    """Items to read: Markdown in a notebook, text elsewhere. The right options are not in it."""

    heading: str
    items: tuple[Item, ...]

    def _repr_markdown_(self) -> str:
        blocks = [f"#### {self.heading}"]
        for item in self.items:
            options = [
                f"- **{letter}** {text}" for letter, text in zip(LETTERS, item.options, strict=True)
            ]
            options.append(f"- **{DONT_KNOW}** I don't know")
            blocks += [f"**{item.id}** · {item.area}", item.question, "\n".join(options)]
        return "\n\n".join(blocks)

    def __repr__(self) -> str:
        return f"{self.heading}: {', '.join(item.id for item in self.items)}"


def questions(phase: str) -> Questions:
    """The diagnosis of a phase ("02_ml"), to be displayed."""
    return Questions(f"Phase {int(phase[:2])} — {PHASES[phase]}", diagnosis(phase))


def test_out_questions(phase: str) -> Questions:
    """The test-out of a phase ("02_ml"), to be displayed."""
    return Questions(f"Test-out of phase {int(phase[:2])} — {PHASES[phase]}", test_out(phase))


test_out_questions.__test__ = False  # type: ignore[attr-defined]


# -------------------------------------------------------------------------------------- the result


@dataclass(frozen=True)
class Profile:
    """The mark of every item ("right", "wrong", "don't know" or "open"), by item id."""

    marks: Mapping[str, str]

    def counts(self, area: str) -> tuple[int, int]:
        """(right, all) items of an area in the diagnosis."""
        return self._count(one for one in diagnosis() if one.area == area)

    def phase_counts(self, phase: str) -> tuple[int, int]:
        """(right, all) items of a phase in the diagnosis."""
        return self._count(diagnosis(phase))

    def _count(self, chosen: Iterable[Item]) -> tuple[int, int]:
        marks = [self.marks[one.id] for one in chosen]
        return marks.count("right"), len(marks)

    @property
    def answered(self) -> int:
        """How many items of the diagnosis have an answer; "I don't know" is one."""
        return sum(self.marks[one.id] != "open" for one in diagnosis())

    def familiar(self, phase: str) -> bool:
        """Enough right items for lessons of this phase to be skimmed; see `needed`."""
        return self.phase_counts(phase)[0] >= needed(phase)

    def extremes(self) -> str:
        """One sentence: the weakest phase, the weakest skill area, and the wrong answers."""
        phase = min(PHASES, key=lambda one: self.phase_counts(one)[0])
        area = min(AREAS, key=lambda one: self.counts(one)[0])
        wrong = [one for one in diagnosis() if self.marks[one.id] == "wrong"]
        return (
            "Weakest phase: {} ({} of {}); ".format(PHASES[phase], *self.phase_counts(phase))
            + "weakest area: {} ({} of {}); ".format(area, *self.counts(area))
            + f"read first, answered wrong: {_named(wrong) or 'none'}."
        )

    def tested_out(self, phase: str) -> bool:
        """All harder items right, and at least four of the phase's five in the diagnosis."""
        harder = test_out(phase)
        right = all(self.marks[one.id] == "right" for one in harder)
        return bool(harder) and right and self.phase_counts(phase)[0] >= FAMILIAR


def _named(chosen: Iterable[Item]) -> str:
    return ", ".join(f"{one.topic} ({one.id})" for one in chosen)


def needed(phase: str) -> int:
    """How many of a phase's five items must be right for its lessons to be skimmed."""
    return FAMILIAR_STRICT if phase in STRICT else FAMILIAR


def score(answers: Mapping[str, str]) -> Profile:
    """Mark answers: item id → letter a to e; "" or a missing id is an open item.

    Raises:
        ValueError: an id that no item has, or something that is not one of the letters.
    """
    known = {one.id for one in items()}
    if strangers := sorted(set(answers) - known):
        raise ValueError(
            f"There is no item {strangers[0]!r}: copy the ids shown with the questions."
        )
    marks = {}
    for item in items():
        given = answers.get(item.id, "")
        letter = given.strip().lower() if isinstance(given, str) else None
        if letter is None or (letter and letter not in [*LETTERS, DONT_KNOW]):
            raise ValueError(
                f"{item.id}: {given!r} is not an answer. Write one letter from a to e in quotes,"
                ' or "" to leave the item open.'
            )
        marks[item.id] = item.mark(letter)
    return Profile(marks)


def example() -> Profile:
    """An invented backend engineer, for pictures before there are answers."""
    right = {
        *("p1_data_handling", "p1_deployment", "p1_system_design", "p2_deployment"),
        *("p2_data_handling", "p2_system_design", "p3_system_design", "p4_programming"),
        *("p4_deployment", "p5_programming", "p5_system_design", "p5_data_handling"),
        *("p5_deployment", "p6_programming", "p6_system_design", "p6_deployment"),
    }
    wrong = {"p1_model_knowledge", "p2_programming", "p4_data_handling", "p5_model_knowledge"}
    unknown = [one.id for one in diagnosis() if one.id not in right | wrong]
    marks = dict.fromkeys((one.id for one in items()), "open")
    marks |= dict.fromkeys(unknown, "don't know")
    return Profile(marks | dict.fromkeys(right, "right") | dict.fromkeys(wrong, "wrong"))


@dataclass(frozen=True)
class Review:
    """Explanations of the answered items: Markdown in a notebook, text elsewhere."""

    lines: tuple[tuple[str, str, str], ...]
    """(item id, mark, explanation)"""

    def _repr_markdown_(self) -> str:
        if not self.lines:
            return "*Nothing is answered yet: explanations appear here for the items you answer.*"
        return "\n".join(f"- **{one}** — {mark}. {why}" for one, mark, why in self.lines)

    def __repr__(self) -> str:
        return "\n".join(f"{one}: {mark}. {why}" for one, mark, why in self.lines) or (
            "Nothing is answered yet."
        )


def review(answers: Mapping[str, str], only: str | None = None) -> Review:
    """Marks and explanations of the answered items, of one phase if `only` names it."""
    marks = score(answers).marks
    return Review(
        tuple(
            (item.id, marks[item.id], item.explanation())
            for item in items()
            if marks[item.id] != "open" and only in (None, item.phase)
        )
    )


# ------------------------------------------------------------------------------------ what follows


@dataclass(frozen=True)
class Advice:
    """What to do with a lesson: "study", "skim" or "skip", and why; `done` if it is finished."""

    lesson: PlannedLesson
    verdict: str
    reason: str
    done: bool = False

    @property
    def hours(self) -> float:
        """Hours to plan for it, rounded to a quarter."""
        share = {"study": 1.0, "skim": SKIM_SHARE, "skip": 0.0}[self.verdict]
        return round(self.lesson.hours * share * 4) / 4


def hard_exercises(lesson: LessonProgress) -> tuple[Exercise, ...]:
    """The tested exercises of a published lesson with the most points; later ones on a tie."""
    ranked = sorted(enumerate(lesson.tested), key=lambda pair: (pair[1].points, pair[0]))
    return tuple(exercise for _, exercise in ranked[-HARD_EXERCISES:])


def recommend(profile: Profile, progress: Progress | None = None) -> tuple[Advice, ...]:
    """One advice per lesson of the roadmap, in course order.

    Skip: the lesson's hardest exercises are right in the learner's record; or the phase's test-out
    is passed, and it or a right item of the diagnosis covers this very lesson. Skim: every item on
    this lesson is right, and so are enough of its phase (`needed`). Without an item of its own a
    lesson is never skimmed. Projects always stay until they are finished: they are what one can
    show. Everything else is to be studied.
    """
    recorded = {one.lesson.name: one for one in progress.lessons} if progress else {}
    return tuple(_advise(one, profile, recorded.get(one.name)) for one in curriculum.lessons())


def _advise(lesson: PlannedLesson, profile: Profile, recorded: LessonProgress | None) -> Advice:
    if recorded and recorded.complete:
        return Advice(lesson, "skip", "finished: every exercise is right", done=True)
    if lesson.number == "1.0":
        if profile.answered:
            return Advice(lesson, "skip", "you have answered the diagnosis", done=True)
        return Advice(lesson, "study", "the diagnosis is not answered yet")
    if lesson.project:
        return Advice(lesson, "study", "a project: evidence that you can show")
    hard = hard_exercises(recorded) if recorded else ()
    if recorded and hard and all(one.grade_id in recorded.right for one in hard):
        return Advice(lesson, "skip", "its hardest exercises are right in your record")
    own = [one for one in diagnosis() if lesson.name in one.lessons]
    if reason := _missed(own, profile):
        return Advice(lesson, "study", reason)
    number = int(lesson.phase[:2])
    harder = [one for one in test_out(lesson.phase) if lesson.name in one.lessons]
    named = _named([*own, *harder])
    if named and profile.tested_out(lesson.phase):
        return Advice(lesson, "skip", f"test-out of phase {number} passed, {named} right")
    if not own:
        return Advice(lesson, "study", "no question of the diagnosis covers this lesson")
    right, of = profile.phase_counts(lesson.phase)
    named = _named(own)
    if profile.familiar(lesson.phase):
        return Advice(lesson, "skim", f"{named} right, and {right} of {of} in phase {number}")
    enough = needed(lesson.phase)
    return Advice(
        lesson,
        "study",
        f"{named} right, but only {right} of {of} in phase {number}; {enough} needed",
    )


def _missed(own: Iterable[Item], profile: Profile) -> str:
    """The items that are not right, the wrong ones apart; empty when all are right."""
    marks = [(one, profile.marks[one.id]) for one in own]
    wrong = _named(one for one, mark in marks if mark == "wrong")
    other = _named(one for one, mark in marks if mark in ("don't know", "open"))
    parts = [wrong and f"answered wrong: {wrong}", other and f"not shown yet: {other}"]
    return "; ".join(part for part in parts if part)


def phase_test_outs(progress: Progress | None, profile: Profile) -> dict[str, str]:
    """For each phase one sentence: how it can be, or has been, tested out of."""
    return {
        phase: _test_out_sentence(phase, profile)
        if test_out(phase)
        else _by_record(phase, progress)
        for phase in PHASES
    }


def _test_out_sentence(phase: str, profile: Profile) -> str:
    harder = test_out(phase)
    right = sum(profile.marks[one.id] == "right" for one in harder)
    if profile.tested_out(phase):
        return f"passed: {right} of {len(harder)} harder items right"
    known, of = profile.phase_counts(phase)
    score = f"{right} of {len(harder)} harder items right"
    if known < FAMILIAR:
        only = ", but only" if right == len(harder) else ", and"
        score += f"{only} {known} of {of} in the diagnosis; {FAMILIAR} needed"
    return f"not passed: {score}"


def _by_record(phase: str, progress: Progress | None) -> str:
    """The sentence on a phase that is tested out of by exercises, lesson by lesson."""
    recorded = progress.lessons if progress else ()
    lessons = [one for one in recorded if one.lesson.name.startswith(phase) and one.number != "1.0"]
    hard = [(one, exercise) for one in lessons for exercise in hard_exercises(one)]
    lacking = [(one, x) for one, x in hard if x.grade_id not in one.right]
    names = {one.lesson.name for one in lessons}
    coming = sum(
        one.phase == phase and one.number != "1.0" and one.name not in names
        for one in curriculum.lessons()
    )
    later = f" ({coming} lessons are still coming or not in your record)" if coming else ""
    if not hard:
        return "not passed: no record of checked exercises here"
    if not lacking:
        return f"passed: all {len(hard)} hardest exercises are right{later}"
    following = ", ".join(f"{x.title} of {one.number} ({x.grade_id})" for one, x in lacking[:3])
    return (
        f"not passed: {len(hard) - len(lacking)} of {len(hard)} hardest exercises right;"
        f" next: {following}{later}"
    )


# ---------------------------------------------------------------------------------------- the file


def save(answers: Mapping[str, str], folder: Path | None = None) -> str:
    """Keep the answers in the learner's folder, for `course plan`; returns what was done.

    Args:
        answers: as for `score`.
        folder: the learner's folder (the one that holds `.course/`); found from the current one.
    """
    score(answers)  # nothing unreadable is ever saved
    folder = folder or record.find_folder()
    if folder is None:
        return "Not saved: this notebook is not in a learner's folder (`course lab` makes one)."
    given = {key: value.strip().lower() for key, value in answers.items() if value.strip()}
    if not given:
        return "Nothing to save: no item is answered yet."
    file = folder / SAVED
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"answers": given}, indent=1) + "\n", encoding="utf-8")
    fresh.replace(file)
    return f"{len(given)} answers saved in {SAVED}."


def load(folder: Path) -> dict[str, str]:
    """The answers saved in the learner's folder; empty when there are none.

    Raises:
        AnswersUnreadable: the file is damaged, or belongs to another version of the items.
    """
    file = folder / SAVED
    if not file.exists():
        return {}
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        answers = dict(content["answers"])
        score(answers)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AnswersUnreadable(
            f"The answers in {file} cannot be read ({error}).\n"
            "Delete or rename the file, and run lesson 1.0 again to save them anew."
        ) from error
    return answers


if __name__ == "__main__":
    BANK.write_text(seal(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
