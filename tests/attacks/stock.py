"""The column of nbgrader as it comes: every attack given once to `nbgrader autograde`.

Its configuration is nbgrader's own; only the folders are named. Each attack runs in a jail made by
bubblewrap, on copies that are thrown away, because nbgrader itself holds nothing back::

    PYTHONPATH=tests .venv/bin/python -m attacks.stock             # all: about an hour
    PYTHONPATH=tests .venv/bin/python -m attacks.stock forging segfault    # some; others stay

writes stock_nbgrader.csv beside this file.
"""

import csv
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from aicourse.grading.gradebook import course_config, open_course
from aicourse.grading.sealed.sandbox import bubblewrap

from . import course
from .attack import Attack
from .outside import Outside, make_secrets, strings
from .table import ATTACKS

TABLE = Path(__file__).parent / "stock_nbgrader.csv"
COLUMNS = ("attack", "points", "course", "harm", "seen", "seconds")
#: The one who attacks, and the one who is graded next: without the attacked exercise, all others.
ATTACKER, NEXT = "mallory", "zoe"
#: Only what could reach the next student is followed by one: it takes seconds each time.
_FOLLOWED = ("writing", "metadata")
#: A jail is ended after this; nbgrader itself gives up a cell after 30 seconds.
_PATIENCE = 400
#: nbgrader sets no limits; these keep its machine alive: bytes of memory, and of a file.
_MEMORY, _FILE = 12 << 30, 1 << 30
_ROOT = Path(__file__).resolve().parents[2]
_CONFIG = """\
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "attacked"
c.CourseDirectory.source_directory = "../notebooks"
c.CourseDirectory.release_directory = "../student"
c.CourseDirectory.student_id_exclude = "ada"
"""


def run(names: Sequence[str]) -> None:
    """Give attacks to nbgrader and update the table.

    Args:
        names: of attacks or families, in this order; none: all.
    """
    tried = applicable()
    chosen = [a for name in names for a in tried if name in (a.name, a.family)] or tried
    secrets = make_secrets()
    # Not below /tmp, which the jail hides.
    (_ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_ROOT / "build", prefix="attacks-") as name:
        root = course.make(Path(name) / "course", secrets)
        config = _CONFIG.format(root=str(root / "grading"))
        (root / "grading" / "nbgrader_config.py").write_text(config, encoding="utf-8")
        for number, attack in enumerate(chosen, 1):
            started = time.monotonic()
            row = _jailed(attack, root, secrets, Path(name))
            row["seconds"] = f"{time.monotonic() - started:.0f}"
            print(f"{number}/{len(chosen)}", *row.values(), sep=" | ", flush=True)
            _add(row)


def applicable() -> list[Attack]:
    """The attacks that mean something to nbgrader: it has no protocol of the grader's to speak."""
    return [attack for attack in ATTACKS if attack.family != "protocol"]


def table() -> list[dict[str, str]]:
    """The rows of the table as it was last written."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _add(row: dict[str, str]) -> None:
    """Put a row in its place; read again each time, because another run may add rows, too."""
    rows = {one["attack"]: one for one in table()} | {row["attack"]: row}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[attack.name] for attack in ATTACKS if attack.name in rows)


def _jailed(attack: Attack, root: Path, secrets: dict[str, str], folder: Path) -> dict[str, str]:
    """The row of one attack."""
    report = folder / "report"
    shutil.rmtree(report, ignore_errors=True)
    report.mkdir()
    task = {
        "attack": attack.name,
        "root": str(root),
        "secrets": secrets,
        "namespace": os.readlink("/proc/self/ns/pid"),
    }
    (report / "task.json").write_text(json.dumps(task))
    words = [bubblewrap(), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    words += ["--tmpfs", "/tmp", "--tmpfs", "/var/tmp"]
    for place in (str(_ROOT), str(Path.home()), "/etc", "/usr/local"):
        words += ["--overlay-src", place, "--tmp-overlay", place]
    words += ["--bind", str(report), str(report), "--cap-drop", "ALL"]
    words += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--die-with-parent", "--new-session"]
    words += [sys.executable, "-m", "attacks.stock", "--inside", str(report)]
    environment = os.environ | {"PYTHONPATH": str(_ROOT / "tests")}
    environment["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    jail = subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=(report / "log").open("w"),
        preexec_fn=_limited,
    )
    try:
        jail.wait(_PATIENCE)
        how = "stopped"
    except subprocess.TimeoutExpired:
        jail.send_signal(signal.SIGKILL)
        jail.wait()
        how = f"hung for {_PATIENCE} s"
    if (report / "row.json").exists():
        return json.loads((report / "row.json").read_text())
    return dict.fromkeys(COLUMNS, "") | {"attack": attack.name, "course": f"class {how}"}


def _limited() -> None:
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, _FILE)):
        resource.setrlimit(what, (most, most))
    os.nice(10)


def inside(report: Path) -> None:
    """In the jail: hand in, autograde, look what happened."""
    task = json.loads((report / "task.json").read_text())
    attack = next(one for one in ATTACKS if one.name == task["attack"])
    root = Path(task["root"])
    config = course_config(root / "grading")
    with Outside(root, task["secrets"]) as outside:
        known = outside.known | {"PID_NAMESPACE": task["namespace"]}
        content = attack.notebook(course.student_notebook(root), known)
        course.hand_in(root, ATTACKER, content)
        unsolved = course.RIGHT | {attack.target: course.BLANK[attack.target]}
        follower = course.answered(course.student_notebook(root), unsolved)
        followed = attack.family in _FOLLOWED or attack.fused
        if followed:
            course.hand_in(root, NEXT, nbformat.writes(follower).encode())
        outside.harm()
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "autograde", course.PHASE, "--force"],
            cwd=root / "grading",
            stdout=subprocess.DEVNULL,
            stderr=(report / "nbgrader.log").open("w"),
        )
        harm = [
            words
            for words in outside.harm()
            if f"autograded/{ATTACKER}/" not in words
            and f"autograded/{NEXT}/" not in words
            and not words.endswith("gradebook.db")
        ]
        seen = _seen(outside, root)
        with open_course(config).gradebook as gradebook:
            points = _points(gradebook, ATTACKER, attack.target)
            others = [e for e in course.EXERCISES if e != attack.target]
            owed = course.POINTS * len(others)
            forged = _points(gradebook, NEXT, attack.target) if followed else 0.0
            earned = sum(_points(gradebook, NEXT, e) or 0 for e in others) if followed else owed
            kept = sum(_points(gradebook, course.CLASSMATE, e) or 0 for e in course.EXERCISES)
    if forged:
        harm.append(f"the next student forges {forged:g} points, too")
    elif earned < owed:
        harm.append(f"the next student has {earned:g} of {owed:g} points")
    if kept != course.POINTS * len(course.EXERCISES):
        harm.append(f"the classmate has {kept:g} points instead of 15")
    stopped = forged is None
    row = {
        "attack": attack.name,
        "points": "" if points is None else f"{points:g}",
        "course": "class stopped" if stopped else "not graded" if done.returncode else "",
        "harm": "; ".join(harm).replace(str(root), ""),
        "seen": "; ".join(sorted(set(seen))),
    }
    (report / "part.json").write_text(json.dumps(row))
    (report / "part.json").rename(report / "row.json")


def _points(gradebook: Gradebook, student: str, exercise: str) -> float | None:
    """Points of the exercise's tests; None where nbgrader recorded none."""
    names = (f"{exercise}_visible", f"{exercise}_hidden")
    try:
        grades = [gradebook.find_grade(name, course.STEM, course.PHASE, student) for name in names]
    except MissingEntry:
        return None
    known = [grade.score for grade in grades if grade.auto_score is not None or grade.manual_score]
    return sum(known) if known else None


def _seen(outside: Outside, root: Path) -> list[str]:
    """What the outputs of the attacker's graded notebook show; feedback is made from it."""
    file = root / "grading" / "autograded" / ATTACKER / course.PHASE / f"{course.STEM}.ipynb"
    if not file.exists():
        return []
    found = []
    for cell in nbformat.read(file, as_version=4).cells:
        for output in cell.get("outputs", []):
            # A failed hidden test shows its own lines in any case: only messages count here.
            shown = {k: v for k, v in output.items() if k != "traceback"}
            for text in strings(shown):
                found += outside.secrets_in(text[:500_000])
                found += ["hidden test"] * bool(outside.hidden_in(text[:500_000]))
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]))
    else:
        run(sys.argv[1:])
