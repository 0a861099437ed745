"""A notebook as plain text and back, for authors who prefer an editor to JupyterLab.

One cell per ``%% kind id [key=value …]`` header; the lines up to the next header are its source::

    %% md title
    # 1.2 Vectors
    %% code timing_plot tags=nbval-ignore-output
    plot()
    %% solution ridge
    %% visible ridge points=1
    %% hidden ridge points=3
    %% manual explain_r2 points=4
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
HEADER = re.compile(r"^%% (md|code|solution|visible|hidden|manual) ([A-Za-z0-9_-]{1,64})(.*)$")


def _grading(kind: str, name: str, points: float | None) -> tuple[str, dict]:
    """Cell id and nbgrader metadata of a cell of this kind."""
    if kind in ("md", "code"):
        return name, {}
    test = kind in ("visible", "hidden")
    grade_id = f"{name}_{kind}" if test else name
    meta = {
        "grade": kind != "solution",
        "grade_id": grade_id,
        "locked": test,
        "schema_version": 3,
        "solution": not test,
        "task": False,
    }
    if kind != "solution":
        if points is None:
            raise ValueError(f"`%% {kind} {name}` needs points=…")
        meta["points"] = points
    return grade_id, {"nbgrader": meta}


def from_text(text: str, previous: NotebookNode | None = None) -> NotebookNode:
    """Build the notebook that `text` describes.

    Code cells of `previous` with the same id and source lend their outputs and any metadata
    that the text cannot express.

    Raises:
        ValueError: a line before the first header, a repeated id, or a graded cell without points.
    """
    old = {cell["id"]: cell for cell in previous.cells} if previous else {}
    blocks: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := HEADER.match(line):
            blocks.append((match, []))
        elif blocks:
            blocks[-1][1].append(line)
        elif line.strip():
            raise ValueError(f"line {number}: text before the first `%% kind id` header")
    notebook = nbformat.v4.new_notebook(metadata=KERNEL)
    seen: set[str] = set()
    for match, lines in blocks:
        kind, name, rest = match.groups()
        options = dict(part.split("=", 1) for part in rest.split())
        points = float(options["points"]) if "points" in options else None
        points = int(points) if points is not None and points.is_integer() else points
        cell_id, metadata = _grading(kind, name, points)
        if cell_id in seen:
            raise ValueError(f"cell id {cell_id!r} appears twice")
        seen.add(cell_id)
        if tags := options.get("tags"):
            metadata["tags"] = tags.split(",")
        source = "\n".join(lines).strip("\n")
        if kind in ("md", "manual"):
            cell = nbformat.v4.new_markdown_cell(source, id=cell_id, metadata=metadata)
        else:
            cell = nbformat.v4.new_code_cell(source, id=cell_id, metadata=metadata)
            before = old.get(cell_id)
            if before and before.cell_type == "code" and before.source == source:
                cell.outputs, cell.execution_count = before.outputs, before.execution_count
        notebook.cells.append(cell)
    if previous:
        notebook.metadata = previous.metadata
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """The text form of `notebook`; `from_text` of it gives the same cells back."""
    parts = []
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        grade_id = grading.get("grade_id", "")
        if not grading.get("grade") and not grading.get("solution"):
            kind, name = ("md" if cell.cell_type == "markdown" else "code"), cell["id"]
        elif grading["solution"]:
            kind, name = ("manual" if grading["grade"] else "solution"), grade_id
        else:
            name, _, kind = grade_id.rpartition("_")
        header = f"%% {kind} {name}"
        if grading.get("grade"):
            header += f" points={grading['points']}"
        if tags := cell.metadata.get("tags"):
            header += f" tags={','.join(tags)}"
        parts.append(f"{header}\n{cell.source}\n")
    return "\n".join(parts)


def write_notebook(text_file: Path, notebook_file: Path) -> NotebookNode:
    """Write `notebook_file` from `text_file`, keeping the outputs of unchanged code cells."""
    previous = nbformat.read(notebook_file, 4) if notebook_file.exists() else None
    notebook = from_text(text_file.read_text(encoding="utf-8"), previous)
    notebook_file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, notebook_file)
    return notebook
