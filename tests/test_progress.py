"""Points, time, the next step, the table and the picture, from real records."""

import io
from datetime import datetime

import pytest
from rich.console import Console

from aicourse.learner import progress
from aicourse.learner.progress import FIRST_EVENT, LONGEST_GAP
from aicourse.lessons import exercises, record
from aicourse.lessons.exercises import PHASES, Exercise, Lesson, TestCell
from aicourse.lessons.record import Event

START = 1_750_000_000.0


def make_lesson(name: str, count: int = 3, written: bool = False) -> Lesson:
    """A lesson of `count` exercises, 4 points each, called like a1, a2 after the stem's end."""
    letter = name.split("_")[-1]
    items = [
        Exercise(f"{letter}{i}", f"Exercise {i} — {letter}{i}", 4, ("f",), (TestCell("t", 4, ""),))
        for i in range(1, count + 1)
    ]
    if written:
        items.append(Exercise(f"{letter}_essay", "Exercise 9", 10, (), (), written=True))
    return Lesson(
        name, f"{progress.number(name)} About {letter}: and more", "about 1 hour", (), tuple(items)
    )


A = make_lesson("01_math_python/01_a", written=True)
B = make_lesson("01_math_python/02_b")
C = make_lesson("02_ml/01_c")
COURSE = (A, B, C)


def event(minutes: float, exercise: str | None, earned: float = 0, lesson: Lesson = A) -> Event:
    """A check `minutes` after the start; 4 points are right; no exercise: lesson opened."""
    if exercise is None:
        return Event(START + 60 * minutes, lesson.name, None, "opened", 0, 0)
    outcome = "right" if earned == 4 else "wrong"
    return Event(START + 60 * minutes, lesson.name, exercise, outcome, earned, 4)


def summary(*events: Event, course=COURSE) -> progress.Progress:
    return progress.summarise(course, list(events))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A learner's folder, with a bank that holds the three lessons."""
    for lesson in COURSE:
        file = tmp_path / "bank" / f"{lesson.name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(lesson.to_json(), encoding="utf-8")
    monkeypatch.setattr(exercises, "BANK", tmp_path / "bank")
    exercises.lessons.cache_clear()
    work = tmp_path / "work"
    (work / record.FOLDER).mkdir(parents=True)
    yield work
    exercises.lessons.cache_clear()


def as_text(renderable, width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(renderable)
    return console.file.getvalue()


# -------------------------------------------------------------------------------------- points


def test_best_result_counts_and_written_answers_do_not():
    state = summary(
        event(0, "a1", 4), event(1, "a1", 1), event(2, "a2", 1), event(3, "a2", 3), event(4, "a2")
    )
    first = state.lessons[0]
    assert first.earned_by == {"a1": 4, "a2": 3}
    assert (first.earned, first.points) == (7, 12)
    assert first.right == {"a1"}
    assert len(first.tested) == 3
    assert not first.complete
    assert (state.earned, state.points, state.completed) == (7, 36, 0)
    assert first.last == START + 240


def test_complete_lesson():
    state = summary(*(event(i, f"a{i}", 4) for i in (1, 2, 3)))
    assert state.lessons[0].complete
    assert state.lessons[0].share == 1
    assert state.completed == 1


def test_exercises_that_are_gone_are_named_and_not_counted():
    state = summary(event(0, "a1", 4), event(1, "old_one", 4), event(2, "older_one"))
    assert state.gone == ("old_one", "older_one")
    assert state.earned == 4


def test_moved_exercise_keeps_its_points():
    moved = (make_lesson("03_deep_learning/05_a"), B)
    state = summary(event(0, "a1", 4), course=moved)
    assert state.lessons[0].earned == 4
    assert state.gone == ()


def test_points_are_capped_at_what_the_exercise_gives_now():
    state = progress.summarise(COURSE, [Event(START, A.name, "a1", "right", 10, 10)])
    assert state.earned == 4


def test_lesson_without_tested_exercises():
    only_text = Lesson("06_portfolio/01_t", "6.1 Text", "", (), ())
    state = progress.summarise([only_text], [Event(START, only_text.name, None, "opened", 0, 0)])
    assert (state.points, state.lessons[0].share, state.lessons[0].complete) == (0, 0, False)
    assert state.suggestion() is None
    assert progress._draw(state)


# ---------------------------------------------------------------------------------------- time


def test_time_is_the_sum_of_short_gaps():
    spent = progress.time_spent(
        [
            event(0, None),
            event(20, "a1"),
            event(49, "a1", 4),
            event(49 + 31, "a2"),  # a break: the gap counts nothing
            event(49 + 35, "a2", 4),
        ]
    )
    assert spent == {A.name: FIRST_EVENT + 49 * 60 + FIRST_EVENT + 4 * 60}


def test_a_gap_of_exactly_the_limit_still_counts():
    spent = progress.time_spent([event(0, "a1"), event(LONGEST_GAP / 60, "a1")])
    assert spent == {A.name: FIRST_EVENT + LONGEST_GAP}


def test_no_minute_is_counted_for_two_lessons():
    events = [
        event(0, None, lesson=A),
        event(10, "a1", lesson=A),
        event(15, None, lesson=B),  # the end of A
        event(25, "b1", lesson=B),
        event(30, "a1", lesson=A),
        event(40, "b1", lesson=B),
    ]
    spent = progress.time_spent(events)
    assert spent == {A.name: FIRST_EVENT + 20 * 60, B.name: 20 * 60}
    assert sum(spent.values()) == FIRST_EVENT + 40 * 60
    assert summary(*events).seconds == FIRST_EVENT + 40 * 60


def test_check_all_adds_no_time_of_its_own():
    together = [event(5, f"a{i}", 4) for i in (1, 2, 3)]
    assert progress.time_spent([event(0, None), *together]) == {A.name: FIRST_EVENT + 300}


def test_no_events_no_time():
    assert progress.time_spent([]) == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (89, "1 min"), (59 * 60, "59 min"), (3600, "1 h 00 min"), (11100, "3 h 05 min")],
)
def test_duration(seconds, text):
    assert progress.duration(seconds) == text


# ----------------------------------------------------------------------------------- next step


def test_suggestion_begins_at_the_beginning():
    lesson, exercise = summary().suggestion()
    assert (lesson.lesson, exercise.grade_id) == (A, "a1")
    assert summary().next_step() == "Start with 1.1 About a: Exercise 1 — a1."


def test_suggestion_stays_with_the_lesson_worked_on_last():
    state = summary(event(0, "a1", 4), event(1, "b2", 4, B))
    lesson, exercise = state.suggestion()
    assert (lesson.lesson, exercise.grade_id) == (B, "b1")
    assert state.next_step().startswith("Continue with 1.2 About b")


def test_suggestion_goes_on_and_then_back_to_what_was_skipped():
    done_b = [event(i, f"b{i}", 4, B) for i in (1, 2, 3)]
    assert summary(*done_b).suggestion()[0].lesson is C
    done_c = [event(9 + i, f"c{i}", 4, C) for i in (1, 2, 3)]
    lesson, exercise = summary(*done_b, *done_c).suggestion()
    assert (lesson.lesson, exercise.grade_id) == (A, "a1")


def test_everything_done():
    every = [
        event(i, one.grade_id, 4, lesson)
        for lesson in COURSE
        for i, one in enumerate(lesson.exercises)
        if not one.written
    ]
    state = summary(*every)
    assert state.suggestion() is None
    assert "completed the course" in state.next_step()
    assert state.earned == state.points == 36


def test_empty_course():
    state = progress.summarise([], [])
    assert state.suggestion() is None
    assert state.next_step() == "There are no lessons yet."
    assert progress._draw(state)


def test_phases_include_those_without_lessons():
    phases = list(summary().phases())
    assert [folder for folder, _, _ in phases] == list(PHASES)
    assert [len(lessons) for _, _, lessons in phases] == [2, 1, 0, 0, 0, 0]
    extra = list(summary(course=(make_lesson("07_extra/01_z"),)).phases())
    assert extra[-1][0] == "07_extra"


# --------------------------------------------------------------------------- table and picture


def test_table(folder):
    record.add(folder, [event(0, None), event(10, "a1", 4), event(12, "a2", 1), event(13, "old")])
    text = as_text(progress.table(folder))
    day = f"{datetime.fromtimestamp(START + 780):%Y-%m-%d}"
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert f"1.1 About a 1/3 5/12 ####...... 15 min {day}" in rows
    assert "1.2 About b 0/3 0/12 .........." in rows
    assert f"{PHASES['01_math_python']} 1/6 5/24 15 min" in rows
    assert "Deep learning" not in text
    assert "5 of 36 points, 0 of 3 lessons complete, about 15 min." in rows
    assert "Continue with 1.1 About a: Exercise 2 — a2." in rows
    assert "1 recorded exercise no longer in the course and not counted here: old." in rows
    assert "an estimate" in text


def test_table_without_a_record(folder):
    text = as_text(progress.table(folder))
    assert "0 of 36 points, 0 of 3 lessons complete." in text
    assert "Start with 1.1 About a" in text
    assert list((folder / record.FOLDER).iterdir()) == []  # reading makes no record


def test_table_for_a_folder_that_is_no_learners_folder(folder, tmp_path):
    assert "0 of 36 points" in as_text(progress.table(tmp_path / "elsewhere"))


def test_table_in_a_narrow_terminal_keeps_names_and_points(folder):
    text = as_text(progress.table(folder), width=60)
    assert "1.1 About a" in text
    assert "0/12" in text


def test_almost_complete_does_not_look_complete():
    assert progress._bar(1) == "##########"
    assert progress._bar(0.999) == "#########."
    assert progress._bar(0) == ".........."


def test_damaged_record_gives_a_clear_message(folder, capsys):
    file = record.record_file(folder)
    file.write_bytes(b"damaged " * 200)
    for call in (progress.load, progress.table, progress.picture):
        with pytest.raises(progress.RecordUnreadable, match="cannot be read") as raised:
            call(folder)
        assert str(file) in str(raised.value)
        assert "the next check begins a new record" in str(raised.value)
    progress.show(folder)
    assert "cannot be read" in capsys.readouterr().out
    assert file.read_bytes() == b"damaged " * 200


def test_record_with_a_foreign_table_gives_a_clear_message(folder):
    import sqlite3

    with sqlite3.connect(record.record_file(folder)) as connection:
        connection.execute("CREATE TABLE events (something TEXT)")
    connection.close()
    with pytest.raises(progress.RecordUnreadable):
        progress.load(folder)


def test_picture_is_saved_where_asked(folder, tmp_path):
    record.add(folder, [event(0, "a1", 4)])
    for name, start in (("p.png", b"\x89PNG"), ("new/folder/p.svg", b"<?xml")):
        progress.picture(folder, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)


def _texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_picture_says_in_words_what_it_shows(folder):
    record.add(folder, [event(0, f"a{i}", 4) for i in (1, 2, 3)] + [event(1, "b1", 4, B)])
    texts = _texts(progress.picture(folder))
    assert texts[0] == "Your progress"
    assert "16 of 36 points, 1 of 3 lessons complete, about 3 min" in texts
    assert {"1.1", "1.2", "2.1", "no lessons yet", "suggested next"} <= set(texts)
    assert "16 of 24 points\n3 min" in texts


def test_cells_are_filled_by_share(folder):
    from matplotlib.colors import to_hex

    from aicourse.lessons.plots import COLORS

    record.add(folder, [event(0, "a1", 4), event(0, "a2", 2)])
    figure = progress.picture(folder)
    side = 1 - progress._GAP
    sky = [
        patch.get_height()
        for patch in figure.axes[0].patches
        if patch.get_fill() and to_hex(patch.get_facecolor()) == COLORS["sky"].lower()
    ]
    cells, legend = sorted(h for h in sky if h > 0), 0.5 * 0.55
    assert cells == pytest.approx(sorted([side * 6 / 12, legend]))


@pytest.mark.parametrize(
    "counts", [(3, 0, 0, 0, 0, 0), (12, 10, 10, 13, 11, 5), (0, 0, 0, 25, 0, 0)]
)
def test_picture_is_legible_from_three_lessons_to_sixty(counts):
    """No text leaves the figure, and no two texts overlap."""
    lessons = [
        make_lesson(f"{phase}/{i:02d}_{phase[1]}x{i}")
        for phase, count in zip(PHASES, counts, strict=True)
        for i in range(1, count + 1)
    ]
    events = [
        Event(START + i, lesson.name, lesson.exercises[0].grade_id, "right", 4, 4)
        for i, lesson in enumerate(lessons)
    ]
    figure = progress._draw(progress.summarise(lessons, events))
    figure.savefig(io.BytesIO(), dpi=100)
    whole = figure.bbox
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    for i, box in enumerate(boxes):
        assert box.x0 >= whole.x0
        assert box.x1 <= whole.x1
        assert box.y0 >= whole.y0
        assert box.y1 <= whole.y1
        for other in boxes[:i]:
            assert not box.overlaps(other)


def test_drawing_leaves_the_learners_matplotlib_alone(folder):
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    before, figures = dict(mpl.rcParams), plt.get_fignums()
    progress.picture(folder)
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == figures


def test_show_outside_a_learners_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    progress.show()
    assert "no progress record" in capsys.readouterr().out


def test_show_in_a_plain_interpreter(folder, monkeypatch, capsys):
    record.add(folder, [event(0, "a1", 4)])
    monkeypatch.chdir(folder)
    progress.show()
    out = capsys.readouterr().out
    assert out.startswith("4 of 36 points, 0 of 3 lessons complete, about 2 min.")
    assert "Continue with 1.1 About a" in out
