"""Prints the table of attacks: what nbgrader, as it comes, and this course's grader make of each.

    PYTHONPATH=tests .venv/bin/python -m attacks [ATTACK or FAMILY …]

nbgrader's column was recorded by `python -m attacks.stock`; this course's is graded now.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aicourse.grading.bundle import lesson_bundle
from aicourse.grading.grader import Grader
from aicourse.grading.results import PASSED, Result
from aicourse.grading.sealed.sandbox import Limits

from . import course, stock
from .attack import Attack
from .outside import Outside, make_secrets, strings, student_sees
from .table import ATTACKS

_LIMITS = Limits(cell_seconds=3, test_seconds=3, total_seconds=60, memory_mb=1500, disk_mb=64)


def main(names: list[str]) -> None:
    """Grade the attacks called `names`, or of the families called so (none: all), and print."""
    chosen = [a for name in names for a in ATTACKS if name in (a.name, a.family)] or ATTACKS
    recorded = {row["attack"]: row for row in stock.table()}
    table = Table(title=f"{len(chosen)} attacks", title_justify="left")
    for column in ("Attack", "", "nbgrader", "This course"):
        table.add_column(column)
    secrets = make_secrets()
    won: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        root = course.make(Path(name) / "course", secrets)
        bundle = lesson_bundle(root, course.LESSON)
        with Outside(root, secrets) as outside, Grader([bundle], _LIMITS) as grader:
            for attack in chosen:
                content = attack.notebook(course.student_notebook(root), outside.known)
                result = grader.grade(content, course.LESSON)
                theirs = nbgraders(attack, recorded.get(attack.name))
                ours = this_courses(attack, result, outside)
                won["nbgrader"] += not theirs.startswith(
                    ("0 points", "has no", "not recorded")
                ) or (";" in theirs)
                won["this course"] += ours.split(" (")[0] != "0 points"
                table.add_row(f"{attack.family}: {attack.name}", attack.what, theirs, ours)
    Console().print(table)
    for column, number in won.items():
        print(f"{column}: {number} of {len(chosen)} attacks got something or harmed something")


def nbgraders(attack: Attack, row: dict[str, str] | None) -> str:
    """The cell of a recorded row."""
    if row is None:
        return "has no such protocol" if attack.family == "protocol" else "not recorded yet"
    points = float(row["points"] or 0) - attack.earned
    words = [f"{points:g} points", row["course"], row["harm"]]
    words += [f"sees {row['seen']}"] if row["seen"] else []
    return "; ".join(word for word in words if word)


def this_courses(attack: Attack, result: Result, outside: Outside) -> str:
    """The cell of a result: points beyond the honest ones, harm, secrets, and the reason given."""
    own = [score for score in result.scores if score.exercise == attack.target]
    points = sum(score.earned for score in own) - attack.earned
    seen = {secret for text in strings(asdict(result)) for secret in outside.secrets_in(text)}
    if outside.hidden_in(student_sees(outside.root, result)):
        seen.add("hidden test")
    words = [f"{points:g} points", *outside.harm(), *(f"sees {one}" for one in sorted(seen))]
    outcomes = sorted({score.outcome for score in own if score.outcome != PASSED})
    return "; ".join(words) + f" ({', '.join(outcomes)})" * bool(outcomes)


if __name__ == "__main__":
    main(sys.argv[1:])
