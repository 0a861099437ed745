"""Runs notebook code as a tree: straight runs of cells, with branches that leave no trace.

A plan is a list of steps. `Run` executes one cell in the current process. `Branch` forks: its own
steps run in a copy of everything so far, and when it ends, crashes or is killed, the plan goes on
as if it had not been. So an exercise's ten known answers, or a test that never returns, cost
one fork each and cannot disturb one another.

A warm process (`Runner`) imports the libraries once and forks per plan. Where the system cannot
fork (Windows), the same plan runs straight through in a fresh kernel: slower, not isolated,
same verdicts for well-behaved code.
"""

import contextlib
import gc
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aicourse.frames import receive, send

#: Imported once by the warm process; each is imported only if it is installed.
WARM_MODULES = ("numpy", "pandas", "matplotlib.pyplot", "sklearn.base", "aicourse.lessons.check")
#: Forking a process that runs threads can hang the child, so libraries get one thread each, and
#: the memory allocator in pyarrow, which pandas imports, no background thread.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_LONGEST_MESSAGE = 2000


@dataclass(frozen=True)
class Run:
    """Execute `source` as a notebook cell; a failure is reported and the plan goes on."""

    source: str
    label: str = ""


@dataclass(frozen=True)
class Branch:
    """Execute `steps` in a copy of the present state, for at most `timeout` seconds."""

    steps: "Sequence[Step]"
    label: str = ""
    timeout: float = 60.0
    environment: dict[str, str] = field(default_factory=dict)


Step = Run | Branch


@dataclass(frozen=True)
class RunOutcome:
    """How a cell ended: `error` is the exception's type name, or None."""

    label: str
    error: str | None
    message: str
    seconds: float


@dataclass(frozen=True)
class BranchOutcome:
    """How a branch ended: "done", "timeout" or "died" (killed, or the code ended the process)."""

    label: str
    end: str
    steps: "tuple[Outcome, ...]"

    def cell(self, label: str) -> RunOutcome:
        """The outcome of the cell called `label`; a branch that broke off reports its end."""
        for step in self.steps:
            if isinstance(step, RunOutcome) and step.label == label:
                return step
        message = {
            "timeout": "The code did not finish in the time allowed.",
            "died": "The process ended before this cell finished.",
        }.get(self.end, "The cell did not run.")
        return RunOutcome(label, self.end.capitalize(), message, 0.0)

    def branch(self, label: str) -> "BranchOutcome":
        """The outcome of the inner branch called `label`."""
        for step in self.steps:
            if isinstance(step, BranchOutcome) and step.label == label:
                return step
        return BranchOutcome(label, self.end if self.end != "done" else "died", ())


Outcome = RunOutcome | BranchOutcome


class ExecutorError(RuntimeError):
    """The warm process itself failed, not the code it ran."""


# ---------------------------------------------------------------- plans and outcomes as plain data


def _step_to_data(step: Step) -> dict[str, Any]:
    if isinstance(step, Run):
        return {"run": step.source, "label": step.label}
    return {
        "branch": [_step_to_data(inner) for inner in step.steps],
        "label": step.label,
        "timeout": step.timeout,
        "environment": step.environment,
    }


def _step_from_data(data: dict[str, Any]) -> Step:
    if "run" in data:
        return Run(data["run"], data["label"])
    steps = [_step_from_data(inner) for inner in data["branch"]]
    return Branch(steps, data["label"], data["timeout"], data["environment"])


def _outcome_to_data(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, RunOutcome):
        return vars(outcome)
    steps = [_outcome_to_data(inner) for inner in outcome.steps]
    return {"label": outcome.label, "end": outcome.end, "steps": steps}


def _outcome_from_data(data: dict[str, Any]) -> Outcome:
    """Rebuild an outcome; the shape is checked because student code ran where it was written."""
    if "end" in data:
        steps = tuple(_outcome_from_data(inner) for inner in data["steps"])
        return BranchOutcome(str(data["label"]), str(data["end"]), steps)
    error = data["error"]
    return RunOutcome(
        str(data["label"]),
        None if error is None else str(error),
        str(data["message"]),
        float(data["seconds"]),
    )


# ---------------------------------------------------------------------------- inside a forked child


def _run_cell(shell: Any, step: Run) -> RunOutcome:
    start = time.perf_counter()
    with (
        open(os.devnull, "w") as silence,
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
    ):
        result = shell.run_cell(step.source, store_history=False)
    seconds = round(time.perf_counter() - start, 4)
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return RunOutcome(step.label, None, "", seconds)
    return RunOutcome(step.label, type(error).__name__, str(error)[:_LONGEST_MESSAGE], seconds)


def _run_steps(shell: Any, steps: Sequence[Step]) -> Iterator[Outcome]:
    for step in steps:
        yield _run_cell(shell, step) if isinstance(step, Run) else _run_branch(shell, step)


def _run_branch(shell: Any, branch: Branch) -> BranchOutcome:
    """Fork, let the child run the branch, and collect what it reported before its end."""
    ours, theirs = socket.socketpair()
    # What exists by now is shared with the child; its garbage collector need not visit, and so
    # copy, all of it.
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        ours.close()
        os.setpgid(0, 0)
        # What compiled libraries write there (LAPACK's complaints) is nobody's message.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            os.environ.update(branch.environment)
            for outcome in _run_steps(shell, branch.steps):
                send(theirs, _outcome_to_data(outcome))
            send(theirs, None)
        finally:
            os._exit(0)
    theirs.close()
    outcomes: list[Outcome] = []
    deadline = time.monotonic() + branch.timeout
    end = "done"
    try:
        while (message := receive(ours, max(0.0, deadline - time.monotonic()))) is not None:
            outcomes.append(_outcome_from_data(message))
    except TimeoutError:
        end = "timeout"
    except (EOFError, OSError):
        end = "died"
    ours.close()
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return BranchOutcome(branch.label, end, tuple(outcomes))


# -------------------------------------------------------------------------------- the warm process


def quiet_shell() -> Any:
    """The IPython shell of this process; shows nothing: what becomes of a cell is its result."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = lambda *args, **kwargs: None
    shell.displayhook.compute_format_data = lambda *args, **kwargs: ({}, {})
    shell.displayhook.write_format_data = lambda *args, **kwargs: None
    shell.display_pub.publish = lambda *args, **kwargs: None
    return shell


def _serve(connection: socket.socket) -> None:
    """Main loop of the warm process: a plan comes, its outcome goes back."""
    import importlib

    for name in WARM_MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    shell = quiet_shell()
    gc.collect()
    send(connection, "ready")
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError):
            return
        os.chdir(request["folder"])
        plan = _step_from_data(request["plan"])
        assert isinstance(plan, Branch)
        send(connection, _outcome_to_data(_run_branch(shell, plan)))


class Runner:
    """A warm process that runs plans, each in a fork of its own.

    Use it as a context manager. `environment` is added to the process's environment.
    """

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self._environment = {
            **os.environ,
            **ONE_THREAD,
            "MPLBACKEND": "agg",
            "PYTHONWARNINGS": "ignore",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    def __enter__(self) -> "Runner":
        if not hasattr(os, "fork"):
            return self
        self._connection, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aicourse.executor", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=self._environment,
        )
        theirs.close()
        try:
            receive(self._connection)
        except (EOFError, OSError):
            self.__exit__()
            raise ExecutorError(
                "The process that runs notebooks did not start; see above."
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._connection is not None:
            self._process.kill()
            self._process.wait()
            self._connection.close()
            self._process = None

    def run(
        self, steps: Sequence[Step], folder: Path | None = None, timeout: float = 600.0
    ) -> BranchOutcome:
        """Run `steps` from a clean state, in `folder` (default: the current one).

        Raises:
            ExecutorError: the warm process ended.
        """
        plan = Branch(list(steps), "plan", timeout)
        where = str(folder or Path.cwd())
        if not hasattr(os, "fork"):
            return _run_in_kernel(plan, where, self._environment)
        assert self._connection is not None, "use Runner in a with statement"
        try:
            send(self._connection, {"plan": _step_to_data(plan), "folder": where})
            data = receive(self._connection)
        except (EOFError, OSError):
            raise ExecutorError("The process that runs notebooks ended unexpectedly.") from None
        outcome = _outcome_from_data(data)
        assert isinstance(outcome, BranchOutcome)
        return outcome


# ------------------------------------------------------------------- without fork: a fresh kernel


def _run_in_kernel(plan: Branch, folder: str, environment: dict[str, str]) -> BranchOutcome:
    """Run the plan straight through in one kernel: branches share their state."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=folder, env=environment)
    try:
        return _branch_in_kernel(client, plan)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _branch_in_kernel(client: Any, branch: Branch) -> BranchOutcome:
    outcomes: list[Outcome] = []
    deadline = time.monotonic() + branch.timeout
    if branch.environment:
        client.execute(f"import os; os.environ.update({branch.environment!r})", reply=True)
    for step in branch.steps:
        if isinstance(step, Branch):
            outcomes.append(_branch_in_kernel(client, step))
            continue
        start = time.monotonic()
        try:
            left = max(0.1, deadline - start)
            reply = client.execute_interactive(
                step.source, store_history=False, timeout=left, output_hook=lambda message: None
            )["content"]
        except (TimeoutError, queue.Empty):
            return BranchOutcome(branch.label, "timeout", tuple(outcomes))
        failed = reply["status"] == "error"
        outcomes.append(
            RunOutcome(
                step.label,
                reply["ename"] if failed else None,
                reply["evalue"][:_LONGEST_MESSAGE] if failed else "",
                round(time.monotonic() - start, 4),
            )
        )
    return BranchOutcome(branch.label, "done", tuple(outcomes))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
