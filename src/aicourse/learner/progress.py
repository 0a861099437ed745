"""What the learner has done so far: points, time and the next exercise, as a table and a picture.

Everything here is computed from the record (`lessons/record.py`) and the exercise bank; nothing is
stored. Points are the best ever earned for an exercise, so a later experiment never costs any.
"""

import io
import sqlite3
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aicourse.lessons import exercises, record
from aicourse.lessons.exercises import PHASES, Exercise, Lesson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

#: Two recorded events further apart than this (seconds) are two sittings.
LONGEST_GAP = 30 * 60
#: Seconds counted for the first event of a sitting: what came before it left no trace.
FIRST_EVENT = 2 * 60


class RecordUnreadable(Exception):
    """The progress record exists but is not a readable record; the message says what to do."""


@dataclass(frozen=True)
class LessonProgress:
    """One lesson: the best points per exercise (by `grade_id`), seconds spent, last activity.

    `right` holds the exercises that were right at least once. `last` is in seconds since 1970
    (UTC), or None when the lesson was never opened.
    """

    lesson: Lesson
    earned_by: dict[str, float] = field(default_factory=dict)
    right: frozenset[str] = frozenset()
    seconds: float = 0
    last: float | None = None

    @property
    def phase(self) -> str:
        return self.lesson.name.split("/")[0]

    @property
    def number(self) -> str:
        return number(self.lesson.name)

    @property
    def tested(self) -> tuple[Exercise, ...]:
        """The exercises with tests; written answers are graded by people and not counted."""
        return tuple(exercise for exercise in self.lesson.exercises if not exercise.written)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.tested)

    @property
    def earned(self) -> float:
        return sum(self.earned_by.values())

    @property
    def share(self) -> float:
        """Earned points as a share of all, 0 to 1; 0 for a lesson without tested exercises."""
        return self.earned / self.points if self.points else 0.0

    @property
    def complete(self) -> bool:
        return bool(self.tested) and all(one.grade_id in self.right for one in self.tested)

    @property
    def next_exercise(self) -> Exercise | None:
        """The first tested exercise that was never right."""
        return next((one for one in self.tested if one.grade_id not in self.right), None)


@dataclass(frozen=True)
class Progress:
    """The whole course in order; `gone` are recorded exercises that the course no longer has."""

    lessons: tuple[LessonProgress, ...]
    gone: tuple[str, ...] = ()
    seconds: float = 0

    @property
    def points(self) -> float:
        return sum(lesson.points for lesson in self.lessons)

    @property
    def earned(self) -> float:
        return sum(lesson.earned for lesson in self.lessons)

    @property
    def completed(self) -> int:
        return sum(lesson.complete for lesson in self.lessons)

    @property
    def started(self) -> bool:
        return any(lesson.last is not None for lesson in self.lessons)

    def phases(self) -> Iterator[tuple[str, str, list[LessonProgress]]]:
        """Folder, name and lessons of each phase, also of those without a lesson yet."""
        for folder in [*PHASES, *sorted({one.phase for one in self.lessons} - PHASES.keys())]:
            name = PHASES.get(folder, folder)
            yield folder, name, [one for one in self.lessons if one.phase == folder]

    def suggestion(self) -> tuple[LessonProgress, Exercise] | None:
        """What to do next, or None when every tested exercise is right.

        The lesson worked on last, as long as something in it is open; then the next unfinished
        lesson after it; then the first unfinished one from the beginning.
        """
        if not self.lessons:
            return None
        latest = max(range(len(self.lessons)), key=lambda i: (self.lessons[i].last or 0, -i))
        for lesson in (*self.lessons[latest:], *self.lessons[:latest]):
            if exercise := lesson.next_exercise:
                return lesson, exercise
        return None

    def summary(self) -> str:
        """One sentence with the totals."""
        lessons = _count(len(self.lessons), "lesson")
        text = f"{self.earned:g} of {self.points:g} points, {self.completed} of {lessons} complete"
        return f"{text}, about {duration(self.seconds)}" if self.seconds else text

    def next_step(self) -> str:
        """One sentence that names the next exercise."""
        if not self.lessons:
            return "There are no lessons yet."
        step = self.suggestion()
        if step is None:
            return "Every exercise with tests is right: you have completed the course."
        lesson, exercise = step
        verb = "Continue" if lesson.last is not None else "Start"
        return f"{verb} with {short_title(lesson.lesson)}: {exercise.title}."


def number(name: str) -> str:
    """The lesson's number in the course: 1.2 for `01_math_python/02_vectors`."""
    phase, _, stem = name.partition("/")
    first, second = phase.split("_")[0], stem.split("_")[0]
    if not (first.isdigit() and second.isdigit()):
        return stem
    return f"{int(first)}.{int(second)}"


def short_title(lesson: Lesson) -> str:
    """The lesson's title up to its colon, with its number: "1.2 Vectors"."""
    title = lesson.title.split(":")[0].strip()
    return title if title[:1].isdigit() else f"{number(lesson.name)} {title}"


def duration(seconds: float) -> str:
    """Seconds as "12 min" or "3 h 05 min"."""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def time_spent(events: Iterable[record.Event]) -> dict[str, float]:
    """Seconds per lesson, estimated from the moments of the recorded events.

    The time between two consecutive events belongs to the lesson of the later one, because it led
    to that check; when the later one only opened a lesson, it belongs to the lesson before. A gap
    of more than `LONGEST_GAP` is a break and counts nothing; the first event after it counts
    `FIRST_EVENT`. So no minute is counted twice, and reading for long without a check is missed.

    Args:
        events: oldest first.
    """
    spent: dict[str, float] = {}
    before: record.Event | None = None
    for event in events:
        gap = event.at - before.at if before else LONGEST_GAP + 1
        if before is None or gap > LONGEST_GAP:
            lesson, gap = event.lesson, FIRST_EVENT
        else:
            lesson = before.lesson if event.exercise is None else event.lesson
        spent[lesson] = spent.get(lesson, 0) + gap
        before = event
    return spent


def load(folder: Path) -> Progress:
    """The progress recorded in the learner's `folder` (the one that holds `.course/`).

    Raises:
        RecordUnreadable: the record is damaged or cannot be opened.
    """
    try:
        events = record.read(folder)
    except (sqlite3.DatabaseError, OSError) as error:
        raise RecordUnreadable(
            f"The progress record {record.record_file(folder)} cannot be read ({error}).\n"
            "Restore it from a backup, or rename it: the next check begins a new record."
        ) from error
    return summarise(exercises.lessons(), events)


def summarise(lessons: Iterable[Lesson], events: list[record.Event]) -> Progress:
    """Put recorded `events`, oldest first, to the `lessons` of the course."""
    lessons = tuple(lessons)
    # Exercises are found by name, not by lesson: one that moved to another lesson keeps its points.
    home = {one.grade_id: lesson.name for lesson in lessons for one in lesson.exercises}
    best: dict[str, float] = {}
    right: set[str] = set()
    last: dict[str, float] = {}
    for event in events:
        lesson = home.get(event.exercise or "", event.lesson)
        last[lesson] = max(last.get(lesson, 0), event.at)
        if event.exercise is not None:
            best[event.exercise] = max(best.get(event.exercise, 0), event.earned)
            if event.outcome == "right":
                right.add(event.exercise)
    spent = time_spent(events)
    return Progress(
        lessons=tuple(
            LessonProgress(
                lesson=lesson,
                earned_by={
                    # Points may have been reduced since they were earned.
                    one.grade_id: min(best[one.grade_id], one.points)
                    for one in lesson.exercises
                    if one.grade_id in best and not one.written
                },
                right=frozenset(one.grade_id for one in lesson.exercises if one.grade_id in right),
                seconds=spent.get(lesson.name, 0),
                last=last.get(lesson.name),
            )
            for lesson in lessons
        ),
        gone=tuple(sorted(best.keys() - home.keys())),
        seconds=sum(spent.values()),
    )


def table(folder: Path) -> "RenderableType":
    """The progress in `folder` as a table for the terminal (rich).

    Raises:
        RecordUnreadable: the record is damaged or cannot be opened.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    progress = load(folder)
    if not progress.lessons:
        return Text(progress.next_step())
    grid = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    grid.add_column("Lesson", min_width=18)
    for heading in ("Right", "Points"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True)
    for heading in ("Time", "Last"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for _, name, lessons in progress.phases():
        if not lessons:
            continue
        grid.add_row(
            Text(name, "bold"),
            Text(f"{sum(len(one.right) for one in lessons)}/{_tested(lessons)}", "bold"),
            Text(f"{_earned(lessons):g}/{_points(lessons):g}", "bold"),
            "",
            Text(_time(sum(one.seconds for one in lessons)), "bold"),
        )
        for one in lessons:
            grid.add_row(
                Text("  " + short_title(one.lesson)),
                f"{len(one.right)}/{len(one.tested)}",
                f"{one.earned:g}/{one.points:g}",
                _bar(one.share),
                _time(one.seconds),
                f"{datetime.fromtimestamp(one.last):%Y-%m-%d}" if one.last else "",
            )
        grid.add_row()
    lines = [progress.summary() + ".", progress.next_step()]
    if note := _gone(progress):
        lines.append(note)
    # Times are in the table with the rule they follow, so that nobody takes them for a stopwatch.
    lines.append(
        f"Time: from check to check, breaks over {LONGEST_GAP // 60} minutes left out; an estimate."
    )
    return Group(grid, *(Text(line) for line in lines))


def _bar(share: float, width: int = 10) -> str:
    """Plain characters: they read on any background and in any encoding. Full only when all is."""
    full = int(share * width)
    return "#" * full + "." * (width - full)


def _tested(lessons: list[LessonProgress]) -> int:
    return sum(len(one.tested) for one in lessons)


def _earned(lessons: list[LessonProgress]) -> float:
    return sum(one.earned for one in lessons)


def _points(lessons: list[LessonProgress]) -> float:
    return sum(one.points for one in lessons)


def _time(seconds: float) -> str:
    return duration(seconds) if seconds else ""


def _gone(progress: Progress) -> str:
    if not progress.gone:
        return ""
    names = ", ".join(progress.gone[:5]) + (", …" if len(progress.gone) > 5 else "")
    count = _count(len(progress.gone), "recorded exercise")
    return f"{count} no longer in the course and not counted here: {names}."


_GREY = "#595959"
_PALE = "#B8B8B8"
_GAP = 0.14


def picture(folder: Path, path: Path | None = None) -> "Figure":
    """The progress in `folder` as a figure: one row per phase, one cell per lesson.

    A cell is filled from the bottom by the share of points earned, so it reads without colour.

    Args:
        path: where to save it too (`.png`, `.svg`, `.pdf`); its folder is created.

    Raises:
        RecordUnreadable: the record is damaged or cannot be opened.
        OSError: `path` cannot be written.
    """
    figure = _draw(load(folder))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
    return figure


def _draw(progress: Progress) -> "Figure":
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = list(progress.phases())
    columns = max(12, *(len(lessons) for _, _, lessons in rows))
    step = progress.suggestion()
    # A figure of its own: neither pyplot's state nor the style of the learner's session matters.
    with mpl.rc_context({"font.family": "DejaVu Sans", "text.usetex": False}):
        # One unit is one cell: 5.4 for the names at the left, 4.4 for the sums at the right.
        left, right = -5.4, columns + 4.4
        top, bottom = 2.0, len(rows) + 1.2
        width = 10.5
        figure = Figure(figsize=(width, width * (top + bottom) / (right - left)), dpi=100)
        figure.patch.set_facecolor("white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, -top)
        scale = 21.8 / (right - left)
        axes.text(-5.2, -1.45, "Your progress", size=15 * scale, weight="bold", va="center")
        axes.text(-5.2, -0.75, progress.summary(), size=10.5 * scale, va="center", color=_GREY)
        for row, (_, name, lessons) in enumerate(rows):
            middle = row + 0.5
            axes.text(-5.2, middle, str(row + 1), size=10.5 * scale, va="center_baseline")
            name = textwrap.fill(name, 25)
            axes.text(-4.8, middle, name, size=10.5 * scale, va="center_baseline", linespacing=1.2)
            for column, lesson in enumerate(lessons):
                is_next = step is not None and lesson is step[0]
                _cell(axes, column, row, lesson, is_next=is_next, scale=scale)
            text = f"{_earned(lessons):g} of {_points(lessons):g} points"
            if seconds := sum(one.seconds for one in lessons):
                text += f"\n{duration(seconds)}"
            if not lessons:
                text = ""
                axes.text(0.1, middle, "no lessons yet", size=9 * scale, va="center", color=_GREY)
            # Beside the last cell of the widest row, so that the sums form a column.
            x = columns + 0.3
            axes.text(x, middle, text, size=9 * scale, va="center", color=_GREY, linespacing=1.3)
        _legend(axes, len(rows) + 0.35, scale)
    return figure


def _cell(
    axes: "Axes", column: float, row: float, lesson: LessonProgress, *, is_next: bool, scale: float
) -> None:
    """One lesson in its grid position."""
    state = "complete" if lesson.complete else "new" if lesson.last is None else "open"
    x, y, side = column + _GAP / 2, row + _GAP / 2, 1 - _GAP
    _box(axes, x, y, side, state, share=lesson.share, is_next=is_next, scale=scale)
    axes.text(
        x + side / 2,
        # The check mark of a complete lesson takes the lower half.
        y + side * (0.3 if state == "complete" else 0.5),
        lesson.number,
        size=8.5 * scale,
        color={"complete": "white", "open": "black", "new": _GREY}[state],
        ha="center",
        va="center",
    )


def _box(
    axes: "Axes",
    x: float,
    y: float,
    side: float,
    state: str,
    *,
    share: float = 0,
    is_next: bool = False,
    scale: float,
) -> None:
    """A square with its upper left corner at (x, y): "new", "open" (partly full) or "complete"."""
    # Imported where something is drawn: `course lab` and the table start without matplotlib.
    from matplotlib.patches import Rectangle

    from aicourse.lessons.plots import COLORS

    if state == "complete":
        axes.add_patch(Rectangle((x, y), side, side, facecolor=COLORS["blue"], linewidth=0))
        tick = (
            [x + side * at for at in (0.34, 0.46, 0.68)],
            [y + side * at for at in (0.68, 0.82, 0.54)],
        )
        axes.plot(*tick, color="white", linewidth=1.8 * scale, solid_capstyle="round")
    else:
        height = side * share
        fill = Rectangle((x, y + side - height), side, height, linewidth=0)
        fill.set_facecolor(COLORS["sky"])
        axes.add_patch(fill)
        edge = Rectangle((x, y), side, side, fill=False, linewidth=1.2 * scale)
        edge.set_edgecolor("black" if state == "open" else _PALE)
        axes.add_patch(edge)
    if is_next:
        frame = Rectangle((x - 0.02, y - 0.02), side + 0.04, side + 0.04, fill=False)
        frame.set(edgecolor=COLORS["vermilion"], linewidth=3 * scale, zorder=3)
        axes.add_patch(frame)


def _legend(axes: "Axes", y: float, scale: float) -> None:
    """One line of explanations whose squares have their upper edge at `y`."""
    side = 0.55
    entries = [
        ("not opened", {"state": "new"}),
        ("opened", {"state": "open"}),
        ("half of the points", {"state": "open", "share": 0.5}),
        ("every exercise right", {"state": "complete"}),
        ("suggested next", {"state": "new", "is_next": True}),
    ]
    x = 0.07
    for text, look in entries:
        _box(axes, x, y, side, scale=scale, **look)
        axes.text(x + side + 0.18, y + side / 2, text, size=9 * scale, va="center", color=_GREY)
        x += side + 0.55 + 0.15 * len(text)  # 0.15: a letter of this size


def show(folder: Path | None = None) -> None:
    """Show the progress picture and the next step; the start page's cell calls this.

    Args:
        folder: the learner's folder; default: the nearest one at or above the current folder.
    """
    from IPython import get_ipython
    from IPython.display import Image, Markdown, display

    folder = folder or record.find_folder()
    if folder is None:
        print("This folder has no progress record. `course lab` makes one in `work/`.")
        return
    try:
        progress = load(folder)
    except RecordUnreadable as problem:
        print(problem)
        return
    text = "\n\n".join(filter(None, [progress.next_step(), _gone(progress)]))
    if get_ipython() is None:
        print(f"{progress.summary()}.\n{text}")
        return
    image = io.BytesIO()
    _draw(progress).savefig(image, format="png", dpi=150)
    # Half size: sharp on dense screens.
    display(Image(data=image.getvalue(), width=900, alt=f"Your progress: {progress.summary()}"))
    step = progress.suggestion()
    if step is not None and (folder / f"{step[0].lesson.name}.ipynb").exists():
        # Links in an output are relative to the notebook, which lies at the top of the folder.
        title = short_title(step[0].lesson)
        text = text.replace(title, f"[{title}]({step[0].lesson.name}.ipynb)", 1)
    display(Markdown(text))
