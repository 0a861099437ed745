"""Finds what was handed in, in nbgrader's folders: submitted/<student>/<assignment>/*.ipynb.

Only files of the student's own folder are read: a link could lead to another student's work, or
out of the course.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import parse_utc

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.intake import lesson_of
from aicourse.grading.results import Note

LARGEST_FILE = 100_000_000
#: The longest id that nbgrader's tables take.
_LONGEST_ID = 128


@dataclass(frozen=True)
class File:
    """A file that stands for one lesson; `problem` says why it cannot be read, or ""."""

    path: Path
    notes: tuple[Note, ...] = ()
    problem: str = ""

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            OSError: it cannot be read, or it is no plain file any more.
        """
        # No link is followed and no pipe waited for, whatever the folder has become meanwhile.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(self.path, flags), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError("not a plain file")
            return stream.read(LARGEST_FILE + 1)


@dataclass
class Folder:
    """What one student handed in: files by lesson, when (UTC), and what was odd about it."""

    student: str
    files: dict[str, File] = field(default_factory=dict)
    timestamp: datetime | None = None
    remarks: list[str] = field(default_factory=list)

    def missing(self, bundles: Iterable[LessonBundle]) -> list[str]:
        """The lessons of which there is no file."""
        return [bundle.name for bundle in bundles if bundle.name not in self.files]


def digest(raw: bytes) -> str:
    """What tells two versions of a file apart."""
    return hashlib.sha256(raw).hexdigest()


def students(api: NbGraderAPI, assignment: str) -> tuple[list[str], list[str]]:
    """(ids of those who handed in, remarks on folders that are none of a student's)."""
    excluded = {s.strip() for s in api.coursedir.student_id_exclude.split(",")}
    found, remarks = [], []
    for student in sorted(api.get_submitted_students(assignment) - excluded):
        if problem := _folder_problem(student, _path(api, student, assignment)):
            remarks.append(f"{student!r} is left out: {problem}")
        else:
            found.append(student)
    return found, remarks


def _path(api: NbGraderAPI, student: str, assignment: str) -> Path:
    course = api.coursedir
    return Path(course.format_path(course.submitted_directory, student, assignment))


def _folder_problem(student: str, folder: Path) -> str:
    if folder.is_symlink() or folder.parent.is_symlink():
        return "the folder is a link; put the files themselves there."
    if not student.isprintable() or len(student) > _LONGEST_ID:
        return "the folder's name cannot be a student's id."
    try:
        os.listdir(folder)
    except OSError as error:
        return f"the folder cannot be read ({error.strerror})."
    return ""


def count(api: NbGraderAPI, assignment: str, ids: Iterable[str]) -> int:
    """How many notebooks the students' folders hold."""
    return sum(
        name.endswith(".ipynb")
        for student in ids
        for name in os.listdir(_path(api, student, assignment))
    )


def handed_in(api: NbGraderAPI, student: str, bundles: Sequence[LessonBundle]) -> Folder:
    """Sort a student's files to the lessons of one assignment.

    A file with another name belongs to the lesson that its name or its cells point to. Of two
    files for one lesson the one with the exact name counts, else the newest.
    """
    folder = Folder(student)
    path = _path(api, student, bundles[0].assignment)
    by_stem = {bundle.stem: bundle.name for bundle in bundles}
    candidates: dict[str, list[Path]] = {}
    for file in sorted(path.glob("*.ipynb")):
        lesson = by_stem.get(file.stem) or _other_name(file, bundles)
        if lesson is None:
            folder.remarks.append(f"{student}: {file.name} belongs to no lesson and is left out.")
        else:
            candidates.setdefault(lesson, []).append(file)
    for lesson, files in candidates.items():
        folder.files[lesson] = _chosen(lesson, files, folder.remarks, student)
    try:
        text = (path / "timestamp.txt").read_text(encoding="utf-8").strip()
        folder.timestamp = parse_utc(text) if text else None
    except FileNotFoundError:
        pass
    except (OSError, ValueError, OverflowError) as error:
        folder.remarks.append(f"{student}: timestamp.txt is not a time and is left out ({error}).")
    return folder


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _other_name(file: Path, bundles: Sequence[LessonBundle]) -> str | None:
    name = f"_{_plain(file.stem)}_"
    named = [bundle.name for bundle in bundles if f"_{_plain(bundle.stem)}_" in name]
    if len(named) == 1:
        return named[0]
    try:
        return lesson_of(File(file).read(), bundles)
    except OSError:
        return None


def _chosen(lesson: str, files: list[Path], remarks: list[str], student: str) -> File:
    stem = lesson.split("/")[1]
    exact = [file for file in files if file.stem == stem]
    file = exact[0] if exact else max(files, key=lambda f: (f.lstat().st_mtime, f.name))
    notes = []
    if file.stem != stem:
        text = f"The file was called {file.name!r}; it was taken for {stem}.ipynb."
        notes.append(Note("repaired", text))
        remarks.append(f"{student}: {file.name} is taken for {stem}.ipynb.")
    if others := ", ".join(repr(f.name) for f in files if f != file):
        why = "has the right name" if file.stem == stem else "is the newest"
        text = f"There were several files for this lesson. {file.name!r} {why} and was graded;"
        notes.append(Note("problem", f"{text} left out: {others}."))
        remarks.append(f"{student}: of several files for {stem}, {file.name} {why} and counts.")
    return File(file, tuple(notes), _file_problem(file))


def _file_problem(file: Path) -> str:
    status = file.lstat()
    if stat.S_ISLNK(status.st_mode):
        return "The file is a link, and links are not followed. Hand in the notebook itself."
    if not stat.S_ISREG(status.st_mode):
        return "This is not a file with a notebook in it. Hand in the notebook itself."
    if status.st_size > LARGEST_FILE:
        megabytes = f"{status.st_size / 1e6:.0f} MB (at most {LARGEST_FILE / 1e6:.0f})"
        return f"The file has {megabytes}. Clear the outputs, save, and hand it in again."
    return ""
