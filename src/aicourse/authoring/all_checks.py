"""Everything `make test` runs, in order, with one summary at the end.

Each stage is a process of its own, so that a stage that crashes is one failed line in the summary
and the others still run. Tests are counted from pytest's JUnit reports.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

_SLOWEST = 10
#: Tests of `course grade`, which needs Linux; the longest first, so that both workers are busy.
_CLASS_GRADING = (
    "test_attacks.py",
    "test_class_run.py",
    "test_sealed_lessons.py",
    "test_grader.py",
    "test_recorder.py",
    "test_intake.py",
    "test_needed_cells.py",
    "test_feedback.py",
    "test_exports.py",
    "test_class_report.py",
)
#: A lesson in the name of a test: nbval names files, the others carry the lesson as parameter.
_LESSON = re.compile(r"(?:notebooks|student)/(\d\d_\w+/\d\d_\w+)")
#: Two workers: the machine that CI promises has two cores.
_WORKERS = ("-n", "2")
#: A file's tests, or a notebook's cells, stay together.
_BY_FILE = (*_WORKERS, "--dist", "loadfile")
#: Tests go wherever a worker is idle, but those that share an expensive fixture stay together.
_BY_GROUP = (*_WORKERS, "--dist", "loadgroup")


@dataclass(frozen=True)
class Stage:
    """One kind of check; `pytest` stages write a JUnit report and can be counted."""

    name: str
    command: tuple[str, ...]
    pytest: bool = False


@dataclass
class StageResult:
    """How a stage went; `seconds_per_lesson` comes from the JUnit report of lesson stages."""

    stage: Stage
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds_per_lesson: Counter[str] = field(default_factory=Counter)


def _pytest(name: str, *arguments: str) -> Stage:
    return Stage(name, (sys.executable, "-m", "pytest", "-q", *arguments), pytest=True)


def _course(name: str, *arguments: str) -> Stage:
    return Stage(name, (sys.executable, "-m", "aicourse.cli", *arguments))


def _nbval(*targets: str) -> Stage:
    return _pytest(
        "nbval: source notebooks run and give the same output",
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=300",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "--timeout=900",
        *targets,
    )


def stages(root: Path, lesson: str | None = None) -> list[Stage]:
    """The stages for the whole project, or for one lesson ("<phase>/<stem>")."""
    python = sys.executable
    if lesson:
        source = f"notebooks/{lesson}.ipynb"
        answers = f"grading/answers/{lesson}.py"
        chosen = [path for path in (source, answers) if (root / path).exists()]
        return [
            Stage("ruff: style of the lesson", (python, "-m", "ruff", "check", *chosen)),
            Stage("ruff: format", (python, "-m", "ruff", "format", "--check", *chosen)),
            _course("lint: anatomy of the lesson", "lint", lesson),
            _course("build is up to date", "build", "--check", "--lesson", lesson),
            _nbval(source),
            _course("known answers", "known-answers", lesson),
            _pytest("student notebook runs", "tests/test_student_notebooks.py", "-k", lesson),
        ]
    own_stage = {"test_student_notebooks.py", "test_grading.py", "test_colab.py", *_CLASS_GRADING}
    units = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "tests").glob("test_*.py"))
        if path.name not in own_stage
    ]
    class_grading = _pytest("class grading", *_BY_FILE, *(f"tests/{f}" for f in _CLASS_GRADING))
    return [
        Stage("ruff: style", (python, "-m", "ruff", "check", ".")),
        Stage("ruff: format", (python, "-m", "ruff", "format", "--check", ".")),
        _course("lint: anatomy of lessons", "lint"),
        _course("build is up to date", "build", "--check"),
        _pytest("unit tests", *_BY_FILE, *units),
        _nbval(*_BY_FILE, "notebooks"),
        _course("known answers", "known-answers"),
        _pytest("student notebooks run", *_BY_GROUP, "tests/test_student_notebooks.py"),
        *([class_grading] if sys.platform == "linux" else []),
        _pytest("instructor's path", *_BY_GROUP, "tests/test_grading.py"),
        _pytest("Colab simulation", *_BY_GROUP, "tests/test_colab.py"),
    ]


def _read_report(report: Path, result: StageResult, root: Path) -> None:
    if not report.exists():
        return
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            result.failed += 1
        elif "skipped" in kinds:
            result.skipped += 1
        else:
            result.passed += 1
        name = case.get("classname", "").replace(".", "/") + " " + case.get("name", "")
        if match := _LESSON.search(name):
            result.seconds_per_lesson[match[1]] += float(case.get("time", 0))


def _run_stage(stage: Stage, root: Path, reports: Path) -> StageResult:
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": os.environ.get("COLUMNS", "110")}
    report = reports / f"{abs(hash(stage.name))}.xml"
    command = [*stage.command, *([f"--junitxml={report}"] if stage.pytest else [])]
    start = time.monotonic()
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    result = StageResult(stage, code == 0, time.monotonic() - start)
    if stage.pytest:
        _read_report(report, result, root)
        if not result.passed + result.failed:
            result.ok = False  # a stage that ran no test proves nothing
    else:
        result.passed, result.failed = int(result.ok), int(not result.ok)
    return result


def run(root: Path, lesson: str | None = None) -> int:
    """Run all stages, print the summary, and return the exit code (0 or 1)."""
    console = Console()
    results = []
    with tempfile.TemporaryDirectory() as reports:
        for stage in stages(root, lesson):
            console.rule(f"[bold]{stage.name}", align="left")
            results.append(_run_stage(stage, root, Path(reports)))
    _print_summary(console, results)
    return int(not all(result.ok for result in results))


def _print_summary(console: Console, results: list[StageResult]) -> None:
    console.rule("[bold]Summary", align="left")
    table = Table()
    for column in ("Stage", "Result", "Passed", "Failed", "Skipped", "Seconds"):
        table.add_column(column, justify="left" if column in ("Stage", "Result") else "right")
    for r in results:
        verdict = "[green]ok" if r.ok else "[bold red]FAILED"
        counts = (str(r.passed), str(r.failed), str(r.skipped), f"{r.seconds:.0f}")
        table.add_row(r.stage.name, verdict, *counts)
    console.print(table)
    slowest = sum((r.seconds_per_lesson for r in results), Counter())
    if slowest:
        console.print("Slowest lessons (seconds in notebook runs):")
        for name, seconds in slowest.most_common(_SLOWEST):
            console.print(f"  {seconds:6.1f}  {name}")
    total = sum(r.seconds for r in results)
    console.print(f"{total / 60:.1f} minutes in all")
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    # A stage can fail without a failed test (a crash, an empty collection): count it.
    failed += sum(not r.ok and not r.failed for r in results)
    print(f"{passed} passed, {failed} failed, {sum(r.skipped for r in results)} skipped")
