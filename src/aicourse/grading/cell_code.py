"""Looks into the code of cells without running it: names, magics, likeness."""

import ast
import re
from collections import Counter
from functools import lru_cache

from IPython.core.inputtransformer2 import make_tokens_by_line

from aicourse.grading.submitted_file import listed

_LARGEST_CODE = 300_000  # characters of a cell that is looked into
_LARGEST_ESCAPED = 50_000  # characters of a cell that is looked through for magics
_WORD = re.compile(r"\w+")
PYTHON_MAGIC = re.compile(r"%%(time|timeit|capture|prun)\b[^\n]*\n?")
_INSTALLER = re.compile(
    r"[%!]{1,2}\s*(sudo\s+)?"
    r"(uv\s+pip|(\S{0,60}python\S{0,20}|\{sys\.executable\})\s+-m\s+pip|pip3?|uv|conda|mamba|apt"
    r"|apt-get)\b"
)


def norm(source: str) -> str:
    """Text without what editors change: line ends, spaces there, blank lines around."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip("\n")


def heading(source: str) -> str:
    return norm(source.strip().splitlines()[0].lstrip("# ")) if source.strip() else ""


@lru_cache(maxsize=64)
def _escaped_lines(source: str) -> dict[int, tuple[int, int]]:
    """Lines of IPython's own (`%magic`, `!shell`, `x = !shell`, `name?`), wherever they are code.

    Returns: index of the line → (index after its last line, column where it begins).
    """
    found: dict[int, tuple[int, int]] = {}
    if len(source) > _LARGEST_ESCAPED or not re.search(r"[%!?]", source):
        return found
    lines = source.splitlines(keepends=True)
    try:
        tokens_by_line = make_tokens_by_line(lines)
    except (SyntaxError, ValueError, IndexError):  # unindented halfway, for one
        return found
    for tokens in tokens_by_line:
        code = [t for t in tokens if t.string.strip() and not t.string.startswith("#")]
        if not code:
            continue
        begin = next((t for t in code if t.string in ("%", "!", "!!", "%%")), None)
        before = [t.string for t in code[: code.index(begin)]] if begin else []
        if code[-1].string in ("?", "??") or code[0].string in ("?", "??"):
            begin = code[0]
        elif begin is None or (before and before[-1] != "="):
            continue
        row, column = begin.start
        end = row
        while lines[end - 1].rstrip().endswith("\\") and end < len(lines):
            end += 1
        found[row - 1] = (end, column)
    return found


def python_start(source: str) -> int:
    """Where a cell's Python begins, after the cell magics that run Python (`%%time`)."""
    start = 0
    while found := PYTHON_MAGIC.match(source, start):
        start = found.end()
    return start


def magics(source: str) -> tuple[str, ...]:
    """The cell's lines of IPython's own, as written, its cell magics among them."""
    source = source.lstrip()
    heads = re.match(r"(%%[^\n]*\n?)*", source)
    start = heads.end() if heads else 0
    lines = source[start:].splitlines(keepends=True)
    return (
        *source[:start].splitlines(),
        *(lines[i][column:].strip() for i, (_, column) in _escaped_lines(source[start:]).items()),
    )


def tree_of(source: str) -> ast.Module | None:
    """A cell's syntax tree, with lines of IPython's own left out; None if it is no Python.

    Cell magics that run Python (`%%time`) count as what they run.
    """
    if len(source) > _LARGEST_CODE:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    source = source.lstrip()
    source = source[python_start(source) :]
    lines = source.splitlines(keepends=True)
    for first, (end, column) in _escaped_lines(source).items():
        kept = lines[first][:column]
        lines[first] = f"{kept}{'None' if kept.strip() else 'pass'}\n"
        lines[first + 1 : end] = ["\n"] * (end - first - 1)
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defined(source: str) -> set[str]:
    """Functions, classes and variables that a cell binds at its top level, even a broken cell."""
    tree = tree_of(source)
    if tree is None:
        text = source[:_LARGEST_CODE]
        found = re.findall(r"^(?:async +def|def|class) +(\w+)|^(\w+) *=[^=]", text, re.MULTILINE)
        return {name for pair in found for name in pair if name}
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            names.add(node.target.id)
    return names


def same_code(one: str, other: str) -> bool:
    """Whether two cells do the same: equal but for spaces at line ends, blank lines, comments."""
    if norm(one) == norm(other):
        return True
    if abs(len(one) - len(other)) > 5_000:
        return False
    first, second = tree_of(one), tree_of(other)
    try:
        return bool(first and second) and ast.dump(first) == ast.dump(second)
    except RecursionError:
        return False


def word_counts(source: str) -> Counter[str]:
    return Counter(_WORD.findall(source[:20_000]))


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """Share of words in common, from 0 to 1."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def runnable(source: str, answer: bool) -> tuple[str, list[str]]:
    """A cell's source for grading, and what was changed in it.

    Lines that install packages are taken out: the grader has the course's packages and no network.
    From an answer `%%timeit` is taken out, because names bound under it vanish.
    """
    changes = []
    if answer and (found := re.match(r"\s*%%timeit\b[^\n]*\n?", source)):
        changes.append("%%timeit keeps a cell's definitions to itself; it was taken out")
        source = source[found.end() :]
    if not _INSTALLER.search(source):
        return source, changes
    start = python_start(source)
    lines = source[start:].splitlines(keepends=True)
    taken = []
    for first, (end, column) in _escaped_lines(source[start:]).items():
        if not _INSTALLER.match(lines[first], column):
            continue
        taken.append(lines[first].strip()[:60])
        before = lines[first][:column]
        lines[first] = f"{before}{'None' if before.strip() else 'pass'}\n"
        lines[first + 1 : end] = ["\n"] * (end - first - 1)  # line numbers stay right
    if not taken:
        return source, changes
    changes.append(f"installing packages is no part of grading; taken out: {listed(taken)}")
    return source[:start] + "".join(lines), changes
