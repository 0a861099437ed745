"""The learner's lab: lessons copied into their own folder, and JupyterLab opened on it.

The rule of `prepare`: what the learner has changed is never overwritten. To know what they have
changed, it remembers what it delivered, in `.course/delivered.json`, and compares contents, not
bytes: JupyterLab rewrites a notebook's JSON and metadata whenever it saves.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from rich.text import Text

from aicourse.learner import start_page
from aicourse.lessons import record

DELIVERED = "delivered.json"
LOG = "lab.log"
FIRST_PORT = 8888
#: What a learner has no use for: JupyterLab's question about news, the instructor's menus and
#: buttons, the button that opens a second kind of window. Both names of one thing: in the browser,
#: and in the server.
_NOT_SHOWN = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyter/nbgrader",
    "@jupyter-notebook/lab-extension",
)
_NOT_SERVED = (
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
    "notebook",
)
#: Seconds that JupyterLab may take to answer; a cold start on a slow disk takes half of it.
START_TIMEOUT = 120


class LabError(Exception):
    """The lab cannot be prepared or started; the message says what to do."""


# ------------------------------------------------------------------------------------- lessons


@dataclass
class LabReport:
    """What `prepare` did, file by file; paths are relative to the learner's folder."""

    work: Path
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    yours: list[str] = field(default_factory=list)
    """Touched by the learner and left as they are."""
    beside: list[tuple[str, str]] = field(default_factory=list)
    """A touched file, and the name under which its new version was put beside it."""
    withdrawn: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        def lessons(names: list[str]) -> int:
            return sum(name.endswith(".ipynb") and name != start_page.NAME for name in names)

        counts = {
            "new": lessons(self.new),
            "updated": lessons(self.updated),
            "yours": lessons(self.yours),
            "unchanged": lessons(self.unchanged),
        }
        shown = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        lines = [f"Lessons in {self.work}: {shown or 'none'}."]
        for name, other in self.beside:
            lines.append(
                f"{name} has changes of yours and stays as it is."
                f" Its new version lies beside it: {PurePosixPath(other).name}"
            )
        for name in self.withdrawn:
            lines.append(f"{name} is no longer in the course, or has a new name; your copy stays.")
        return "\n".join([*lines, *self.notes])

    def __rich__(self) -> Text:
        return Text(str(self))


def prepare(root: Path, work: Path) -> LabReport:
    """Bring the learner's folder up to date with the course; running it again changes nothing.

    A file that the learner lacks is copied, also when they deleted it: that is how a lesson is
    begun again. An untouched one is replaced by its new version. Beside a touched one the new
    version is put under another name, once per version.

    Args:
        root: the course's repository.
        work: the learner's folder; made when missing.

    Raises:
        LabError: the course has no student lessons, or `work` cannot be used.
    """
    student, work = root / "student", work.resolve()
    if not any(student.glob("*/*.ipynb")):
        raise LabError(f"There are no lessons in {student}. Run `git pull`, or `make build`.")
    if work == root.resolve() or work.is_relative_to(student.resolve()):
        raise LabError(f"{work} belongs to the course; choose a folder of your own.")
    try:
        (work / record.FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"Your folder {work} cannot be made or used: {error}.") from error

    report = LabReport(work)
    desk = _Desk(work, course_version(root), _read_delivered(work, report), report)
    for name, file in _student_files(student):
        content = file.read_bytes()
        desk.deliver(name, content, edition=fingerprint(name, content))
    # What the page says about progress is not a new edition of it.
    page = start_page.build(student, work).encode()
    plain = start_page.build(student, None).encode()
    desk.deliver(start_page.NAME, page, edition=fingerprint(start_page.NAME, plain))
    desk.note_withdrawn()
    return report


def course_version(root: Path) -> str:
    """The course's version; from the repository, since `git pull` does not reinstall."""
    try:
        with open(root / "pyproject.toml", "rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return metadata.version("aicourse")


def fingerprint(name: str, content: bytes) -> str:
    """A hash of what a person would call the content of a file.

    Of a notebook: the cells' order, ids, types, sources, attachments and outputs; not execution
    counts, metadata or the JSON's layout, which change when JupyterLab saves. Of the start page
    not the outputs either: its one output can always be made again. Of any other file: its bytes.
    """
    if name.endswith(".ipynb"):
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            cells = json.loads(content)["cells"]
            outputs = not PurePosixPath(name).name.startswith(PurePosixPath(start_page.NAME).stem)
            content = json.dumps([_essence(cell, outputs) for cell in cells]).encode()
    return hashlib.sha256(content).hexdigest()


def _essence(cell: dict[str, Any], outputs: bool) -> list[Any]:
    kept: list[Any] = [cell.get("id"), cell["cell_type"], _joined(cell["source"])]
    kept.append(sorted(cell.get("attachments") or {}))
    if outputs:
        kept += [
            [
                output["output_type"],
                output.get("name"),
                _joined(output.get("text")),
                {kind: _joined(data) for kind, data in sorted(output.get("data", {}).items())},
                [output.get("ename"), output.get("evalue")],
            ]
            for output in cell.get("outputs", [])
        ]
    return kept


def _joined(text: Any) -> Any:
    """Notebook files hold a text as one string or as a list of lines."""
    return "".join(text) if isinstance(text, list) and all(map(_is_text, text)) else text


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _student_files(student: Path) -> Iterator[tuple[str, Path]]:
    """Every file that a learner gets, as (path below student/, file), in course order."""
    for file in sorted(student.glob("*/**/*")):
        name = file.relative_to(student)
        hidden = any(part.startswith((".", "__")) for part in name.parts)
        if file.is_file() and not hidden:
            yield name.as_posix(), file


@dataclass
class _Delivered:
    """What the learner got under one name.

    `content` is the fingerprint of the file as delivered. `edition` is that of the course's version
    behind it (the same, but for the start page). `offered` is the newest edition put beside it, as
    file `beside` with fingerprint `beside_content`.
    """

    content: str = ""
    edition: str = ""
    offered: str = ""
    beside: str = ""
    beside_content: str = ""
    withdrawn: bool = False


def _read_delivered(work: Path, report: LabReport) -> dict[str, _Delivered]:
    file = work / record.FOLDER / DELIVERED
    try:
        files = json.loads(file.read_text(encoding="utf-8"))["files"]
        return {name: _Delivered(**entry) for name, entry in files.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        report.notes.append(
            f"{file} was unreadable ({type(error).__name__}) and is written anew; every file that"
            " differs from the course's is taken for yours."
        )
        return {}


@dataclass
class _Desk:
    """Hands files over to the learner, and remembers them after every single one."""

    work: Path
    version: str
    delivered: dict[str, _Delivered]
    report: LabReport
    names: set[str] = field(default_factory=set)

    def deliver(self, name: str, content: bytes, edition: str) -> None:
        """Bring one file up to date; a file that cannot be written becomes a note."""
        self.names.add(name)
        before = self.delivered.get(name, _Delivered())
        # A name that was withdrawn and has come back is an ordinary file again.
        entry = _Delivered(**{**vars(before), "withdrawn": False})
        try:
            self._deliver(name, content, edition, entry)
        except OSError as error:
            self.report.notes.append(f"{name} could not be brought up to date: {error}.")
            return
        if entry != self.delivered.get(name):
            self.delivered[name] = entry
            self._remember()

    def _deliver(self, name: str, content: bytes, edition: str, entry: _Delivered) -> None:
        target = self.work / name
        new = fingerprint(name, content)
        mine = self._fingerprint(name)
        if mine is None and not target.exists():
            self._write(target, content)
            entry.content, entry.edition = new, edition
            self.report.new.append(name)
        elif mine == new:
            entry.content, entry.edition = new, edition
            self.report.unchanged.append(name)
        elif mine is not None and mine == entry.content:
            self._write(target, content)
            # The same edition with other contents is the start page with new progress.
            changed = edition != entry.edition
            entry.content, entry.edition = new, edition
            (self.report.updated if changed else self.report.unchanged).append(name)
        else:
            self.report.yours.append(name)
            if edition not in (entry.edition, entry.offered):
                self._put_beside(name, content, new, entry)
                entry.offered = edition

    def _put_beside(self, name: str, content: bytes, new: str, entry: _Delivered) -> None:
        path = PurePosixPath(name)
        number = 1
        while True:
            suffix = f"new in v{self.version}" + (f", {number}" if number > 1 else "")
            other = str(path.with_name(f"{path.stem} ({suffix}){path.suffix}"))
            found = self._fingerprint(other)
            untouched = other == entry.beside and found == entry.beside_content
            if found == new or untouched or not (self.work / other).exists():
                break
            number += 1  # the learner has worked in the version beside, too
        if found != new:
            self._write(self.work / other, content)
        entry.beside, entry.beside_content = other, new
        self.report.beside.append((name, other))

    def note_withdrawn(self) -> None:
        """Say once which delivered files the course no longer has; they stay where they are."""
        for name in sorted(self.delivered.keys() - self.names):
            if not (self.work / name).exists():
                del self.delivered[name]
            elif not self.delivered[name].withdrawn:
                self.delivered[name].withdrawn = True
                self.report.withdrawn.append(name)
            else:
                continue
            self._remember()

    def _fingerprint(self, name: str) -> str | None:
        """Of the learner's file; None when there is none or something else has its name."""
        try:
            return fingerprint(name, (self.work / name).read_bytes())
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
            return None

    def _remember(self) -> None:
        files = {
            name: {key: value for key, value in vars(entry).items() if value}
            for name, entry in sorted(self.delivered.items())
        }
        content = {"written": "by `course lab`; do not edit", "files": files}
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        try:
            self._write(self.work / record.FOLDER / DELIVERED, text.encode())
        except OSError as error:
            raise LabError(f"Your folder {self.work} cannot be written: {error}.") from error

    def _write(self, target: Path, content: bytes) -> None:
        """Write whole or not at all: a run that is interrupted leaves no half file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        # In .course, so that a leftover of a killed run is out of sight.
        draft = self.work / record.FOLDER / f"{os.getpid()}.tmp"
        try:
            draft.write_bytes(content)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)


# ---------------------------------------------------------------------------------- JupyterLab


@dataclass
class Lab:
    """A running JupyterLab. `process` is None when an earlier command started it."""

    url: str
    token: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The start page's address, with the token that opens it."""
        query = f"?token={self.token}" if self.token else ""
        return f"{self.url}lab/tree/{start_page.NAME}{query}"

    def answers(self) -> bool:
        """Whether the server answers with its status."""
        try:
            with self._request("api/status", timeout=5):
                return True
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        """Shut the server and its kernels down; returns when it has ended."""
        if self.process is None or self.process.poll() is not None:
            return
        # Asked over HTTP, it ends its kernels on every system; a signal is the second choice.
        with contextlib.suppress(OSError, ValueError), self._request("api/shutdown", b""):
            pass
        for force in (None, self.process.terminate, self.process.kill):
            if force is not None:
                force()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=10)
                return

    def _request(self, path: str, data: bytes | None = None, timeout: float = 10) -> Any:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        # The learner's proxy settings are for the internet, not for this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(request, timeout=timeout)


def launch(
    root: Path,
    work: Path,
    port: int | None = None,
    browser: bool = True,
    host: str = "127.0.0.1",
    say: Callable[[str], None] = print,
) -> int:
    """Open JupyterLab on the learner's folder and stay until it ends or Ctrl+C is pressed.

    When a lab is already open on this folder, its address is shown again and no second one starts.

    Args:
        root: the course's repository; lessons are brought up to date first where they are missing.
        work: the learner's folder, as `prepare` left it.
        port: the first port to try; default 8888. A busy one gives way to the next free one.
        browser: open a browser window when this machine has a screen.
        host: the address to listen on; "0.0.0.0" for a container whose port is published.
        say: prints one message.

    Returns:
        The exit status: 0 when the lab was shut down, else JupyterLab's own.

    Raises:
        LabError: JupyterLab did not start.
    """
    work = work.resolve()
    if not (work / start_page.NAME).exists():
        say(str(prepare(root, work)))
    if running := _running(work):
        say(
            f"The lab is already open on {work}:\n\n    {running.address}\n\n"
            "To stop it, choose File → Shut Down there, or press Ctrl+C in its own window."
        )
        if browser and _has_screen():
            import webbrowser

            webbrowser.open(running.address)
        return 0
    with _stop_signals_as_interrupt():
        lab = None
        try:
            lab = start(work, port=port, browser=browser and _has_screen(), host=host)
            say(
                f"The lab is open. If no browser window appears, open this address:\n\n"
                f"    {lab.address}\n\n"
                f"Your folder: {work}\nStop the lab with Ctrl+C in this window."
            )
            while lab.process.poll() is None:
                time.sleep(0.5)
            if lab.process.returncode:
                say(f"JupyterLab ended by itself; its log is {work / record.FOLDER / LOG}")
            return lab.process.returncode
        except KeyboardInterrupt:
            say("\nStopping the lab …")
            return 0
        finally:
            if lab is not None:
                lab.stop()


def start(
    work: Path, port: int | None = None, browser: bool = False, host: str = "127.0.0.1"
) -> Lab:
    """Start JupyterLab on the learner's folder and return when it answers.

    Raises:
        LabError: it ended or did not answer in time; the message holds the end of its log.
    """
    work = work.resolve()
    log = work / record.FOLDER / LOG
    settings = work / record.FOLDER / "jupyter"
    page_config = settings / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True, exist_ok=True)
    page_config.write_text(json.dumps({"disabledExtensions": dict.fromkeys(_NOT_SHOWN, True)}))
    before = set(_server_files())
    # The log holds the token: only its owner may read it.
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        process = subprocess.Popen(
            _command(work, port or FIRST_PORT, browser, host),
            cwd=work,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl+C reaches this process alone, which then asks the server to end in order.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            for lab in _labs(work, set(_server_files()) - before):
                if lab.answers():
                    lab.process = process
                    return lab
            time.sleep(0.1)
    except BaseException:
        process.kill()
        process.wait()
        raise
    ended = process.poll() is not None
    process.kill()
    process.wait()
    problem = "ended at once" if ended else f"did not answer within {START_TIMEOUT} s"
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise LabError(f"JupyterLab {problem}. The end of its log, {log}:\n{tail}")


def _command(work: Path, port: int, browser: bool, host: str) -> list[str]:
    options: dict[str, object] = {
        "ServerApp.root_dir": work,
        "ServerApp.ip": host,
        "ServerApp.port": port,
        "ServerApp.port_retries": 50,
        "ServerApp.open_browser": browser,
        "LabApp.default_url": f"/lab/tree/{start_page.NAME}",
        "ServerApp.jpserver_extensions": dict.fromkeys(_NOT_SERVED, False),
        # No request for news or updates.
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        # Open tabs are remembered per learner's folder, not together with other projects'.
        "LabApp.workspaces_dir": work / record.FOLDER / "jupyter" / "workspaces",
    }
    if hasattr(os, "geteuid"):
        if os.geteuid() == 0:  # in a container, root is the only user
            options["ServerApp.allow_root"] = True
        # A login shell would lose the PATH of _environment, and with it the `course` command.
        shell = os.environ.get("SHELL") or "sh"
        options["ServerApp.terminado_settings"] = {"shell_command": [shell]}
    return [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())]


def _environment(settings: Path) -> dict[str, str]:
    """The server's environment: this Python's kernels and commands, and our `settings`, first."""
    env = dict(os.environ)
    first = {
        "PATH": Path(sys.executable).parent,
        # Before any kernel called python3 among the user's own files.
        "JUPYTER_PATH": Path(sys.prefix, "share", "jupyter"),
        "JUPYTER_CONFIG_PATH": settings,
    }
    for name, path in first.items():
        env[name] = os.pathsep.join([str(path), *filter(None, [env.get(name)])])
    return env


def _server_files() -> list[Path]:
    """The files in which running Jupyter servers note their address and token."""
    from jupyter_core.paths import jupyter_runtime_dir

    return sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json"))


def _labs(work: Path, files: set[Path]) -> Iterator[Lab]:
    """The servers among `files` that serve `work`."""
    for file in files:
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            if Path(facts["root_dir"]).resolve() == work:
                url = facts["url"].replace("//0.0.0.0:", "//127.0.0.1:")
                yield Lab(url, facts["token"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half-written or of another version


def _running(work: Path) -> Lab | None:
    return next((lab for lab in _labs(work, set(_server_files())) if lab.answers()), None)


def _has_screen() -> bool:
    """Whether a browser window can appear; without, a text browser would take the terminal."""
    if sys.platform in ("win32", "darwin") or os.environ.get("BROWSER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def _stop_signals_as_interrupt() -> Iterator[None]:
    """A closed terminal and a plain kill stop the lab in order, like Ctrl+C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    previous = {name: signal.signal(getattr(signal, name), interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in previous.items():
            signal.signal(getattr(signal, name), handler)
