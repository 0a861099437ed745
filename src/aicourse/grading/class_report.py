"""The class report of a phase: one page on who handed in, what went wrong, and what needs a person.

Beside it stands a table of everything that needs a person, because the page names only the first.
"""

import csv
import os
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from aicourse.grading.bundle import GradedExercise, LessonBundle
from aicourse.grading.exports import harmless
from aicourse.grading.finish import printable
from aicourse.grading.lesson_grades import WAITING, ExerciseGrade, LessonGrade, Person
from aicourse.grading.results import (
    DIED,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    RAISED,
    TIMEOUT,
    UNREADABLE,
    Note,
)
from aicourse.grading.safe_html import page, points
from aicourse.lessons.exercises import PHASES

_BARS = 20
_MOST_ROWS, _MOST_MOVED = 100, 25
_MOST_MISTAKES, _DIFFERENT_MISTAKES = 3, 2_000
_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?|\b(nan|inf)\b", re.I)
_BRACKETS = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|\((?:[#…\s,.]|None|True|False)*\)")
_QUOTED = re.compile(r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"")

#: Kind → title, advice; in the order of the page.
_ATTENTION = {
    UNREADABLE: ("Could not be read", "They have no grade. Ask for the file again."),
    "suspicious": ("Suspicious", "Look at the notebook before you release the grade."),
    "problem": ("Something could not be run", "The rest of the notebook was graded."),
    WAITING: ("Waiting for a person", "Formgrader lists them under Manual Grading."),
    "repaired": ("Repaired", "Nothing to do: no points were lost. Students see the same words."),
}


class Change(Protocol):
    """Points of an exercise that a later grading moved, as the recorder keeps them."""

    student: str
    lesson: str
    exercise: str
    before: float
    after: float
    reason: str


def same_mistake(message: str) -> str:
    """The message with numbers, lists and quoted values replaced: equal for the same mistake."""
    text = " ".join(printable(message, 1_000).split())
    text = _NUMBER.sub("#", _QUOTED.sub("'…'", text))
    for _ in range(5):
        text, replaced = _BRACKETS.subn("…", text)
        if not replaced:
            break
    text = re.sub(r"#(?:\s*[,×x]?\s*#)+", "#", text)
    return text if len(text) <= 240 else text[:239] + "…"


@dataclass
class _Exercise:
    exercise: GradedExercise
    count: int = 0
    points: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)

    def add(self, grade: ExerciseGrade) -> None:
        if grade.outcome in (WAITING, UNREADABLE):
            return
        self.count += 1
        self.points += grade.points
        self.outcomes["right"] += grade.points >= self.exercise.points
        if grade.outcome == FAILED and grade.test is not None:
            self.outcomes["hidden" if grade.test.hidden else "visible"] += 1
        else:
            self.outcomes[grade.outcome] += 1
        if grade.message and grade.outcome not in (PASSED, NOT_ATTEMPTED):
            mistake = same_mistake(grade.message)
            if mistake in self.mistakes or len(self.mistakes) < _DIFFERENT_MISTAKES:
                self.mistakes[mistake] += 1

    def shown(self) -> dict[str, Any]:
        return {
            "title": self.exercise.title,
            "count": self.count,
            "right": self.outcomes["right"],
            "mean": self.points / self.count if self.count else 0.0,
            "possible": self.exercise.points,
            "not_attempted": self.outcomes[NOT_ATTEMPTED],
            "visible": self.outcomes["visible"],
            "hidden": self.outcomes["hidden"],
            "raised": self.outcomes[RAISED],
            "timeout": self.outcomes[TIMEOUT],
            "died": self.outcomes[DIED],
        }


class _Lesson:
    def __init__(self, bundle: LessonBundle) -> None:
        self.bundle = bundle
        self.exercises = {e.grade_id: _Exercise(e) for e in bundle.exercises}
        self.submitted = self.unreadable = self.waiting = 0
        self.points = 0.0

    def add(self, grade: LessonGrade) -> None:
        self.submitted += 1
        self.unreadable += grade.result.state == UNREADABLE
        self.waiting += any(e.outcome == WAITING for e in grade.exercises)
        self.points += grade.points
        for e in grade.exercises:
            self.exercises[e.exercise.grade_id].add(e)

    def shown(self, students: int) -> dict[str, Any]:
        mistakes = [
            {"exercise": e.exercise.title, "says": says, "times": times}
            for e in self.exercises.values()
            for says, times in e.mistakes.most_common(_MOST_MISTAKES)
        ]
        return {
            "stem": self.bundle.stem,
            "title": self.bundle.title,
            "submitted": self.submitted,
            "missing": max(0, students - self.submitted),
            "unreadable": self.unreadable,
            "waiting": self.waiting,
            "mean": self.points / read if (read := self.submitted - self.unreadable) else 0.0,
            "possible": sum(e.points for e in self.bundle.exercises),
            "exercises": [e.shown() for e in self.exercises.values()],
            "mistakes": mistakes,
            "not_sealed": [(t.grade_id, t.not_sealed) for t in self.bundle.tests if t.not_sealed],
        }


def write_report(
    file: Path,
    bundles: Sequence[LessonBundle],
    people: Sequence[Person],
    grades: Iterable[LessonGrade],
    changes: Sequence[Change] = (),
    suspicious: Iterable[tuple[str, str, Note]] = (),
) -> Path:
    """Write the page, and beside it <stem>-attention.csv; returns `file`.

    Args:
        file: reports/<phase>.html; its folder is made.
        bundles: the lessons of the phase.
        people: the roster.
        grades: at most one per person and lesson.
        changes: whose points the last grading moved.
        suspicious: (student, lesson, note) found after grading, as by writing feedback.
    """
    lessons = {bundle.name: _Lesson(bundle) for bundle in bundles}
    totals: Counter[str] = Counter()
    attention: list[tuple[str, str, str, str]] = []
    for grade in grades:
        lessons[grade.bundle.name].add(grade)
        totals[grade.person.id] += grade.points  # type: ignore[assignment]
        attention += _attention(grade)
    attention += [("suspicious", s, lesson, _note(note)) for s, lesson, note in suspicious]
    order = list(_ATTENTION)
    attention.sort(key=lambda row: (order.index(row[0]), row[1:]))
    students = len({person.id for person in people} | totals.keys())
    # Lessons that nobody has reached yet would press everybody to the left of the drawing.
    begun = [bundle for bundle in bundles if lessons[bundle.name].submitted] or bundles
    possible = sum(e.points for bundle in begun for e in bundle.exercises)
    file.parent.mkdir(parents=True, exist_ok=True)
    table = _write_attention(file.with_name(f"{file.stem}-attention.csv"), attention)
    text = page(
        "report.html",
        title=PHASES.get(bundles[0].assignment, bundles[0].assignment),
        facts=_facts(students, totals, lessons.values()),
        attention=_shown_attention(attention),
        attention_file=table.name,
        moved=_moved(changes),
        summary=_summary(list(totals.values()), possible),
        plot=_plot(list(totals.values()), possible),
        lessons=[lesson.shown(students) for lesson in lessons.values()],
        date=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    temporary = file.with_suffix(".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, file)
    return file


def _facts(
    students: int, totals: Mapping[str, float], lessons: Iterable[_Lesson]
) -> list[tuple[str, str]]:
    lessons = list(lessons)
    counted = (
        ("Students", students),
        ("Handed something in", len(totals)),
        ("Notebooks", sum(lesson.submitted for lesson in lessons)),
        ("Not read", sum(lesson.unreadable for lesson in lessons)),
        ("Waiting for a person", sum(lesson.waiting for lesson in lessons)),
    )
    return [(name, f"{number:,}") for name, number in counted]


def _note(note: Note) -> str:
    where = f" (cell {printable(note.cell, 100)})" if note.cell else ""
    return printable(note.text, 400) + where


def _attention(grade: LessonGrade) -> list[tuple[str, str, str, str]]:
    student, lesson = printable(grade.person.id, 100), grade.bundle.name
    unreadable = grade.result.state == UNREADABLE
    rows = [(note.kind, student, lesson, _note(note)) for note in grade.notes]
    if unreadable:
        reasons = [text for kind, _, _, text in rows if kind == "problem"] or ["no reason given"]
        rows = [row for row in rows if row[0] != "problem"]
        rows.append((UNREADABLE, student, lesson, "; ".join(reasons)))
    rows += [
        (WAITING, student, lesson, e.exercise.grade_id)
        for e in grade.exercises
        if e.outcome == WAITING
    ]
    return [row for row in rows if row[0] in _ATTENTION]


def _write_attention(file: Path, rows: Iterable[tuple[str, str, str, str]]) -> Path:
    temporary = file.with_suffix(".part")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["kind", "student", "lesson", "what"])
        for kind, student, lesson, what in rows:
            table.writerow([kind, harmless(student), lesson, harmless(what)])
    os.replace(temporary, file)
    return file


def _shown_attention(attention: Sequence[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    shown = []
    for kind, (title, advice) in _ATTENTION.items():
        rows: list[tuple[str, ...]] = [
            (student, lesson.rpartition("/")[2], what)
            for of, student, lesson, what in attention
            if of == kind
        ]
        count = len(rows)
        if kind == WAITING:  # a class of them: how many, not who
            counted = Counter((lesson, what) for _, lesson, what in rows)
            rows = [(lesson, what, str(n)) for (lesson, what), n in sorted(counted.items())]
        if rows:
            more = max(0, len(rows) - _MOST_ROWS)
            kept = rows[:_MOST_ROWS]
            shown.append(
                {"title": title, "advice": advice, "count": count, "rows": kept, "more": more}
            )
    return shown


def _moved(changes: Sequence[Change]) -> dict[str, Any] | None:
    if not changes:
        return None
    ordered = sorted(changes, key=lambda c: -abs(c.after - c.before))
    return {
        "count": len(changes),
        "up": sum(c.after > c.before for c in changes),
        "down": sum(c.after < c.before for c in changes),
        "rows": ordered[:_MOST_MOVED],
        "more": max(0, len(changes) - _MOST_MOVED),
    }


def _summary(totals: Sequence[float], possible: float) -> str:
    if not totals:
        return "Nobody has handed in yet."
    low, middle, high = statistics.quantiles(totals, n=4) if len(totals) > 1 else [totals[0]] * 3
    return (
        f"Median {points(middle)} of {points(possible)}; half of them are between {points(low)}"
        f" and {points(high)}."
    )


def _plot(totals: Sequence[float], possible: float) -> dict[str, Any]:
    """Geometry of the histogram in the page's drawing of 720 × 190 units."""
    width = possible / _BARS or 1.0
    counts = [0] * _BARS
    for total in totals:
        counts[max(0, min(_BARS - 1, int(total / width)))] += 1
    step, tallest = 720 / _BARS, max(counts) or 1
    bars = []
    for i, count in enumerate(counts):
        height = round(145 * count / tallest, 1)
        says = f"{points(i * width)} to {points((i + 1) * width)} points: {count}"
        middle = round((i + 0.5) * step, 1)
        x, y = round(i * step + 2, 1), round(165 - height, 1)
        bars.append(
            {"x": x, "y": y, "height": height, "count": count, "middle": middle, "says": says}
        )
    anchors = {0: "start", 4: "end"}
    ticks = [
        {"x": 180 * i, "label": f"{possible * i / 4:.0f}", "anchor": anchors.get(i, "middle")}
        for i in range(5)
    ]
    return {"bars": bars, "width": round(step - 4, 1), "ticks": ticks}
