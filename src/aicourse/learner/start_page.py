"""The learner's start page, `work/START_HERE.ipynb`: where am I, what is next, how things work.

`course lab` writes it anew each time, from the lessons in `student/`, the exercise bank and the
learner's record.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aicourse.learner import progress
from aicourse.learner.progress import Progress, RecordUnreadable, number
from aicourse.lessons import exercises
from aicourse.lessons.exercises import PHASES

NAME = "START_HERE.ipynb"
_TIME = re.compile(r"\*\*Time:?\*\*:?\s*(.+)")


@dataclass(frozen=True)
class _Row:
    """One lesson as the table shows it; `points` of its tests, None when the bank lacks it."""

    name: str
    title: str
    time: str
    points: float | None


def build(student: Path, folder: Path | None) -> str:
    """The start page as notebook text, the same for the same course and record.

    Args:
        student: the folder of student lessons.
        folder: the learner's folder, for where they are; None: the page without any progress,
            which changes only when the course does.
    """
    rows = [
        _row(student, file.relative_to(student).with_suffix("").as_posix())
        for file in sorted(student.glob("*/*.ipynb"))
    ]
    state: Progress | None = None
    problem = ""
    if folder is not None:
        try:
            state = progress.load(folder)
        except RecordUnreadable as error:
            problem = str(error)
    cells = [
        _markdown("welcome", _WELCOME),
        _markdown("where-am-i", _where(rows, state, problem)),
        _code("progress", "from aicourse.learner.progress import show\n\nshow()"),
        _markdown("lessons", _lessons(rows, state)),
        _markdown("checking", _CHECKING),
        _markdown("stuck", _STUCK),
        _markdown("files", _FILES),
        _markdown("updating", _UPDATING),
    ]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _markdown(name: str, source: str) -> dict[str, Any]:
    lines = source.strip().splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": lines}


def _code(name: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _row(student: Path, name: str) -> _Row:
    """What the table says about a lesson: from the bank, else from the lesson's title cell."""
    try:
        lesson = exercises.lesson(name)
    except exercises.UnknownExercise:
        title, time = _title_cell(student / f"{name}.ipynb")
        return _Row(name, title or name.split("/")[1].replace("_", " "), time, None)
    points = sum(one.points for one in lesson.exercises if not one.written)
    return _Row(name, lesson.title, lesson.time, points)


def _title_cell(notebook: Path) -> tuple[str, str]:
    """Title and time from the first markdown cell; empty where it has none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        source = next(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return "", ""
    text = source if isinstance(source, str) else "".join(source)
    heading = re.search(r"^# (.+)", text, re.MULTILINE)
    time = _TIME.search(text)
    return heading.group(1).strip() if heading else "", time.group(1).strip() if time else ""


def _link(row: _Row) -> str:
    title = row.title if row.title[:1].isdigit() else f"{number(row.name)} {row.title}"
    # A bar would end the table's cell.
    return f"[{title.replace('|', chr(92) + '|')}]({quote(row.name)}.ipynb)"


def _where(rows: list[_Row], state: Progress | None, problem: str) -> str:
    head = "## Where you are\n\n"
    tail = "\n\nRun the next cell (Shift+Enter) for the picture as it is now."
    if problem:
        return f"{head}{problem}{tail}"
    by_name = {row.name: row for row in rows}
    step = state.suggestion() if state else None
    row = by_name.get(step[0].lesson.name) if step else None
    if state is None or not state.started:
        first = row or (rows[0] if rows else None)
        if first is None:
            return f"{head}There are no lessons yet."
        return f"{head}At the beginning. Open {_link(first)} and run its cells from the top.{tail}"
    text = f"{head}**{state.summary()}.**"
    if step is None:
        text += " Every exercise with tests is right: you have completed the course."
    elif row is not None:
        verb = "Continue" if step[0].last is not None else "Next:"
        text += f"\n\n{verb} {_link(row)}, with *{step[1].title}*."
    return text + tail


def _lessons(rows: list[_Row], state: Progress | None) -> str:
    done = {one.lesson.name: one for one in state.lessons} if state else {}
    parts = ["## Lessons"]
    phases = [*PHASES, *sorted({row.name.split("/")[0] for row in rows} - PHASES.keys())]
    for count, phase in enumerate(phases, 1):
        inside = [row for row in rows if row.name.split("/")[0] == phase]
        if not inside:
            continue
        lines = [
            f"### Phase {count} — {PHASES.get(phase, phase)}",
            "",
            "| Lesson | Time | Points | You |",
            "| :--- | :--- | ---: | :--- |",
        ]
        for row in inside:
            points = "" if row.points is None else f"{row.points:g}"
            mine = done.get(row.name)
            if mine is None or mine.last is None:
                yours = ""
            else:
                yours = "complete" if mine.complete else f"{mine.earned:g} so far"
            hours = row.time.split(",")[0]  # without its explanation
            lines.append(f"| {_link(row)} | {hours} | {points} | {yours} |")
        parts.append("\n".join(lines))
    if len(parts) == 1:
        parts.append("There are no lessons yet.")
    return "\n\n".join(parts)


_WELCOME = """
# Welcome

This course takes you from software engineer to AI engineer, one notebook at a time. Each lesson
explains an idea, shows it on real data and lets you build it yourself; the exercises tell you at
once whether it works. Everything here runs on your own machine. Take your time.
"""

_CHECKING = """
## How checking works

- After each exercise stands a cell such as `check("cosine_similarity")`. Run it after your own
  cell. It answers *right*, *wrong* with the mistake named, or *not attempted*, and changes none
  of your variables.
- `check_all()` at the end of a lesson shows all its exercises in one table.
- `course check FILE` in a terminal runs a whole saved lesson from a clean start, for example
  `course check 01_math_python/01_numpy_arrays.ipynb`. It finds answers that only work because of
  a cell you have since changed or deleted.
- `course progress` in a terminal shows points and time for all lessons.

For a terminal: *File → New → Terminal*. Checks are for you: try as often as you like. Your best
result counts, and a wrong answer costs nothing.
"""

_STUCK = """
## When you are stuck

1. Read the message of the check once more: it names the likely mistake.
2. Call your function with the smallest input you can work out by hand.
3. Each exercise says after how many minutes to open its hints. Open the first, and try again
   before the second.
4. Go on. No later part of a lesson needs your answer, so you can come back tomorrow.

A cell that never ends: *Kernel → Interrupt Kernel*. Strange results after many changes:
*Kernel → Restart Kernel and Run All Cells*.
"""

_FILES = """
## Where things are

- This folder is yours. What you write here is never overwritten; your own notebooks and files
  can lie beside the lessons.
- The hidden folder `.course` holds the record of your checks (`progress.sqlite`). To back up
  everything, copy this whole folder.
- To begin a lesson again, rename or delete your notebook and start the lab once more: a fresh copy
  takes its place. Points already earned stay.
"""

_UPDATING = """
## New versions of the course

In the course's folder, with the lab stopped (Ctrl+C in its terminal):

    git pull
    make lab

New lessons appear here. Lessons you have not changed are replaced by their new version. A lesson
that you have worked in stays exactly as it is; its new version is put beside it, with a name like
`02_vectors (new in v0.2.0).ipynb`, and the lab tells you so. This page follows the same rule.
"""
