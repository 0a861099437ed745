"""The executor: branches leave no trace, and whatever code does, the plan goes on."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aicourse import executor
from aicourse.executor import Branch, Run, Runner

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as entered:
        yield entered


def test_cells_share_state_and_errors_do_not_stop_the_plan(runner: Runner) -> None:
    outcome = runner.run([Run("x = 1", "a"), Run("1 / 0", "b"), Run("assert x == 1", "c")])
    assert outcome.end == "done"
    assert [outcome.cell(name).error for name in "abc"] == [None, "ZeroDivisionError", None]
    assert outcome.cell("b").message == "division by zero"


@needs_fork
def test_a_branch_leaves_no_trace(runner: Runner) -> None:
    change = Branch([Run("x.append(2); y = 3; assert x == [1, 2]", "inside")], "change")
    after = Run("assert x == [1]; assert 'y' not in globals()", "after")
    outcome = runner.run([Run("x = [1]"), change, after])
    assert outcome.branch("change").cell("inside").error is None
    assert outcome.cell("after").error is None


def test_every_run_starts_clean(runner: Runner) -> None:
    runner.run([Run("left_behind = 1")])
    assert runner.run([Run("left_behind", "look")]).cell("look").error == "NameError"


@needs_fork
@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(0)", "died"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "died"),
        ("import ctypes; ctypes.string_at(0)", "died"),
        ("import os, time\nif os.fork(): os._exit(1)\ntime.sleep(60)", "timeout"),
    ],
    ids=["endless loop", "exit", "killed", "segmentation fault", "orphan holds the pipe"],
)
def test_a_broken_branch_costs_itself_alone(runner: Runner, source: str, end: str) -> None:
    bad = Branch([Run("pass", "before"), Run(source, "bad"), Run("pass", "later")], "b", timeout=2)
    outcome = runner.run([bad, Run("z = 1", "after")])
    assert outcome.branch("b").end == end
    assert outcome.branch("b").cell("before").error is None
    assert outcome.branch("b").cell("bad").error == end.capitalize()
    assert outcome.branch("b").cell("later").error == end.capitalize()
    assert outcome.end == "done"
    assert outcome.cell("after").error is None


@needs_fork
def test_children_of_a_timed_out_branch_are_gone(runner: Runner, tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    source = (
        "import os, time\nos.fork()\n"
        f"while True:\n    open({str(beat)!r}, 'a').write('.')\n    time.sleep(0.05)"
    )
    runner.run([Branch([Run(source)], "b", timeout=1.0)])
    before = beat.stat().st_size
    time.sleep(0.5)
    assert before > 0
    assert beat.stat().st_size == before


def test_a_branch_has_its_own_environment(runner: Runner) -> None:
    look = "import os; assert os.environ.get('COURSE_PROBE') == 'yes'"
    inside = Branch([Run(look, "look")], "inside", environment={"COURSE_PROBE": "yes"})
    outcome = runner.run([inside])
    assert outcome.branch("inside").cell("look").error is None


def test_runs_in_the_given_folder(runner: Runner, tmp_path: Path) -> None:
    source = f"import os; assert os.path.samefile(os.getcwd(), {str(tmp_path)!r})"
    assert runner.run([Run(source, "here")], folder=tmp_path).cell("here").error is None


def test_magics_display_and_await_work_as_in_a_notebook(runner: Runner) -> None:
    cells = ["%time 1", "display('shown')", "import asyncio\nawait asyncio.sleep(0)", "print('x')"]
    outcome = runner.run([Run(source, str(i)) for i, source in enumerate(cells)])
    assert [outcome.cell(str(i)).error for i in range(len(cells))] == [None] * len(cells)


@needs_fork
def test_one_thread_before_forking(runner: Runner) -> None:
    """A fork of a process with several threads can hang."""
    count = "import threading; assert threading.active_count() == 1"
    numeric = "import numpy as np; np.linalg.svd(np.ones((300, 300)))"
    folder = "/proc/self/task"  # Linux only
    tasks = f"import os\nassert not os.path.isdir('{folder}') or len(os.listdir('{folder}')) == 1"
    outcome = runner.run([Run(numeric), Run(count, "threads"), Run(tasks, "tasks")])
    assert outcome.cell("threads").error is None
    assert outcome.cell("tasks").error is None


def test_without_fork_the_same_plan_runs_in_a_kernel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(executor.os, "fork", raising=False)
    steps = [
        Run("x = 1", "a"),
        Branch([Run("assert x == 1", "same"), Run("x / 0", "bad")], "b"),
        Branch([Run("import time; time.sleep(30)", "slow")], "late", timeout=1),
        Run("assert x == 1", "after"),
    ]
    with Runner() as without:
        outcome = without.run(steps, folder=tmp_path)
    assert outcome.cell("a").error is None
    assert outcome.branch("b").cell("same").error is None
    assert outcome.branch("b").cell("bad").error == "ZeroDivisionError"
    assert outcome.branch("late").end == "timeout"
