"""The whole roadmap, 68 lessons in six phases, also those that are not published yet.

`curriculum.toml` says what each lesson builds on; whether it is published, and how long it takes,
comes from the exercise bank as soon as it is there.
"""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aicourse.learner.progress import number
from aicourse.lessons import exercises
from aicourse.lessons.exercises import PHASES

FILE = Path(__file__).with_name("curriculum.toml")


class UnknownLesson(ValueError):
    """No lesson of the roadmap has this name or number."""


@dataclass(frozen=True)
class PlannedLesson:
    """A lesson of the roadmap: `hours` of a first pass, `needs` by name, direct ones only."""

    name: str
    title: str
    hours: float
    area: str
    needs: tuple[str, ...]
    published: bool

    @property
    def number(self) -> str:
        return number(self.name)

    @property
    def phase(self) -> str:
        return self.name.split("/")[0]

    @property
    def project(self) -> bool:
        return "_project_" in self.name

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


def _stated_hours(time: str) -> float | None:
    """4.0 from a published lesson's "about 4 hours"; None when it says it otherwise."""
    match = re.match(r"about (\d+(?:\.\d+)?) hours?\b", time)
    return float(match.group(1)) if match else None


@cache
def lessons() -> tuple[PlannedLesson, ...]:
    """Every lesson of the roadmap, in course order."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["lessons"]
    names = {number(row["name"]): row["name"] for row in rows}
    times = {lesson.name: lesson.time for lesson in exercises.lessons()}
    return tuple(
        PlannedLesson(
            name=row["name"],
            title=row["title"],
            hours=_stated_hours(times.get(row["name"], "")) or float(row["hours"]),
            area=row["area"],
            needs=tuple(names[need] for need in row["needs"]),
            published=row["name"] in times,
        )
        for row in rows
    )


def lesson(wanted: str) -> PlannedLesson:
    """The lesson with this number ("4.7") or name ("04_llm_rag/07_rag").

    Raises:
        UnknownLesson: there is none.
    """
    for one in lessons():
        if wanted in (one.number, one.name):
            return one
    last = {phase: [one.number for one in lessons() if one.phase == phase][-1] for phase in PHASES}
    raise UnknownLesson(
        f"There is no lesson {wanted!r}: write a number from 1.0 to {last['06_portfolio']},"
        " such as 4.7."
    )


def needed_for(goal: str, known: Collection[str] = ()) -> tuple[PlannedLesson, ...]:
    """The lessons on the way to `goal`, in course order; `goal` is the last of them.

    A lesson in `known` (by name) is left out, and what only it builds on as well. The goal itself
    is always in.

    Raises:
        UnknownLesson: there is no lesson `goal`.
    """
    by_name = {one.name: one for one in lessons()}
    wanted = {lesson(goal).name}
    waiting: list[str] = list(wanted)
    while waiting:
        for need in by_name[waiting.pop()].needs:
            if need not in wanted and need not in known:
                wanted.add(need)
                waiting.append(need)
    return in_order(wanted)


def in_order(names: Iterable[str]) -> tuple[PlannedLesson, ...]:
    """The lessons with these names, in course order."""
    chosen = set(names)
    return tuple(one for one in lessons() if one.name in chosen)
