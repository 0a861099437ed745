"""Web pages that are safe to open whatever a student wrote into them.

Everything of a student's is text, escaped, except: code is highlighted, Markdown becomes a small
set of tags, PNG and JPEG pictures are kept if they are such, and a table that pandas printed is
drawn again from the text of its cells. Nothing of a student's HTML, SVG, CSS or JavaScript gets
through, so there is nothing to filter. Should something be overlooked all the same, the page's
Content-Security-Policy lets the browser run no script, load nothing and send nothing.
"""

import base64
import binascii
import hashlib
import html
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup, escape
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from aicourse.grading.finish import printable

_TEMPLATES = Path(__file__).parent / "templates"
#: Characters shown of one code cell, one text, one output.
_CODE, _TEXT, _OUTPUT = 30_000, 30_000, 8_000
#: Pictures: bytes of a file, its pixels.
_PICTURE, _PIXELS = 2_000_000, 30_000_000
_TABLE_HTML, _TABLE_ROWS, _TABLE_COLUMNS = 200_000, 60, 30

# ------------------------------------------------------------------------------------------- pages


@cache
def _style() -> Markup:
    return Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8"))


def _policy() -> str:
    """Only the page's own style sheet and the pictures inside the page; no scripts, no forms."""
    digest = base64.b64encode(hashlib.sha256(str(_style()).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    environment.filters["printable"] = printable
    return environment


def points(value: float) -> str:
    """Points as people write them: 3, 2.5, 0.33."""
    return f"{round(value, 2):g}".replace("-", "−")


def page(template: str, **content: Any) -> str:
    """A whole page from templates/; strings are escaped, `Markup` is taken as it is."""
    return _templates().get_template(template).render(style=_style(), policy=_policy(), **content)


# -------------------------------------------------------------------------------------------- code


@lru_cache(2048)
def code(source: str) -> Markup:
    """Python code, highlighted."""
    shown = printable(source, _CODE)
    lines = highlight(shown, PythonLexer(stripnl=True), HtmlFormatter(nowrap=True))
    return Markup('<pre class="code" tabindex="0">{}</pre>').format(Markup(lines))


# ---------------------------------------------------------------------------------------- Markdown


def _math(state: StateInline, silent: bool) -> bool:
    """Keeps $…$ and $$…$$ together, so that Markdown leaves the TeX in it alone."""
    found = re.compile(r"\$\$[^$]{1,2000}\$\$|\$[^$\n]{1,500}\$").match(state.src, state.pos)
    if not found or found.end() > state.posMax:
        return False
    if not silent:
        token = state.push("math", "code", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _math)
    parser.renderer.rules |= {
        "math": lambda tokens, i, options, env: (
            f'<code class="math">{html.escape(tokens[i].content)}</code>'
        ),
        "image": _image,
        "link_open": lambda tokens, i, options, env: "<u>",
        # A link names its address instead of leading there.
        "link_close": lambda tokens, i, options, env: f"</u> ({_address(tokens, i)})",
    }
    return parser


def _address(tokens: Sequence[Any], closing: int) -> str:
    opening = next(t for t in reversed(tokens[:closing]) if t.type == "link_open")
    return html.escape(printable(str(opening.attrs.get("href", "")), 300))


def _image(tokens: Sequence[Any], i: int, options: Any, env: Any) -> str:
    source = str(tokens[i].attrs.get("src", ""))
    attached = env.get("attachments", {}).get(source.removeprefix("attachment:"), {})
    if source.startswith("attachment:") and isinstance(attached, Mapping):
        for kind in ("image/png", "image/jpeg"):
            if kind in attached and (shown := picture(attached[kind])):
                return str(shown)
    return f"<em>[picture not shown: {html.escape(printable(tokens[i].content, 200))}]</em>"


_MARKDOWN = _parser()
_TAGS = {
    *("p", "em", "strong", "s", "u", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "img"),
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"img": {"src", "alt"}, "ol": {"start"}},
    allowed_classes={"code": {"math"}},
    url_schemes={"data"},
    link_rel=None,
)


def markdown(text: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    """Markdown as HTML: raw HTML in it is shown as text, links and remote pictures lead nowhere.

    Args:
        attachments: the cell's, for pictures that were pasted into it.
    """
    rendered = _MARKDOWN.render(
        printable(text, _TEXT), {"attachments": attachments if attachments else {}}
    )
    return Markup('<div class="text">{}</div>').format(Markup(_CLEANER.clean(rendered)))


# ----------------------------------------------------------------------------------------- outputs


def picture(encoded: Any) -> Markup | None:
    """A PNG or JPEG in base64 as a picture inside the page; None if it is not one, or too large."""
    text = "".join(encoded) if isinstance(encoded, list) else encoded
    if not isinstance(text, str) or len(text) > _PICTURE * 3 // 2:
        return None
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # Reads the header alone.
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
                kind, (width, height) = str(image.format).lower(), image.size
    except (
        binascii.Error,
        ValueError,
        OSError,
        SyntaxError,
        Warning,
        Image.DecompressionBombError,
    ):
        return None
    if len(raw) > _PICTURE or width * height > _PIXELS:
        return None
    data = base64.b64encode(raw).decode()
    return Markup('<img alt="picture" src="data:image/{};base64,{}">').format(kind, data)


_ROW = re.compile(r"<tr\b[^<>]*>(.*?)(?=</?tr\b|</table|\Z)", re.DOTALL | re.IGNORECASE)
_CELL = re.compile(r"<(t[hd])\b[^<>]*>([^<]*)", re.IGNORECASE)


def _table(source: str) -> Markup | None:
    """A data frame's HTML drawn again from the plain text of its cells; None if there is none."""
    if 'class="dataframe"' not in source or len(source) > _TABLE_HTML:
        return None
    rows = []
    for row in _ROW.findall(source)[: _TABLE_ROWS + 1]:
        cells = [
            Markup("<{0}>{1}</{0}>").format(tag.lower(), printable(html.unescape(text), 300))
            for tag, text in _CELL.findall(row)[:_TABLE_COLUMNS]
        ]
        rows.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
    if not any("<td>" in row for row in rows):
        return None
    return Markup('<div class="wide"><table class="data">{}</table></div>').format(
        Markup("\n").join(rows)
    )


def joined(value: Any) -> str:
    """A text of a notebook, which may be stored as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _block(text: str, kind: str) -> Markup:
    shown = printable(text, _OUTPUT)
    return (
        Markup('<pre class="{}" tabindex="0">{}</pre>').format(kind, shown) if shown else Markup()
    )


def read(shown: Markup) -> str:
    """The letters that a reader of `shown` sees."""
    return html.unescape(re.sub(r"<[^<>]*>", "", shown))


def output(shown: Mapping[str, Any]) -> Markup:
    """One output of a cell."""
    kind, data = shown.get("output_type"), shown.get("data")
    if kind == "stream":
        name = "stderr" if shown.get("name") == "stderr" else "stdout"
        return _block(_last_states(joined(shown.get("text"))), name)
    if kind == "error":
        return _block(f"{joined(shown.get('ename'))}: {joined(shown.get('evalue'))}", "error")
    if not isinstance(data, Mapping):
        return Markup()
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            return picture(data[mime]) or _block("[a picture that cannot be shown]", "stdout")
    if (table := _table(joined(data.get("text/html")))) is not None:
        return table
    kinds = ", ".join(map(str, data))
    return _block(joined(data.get("text/plain")) or f"[not shown here: {kinds}]", "stdout")


def _last_states(text: str) -> str:
    """What a terminal shows at the end where progress bars write over themselves."""
    if "\r" not in text:
        return text
    text = text[: 50 * _OUTPUT].replace("\r\n", "\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))


def plain(text: str, kind: str) -> Markup:
    """A text as it is, in a block of the style `kind`."""
    return Markup('<div class="{}">{}</div>').format(kind, escape(printable(text)))
