"""The long kill test: real submissions, real sandbox, real workers. Not part of `make test`.

    python tests/kill_grading.py [--kills 20] [--workers 2] [--students 12] [--lessons ...]

A class made from the known answers is graded twice: undisturbed, and by coordinators that are
killed at random moments (SIGKILL) until one gets through. Then grades, comments and autograded
files must be the same, and equal to what the known answers must score. A third run loses its
workers instead.
"""

import argparse
import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from graded_class import PHASE, ROOT, Class

from aicourse.grading import demo
from aicourse.grading.gradebook import build_gradebook
from aicourse.grading.simulated_class import make_class

_COORDINATOR = """\
import sys
from pathlib import Path
from aicourse.grading.class_run import Choice, grade_class

if __name__ == "__main__":
    root, course, phase, workers, *stems = sys.argv[1:]
    choice = Choice(lessons=stems, workers=int(workers), publish=False)
    run = grade_class(Path(root), phase, choice, Path(course))
    print(run.graded, "graded,", run.unchanged, "unchanged,", run.failed, "failed;", *run.remarks)
"""


class Folder(Class):
    """A course that is all in one folder, as the demo's is."""

    @property
    def grading(self) -> Path:
        return self.root


def start(course: Path, workers: int, stems: Sequence[str]) -> "subprocess.Popen[str]":
    script = course.parent / "coordinator.py"
    script.write_text(_COORDINATOR, encoding="utf-8")
    words = [sys.executable, str(script), str(ROOT), str(course), PHASE, str(workers), *stems]
    with _log(course).open("w") as log:
        return subprocess.Popen(
            words, start_new_session=True, stdout=subprocess.PIPE, stderr=log, text=True
        )


def _log(course: Path) -> Path:
    return course.parent / f"{course.name}.log"


def check(coordinator: "subprocess.Popen[str]", course: Path) -> None:
    """Raises if a coordinator ended by itself, and not well."""
    if coordinator.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"ended with {coordinator.returncode}:\n{_log(course).read_text()}")


def finish(course: Path, workers: int, stems: Sequence[str]) -> str:
    coordinator = start(course, workers, stems)
    said, _ = coordinator.communicate()
    check(coordinator, course)
    return said.strip()


def _status(pid: int) -> tuple[int, str] | None:
    """(parent, start time) of a living process; None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else (int(fields[1]), fields[19])


def family(pid: int) -> dict[int, str]:
    """All living descendants of a process: pid → start time."""
    every = {int(p.name): _status(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()}
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {p: s[1] for p, s in every.items() if s and s[0] in parents and p not in found}
        found |= children
        parents = set(children)
    return found


def left_over(processes: dict[int, str]) -> list[int]:
    """Which of these processes still live."""
    return [p for p, begun in processes.items() if (s := _status(p)) and s[1] == begun]


def graded_files(course: Path) -> int:
    return len(list((course / "autograded").rglob("*.ipynb")))


def kill_once(course: Path, workers: int, stems: Sequence[str], dice: random.Random) -> str:
    """Kill one coordinator at a random moment; says when."""
    before = graded_files(course)
    enough = before + dice.choice([0, 1])
    coordinator = start(course, workers, stems)
    begun = time.monotonic()
    if enough == before:  # while it starts
        time.sleep(dice.uniform(0, 12))
    while coordinator.poll() is None and graded_files(course) < enough:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 0.3))
    alive = coordinator.poll() is None
    processes = family(coordinator.pid)
    if alive:
        os.kill(coordinator.pid, signal.SIGKILL)
    coordinator.communicate()
    check(coordinator, course)
    seconds = time.monotonic() - begun
    killed_at = time.monotonic()
    while left := left_over(processes):
        assert time.monotonic() - killed_at < 120, f"still alive: {left}"
        time.sleep(0.05)
    gone = time.monotonic() - killed_at
    what = "killed" if alive else "finished"
    new = graded_files(course) - before
    return (
        f"{what} after {seconds:.1f} s, {new} new notebooks,"
        f" its {len(processes)} processes gone in {gone:.1f} s"
    )


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def lose_workers(course: Path, workers: int, stems: Sequence[str], times: int) -> int:
    """Kill a worker every few notebooks; returns how many."""
    coordinator = start(course, workers, stems)
    dice, killed, seen = random.Random("workers"), 0, 0
    while coordinator.poll() is None:
        files = graded_files(course)
        found = [pid for pid in family(coordinator.pid) if b"spawn_main" in _command(pid)]
        if killed < times and files > seen and found:
            os.kill(dice.choice(found), signal.SIGKILL)
            killed, seen = killed + 1, files + 1
        time.sleep(0.01)
    check(coordinator, course)
    return killed


def without_timings(content: object) -> str:
    """Content to compare: messages of tests on speed quote the milliseconds of the day.

    Scores are compared as they are: those of the gradebook are numbers, not text.
    """
    if isinstance(content, dict):
        texts = [f"{name}\n{file.decode()}" for name, file in content.items()]
    elif content and isinstance(content[0][-1], str):
        texts = [repr(row) for row in content]
    else:
        return repr(content)
    return re.sub(r"\d+\.\d+", "#", "\n".join(texts))


def wrong_scores(course: Folder, expected: Path) -> list[str]:
    """Test cells whose score is not the known answer's."""
    wrong = []
    with expected.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            auto, _, waits = course.scores(row["student_id"], row["lesson"])[row["cell"]]
            if not waits and auto != float(row["points"]):
                wrong.append(f"{row['student_id']} {row['cell']}: {auto}, not {row['points']}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--lessons", nargs="+", default=["01_numpy_arrays", "02_vectors"])
    parser.add_argument("--worker-kills", type=int, default=4)
    chosen = parser.parse_args()
    names = [f"{PHASE}/{stem}" for stem in chosen.lessons]
    (ROOT / "build").mkdir(exist_ok=True)
    base = Path(tempfile.mkdtemp(prefix="kills-", dir=ROOT / "build"))
    try:
        calm = Folder(base / "calm")
        demo.prepare(ROOT, calm.root)
        make_class(ROOT, calm.root, names, chosen.students)
        build_gradebook(ROOT, calm.root)
        killed, lost = Folder(base / "killed"), Folder(base / "lost")
        for other in (killed, lost):
            shutil.copytree(calm.root, other.root)
        begun = time.monotonic()
        print("undisturbed:", finish(calm.root, chosen.workers, chosen.lessons), flush=True)
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
        dice = random.Random(1)
        for number in range(chosen.kills):
            said = kill_once(killed.root, chosen.workers, chosen.lessons, dice)
            print(f"kill {number + 1}: {said}", flush=True)
        print("then:", finish(killed.root, chosen.workers, chosen.lessons), flush=True)
        workers = lose_workers(lost.root, chosen.workers, chosen.lessons, chosen.worker_kills)
        print(f"{workers} workers killed; then:", finish(lost.root, 1, chosen.lessons))
        wanted = calm.content()
        for name, other in (("coordinators", killed), ("workers", lost)):
            got = other.content()
            different = [w for w in wanted if without_timings(got[w]) != without_timings(wanted[w])]
            print(f"after killed {name}: {different or 'everything is the same'}")
        wrong = wrong_scores(calm, calm.root / "expected.csv")
        print(f"scores that are not the known ones: {wrong or 'none'}")
        print(f"graded cells compared: {len(wanted['grades'])}")
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
