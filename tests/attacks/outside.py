"""The world outside the sandbox: secrets that nobody may see and places that nobody may harm."""

import base64
import codecs
import contextlib
import hashlib
import html
import json
import os
import re
import selectors
import socket
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat

from aicourse.grading.bundle import lesson_bundle
from aicourse.grading.feedback import feedback_page
from aicourse.grading.gradebook import course_config, open_course
from aicourse.grading.lesson_grades import lesson_grades
from aicourse.grading.results import Result
from aicourse.lessons.exercises import Lesson, lesson, lesson_from_notebook

from . import course

#: In the name of every file and in every message that an attack leaves outside.
MARK = "ATTACKED"
#: What attacks call processes that should outlive them.
DAEMON = "attackd"
#: Far less than daemons live.
_MOMENT = 15.0
_ENVIRONMENT = "GRADEBOOK_PASSWORD"
_INSTALLED = "01_math_python/01_numpy_arrays"
_PACKAGES = Path(sysconfig.get_paths()["purelib"])
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{24,}")


def make_secrets() -> dict[str, str]:
    """Texts that occur nowhere else, by the place they are kept in."""
    places = ("environment", "classmate", "gradebook", "answers", "file", "memory")
    return {place: f"{place}-secret-{os.urandom(8).hex()}" for place in places}


class Outside(contextlib.AbstractContextManager["Outside"]):
    """Listens on sockets, keeps secrets, and says afterwards what an attack reached.

    Args:
        root: an attacked course.
        secrets: from `make_secrets`, the ones that the course was made with.
    """

    def __init__(self, root: Path, secrets: Mapping[str, str]) -> None:
        self.root = root
        self._secrets = secrets
        self._messages: list[str] = []
        self._selector = selectors.DefaultSelector()
        self._ports: dict[str, str] = {}
        self._end, self._ender = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._hidden = sorted(_hidden_lines(root))

    def __enter__(self) -> "Outside":
        os.environ[_ENVIRONMENT] = self._secrets["environment"]
        (self.root / "grading" / "private.txt").write_text(self._secrets["file"])
        abstract = f"{MARK}-{os.getpid()}"
        path = str(self.root / "grading" / "socket")
        Path(path).unlink(missing_ok=True)
        for name, family, kind, address in (
            ("PORT", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("UDP_PORT", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("SOCKET", socket.AF_UNIX, socket.SOCK_STREAM, path),
            ("ABSTRACT", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}"),
        ):
            listener = socket.socket(family, kind)
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            self._selector.register(listener, selectors.EVENT_READ, name)
            self._ports[name] = str(listener.getsockname()[1]) if family == socket.AF_INET else ""
        self._ports |= {"SOCKET": path, "ABSTRACT": abstract}
        self._selector.register(self._end, selectors.EVENT_READ, "")
        self._thread.start()
        self._before = self._files()
        return self

    def __exit__(self, *_: object) -> None:
        self._ender.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        Path(self._ports["SOCKET"]).unlink(missing_ok=True)
        os.environ.pop(_ENVIRONMENT, None)

    def _listen(self) -> None:
        while True:
            for key, _ in self._selector.select():
                listener: Any = key.fileobj
                if listener is self._end:
                    return
                if listener.type == socket.SOCK_DGRAM:
                    listener.recv(1000)
                else:
                    listener.accept()[0].close()
                self._messages.append(f"connection: {key.data}")

    @property
    def known(self) -> dict[str, str]:
        """What an attacker may know: names of places, never what is in them."""
        return {
            "COURSE": str(self.root),
            "PACKAGES": str(_PACKAGES),
            "HOME": str(Path.home()),
            "PID_NAMESPACE": os.readlink("/proc/self/ns/pid"),
            **self._ports,
        }

    # ------------------------------------------------------------------------------------ harm

    def harm(self) -> list[str]:
        """What changed outside since the last call: files, connections, processes left alive."""
        files = self._files()
        changed = [
            f"changed: {name}"
            for name in sorted(files.keys() | self._before.keys())
            if files.get(name) != self._before.get(name)
        ]
        self._before = files
        messages, self._messages = self._messages, []
        # A submission's processes end with its namespace, which takes a moment.
        end = time.monotonic() + _MOMENT
        while (alive := sum(1 for _ in daemons())) and time.monotonic() < end:
            time.sleep(0.1)
        return changed + sorted(set(messages)) + [f"{alive} processes alive"] * bool(alive)

    def _files(self) -> dict[str, str]:
        """Name → fingerprint of every file of the course, and of marked ones elsewhere."""
        found = {}
        for folder in ("notebooks", "student", "grading"):
            for file in (self.root / folder).rglob("*"):
                if file.is_file():
                    content = file.read_bytes()
                    name = file.relative_to(self.root).as_posix()
                    found[name] = hashlib.sha256(content).hexdigest()
        home = Path.home()
        for place in (
            *(Path("/etc"), Path("/usr/local/bin"), Path("/tmp"), Path("/var/tmp")),
            *(Path("/dev/shm"), Path.cwd(), _PACKAGES, _PACKAGES / "numpy" / "__pycache__"),
            *(home, home / ".ipython" / "profile_default" / "startup"),
            *(home / ".config" / "matplotlib", home / ".cache" / "matplotlib"),
            *(home / ".cache" / "aicourse", home / ".local" / "lib" / "python3.11"),
            home / ".local" / "lib" / "python3.11" / "site-packages",
        ):
            for file in place.glob(f"*{MARK}*"):
                found[str(file)] = "there"
        return found

    # ------------------------------------------------------------------------------------ secrets

    def secrets_in(self, text: str) -> list[str]:
        """The places whose secrets occur in a text, as it stands or encoded."""
        readings = list(_readings(text))
        return [p for p, secret in self._secrets.items() if any(secret in r for r in readings)]

    def hidden_in(self, text: str) -> list[str]:
        """The lines of hidden tests that occur in a text, as it stands or encoded."""
        readings = list(_readings(text))
        return [line for line in self._hidden if any(line in r for r in readings)]


def daemons() -> Iterator[int]:
    """Processes that an attack started and that are alive, zombies not counted."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state = (entry / "stat").read_text()
                if f"({DAEMON})" in state and ") Z" not in state:
                    yield int(entry.name)


def _hidden_lines(root: Path) -> set[str]:
    """Lines, and asserted expressions, of hidden tests that no student has.

    Those of the attacked lesson, and long ones of a lesson in the installed package.
    """
    source = nbformat.read(root / "notebooks" / f"{course.LESSON}.ipynb", as_version=4)
    attacked = lesson_from_notebook(source, course.LESSON)
    public = "\n".join(cell.source for cell in course.student_notebook(root).cells)
    lines = {line for line in _lines(attacked) if len(line) > 20}
    lines |= {line for line in _lines(lesson(_INSTALLED)) if len(line) > 40}
    return {line for line in lines if line not in public and " import " not in line}


def _lines(of: Lesson) -> Iterator[str]:
    for exercise in of.exercises:
        for test in exercise.tests:
            if test.hidden:
                for line in test.source.splitlines():
                    yield line.strip().removeprefix("assert ")


def _readings(text: str) -> Iterator[str]:
    """The text as it stands, and decoded in the ways in which text is hidden."""
    yield text
    yield text[::-1]
    yield codecs.decode(text, "rot13")
    yield re.sub(r"(.)[\s.\u200b|-]", r"\1", text)
    for run in _ENCODED.findall(text):
        with contextlib.suppress(ValueError):
            yield bytes.fromhex(run).decode(errors="replace")
        for start in range(4):
            piece = run[start:]
            with contextlib.suppress(ValueError):
                content = base64.b64decode(piece[: len(piece) // 4 * 4], altchars=b"-_")
                yield content.decode(errors="replace")


def student_sees(root: Path, result: Result) -> str:
    """The text of the feedback page that a student receives."""
    bundle = lesson_bundle(root, result.lesson)
    with open_course(course_config(root / "grading")).gradebook as gradebook:
        (grade,) = lesson_grades(gradebook, [bundle], [("mallory", result)])
    page, _ = feedback_page(grade, result.notebook)
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def strings(data: Any) -> Iterator[str]:
    """Every text in JSON-like data; the text of a notebook counts as its parts."""
    if isinstance(data, str):
        if data.startswith("{") and '"cells"' in data:
            with contextlib.suppress(ValueError):
                data = json.loads(data)
                yield from strings(data)
                return
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield str(key)
            if key in ("source", "text") and isinstance(value, list):
                value = "".join(value)
            yield from strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from strings(value)
