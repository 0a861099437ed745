"""A class of any size with known scores, made from the known answers of the lessons.

Every student hands in the student notebooks, with one answer per exercise: the reference, a right
or a wrong known answer, the untouched stub, an empty cell, or a strong, weak or missing text. What
each test cell must score is known beforehand from running the known answers.
"""

import ast
import csv
import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from aicourse.authoring.known_answers import answers_file, check_known_answers, parse_answers
from aicourse.executor import Runner
from aicourse.lessons.exercises import Lesson, lesson_from_notebook

#: When everybody handed in, in the form that nbgrader reads.
HANDED_IN = "2026-03-02 18:30:00 UTC"
#: Share of the points that the scripted rubric gives to written answers.
RUBRIC = {"strong": 1.0, "weak": 0.25, "blank": 0.0}

# fmt: off
_FIRST = (
    "Amara", "Bruno", "Chiara", "Daniel", "Elif", "Farid", "Grace", "Hana", "Ingrid", "João",
    "Kofi", "Leïla", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tomás",
    "Ulrika", "Viktor", "Wanjiru", "Ximena", "Yuki", "Zoë",
)
_LAST = (
    "Adeyemi", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito",
    "Jansen", "Kowalski", "Lindqvist", "Mensah", "Novak", "Okafor", "Pereira", "Quispe", "Rossi",
    "Sato", "Tanaka", "Umarov", "Vargas", "Weber", "Yilmaz", "Zhang",
)
# fmt: on
_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)


class ClassError(RuntimeError):
    """A class cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Student:
    """An invented student."""

    id: str
    first_name: str
    last_name: str

    @property
    def email(self) -> str:
        return f"{self.id}@students.example.org"


@dataclass(frozen=True)
class GivenAnswer:
    """An answer that students give.

    `kind` is reference, right, wrong, stub, empty, strong, weak or blank; `source` None leaves the
    cell as it was released; `points` maps each graded cell to what it must score.
    """

    exercise: str
    kind: str
    name: str
    source: str | None
    points: dict[str, float]


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one lesson ("<phase>/<notebook stem>")."""

    student: Student
    lesson: str
    answers: tuple[GivenAnswer, ...]

    @property
    def points(self) -> dict[str, float]:
        """Expected points of every graded cell."""
        return {cell: score for answer in self.answers for cell, score in answer.points.items()}


@dataclass(frozen=True)
class SimulatedClass:
    """The students and everything they handed in."""

    students: tuple[Student, ...]
    submissions: tuple[Submission, ...]

    def expected(self, student: Student) -> float:
        """The student's expected total."""
        return sum(sum(s.points.values()) for s in self.submissions if s.student == student)


def invent_students(count: int, seed: int) -> tuple[Student, ...]:
    """`count` students with different ids, the same for the same seed."""
    dice = random.Random(f"students {seed}")
    names = [(first, last) for first in _FIRST for last in _LAST]
    dice.shuffle(names)
    students = []
    for number in range(count):
        first, last = names[number % len(names)]
        plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode()
        again = number // len(names)
        students.append(Student(plain.lower() + (str(again + 1) if again else ""), first, last))
    return tuple(students)


def known_answers(root: Path, lesson_name: str, runner: Runner) -> dict[str, list[GivenAnswer]]:
    """Every answer that the class can give in a lesson, by exercise, with the points it must get.

    An answer that calls another exercise's answer is left out: its score is not its own.

    Raises:
        AnswersError: the lesson's answers file is missing or cannot be read.
    """
    notebook = nbformat.read(root / "notebooks" / f"{lesson_name}.ipynb", 4)
    lesson = lesson_from_notebook(notebook, lesson_name)
    choices: dict[str, list[GivenAnswer]] = {e.grade_id: [] for e in lesson.exercises}
    if not choices:
        return {}
    for verdict in check_known_answers(root, lesson_name, runner).answers:
        answer = verdict.answer
        if needs_other_answers(answer.source, answer.grade_id, lesson):
            continue
        kind, source = answer.kind, _MARKER.sub("", answer.source)
        if kind == "nothing":
            kind, source = ("stub", None) if answer.source else ("empty", "")
        given = GivenAnswer(answer.grade_id, kind, answer.name, source, verdict.points)
        choices[answer.grade_id].append(given)
    for answer in _written_answers(root, lesson):
        choices[answer.exercise].append(answer)
    return choices


def needs_other_answers(source: str, exercise: str, lesson: Lesson) -> bool:
    """Whether `source`, an answer to `exercise`, uses a name that another answer defines."""
    others = {name for e in lesson.exercises if e.grade_id != exercise for name in e.defines}
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    own = {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    return bool((used - own) & others)


def _written_answers(root: Path, lesson: Lesson) -> Iterator[GivenAnswer]:
    written = {e.grade_id: e.points for e in lesson.exercises if e.written}
    for answer in parse_answers(answers_file(root, lesson.name)):
        if (points := written.get(answer.grade_id)) is not None:
            score = rubric_points(answer.kind, points)
            given = {answer.grade_id: score}
            yield GivenAnswer(answer.grade_id, answer.kind, answer.name, answer.source, given)
    for grade_id in written:
        yield GivenAnswer(grade_id, "blank", "no answer", None, {grade_id: 0.0})


def rubric_points(kind: str, possible: float) -> float:
    """Points of the scripted rubric for a strong, weak or blank text, in halves."""
    return round(2 * RUBRIC[kind] * possible) / 2


def _deal(choices: Sequence[GivenAnswer], count: int, seed: str) -> list[GivenAnswer]:
    """One answer per student: shuffled rounds through all of them, so that none is left out.

    The reference comes three times a round, because most exercises of a real class are solved.
    """
    round_of_answers = [*choices, *[c for c in choices if c.kind == "reference"] * 2]
    dice = random.Random(seed)
    dealt: list[GivenAnswer] = []
    while len(dealt) < count:
        dealt += dice.sample(round_of_answers, len(round_of_answers))
    return dealt[:count]


def make_class(
    root: Path, folder: Path, lessons: Sequence[str], students: int = 12, seed: int = 1
) -> SimulatedClass:
    """Write what a class hands in.

    `folder` receives submitted/<student>/<phase>/<notebook>.ipynb, roster.csv for
    `nbgrader db student import`, and expected.csv with the score that each graded cell must get.

    Args:
        root: the repository.
        folder: where to write; files of the same names are replaced.
        lessons: "<phase>/<notebook stem>" of each lesson that is handed in.
        students: size of the class.
        seed: the same seed gives the same class.

    Raises:
        ClassError: no lessons, or one without a student version.
        AnswersError: the answers of a lesson are missing or cannot be read.
    """
    if not lessons:
        raise ClassError("There is no lesson to hand in: notebooks/ is empty.")
    people = invent_students(students, seed)
    submissions = []
    with Runner() as runner:
        for lesson in lessons:
            released = root / "student" / f"{lesson}.ipynb"
            if not released.exists():
                raise ClassError(f"{released} is missing: run `make build`.")
            dealt = {
                exercise: _deal(choices, students, f"{seed} {exercise}")
                for exercise, choices in known_answers(root, lesson, runner).items()
            }
            for number, student in enumerate(people):
                given = tuple(answers[number] for answers in dealt.values())
                submissions.append(Submission(student, lesson, given))
                hand_in(released, folder / "submitted", submissions[-1])
    _write_tables(folder, people, submissions)
    return SimulatedClass(people, tuple(submissions))


def hand_in(released: Path, submitted: Path, submission: Submission) -> Path:
    """Write the student notebook `released` with the answers of `submission`; return its path."""
    notebook = nbformat.read(released, 4)
    sources = {a.exercise: a.source for a in submission.answers if a.source is not None}
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution") and grading["grade_id"] in sources:
            cell.source = sources[grading["grade_id"]].rstrip("\n")
    phase, stem = submission.lesson.split("/")
    file = submitted / submission.student.id / phase / f"{stem}.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, file)
    (file.parent / "timestamp.txt").write_text(HANDED_IN + "\n", encoding="utf-8")
    return file


def _write_tables(
    folder: Path, students: Sequence[Student], submissions: Sequence[Submission]
) -> None:
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        roster = csv.writer(file)
        roster.writerow(["id", "first_name", "last_name", "email"])
        roster.writerows([s.id, s.first_name, s.last_name, s.email] for s in students)
    with (folder / "expected.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student_id", "lesson", "cell", "answer", "points"])
        for submission in submissions:
            for answer in submission.answers:
                for cell, points in answer.points.items():
                    label = f"{answer.kind}: {answer.name}"
                    table.writerow(
                        [submission.student.id, submission.lesson, cell, label, f"{points:g}"]
                    )
