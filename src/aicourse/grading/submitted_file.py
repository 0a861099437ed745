"""Reads a submitted file, whatever it is, as the cells of a notebook.

Nothing in it is believed or run: every field that goes on is rebuilt from plain text and numbers,
and what is too large, too deep or of no known kind is left out and noted.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicourse.grading.bundle import ReleasedCell
from aicourse.grading.results import Note

_LARGEST_FILE = 100_000_000
_MOST_CELLS = 5_000
_DEEPEST = 100
_MOST_CODE = 1_000_000  # characters of all code cells
_LARGEST_OUTPUT, _LARGEST_OUTPUTS = 1_000_000, 10_000_000  # characters: of a cell, of a notebook
_LARGEST_ATTACHMENTS = 10_000_000  # characters of a notebook, in base64

_SURROGATE = re.compile("[\ud800-\udfff]")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONFLICT = re.compile(r"^(<{7}|>{7})[ \t\r\n]", re.MULTILINE)


class Unreadable(ValueError):
    """A file that cannot be graded; the message says why and what to do, fit for the student."""


# ------------------------------------------------------------------------------- bytes to notebook


def read_notebook(raw: bytes, notes: list[Note]) -> dict[str, Any]:
    """The file as a notebook's JSON of format 4."""
    text = _text(raw, notes)
    try:
        content = json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise Unreadable(_why_not_json(text, error)) from None
    except (RecursionError, ValueError):
        raise Unreadable(
            "The file is JSON that no notebook program writes (nested too deeply, or with a number"
            " of thousands of digits). Save the notebook again in Jupyter and hand that file in."
        ) from None
    if _depth(content) > _DEEPEST:
        raise Unreadable(
            f"The file is nested more than {_DEEPEST} levels deep, which no notebook is. Clear all"
            " outputs, save the notebook in Jupyter and hand that file in."
        )
    if not isinstance(content, dict) or not ({"cells", "worksheets"} & content.keys()):
        raise Unreadable(
            "The file is JSON, but not a notebook: it has no cells. Hand in the .ipynb file itself."
        )
    return _version_4(content, notes)


def _text(raw: bytes, notes: list[Note]) -> str:
    if not raw.strip(b" \t\r\n\0"):
        raise Unreadable("The file is empty. Save the notebook and hand it in again.")
    if len(raw) > _LARGEST_FILE:
        raise Unreadable(
            f"The file is larger than {_LARGEST_FILE // 1_000_000} MB ({len(raw) / 1e6:.0f} MB)."
            " Clear all outputs, save and hand it in again."
        )
    for start, kind in (
        (b"PK\3\4", "a zip archive"),
        (b"%PDF", "a PDF"),
        (b"\x1f\x8b", "a compressed file"),
    ):
        if raw.startswith(start):
            raise Unreadable(f"The file is {kind}, not a notebook. Hand in the .ipynb file itself.")
    encoding = _encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise Unreadable(
                f"The file looks like {encoding} text and is not: byte {error.start} cannot be"
                " decoded. Save the notebook again in Jupyter and hand that file in."
            ) from None
        text, encoding = raw.decode("cp1252", errors="replace"), "Windows-1252"
    if encoding != "utf-8":
        notes.append(Note("repaired", f"The file was {encoding} text and was read as such."))
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] == "<" and not _CONFLICT.match(text.lstrip()):
        raise Unreadable(
            "The file is a web page saved under the name of a notebook. Download the notebook"
            " itself: in Colab File → Download → .ipynb, on GitHub the button “Download raw file”."
        )
    if found := _CONFLICT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise Unreadable(
            f"Line {line} is the mark of a git merge conflict ({found[1]}): the file holds two"
            " versions at once. Resolve the conflict, open the notebook to see that it works, and"
            " hand it in again."
        )
    return text


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw[:2] == b"{\0":
        return "utf-16-le"
    if raw[:2] == b"\0{":
        return "utf-16-be"
    return "utf-8"


def _why_not_json(text: str, error: json.JSONDecodeError) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    if error.msg == "Extra data":
        return (
            f"The file goes on after the notebook's end, at {where}: two files were glued together,"
            " or one was written over another. Save the notebook again and hand that file in."
        )
    if text.lstrip()[:1] != "{":
        return (
            "The file is not a notebook: a notebook is JSON text that begins with “{”. Hand in the"
            " .ipynb file itself, not a copy of its text or another format."
        )
    left = len(text.rstrip("\0 \r\n")) - error.pos
    if left <= 1 or error.msg.startswith("Unterminated string"):
        return (
            f"The file breaks off ({where}): saving or uploading it was cut short. Open the"
            " notebook; if it is whole, save it and hand it in again."
        )
    return (
        f"The file is not valid JSON: {error.msg} at {where}. Somebody or something edited it as"
        " text. Open it in Jupyter, repair or restore it, save it and hand it in again."
    )


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        depth += 1
        below: list[Any] = []
        for one in level:
            inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            below += [v for v in inner if isinstance(v, dict | list)]
        level = below
    return depth


def _version_4(content: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    version = content.get("nbformat")
    if isinstance(version, bool) or not isinstance(version, int):
        version = 4 if "cells" in content else 3
        notes.append(Note("repaired", f"The file did not say its format; read as format {version}"))
    if version > 4:
        raise Unreadable(
            f"The notebook has format {version}; this course reads format 4. Save it with the"
            " Jupyter of the course and hand it in again."
        )
    if version == 4 and "cells" in content:
        return content
    try:
        minor = content.get("nbformat_minor")
        whole = {"metadata": {}, **content, "nbformat": version}
        whole["nbformat_minor"] = minor if isinstance(minor, int) else 0
        upgraded = nbformat.convert(nbformat.from_dict(whole), 4)
    except Exception as error:  # an old, broken notebook can break the converter anywhere
        raise Unreadable(
            f"The notebook has the old format {version} and could not be converted"
            f" ({type(error).__name__}). Open it in Jupyter, save it and hand it in again."
        ) from None
    notes.append(Note("repaired", f"The notebook had the old format {version}; it was upgraded."))
    return dict(upgraded)


# ------------------------------------------------------------------------------------------- cells


@dataclass
class Cell:
    """One cell of the submission, or a released one that was put back (`restored`)."""

    kind: str
    source: str
    ids: tuple[str, ...]  # its own id, and the one that Colab keeps in the metadata
    grading: dict[str, Any]  # nbgrader's metadata as submitted: claims, not facts
    outputs: list[NotebookNode] = field(default_factory=list)
    execution_count: int | None = None
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    number: int = 0  # its place in the file, from 1
    restored: bool = False
    # What intake makes of it:
    released: ReleasedCell | None = None
    role: str = "own"
    runs: bool = True
    label: str = ""

    @property
    def grade_id(self) -> str:
        claimed = self.grading.get("grade_id")
        return claimed if isinstance(claimed, str) else ""

    @property
    def claims(self) -> set[str]:
        """The released cells that it says it is."""
        return {*self.ids, self.grade_id} - {""}

    @property
    def place(self) -> str:
        return self.ids[0] if self.ids else f"cell {self.number}"


def plain(text: Any) -> str:
    """Text as notebooks hold it, in one string or in lines; what cannot be written is replaced."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return _SURROGATE.sub("\ufffd", text) if isinstance(text, str) else ""


def read_cells(content: dict[str, Any], notes: list[Note]) -> list[Cell]:
    listed = content.get("cells")
    if not isinstance(listed, list):
        raise Unreadable(
            "The file is JSON, but not a notebook: its cells are no list. Open it in Jupyter, save"
            " it and hand that file in."
        )
    if len(listed) > _MOST_CELLS:
        raise Unreadable(
            f"The notebook has {len(listed):,} cells; more than {_MOST_CELLS:,} are not read."
            " Start from the released notebook, copy your answers into it and hand that in."
        )
    cells = []
    for number, item in enumerate(listed, 1):
        if not isinstance(item, dict):
            notes.append(Note("problem", f"Cell {number} is no cell and was left out."))
            continue
        cells.append(_read_cell(item, number, notes))
    if (size := sum(len(cell.source) for cell in cells if cell.kind == "code")) > _MOST_CODE:
        raise Unreadable(
            f"The notebook has {size / 1e6:.1f} MB of code; more than {_MOST_CODE / 1e6:.0f} MB is"
            " not run. Take data out of the code cells, save and hand it in again."
        )
    _cut_large(cells, notes)
    return cells


def _read_cell(item: dict[str, Any], number: int, notes: list[Note]) -> Cell:
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    grading = metadata.get("nbgrader")
    claimed = [item.get("id"), metadata.get("id")]
    ids = tuple(one for one in claimed if isinstance(one, str) and _CELL_ID.fullmatch(one))
    kind = item.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        notes.append(Note("repaired", f"Cell {number} had no known type; it was read as text."))
        kind = "markdown"
    if not isinstance(item.get("source", ""), str | list):
        notes.append(Note("problem", f"Cell {number} has no readable source; it counts as empty."))
    count = item.get("execution_count")
    cell = Cell(
        kind,
        plain(item.get("source")),
        ids,
        grading if isinstance(grading, dict) else {},
        execution_count=count if type(count) is int and count >= 0 else None,
        number=number,
    )
    listed = item.get("outputs")
    for output in listed if isinstance(listed, list) and kind == "code" else ():
        if (known := _output(output, cell.execution_count)) is not None:
            cell.outputs.append(known)
    files = item.get("attachments")
    for name, bundle in files.items() if isinstance(files, dict) else ():
        known = (
            {m: d for m, d in bundle.items() if isinstance(d, str)}
            if isinstance(bundle, dict)
            else {}
        )
        if known and kind != "code":
            cell.attachments[plain(name)] = {plain(m): plain(d) for m, d in known.items()}
    return cell


def _output(output: Any, count: int | None) -> NotebookNode | None:
    """An output rebuilt from the fields that its kind has; None if it is of no kind."""
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type=kind, name=name, text=plain(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        return NotebookNode(
            output_type=kind,
            ename=plain(output.get("ename")),
            evalue=plain(output.get("evalue")),
            traceback=[plain(line) for line in lines] if isinstance(lines, list) else [],
        )
    data = output.get("data")
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    known = {
        plain(mime): plain(value)
        for mime, value in data.items()
        if isinstance(value, str | list) and not mime.endswith("json")
    }
    made = NotebookNode(output_type=kind, data=NotebookNode(known), metadata=NotebookNode())
    if kind == "execute_result":
        made.execution_count = count
    return made


def _size(output: NotebookNode) -> int:
    if output.output_type == "stream":
        return len(output.text)
    if output.output_type == "error":
        return len(output.evalue) + sum(len(line) for line in output.traceback)
    return sum(len(value) for value in output.data.values())


def _cut_large(cells: list[Cell], notes: list[Note]) -> None:
    total = attached = 0
    cut, dropped = [], []
    for cell in cells:
        size = sum(_size(output) for output in cell.outputs)
        if size > _LARGEST_OUTPUT or total + size > _LARGEST_OUTPUTS:
            text = f"[Output of {size / 1e6:.1f} MB, left out.]"
            cell.outputs = [NotebookNode(output_type="stream", name="stdout", text=text)]
            cut.append(f"{cell.place} ({size / 1e6:.1f} MB)")
            size = len(text)
        total += size
        size = sum(len(d) for one in cell.attachments.values() for d in one.values())
        if attached + size > _LARGEST_ATTACHMENTS:
            cell.attachments = {}
            dropped.append(cell.place)
        else:
            attached += size
    if cut:
        notes.append(Note("repaired", f"Outputs were too large and are left out: {listed(cut)}."))
    if dropped:
        notes.append(
            Note("problem", f"Attached images were too large and are left out: {listed(dropped)}.")
        )


def listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
