"""Finds the code of hidden tests in texts that students are going to see.

Tests run where a student's code cannot read them, so such a text is rare: an exception that quotes
a line of the test, or a submission that got hold of the tests elsewhere and prints them. What a
test says on purpose, its messages, is not secret; nor is what the released lesson already shows.
"""

import base64
import binascii
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import lru_cache

from aicourse.grading.bundle import LessonBundle

#: Shown in place of a text that repeats a hidden test.
WITHHELD = "This text is not shown, because it repeats a part of a hidden test."

_LENGTH = 20  # letters and digits
_LONGEST = 100_000
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}")
_HEX = re.compile(r"(?:(?:\\x|0x)?[0-9a-fA-F]{2}[\s:,]{0,2}){16,}")
_CODE_POINTS = re.compile(r"(?:\d{2,3}[\s,]{1,2}){16,}")


def _plain(text: str) -> str:
    """Letters and digits alone: what is left when quotes, blanks and line ends are changed."""
    return _NOT_ALNUM.sub("", text.lower())


def _windows(text: str) -> Iterator[str]:
    return (text[i : i + _LENGTH] for i in range(len(text) - _LENGTH + 1))


def _is_telling(window: str) -> bool:
    """Whether a stretch can only be code: rows of digits occur in every output."""
    return len(set(window)) >= 8 and sum(c.isalpha() for c in window) >= 10


def _code_and_strings(source: str) -> tuple[list[str], list[str]]:
    """The stretches of code between string literals, and the literals."""
    code, strings = [""], []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING or "STRING" in tokenize.tok_name[token.type]:
            strings.append(token.string)
            code.append("")
        else:
            code[-1] += token.string + " "
    return code, strings


def _decoded(text: str) -> Iterator[str]:
    """What encoded stretches of `text` say: base64, hexadecimal, lists of character codes."""
    for found in _BASE64.finditer(text):
        run = found[0].replace("-", "+").replace("_", "/")
        for offset in range(4):
            whole = run[offset:]
            try:
                yield base64.b64decode(whole[: len(whole) // 4 * 4]).decode("latin-1")
            except binascii.Error:
                continue
    for found in _HEX.finditer(text):
        digits = re.sub(r"\\x|0x|[\s:,]", "", found[0])
        for offset in (0, 1):
            whole = digits[offset:]
            yield bytes.fromhex(whole[: len(whole) // 2 * 2]).decode("latin-1")
    for found in _CODE_POINTS.finditer(text):
        yield "".join(chr(int(number)) for number in re.findall(r"\d+", found[0]))


class HiddenText:
    """The hidden tests of one lesson, as something to look for."""

    def __init__(self, bundle: LessonBundle) -> None:
        secret: set[str] = set()
        public = [cell.source for cell in bundle.cells]
        for test in bundle.tests:
            code, strings = _code_and_strings(test.source)
            public += strings
            if test.hidden:
                secret.update(w for part in code for w in _windows(_plain(part)) if _is_telling(w))
            else:
                public.append(test.source)
        for text in public:
            secret.difference_update(_windows(_plain(text)))
        self._secret = secret | {window[::-1] for window in secret}

    def found_in(self, text: str, own: Iterable[str] = (), least: int = 1) -> bool:
        """Whether `text` contains a stretch of a hidden test, as it is, reversed or encoded.

        Args:
            own: sources that the student wrote; what they contain is no secret.
            least: how many overlapping stretches it takes; a traceback through a library may
                contain one by chance.
        """
        text = text[:_LONGEST]
        hits = self._hits(text)
        if len(hits) < least:
            hits |= {hit for decoded in _decoded(text) for hit in self._hits(decoded)}
        if len(hits) < least:
            return False
        known = "\n".join(_plain(source) for source in own)
        return sum(hit not in known and hit[::-1] not in known for hit in hits) >= least

    def _hits(self, text: str) -> set[str]:
        return self._secret.intersection(_windows(_plain(text)))


@lru_cache(64)
def hidden_text(bundle: LessonBundle) -> HiddenText:
    """The lesson's hidden tests, made once."""
    return HiddenText(bundle)
