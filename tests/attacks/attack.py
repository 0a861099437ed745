"""What an attack is, and how it becomes a submitted notebook."""

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from aicourse.grading.results import (
    DIED,
    FAILED,
    NOT_ATTEMPTED,
    RAISED,
    TIMEOUT,
)

from . import course

WRONG = frozenset({FAILED, RAISED})
#: The answer's own cell did not get to its end, so there is nothing to test.
NO_ANSWER = frozenset({NOT_ATTEMPTED, RAISED, DIED, TIMEOUT})
SLOW = frozenset({TIMEOUT})
ENDED = frozenset({DIED, RAISED})
ANY_LOSS = frozenset({FAILED, RAISED, DIED, TIMEOUT, NOT_ATTEMPTED})

#: Stands in front of an attack that would harm the machine if nothing held it: it does nothing
#: unless it runs in another process namespace than the one that handed it in.
_FUSE = """\
import os

try:
    loose = os.readlink("/proc/self/ns/pid") == "$PID_NAMESPACE"
except OSError:
    loose = False
if loose:
    raise SystemExit("attack not started: no sandbox")
"""


@dataclass(frozen=True)
class Attack:
    """One submission.

    All exercises have right answers except `target`. Its cell holds `before` and then an answer
    whose values are wrong, or, if given, `answer` alone. `cells` are code cells of the student's
    own, in front of the first exercise; `change` alters the notebook after that. In all code,
    `$NAME` stands for what an attacker may know of the world outside (see `outside.Outside.known`).

    What honest grading makes of it: the target earns `earned` points, its tests that fail come to
    one of `outcomes`; the other exercises keep all points unless they are in `lost_too`.
    """

    name: str
    family: str
    what: str
    target: str = "summary"
    before: str = ""
    answer: str = ""
    cells: tuple[str, ...] = ()
    change: Callable[[NotebookNode], None] | None = None
    fused: bool = False
    outcomes: frozenset[str] = WRONG
    earned: float = 0.0
    lost_too: tuple[str, ...] = ()

    def notebook(self, released: NotebookNode, known: Mapping[str, str]) -> bytes:
        """The submission as the bytes of a file.

        Args:
            released: the student version; it is changed.
            known: what `$NAME` stands for.
        """
        fuse = _FUSE if self.fused else ""
        own = self.answer or f"{self.before}\n\n{course.BLANK[self.target]}"
        course.answered(released, course.RIGHT | {self.target: _filled(fuse + own, known)})
        place = next(i for i, one in enumerate(released.cells) if one["id"] == "setup") + 1
        for number, source in enumerate(self.cells):
            new = nbformat.v4.new_code_cell(_filled(fuse + source, known), id=f"own-{number}")
            released.cells.insert(place + number, new)
        if self.change:
            self.change(released)
        return nbformat.writes(released).encode()


def _filled(source: str, known: Mapping[str, str]) -> str:
    return string.Template(source).safe_substitute(known)
