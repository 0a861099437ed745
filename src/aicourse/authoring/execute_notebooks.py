"""Runs source notebooks whose code changed and writes them back in one normal form.

The normal form holds nothing that differs between two runs of the same code on the same versions:
no timings, no kernel version, one stream output per stream, execution counts 1 … n.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from aicourse.authoring.notebook_text import KERNEL
from aicourse.lessons.exercises import lesson_from_notebook

CELL_TIMEOUT = 300  # seconds
_TRACEBACK_LINES = 12
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: What a learner's or instructor's settings could change in the outputs.
_NOT_INHERITED = ("AICOURSE_TEST_SEED", "MPLBACKEND", "PYTHONPATH")


class ExecutionFailed(Exception):
    """A cell of a source notebook failed; `cell_id` is None when the kernel did not start."""

    def __init__(self, file: str, cell_id: str | None, reason: str, end: str = "") -> None:
        self.file = file
        self.cell_id = cell_id
        self.reason = reason
        self.end = end
        where = f"{file}, cell {cell_id!r}" if cell_id else file
        message = f"{where}: {reason}"
        if end:
            message += "\n" + "\n".join(f"    {line}" for line in end.splitlines())
        super().__init__(f"{message}\n  The file is unchanged. Mend the cell and build again.")


def code_hash(notebook: NotebookNode, lesson: str) -> str:
    """Fingerprint of all that decides the outputs of a source notebook.

    That is every code cell's id and source, in order, and the titles and points of the exercises,
    because `check` and `check_all` print those.
    """
    cells = [(cell["id"], cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    bank = lesson_from_notebook(notebook, lesson)
    shown = [
        (exercise.grade_id, exercise.title, [(t.grade_id, t.points) for t in exercise.tests])
        for exercise in bank.exercises
    ]
    content = json.dumps([cells, bank.title, shown], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def is_current(notebook: NotebookNode, lesson: str) -> bool:
    """Whether the outputs in `notebook` come from the code that is in it now."""
    stamp = notebook.metadata.get("aicourse", {}).get("executed")
    return stamp == code_hash(notebook, lesson)


def execute(path: Path, lesson: str, root: Path) -> None:
    """Run the source notebook `path` in a fresh kernel and write it back with its outputs.

    Args:
        path: the notebook; the kernel starts in its folder.
        lesson: "<phase>/<notebook stem>".
        root: the repository, whose `src` the kernel imports `aicourse` from.

    Raises:
        ExecutionFailed: a cell failed or took too long; the file is left as it was.
    """
    file = path.relative_to(root).as_posix()
    before = path.read_bytes()
    notebook = nbformat.reads(before.decode(), 4)
    _run(notebook, path.parent, root, file)
    normalise(notebook)
    notebook.metadata["aicourse"] = {"executed": code_hash(notebook, lesson)}
    if path.read_bytes() != before:
        raise ExecutionFailed(file, None, "the file was saved by someone while it was running")
    write_if_changed(path, to_bytes(notebook))


def _run(notebook: NotebookNode, folder: Path, root: Path, file: str) -> None:
    """Execute all cells of `notebook` in place."""
    started: list[NotebookNode] = []
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: started.append(cell),
    )
    # The kernel's own stderr holds warnings about itself, and last words when it dies.
    with _kernel_environment(root) as environment, tempfile.TemporaryFile() as stderr:
        try:
            client.execute(env=environment, stderr=stderr)
        except CellTimeoutError as error:
            reason = f"it ran longer than {CELL_TIMEOUT} seconds"
            raise ExecutionFailed(file, started[-1]["id"], reason) from error
        except CellExecutionError as error:
            lines = _COLOURS.sub("", str(error.traceback)).rstrip().splitlines()
            reason = f"{error.ename}: {error.evalue}"
            end = "\n".join(lines[-_TRACEBACK_LINES:])
            raise ExecutionFailed(file, started[-1]["id"], reason, end) from error
        except DeadKernelError as error:
            cell_id = started[-1]["id"] if started else None
            reason = "the kernel died (out of memory, or the code ended the process)"
            stderr.seek(0)
            lines = stderr.read().decode(errors="replace").rstrip().splitlines()
            end = "\n".join(lines[-_TRACEBACK_LINES:])
            raise ExecutionFailed(file, cell_id, reason, end) from error


@contextmanager
def _kernel_environment(root: Path) -> Iterator[dict[str, str]]:
    """Environment of the kernel: this repository's package, nobody's IPython profile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        paths = [str(root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        yield {
            **kept,
            "IPYTHONDIR": profile,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUTF8": "1",
            # The kernel's own Python first, whatever `python` is on the author's path.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
        }


def normalise(notebook: NotebookNode) -> None:
    """Bring an executed notebook into the normal form, in place."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    stamp = notebook.metadata.get("aicourse")
    notebook.metadata = nbformat.from_dict(KERNEL)
    if stamp:
        notebook.metadata["aicourse"] = stamp
    count = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.outputs = _merged_streams(cell.outputs)
        if not cell.source.strip():
            cell.execution_count = None
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = count


def _merged_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """`outputs` with neighbouring pieces of one stream joined: where they split is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            merged.append(output)
    return merged


def to_bytes(notebook: NotebookNode) -> bytes:
    """The notebook's file content: sorted keys, one space of indentation, a final newline."""
    return (nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n").encode()


def write_if_changed(path: Path, content: bytes) -> bool:
    """Replace the content of `path` in one step; returns False when it is there already."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True
