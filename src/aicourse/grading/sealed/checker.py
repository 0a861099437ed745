"""The clean process that runs the tests: no code of a student's ever runs in it.

    grader ──packets──> checker ──fork──> lesson: ran the lesson's own cells, and of every test
                                          what comes before the first use of an answer
                                            └─fork─> one test of one submission

A test asks the submission's snapshot for the values of an answer, which come as plain data
(plain_data.py), and compares them here.

Started as `python -m aicourse.grading.sealed.checker DESCRIPTOR`.
"""

import contextlib
import gc
import importlib
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from aicourse.executor import ONE_THREAD, quiet_shell
from aicourse.frames import packet_pair, receive, receive_packet, send, send_packet
from aicourse.grading.bundle import GradedTest, LessonBundle
from aicourse.grading.results import DIED, FAILED, NOT_ATTEMPTED, PASSED, RAISED, TIMEOUT
from aicourse.grading.sealed.sandbox import in_packets
from aicourse.grading.sealed.snapshot import RemoteSnapshot
from aicourse.grading.sealed.split_test import CannotSplit, LearnersError, SplitTest

_MODULES = ("numpy", "pandas", "matplotlib.pyplot")
_LESSON_SECONDS = 600.0
#: Beyond what the libraries take: values that an answer returns are copied here.
_MEMORY = 4 << 30
_LONGEST_MESSAGE = 2000


class CheckerError(RuntimeError):
    """A lesson's own cells or tests do not run; the message says which."""


class Verdict(dict[str, str]):
    """What a test came to: `outcome`, `message`, and `error` (an exception's name, or "")."""


class Checker:
    """The checker and its lessons; a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._lessons: dict[str, socket.socket] = {}

    def __enter__(self) -> "Checker":
        self._connection, theirs = packet_pair()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD, "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._lessons.values():
            connection.close()
        self._lessons.clear()
        if self._process is not None and self._connection is not None:
            self._connection.close()
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def open_lesson(self, bundle: LessonBundle, cells: Sequence[str]) -> None:
        """Run the lesson's own `cells` and prepare its tests.

        Raises:
            CheckerError: a test cannot be prepared, or the process does not answer.
        """
        assert self._connection is not None, "use Checker in a with statement"
        ours, theirs = packet_pair()
        content, end = socket.socketpair()
        tests = [
            [test.grade_id, test.source, test.not_sealed, bundle.exercise(test.exercise).defines]
            for test in bundle.tests
        ]
        try:
            send_packet(self._connection, {"lesson": bundle.name}, [theirs, end])
            theirs.close()
            end.close()
            send(content, {"cells": list(cells), "tests": tests})
            answer = receive(content, _LESSON_SECONDS)
        except (EOFError, OSError, TimeoutError, ValueError):
            raise CheckerError(f"{bundle.name}: the checker ended or does not answer.") from None
        finally:
            content.close()
        if answer["problem"]:
            ours.close()
            raise CheckerError(f"{bundle.name}: {answer['problem']}")
        self._lessons[bundle.name] = ours

    def import_modules(self, names: Sequence[str]) -> None:
        """Import libraries before lessons are opened, so that each need not."""
        assert self._connection is not None, "use Checker in a with statement"
        for some in in_packets(names):
            send_packet(self._connection, {"import": some})

    def run(
        self, lesson: str, tests: Sequence[tuple[GradedTest, socket.socket]], seconds: float
    ) -> dict[str, Verdict]:
        """Run tests, each against the snapshot of its exercise; return a verdict for every one.

        Args:
            tests: in the order in which they are to run.
            seconds: for each call into the answer; a test may take five times as long.

        Raises:
            CheckerError: the lesson's process ended.
        """
        verdicts: dict[str, Verdict] = {}
        while left := [pair for pair in tests if pair[0].grade_id not in verdicts]:
            self._run_some(lesson, left, seconds, verdicts)
        return verdicts

    def _run_some(
        self,
        lesson: str,
        tests: Sequence[tuple[GradedTest, socket.socket]],
        seconds: float,
        verdicts: dict[str, Verdict],
    ) -> None:
        """Run tests in one fork, until all are done or one breaks it; at least one verdict."""
        snapshots = list(dict.fromkeys(snapshot for _, snapshot in tests))
        order = [[test.grade_id, snapshots.index(snapshot)] for test, snapshot in tests]
        ours, theirs = socket.socketpair()
        try:
            request = {"tests": order, "seconds": seconds}
            send_packet(self._lessons[lesson], request, [theirs, *snapshots])
        except OSError:
            ours.close()
            raise CheckerError(f"{lesson}: the checker ended.") from None
        finally:
            theirs.close()
        try:
            for grade_id, _ in order:
                verdicts[grade_id] = Verdict(receive(ours, 5 * seconds + 30))
        except (EOFError, OSError, TimeoutError, ValueError):
            text = "The test did not finish with the values that the answer gave."
            verdicts[grade_id] = Verdict(outcome=TIMEOUT, message=text, error="")
        finally:
            ours.close()


# ----------------------------------------------------------------------------- inside the processes


def main(descriptor: int) -> None:
    """Open lessons until the grader closes the connection."""
    connection = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _import(_MODULES)
    shell = quiet_shell()
    gc.collect()
    gc.freeze()
    while True:
        try:
            request, sockets = receive_packet(connection)
        except (EOFError, OSError):
            return
        if "import" in request:
            _import(request["import"])
        elif os.fork() == 0:
            connection.close()
            _serve_lesson(shell, *sockets)
        for one in sockets:
            one.close()


def _import(names: Sequence[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def _serve_lesson(shell: Any, connection: socket.socket, content: socket.socket) -> NoReturn:
    request = receive(content)
    for cell in request["cells"]:
        shell.run_cell(cell)  # one that needs an answer fails, and no test needs it
    environment = dict(shell.user_ns)
    tests: dict[str, Any] = {}
    problem = ""
    for grade_id, source, not_sealed, defines in request["tests"]:
        if not_sealed:
            tests[grade_id] = source
            continue
        own = {name: value for name, value in environment.items() if name not in defines}
        try:
            tests[grade_id] = SplitTest(source, defines).prepare(own)
        except Exception as error:
            problem = f"{grade_id} does not run: {type(error).__name__}: {error}"[:_LONGEST_MESSAGE]
            break
    send(content, {"problem": problem})
    content.close()
    gc.collect()
    gc.freeze()
    while True:
        try:
            request, (verdicts, *snapshots) = receive_packet(connection)
        except (EOFError, OSError, ValueError):
            os._exit(0)
        if os.fork() == 0:
            connection.close()
            _run_tests(tests, request, verdicts, snapshots)
        for one in (verdicts, *snapshots):
            one.close()


def _run_tests(
    tests: dict[str, Any],
    request: dict[str, Any],
    verdicts: socket.socket,
    snapshots: Sequence[socket.socket],
) -> NoReturn:
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + _MEMORY, now + _MEMORY))
    gc.disable()  # a process of moments; a collection would copy what it shares with its parent
    ended: dict[int, Verdict] = {}  # snapshots that answer no more
    for grade_id, number in request["tests"]:
        signal.alarm(int(5 * request["seconds"] + 20))  # ends the process
        verdict = ended.get(number)
        if verdict is None:
            remote = RemoteSnapshot(snapshots[number], request["seconds"])
            verdict = _verdict(tests[grade_id], remote)
            if verdict["outcome"] in (TIMEOUT, DIED):
                ended[number] = verdict
        send(verdicts, verdict)
    os._exit(0)


def _verdict(test: Any, remote: RemoteSnapshot) -> Verdict:
    try:
        if isinstance(test, str):  # not sealed: the whole test runs where the answer is
            _whole(test, remote)
        else:
            test.run(remote)
        found = Verdict(outcome=PASSED, message="", error="")
    except LearnersError as error:
        found = _learners(error)
    except AssertionError as error:
        found = Verdict(outcome=FAILED, message=str(error), error="AssertionError")
    except CannotSplit as error:
        text = f"This test cannot run sealed ({error}); the course must be mended, not the answer."
        found = Verdict(outcome=FAILED, message=text, error="CannotSplit")
    except MemoryError:
        text = "The answer's values are too large to be compared."
        found = Verdict(outcome=FAILED, message=text, error="MemoryError")
    found["message"] = found["message"][:_LONGEST_MESSAGE]
    return found


def _whole(test: str, remote: RemoteSnapshot) -> None:
    try:
        remote.execute(test, {}, [])
    except LearnersError as error:
        if error.error_type == "AssertionError":
            raise AssertionError(str(error).partition(": ")[2]) from None
        raise


def _learners(error: LearnersError) -> Verdict:
    outcome = {"timeout": TIMEOUT, "died": DIED}.get(error.kind, RAISED)
    if error.error_type == "NotImplementedError":
        outcome = NOT_ATTEMPTED
    return Verdict(outcome=outcome, message=str(error), error=error.error_type)


if __name__ == "__main__":
    main(int(sys.argv[1]))
