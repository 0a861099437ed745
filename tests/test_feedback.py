"""Feedback pages: they say what was right and wrong, and nothing of a student's can act in them."""

import base64
import io
import json
import os
import re
import shutil
import string
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from nbgrader.api import Gradebook

from aicourse.grading.bundle import LessonBundle, lesson_bundle
from aicourse.grading.feedback import feedback_page, write_feedback
from aicourse.grading.hidden_text import WITHHELD, hidden_text
from aicourse.grading.lesson_grades import (
    BY_HAND,
    WAITING,
    ExerciseGrade,
    LessonGrade,
    Person,
    lesson_grades,
    roster,
)
from aicourse.grading.results import (
    FAILED,
    GRADED,
    NOT_ATTEMPTED,
    PASSED,
    RAISED,
    TIMEOUT,
    UNREADABLE,
    Note,
    Result,
    Score,
    WrittenAnswer,
)

ROOT = Path(__file__).resolve().parents[1]
LESSON = "01_math_python/03_matrices_least_squares"
#: nbgrader 0.9 makes SQLAlchemy 2.1 grumble.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


@pytest.fixture(scope="module")
def bundle() -> LessonBundle:
    return lesson_bundle(ROOT, LESSON)


def graded(bundle: LessonBundle, outcomes: dict[str, str] | None = None, message: str = "") -> Any:
    """A grade in which every exercise is right, but for `outcomes` of hidden tests."""
    outcomes = outcomes or {}
    exercises = []
    for e in bundle.exercises:
        outcome = outcomes.get(e.grade_id, BY_HAND if e.written else PASSED)
        tests = bundle.tests_of(e.grade_id)
        right = outcome in (PASSED, BY_HAND)
        hidden = sum(t.points for t in tests if t.hidden)
        lost = 0.0 if right else hidden if outcome == FAILED else e.points
        test = next((t for t in tests if t.hidden and not right), None)
        said = "" if right else message
        exercises.append(ExerciseGrade(e, e.points - lost, outcome, test, said))
    result = Result(bundle.name, GRADED, ())
    return LessonGrade(Person("ada", "Ada", "Lovelace"), bundle, result, tuple(exercises), ())


def code_cell(source: str, *outputs: dict[str, Any], grade_id: str = "") -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id, "solution": True}} if grade_id else {}
    return {
        "cell_type": "code",
        "id": grade_id or "own",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
    }


def text_cell(source: str, grade_id: str = "", **more: Any) -> dict[str, Any]:
    cell = code_cell(source, grade_id=grade_id) | {"cell_type": "markdown", **more}
    del cell["outputs"]
    return cell


def shows(**data: Any) -> dict[str, Any]:
    """An output; `text_html` stands for text/html."""
    kinds = {kind.replace("_", "/", 1).replace("_", "+"): value for kind, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": kinds}


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def seen(page: str) -> str:
    """What a reader sees."""
    soup = BeautifulSoup(page, "html.parser")
    for hidden in soup(["style", "title"]):
        hidden.decompose()
    return " ".join(soup.get_text().split())


# ------------------------------------------------------------------------------- what a page says


def test_the_summary_says_points_and_the_named_mistake(bundle: LessonBundle) -> None:
    grade = graded(bundle, {"solve_qr": FAILED}, "random systems: did you square the condition?")
    text = seen(feedback_page(grade, "")[0])
    lost = sum(t.points for t in bundle.tests_of("solve_qr") if t.hidden)
    assert f"{grade.possible - lost:g} of {grade.possible:g} points" in text
    assert "Partly right" in text
    assert "A hidden test found this:" in text
    assert "random systems: did you square the condition?" in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (NOT_ATTEMPTED, "Not attempted"),
        (TIMEOUT, "still running when the test's time was up"),
        (RAISED, "raised an error where the test called it"),
        ("died", "ended the program that ran it"),
        (WAITING, "A person has still to look at this."),
    ],
)
def test_every_outcome_in_plain_words(bundle: LessonBundle, outcome: str, words: str) -> None:
    assert words in seen(feedback_page(graded(bundle, {"solve_qr": outcome}), "")[0])
    assert words not in seen(feedback_page(graded(bundle), "")[0])


def test_notes_for_the_student_but_not_suspicions(bundle: LessonBundle) -> None:
    notes = (
        Note("repaired", "metadata was lost"),
        Note("problem", "cell 3 took too long"),
        Note("suspicious", "reads the gradebook"),
    )
    text = seen(feedback_page(replace(graded(bundle), notes=notes), "")[0])
    assert "metadata was lost" in text
    assert "cell 3 took too long" in text
    assert "reads the gradebook" not in text


def test_answers_own_cells_comments_and_left_out_lesson_cells(bundle: LessonBundle) -> None:
    released = next(c for c in bundle.cells if c.role == "lesson" and c.kind == "code")
    grade = graded(bundle)
    exercises = tuple(replace(e, comment="Nice: see <1.3>") for e in grade.exercises)
    page, suspicious = feedback_page(
        replace(grade, exercises=exercises),
        notebook(
            code_cell(released.source, shows(text_plain="LESSON OUTPUT")),
            code_cell("print('mine')", {"output_type": "stream", "name": "stdout", "text": "OUT"}),
            code_cell("def solve_qr(A, b):\n    return 42", grade_id="solve_qr"),
            text_cell("The **fit** is $a_1 < b_2$.", "explain_price_fit"),
        ),
    )
    text = seen(page)
    assert "1 cell of the lesson, as released" in text
    assert "LESSON OUTPUT" not in text
    for wanted in ("'mine'", "OUT", "return 42", "$a_1 < b_2$", "Nice: see <1.3>"):
        assert wanted in text
    assert BeautifulSoup(page, "html.parser").find("strong", string="fit")
    assert suspicious == ()


def test_an_unreadable_submission_has_no_grade_and_the_reason(bundle: LessonBundle) -> None:
    note = Note("problem", "The file is empty: upload it again.")
    exercises = tuple(ExerciseGrade(e, 0.0, UNREADABLE) for e in bundle.exercises)
    result = Result(LESSON, UNREADABLE, (), notes=(note,))
    grade = LessonGrade(Person("ada"), bundle, result, exercises, (note,))
    text = seen(feedback_page(grade, "# a stand-in")[0])
    assert "No grade yet" in text
    assert note.text in text
    assert "of 26 points" not in text


def test_a_picture_is_kept_and_what_only_says_so_is_not(bundle: LessonBundle) -> None:
    buffer = io.BytesIO()
    Figure().savefig(buffer, format="png")
    png = base64.b64encode(buffer.getvalue()).decode()
    script = base64.b64encode(b"<svg onload=alert(1)>").decode()
    page, _ = feedback_page(
        graded(bundle),
        notebook(
            code_cell("1", shows(image_png=png), shows(image_png=script), shows(image_png="\n%%")),
            text_cell("![x](attachment:a.png)", attachments={"a.png": {"image/png": png}}),
        ),
    )
    images = BeautifulSoup(page, "html.parser").find_all("img")
    assert [str(i["src"]).startswith(f"data:image/png;base64,{png[:40]}") for i in images] == [
        True,
        True,
    ]
    assert "a picture that cannot be shown" in page


def test_a_decompression_bomb_is_no_picture(bundle: LessonBundle) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    output = shows(image_png=base64.b64encode(bomb).decode())
    page, _ = feedback_page(graded(bundle), notebook(code_cell("1", output)))
    assert "<img" not in page
    assert "a picture that cannot be shown" in page


def test_a_data_frame_is_a_table(bundle: LessonBundle) -> None:
    import pandas as pd

    frame = pd.DataFrame({"price <€>": [1.5, 2.5]}, index=["a", "b"])
    page, _ = feedback_page(
        graded(bundle), notebook(code_cell("frame", shows(text_html=frame._repr_html_())))
    )
    table = BeautifulSoup(page, "html.parser").find("table", class_="data")
    assert table is not None
    rows = [[cell.get_text() for cell in row(["th", "td"])] for row in table("tr")]
    assert rows == [["", "price <€>"], ["a", "1.5"], ["b", "2.5"]]


def test_huge_outputs_do_not_make_huge_pages(bundle: LessonBundle) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 400_000}
    cells = [code_cell(f"print({i})", *[stream] * 30) for i in range(5)]
    page, _ = feedback_page(graded(bundle), notebook(*cells))
    assert len(page) < 2_000_000
    assert "print(0)" in seen(page)


def test_huge_sources_are_left_out_but_exercises_are_not(bundle: LessonBundle) -> None:
    cells = [text_cell("| a | b |\n|-|-|\n" + f"{i}|x\n" * 5_000) for i in range(20)]
    page, _ = feedback_page(graded(bundle), notebook(*cells))
    assert "[left out: this page is too long]" in page
    assert len(page) < 4_000_000
    assert bundle.exercises[-1].title in page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        '{"cells": 3}',
        '{"cells": [1, {"cell_type": 7, "source": {"a": 1}, "outputs": "x", "metadata": []}]}',
        '{"cells": [{"cell_type": "code", "source": "1", "outputs": [3, {"data": [1]}, {}]}]}',
        '{"cells": [{"cell_type": "markdown", "source": "![](attachment:a)",'
        ' "attachments": {"a": {"image/png": {"b": 1}}}}]}',
        "[" * 100_000,
    ],
)
def test_a_broken_notebook_leaves_the_summary(bundle: LessonBundle, text: str) -> None:
    assert "of 26 points" in seen(feedback_page(graded(bundle), text)[0])


# ------------------------------------------------------------------------------ nothing of it acts

FAR = "http://203.0.113.7/leak"
RUN = "document.title='PWNED'"
ATTACKS: dict[str, dict[str, Any]] = {
    "script": code_cell("1", shows(text_html=f"<script>{RUN}</script>")),
    "script in a data frame": code_cell(
        "1", shows(text_html=f'<table class="dataframe"><tr><td><script>{RUN}</script></table>')
    ),
    "handler in a data frame": code_cell(
        "1", shows(text_html=f'<table class="dataframe" onclick="{RUN}"><tr onmouseover="{RUN}">'
                             f'<td onclick="{RUN}">&lt;img src=x onerror={RUN}&gt;</td></table>')
    ),
    "image handler": code_cell("1", shows(text_html=f"<img src=x onerror={RUN}>")),
    "svg": code_cell("1", shows(image_svg_xml=f"<svg onload={RUN}><script>{RUN}</script></svg>")),
    "javascript output": code_cell("1", shows(application_javascript=RUN)),
    "widget": code_cell("1", {"output_type": "display_data", "data": {
        "application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": f"<b>{FAR}"}}),
    "iframe": code_cell("1", shows(text_html=f"<iframe src='{FAR}'></iframe>")),
    "srcdoc": code_cell("1", shows(text_html=f"<iframe srcdoc='<script>{RUN}</script>'>")),
    "object": code_cell("1", shows(text_html=f"<object data='{FAR}'><embed src='{FAR}'>")),
    "form": code_cell("1", shows(
        text_html=f"<form action='{FAR}'><input autofocus onfocus={RUN}>")),
    "meta refresh": code_cell("1", shows(
        text_html=f"<meta http-equiv=refresh content='0;url={FAR}'>")),
    "base": code_cell("1", shows(text_html=f"<base href='{FAR}'>")),
    "style sheet": code_cell("1", shows(text_html=f"<link rel=stylesheet href='{FAR}'>")),
    "css import": code_cell("1", shows(text_html=f"<style>@import '{FAR}'; body{{display:none}}")),
    "clickjacking": code_cell("1", shows(
        text_html=f"<a href='{FAR}' style='position:fixed;inset:0;z-index:9'>.</a>")),
    "latex": code_cell("1", shows(text_latex=r"$\href{javascript:" + RUN + r"}{x}$")),
    "markdown output": code_cell("1", shows(text_markdown=f"[x](javascript:{RUN})")),
    "stream": code_cell("1", {"output_type": "stream", "name": "stdout",
                              "text": f"</pre><script>{RUN}</script>"}),
    "stream name": code_cell("1", {"output_type": "stream", "name": f'"><script>{RUN}</script>',
                                   "text": "a"}),
    "error": code_cell("1", {"output_type": "error", "ename": f"<script>{RUN}</script>",
                             "evalue": f"<img src={FAR}>", "traceback": ["</pre><script>"]}),
    "mime type": code_cell("1", shows(**{f"<script>{RUN}</script>": "x"})),
    "source": code_cell(f"x = '</pre><script>{RUN}</script>'  # <img src={FAR}>"),
    "answer": code_cell(f"'''</pre></section><script>{RUN}</script>'''", grade_id="solve_qr"),
    "markdown html": text_cell(f"<script>{RUN}</script><img src=x onerror={RUN}>"),
    "markdown link": text_cell(f"[x](javascript:{RUN}) [y]({FAR}) <{FAR}> [z](data:text/html,x)"),
    "markdown autolink break-out": text_cell(f'[a](<{FAR}"onmouseover="{RUN}>)'),
    "remote image": text_cell(f"![t]({FAR}.png) ![u](data:image/svg+xml;base64,PHN2Zz4=)"),
    "reference link": text_cell(f"[a][b] ![c][b]\n\n[b]: {FAR} '\"><script>{RUN}</script>'"),
    "code fence": text_cell(
        f'```"><script>{RUN}</script>\n</code></pre><script>{RUN}</script>\n```'),
    "math": text_cell(f"$<script>{RUN}</script>$ $$\"><img src=x onerror={RUN}>$$"),
    "comment": text_cell(f"<!--><script>{RUN}</script>-->"),
    "written answer": text_cell(f"</div></section><script>{RUN}</script>", "explain_price_fit"),
    "fake svg attachment": text_cell("![x](attachment:a)", attachments={"a": {
        "image/png": base64.b64encode(f"<svg onload={RUN}>".encode()).decode()}}),
    "attribute in an attachment": text_cell("![x](attachment:a)", attachments={"a": {
        "image/png": f'" onerror="{RUN}'}}),
    "cell id": code_cell("1") | {"id": f'"><script>{RUN}</script>'},
    "bidi": code_cell("admin = True \u202e # \u2066 if x: return\u2069"),
    "control characters": code_cell("print('\x00\x1b[2J\x07')"),
}  # fmt: skip
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "small", "strong", "em", "u", "s"),
    *("table", "thead", "tbody", "tr", "th", "td", "a", "svg", "rect", "pre", "code", "img", "br"),
    *("ul", "ol", "li", "blockquote", "hr", "details", "summary", "dl", "dt", "dd", "text", "line"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "src", "alt"),
    *("viewbox", "preserveaspectratio", "aria-hidden", "aria-label", "role", "width", "height"),
    *("x", "y", "x1", "x2", "y1", "y2", "text-anchor", "tabindex", "open", "start"),
}


def assert_harmless(page: str) -> None:
    """Only tags, attributes and addresses that the pages themselves are made of."""
    soup = BeautifulSoup(page, "html.parser")
    for element in soup.find_all(True):
        assert element.name in TAGS, element.name
        for name, value in element.attrs.items():
            assert name in ATTRIBUTES, (element.name, name)
            if name == "href":
                assert re.fullmatch(r"#[\w-]+", str(value)), value
            if name == "src":
                assert re.fullmatch(r"data:image/(png|jpeg);base64,[\w+/=]+", str(value)), value
        if element.get("http-equiv"):
            assert element["http-equiv"] == "Content-Security-Policy"
    assert len(soup.find_all("style")) == 1
    policy = str(soup.find("meta", attrs={"http-equiv": True})["content"])
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    visible = set(page) - set(string.printable)
    assert not visible & {chr(c) for c in (0, 27, 7, 0x202E, 0x2066, 0x2069)}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_student_acts_in_the_page(bundle: LessonBundle, attack: str) -> None:
    page, _ = feedback_page(graded(bundle), notebook(ATTACKS[attack]))
    assert_harmless(page)


def test_all_attacks_on_one_page_and_in_the_other_texts(bundle: LessonBundle) -> None:
    evil = f"</title><script>{RUN}</script>\"'><img src={FAR} onerror={RUN}>"
    grade = graded(bundle, {"solve_qr": FAILED}, evil)
    exercises = tuple(replace(e, comment=evil) for e in grade.exercises)
    result = replace(grade.result, cell_errors=(("own", evil),))
    notes = (Note("repaired", evil, evil), Note("problem", evil))
    person = Person(evil, evil, evil)
    grade = replace(grade, person=person, exercises=exercises, notes=notes, result=result)
    page, _ = feedback_page(grade, notebook(*ATTACKS.values()))
    assert_harmless(page)
    assert evil in seen(page)


# ---------------------------------------------------------------------------- hidden tests stay so


def secret_line(bundle: LessonBundle, exercise: str) -> str:
    """A line of code that only the hidden test contains."""
    hidden = next(t for t in bundle.tests_of(exercise) if t.hidden)
    public = "\n".join(cell.source for cell in bundle.cells)
    for line in hidden.source.splitlines():
        code = line.strip()
        if len(code) > 45 and code not in public and not re.search("[\"'#]", code):
            return code
    raise AssertionError("the hidden test has no telling line")


def disguises(line: str) -> dict[str, str]:
    return {
        "as it is": f"NameError in: {line}",
        "other blanks and quotes": line.replace(" ", "\n  "),
        "reversed": line[::-1],
        "base64": base64.b64encode(line.encode()).decode(),
        "base64 in a longer text": base64.b64encode(f"ab{line}".encode()).decode(),
        "hex": line.encode().hex(),
        "escapes": "".join(f"\\x{byte:02x}" for byte in line.encode()),
        "letters": repr(list(line)),
        "code points": repr([ord(c) for c in line]),
        "upper case": line.upper(),
    }


@pytest.mark.parametrize("disguise", disguises("x"))
def test_hidden_code_is_found_in_every_disguise(bundle: LessonBundle, disguise: str) -> None:
    line = secret_line(bundle, "solve_qr")
    text = disguises(line)[disguise]
    assert hidden_text(bundle).found_in(text)
    output = {"output_type": "stream", "name": "stdout", "text": text}
    page, suspicious = feedback_page(graded(bundle), notebook(code_cell("1", output)))
    assert text not in seen(page)
    assert WITHHELD in seen(page)
    assert [(note.kind, note.cell) for note in suspicious] == [("suspicious", "own")]


def test_what_the_student_wrote_and_what_tests_say_is_no_secret(bundle: LessonBundle) -> None:
    line = secret_line(bundle, "solve_qr")
    output = {"output_type": "stream", "name": "stdout", "text": line}
    _, suspicious = feedback_page(graded(bundle), notebook(code_cell(line, output)))
    assert suspicious == ()
    hidden = next(t for t in bundle.tests_of("solve_qr") if t.hidden)
    message = max(re.findall(r'"([^"{}\n]{30,})"', hidden.source), key=len)
    assert not hidden_text(bundle).found_in(message)


def test_hidden_tests_in_the_graded_notebook_are_not_shown(bundle: LessonBundle) -> None:
    cells = []
    for test in bundle.tests:
        error = {"output_type": "error", "ename": "E", "evalue": test.source, "traceback": []}
        cell = code_cell(test.source, error, grade_id=test.grade_id)
        cells.append(cell)
    page, _ = feedback_page(graded(bundle), notebook(*cells))
    text = re.sub(r"\s+", "", seen(page))
    for exercise in ("solve_qr", "polynomial_fit", "ridge_closed_form"):
        assert re.sub(r"\s+", "", secret_line(bundle, exercise)) not in text
    visible = next(t for t in bundle.tests if not t.hidden)
    assert re.sub(r"\s+", "", visible.source) in text


# ------------------------------------------------------------------------- out of a real gradebook


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory, bundle: LessonBundle) -> Path:
    """nbgrader's gradebook with two students whose submissions have no scores."""
    file = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # A new database needs the `alembic` command.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        book = Gradebook(f"sqlite:///{file}")
    with book:
        book.add_assignment(bundle.assignment)
        book.add_notebook(bundle.stem, bundle.assignment)
        where = (bundle.stem, bundle.assignment)
        for test in bundle.tests:
            book.add_grade_cell(test.grade_id, *where, max_score=test.points, cell_type="code")
        for e in bundle.exercises:
            book.add_solution_cell(e.grade_id, *where)
            if e.written:
                book.add_grade_cell(e.grade_id, *where, max_score=e.points, cell_type="markdown")
        book.add_student("zoë", first_name="Zoë", last_name="Adeyemi", email="zoe@x.org")
        book.add_student("kofi")
        for student in ("zoë", "kofi"):
            book.add_submission(bundle.assignment, student)
    return file


@pytest.fixture
def gradebook(tmp_path: Path, empty_gradebook: Path) -> Iterator[Gradebook]:
    copy = shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    with Gradebook(f"sqlite:///{copy}") as book:
        yield book


def result_of(bundle: LessonBundle, message: str) -> Result:
    scores = tuple(
        Score(t.grade_id, t.exercise, t.points, 0.0, FAILED, message)
        if t.grade_id == "solve_qr_hidden"
        else Score(t.grade_id, t.exercise, t.points, t.points, PASSED)
        for t in bundle.tests
    )
    written = tuple(
        WrittenAnswer(e.grade_id, "Because.", False) for e in bundle.exercises if e.written
    )
    return Result(bundle.name, GRADED, scores, written)


def record(book: Gradebook, bundle: LessonBundle, result: Result, student: str) -> None:
    where = (bundle.stem, bundle.assignment, student)
    for score in result.scores:
        grade = book.find_grade(score.grade_id, *where)
        grade.auto_score, grade.needs_manual_grade = score.earned, False
    book.db.commit()


def test_points_come_from_the_gradebook_and_wait_for_a_person(
    gradebook: Gradebook, bundle: LessonBundle
) -> None:
    result = result_of(bundle, "wrong: see above")
    record(gradebook, bundle, result, "zoë")
    [grade] = lesson_grades(gradebook, [bundle], [("zoë", result)])
    lost = next(t.points for t in bundle.tests if t.grade_id == "solve_qr_hidden")
    written = next(e for e in bundle.exercises if e.written)
    assert grade.person == Person("zoë", "Zoë", "Adeyemi", "zoe@x.org")
    assert grade.points == grade.possible - lost - written.points
    assert grade.waiting == (written.grade_id,)
    assert {e.exercise.grade_id: e.message for e in grade.exercises}[
        "solve_qr"
    ] == "wrong: see above"

    where = (bundle.stem, bundle.assignment, "zoë")
    by_hand = gradebook.find_grade(written.grade_id, *where)
    by_hand.manual_score, by_hand.needs_manual_grade = written.points - 1, False
    gradebook.find_grade("solve_qr_hidden", *where).manual_score = lost
    gradebook.find_comment(written.grade_id, *where).manual_comment = "Well argued."
    gradebook.db.commit()
    [grade] = lesson_grades(gradebook, [bundle], [("zoë", result)])
    assert grade.points == grade.possible - 1
    assert grade.waiting == ()
    assert grade.exercises[-1].comment == "Well argued."
    assert grade.exercises[-1].outcome == BY_HAND
    assert [p.id for p in roster(gradebook)] == ["kofi", "zoë"]


def test_a_message_that_repeats_a_hidden_test_is_replaced(
    gradebook: Gradebook, bundle: LessonBundle
) -> None:
    line = secret_line(bundle, "solve_qr")
    notes = (Note("problem", f"stopped at {line}"), Note("problem", "stopped"))
    result = replace(result_of(bundle, f"failed: {line}"), notes=notes)
    record(gradebook, bundle, result, "zoë")
    [grade] = lesson_grades(gradebook, [bundle], [("zoë", result)])
    assert {e.exercise.grade_id: e.message for e in grade.exercises}["solve_qr"] == WITHHELD
    assert [note.text for note in grade.notes[:2]] == [WITHHELD, "stopped"]
    assert [(note.kind, note.cell) for note in grade.notes[2:]] == [("suspicious", "solve_qr")]


def test_pages_stand_where_nbgrader_looks_for_them(
    tmp_path: Path, gradebook: Gradebook, bundle: LessonBundle
) -> None:
    autograded = tmp_path / "autograded" / "zoë" / bundle.assignment
    autograded.mkdir(parents=True)
    (autograded / f"{bundle.stem}.ipynb").write_text(
        notebook(code_cell("print('own cell')")), encoding="utf-8"
    )
    (autograded / "timestamp.txt").write_text("2026-03-02 18:30:00 UTC")
    result = result_of(bundle, "wrong")
    record(gradebook, bundle, result, "zoë")
    results = [("zoë", result), ("kofi", result)]
    written = list(write_feedback(tmp_path, lesson_grades(gradebook, [bundle], results)))
    assert [(grade.person.id, notes) for grade, notes in written] == [("zoë", ()), ("kofi", ())]
    folder = tmp_path / "feedback" / "zoë" / bundle.assignment
    assert {f.name for f in folder.iterdir()} == {f"{bundle.stem}.html", "timestamp.txt"}
    assert "'own cell'" in seen((folder / f"{bundle.stem}.html").read_text(encoding="utf-8"))
    kofi = tmp_path / "feedback" / "kofi" / bundle.assignment / f"{bundle.stem}.html"
    assert "points" in seen(kofi.read_text(encoding="utf-8"))
