"""The learner's lab: nothing of theirs is ever overwritten, and a real JupyterLab opens on it."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from aicourse.learner import lab, start_page
from aicourse.lessons import exercises, record
from aicourse.lessons.exercises import PHASES, Exercise, Lesson, TestCell

ONE, TWO, THREE = (
    "01_math_python/01_arrays",
    "01_math_python/02_vectors",
    "02_ml/01_supervised",
)
TITLES = {ONE: "1.1 Arrays: shapes", TWO: "1.2 Vectors: search", THREE: "2.1 Learning | from data"}


def lesson_notebook(name: str, text: str = "first edition", cells: int = 3) -> str:
    """A student notebook as the build writes it: format 4.5, stable ids, no outputs."""
    heading = f"# {TITLES.get(name, name)}\n\n**Time:** about 2 hours\n"
    parts = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": heading}]
    for number in range(cells):
        parts.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": [f"# {text}\n", f"value = {number}"],
            }
        )
    return _dump(parts)


def _dump(cells: list[dict]) -> str:
    language = {"language_info": {"name": "python"}}
    return json.dumps(
        {"cells": cells, "metadata": language, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


class Course:
    """A course in a folder: some student lessons, a version, and a learner's folder."""

    def __init__(self, folder: Path):
        self.root = folder / "course"
        self.work = folder / "work"
        for name in (ONE, TWO, THREE):
            self.publish(name)
        self.set_version("0.1.0")

    def publish(self, name: str, text: str = "first edition") -> None:
        file = self.root / "student" / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(lesson_notebook(name, text), encoding="utf-8")

    def set_version(self, version: str) -> None:
        (self.root / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')

    def prepare(self) -> lab.LabReport:
        return lab.prepare(self.root, self.work)

    def mine(self, name: str) -> Path:
        return self.work / f"{name}.ipynb"

    def files(self) -> dict[str, bytes]:
        """Every visible file of the learner, with its content."""
        return {
            path.relative_to(self.work).as_posix(): path.read_bytes()
            for path in self.work.rglob("*")
            if path.is_file() and record.FOLDER not in path.parts
        }

    def edit(self, name: str, change) -> bytes:
        """Let `change` alter the notebook's content; returns the file's new bytes."""
        content = json.loads(self.mine(name).read_text(encoding="utf-8"))
        change(content)
        self.mine(name).write_text(json.dumps(content), encoding="utf-8")
        return self.mine(name).read_bytes()


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setattr(exercises, "BANK", tmp_path / "bank")
    exercises.lessons.cache_clear()
    yield Course(tmp_path)
    exercises.lessons.cache_clear()


def fill_bank(folder: Path) -> None:
    """Put lesson ONE and TWO into the exercise bank, two exercises of 4 points each."""
    for name in (ONE, TWO):
        items = tuple(
            Exercise(
                grade_id=f"{name[-3:]}_{letter}",
                title=f"Exercise {number} — Build {letter}",
                points=4,
                defines=("f",),
                tests=(TestCell(f"{name[-3:]}_{letter}_visible", 4, "assert f()\n"),),
            )
            for number, letter in enumerate("ab", 1)
        )
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        lesson = Lesson(name, TITLES[name], "about 2 hours", (), items)
        file.write_text(lesson.to_json(), encoding="utf-8")
    exercises.lessons.cache_clear()


def resave_like_jupyterlab(content: dict) -> None:
    """What opening and saving does to a notebook that nobody has edited."""
    content["metadata"]["language_info"] |= {"version": "3.12.1", "file_extension": ".py"}
    content["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for cell in content["cells"]:
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}}
        cell["source"] = "".join(cell["source"])


def change_source(content: dict) -> None:
    content["cells"][1]["source"] = "my = 'own work'"


def change_output(content: dict) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "mine"}
    content["cells"][1]["outputs"].append(output)


def change_order(content: dict) -> None:
    content["cells"].reverse()


def change_id(content: dict) -> None:
    content["cells"][1]["id"] = "another"


def remove_cell(content: dict) -> None:
    del content["cells"][2]


def add_attachment(content: dict) -> None:
    content["cells"][0]["attachments"] = {"sketch.png": {"image/png": "AAAA"}}


# ------------------------------------------------------------------------------------- prepare


def test_first_run_copies_everything_and_the_second_changes_nothing(course):
    (course.root / "student" / "01_math_python" / "photo.png").write_bytes(b"\x89PNG")
    (course.root / "student" / "01_math_python" / ".ipynb_checkpoints").mkdir()
    (course.root / "student" / "01_math_python" / ".ipynb_checkpoints" / "x.ipynb").write_text("x")
    report = course.prepare()
    names = [f"{name}.ipynb" for name in (ONE, TWO, THREE)]
    extra = ["01_math_python/photo.png", start_page.NAME]
    assert sorted(course.files()) == sorted(names + extra)
    assert sorted(report.new) == sorted(names + extra)
    student = course.root / "student"
    assert all(course.files()[name] == (student / name).read_bytes() for name in names)
    assert str(report) == f"Lessons in {course.work}: 3 new."

    before = {path: path.stat().st_mtime_ns for path in course.work.rglob("*")}
    again = course.prepare()
    assert {path: path.stat().st_mtime_ns for path in course.work.rglob("*")} == before
    assert (again.new, again.updated, again.yours, again.beside) == ([], [], [], [])
    assert str(again) == f"Lessons in {course.work}: 3 unchanged."


def test_untouched_lesson_is_replaced_by_its_new_version(course):
    course.prepare()
    course.edit(ONE, resave_like_jupyterlab)
    course.publish(ONE, "second edition")
    report = course.prepare()
    assert report.updated == [f"{ONE}.ipynb"]
    assert b"second edition" in course.mine(ONE).read_bytes()


def test_opening_and_saving_is_no_change(course):
    course.prepare()
    saved = course.edit(ONE, resave_like_jupyterlab)
    report = course.prepare()
    assert f"{ONE}.ipynb" in report.unchanged
    assert course.mine(ONE).read_bytes() == saved


@pytest.mark.parametrize(
    "change",
    [change_source, change_output, change_order, change_id, remove_cell, add_attachment],
)
def test_touched_lesson_is_never_overwritten(course, change):
    course.prepare()
    mine = course.edit(TWO, change)
    assert course.prepare().yours == [f"{TWO}.ipynb"]
    assert not list(course.work.rglob("*(new in*"))

    course.publish(TWO, "second edition")
    course.set_version("0.2.0")
    report = course.prepare()
    other = "01_math_python/02_vectors (new in v0.2.0).ipynb"
    assert report.beside == [(f"{TWO}.ipynb", other)]
    assert "02_vectors (new in v0.2.0).ipynb" in str(report)
    assert course.mine(TWO).read_bytes() == mine
    assert b"second edition" in (course.work / other).read_bytes()

    again = course.prepare()
    assert again.beside == []
    assert course.mine(TWO).read_bytes() == mine


def test_new_version_is_offered_once_per_version(course):
    course.prepare()
    mine = course.edit(TWO, change_source)
    course.publish(TWO, "second edition")
    course.set_version("0.2.0")
    course.prepare()
    other = course.work / "01_math_python/02_vectors (new in v0.2.0).ipynb"
    other.unlink()
    course.set_version("0.2.1")  # a version without a change to this lesson
    assert course.prepare().beside == []
    assert not other.exists()

    course.publish(TWO, "third edition")
    course.set_version("0.3.0")
    (offer,) = course.prepare().beside
    assert offer[1] == "01_math_python/02_vectors (new in v0.3.0).ipynb"
    assert course.mine(TWO).read_bytes() == mine


def test_two_editions_of_one_version_share_a_file_until_it_is_touched(course):
    course.prepare()
    course.edit(TWO, change_source)
    course.set_version("0.2.0")
    other = "01_math_python/02_vectors (new in v0.2.0)"
    for text in ("second edition", "third edition"):
        course.publish(TWO, text)
        assert course.prepare().beside == [(f"{TWO}.ipynb", f"{other}.ipynb")]
        assert text.encode() in (course.work / f"{other}.ipynb").read_bytes()
    worked_in = course.edit(other, change_source)
    course.publish(TWO, "fourth edition")
    (offer,) = course.prepare().beside
    assert offer[1] == "01_math_python/02_vectors (new in v0.2.0, 2).ipynb"
    assert (course.work / f"{other}.ipynb").read_bytes() == worked_in


def test_taking_over_the_new_version_ends_the_matter(course):
    course.prepare()
    course.edit(TWO, change_source)
    course.publish(TWO, "second edition")
    course.set_version("0.2.0")
    course.prepare()
    os.replace(course.work / "01_math_python/02_vectors (new in v0.2.0).ipynb", course.mine(TWO))
    assert course.prepare().yours == []
    course.publish(TWO, "third edition")
    assert course.prepare().updated == [f"{TWO}.ipynb"]


def test_a_deleted_lesson_comes_back(course):
    course.prepare()
    course.edit(TWO, change_source)
    course.mine(TWO).rename(course.work / "my old vectors.ipynb")
    report = course.prepare()
    assert report.new == [f"{TWO}.ipynb"]
    assert (course.work / "my old vectors.ipynb").exists()


def test_files_of_the_learner_stay(course):
    course.work.mkdir()
    (course.work / "01_math_python").mkdir()
    own = {
        "notes.txt": b"mine",
        "01_math_python/experiment.ipynb": b"not even a notebook",
        "scratch/data.csv": b"a,b\n",
    }
    for name, content in own.items():
        (course.work / name).parent.mkdir(exist_ok=True)
        (course.work / name).write_bytes(content)
    course.prepare()
    course.publish(ONE, "second edition")
    course.prepare()
    files = course.files()
    assert {name: files[name] for name in own} == own


@pytest.mark.parametrize("content", [b"", b"<<<<<<< HEAD", b"[]", b'{"cells": 3}', b"\xff\xfe"])
def test_a_broken_notebook_of_the_learner_is_kept(course, content):
    course.prepare()
    course.mine(ONE).write_bytes(content)
    course.publish(ONE, "second edition")
    report = course.prepare()
    assert report.yours == [f"{ONE}.ipynb"]
    assert course.mine(ONE).read_bytes() == content
    assert len(report.beside) == 1


def test_a_folder_with_a_lessons_name_is_left_alone(course):
    course.mine(ONE).mkdir(parents=True)
    report = course.prepare()
    assert report.yours == [f"{ONE}.ipynb"]
    assert course.mine(ONE).is_dir()
    assert len(report.new) == 3


@pytest.mark.parametrize(
    "damage",
    [None, b"", b"{", b"[]", b'{"files": {"x": {"unknown": 1}}}', b'{"files": {"x": 3}}', b"\xff"],
)
def test_without_its_memory_the_lab_still_overwrites_nothing(course, damage):
    course.prepare()
    mine = course.edit(TWO, change_source)
    course.publish(THREE, "second edition")
    memory = course.work / record.FOLDER / lab.DELIVERED
    memory.unlink()
    if damage is not None:
        memory.write_bytes(damage)
    report = course.prepare()
    assert report.unchanged == [f"{ONE}.ipynb", start_page.NAME]
    assert report.yours == [f"{TWO}.ipynb", f"{THREE}.ipynb"]
    assert course.mine(TWO).read_bytes() == mine
    assert b"first edition" in course.mine(THREE).read_bytes()
    assert [name for name, _ in report.beside] == report.yours
    assert any("unreadable" in note for note in report.notes) == (damage is not None)
    assert course.prepare().beside == []


@pytest.mark.parametrize("moment", range(1, 9))
def test_an_interrupted_run_leaves_nothing_half_written(course, monkeypatch, moment):
    course.prepare()
    mine = course.edit(TWO, change_source)
    course.mine(ONE).unlink()
    course.publish(TWO, "second edition")
    course.publish(THREE, "second edition")
    replace = os.replace
    calls = 0
    before = course.files()

    def interrupted(draft, target):
        nonlocal calls
        calls += 1
        if calls == moment:
            name = Path(target).relative_to(course.work).as_posix()
            assert course.files().get(name) == before.get(name)  # no write but this one
            raise KeyboardInterrupt
        replace(draft, target)

    monkeypatch.setattr(os, "replace", interrupted)
    try:
        course.prepare()
    except KeyboardInterrupt:
        assert calls == moment
    else:
        assert calls < moment  # this many files are never written
    monkeypatch.setattr(os, "replace", replace)
    for file in course.work.rglob("*.ipynb"):
        json.loads(file.read_text(encoding="utf-8"))
    assert not list(course.work.rglob("*.tmp"))
    report = course.prepare()
    assert course.mine(TWO).read_bytes() == mine
    assert report.yours == [f"{TWO}.ipynb"]
    assert b"first edition" in course.mine(ONE).read_bytes()
    assert b"second edition" in course.mine(THREE).read_bytes()
    assert len(list(course.work.rglob("*(new in*"))) == 1


def test_a_withdrawn_lesson_stays_and_is_named_once(course):
    course.prepare()
    mine = course.edit(TWO, change_source)
    (course.root / "student" / f"{TWO}.ipynb").rename(
        course.root / "student" / "01_math_python" / "03_vectors.ipynb"
    )
    report = course.prepare()
    assert report.withdrawn == [f"{TWO}.ipynb"]
    assert f"{TWO}.ipynb is no longer in the course" in str(report)
    assert report.new == ["01_math_python/03_vectors.ipynb"]
    assert course.mine(TWO).read_bytes() == mine
    assert course.prepare().withdrawn == []
    course.publish(TWO)  # and back again
    assert course.prepare().yours == [f"{TWO}.ipynb"]


def test_a_copy_does_not_inherit_write_protection(course):
    (course.root / "student" / f"{ONE}.ipynb").chmod(0o444)
    course.prepare()
    assert os.access(course.mine(ONE), os.W_OK)
    assert course.mine(ONE).stat().st_mode & 0o200


def test_a_file_that_cannot_be_written_is_named_and_the_rest_arrives(course, monkeypatch):
    write = lab._Desk._write

    def full(desk, target, content):
        if target.name == "02_vectors.ipynb":
            raise OSError(28, "No space left on device")
        write(desk, target, content)

    monkeypatch.setattr(lab._Desk, "_write", full)
    report = course.prepare()
    assert "No space left on device" in str(report)
    assert course.mine(THREE).exists()
    monkeypatch.undo()


def test_clear_errors(course, tmp_path):
    with pytest.raises(lab.LabError, match="There are no lessons in"):
        lab.prepare(tmp_path / "nowhere", course.work)
    for wrong in (course.root, course.root / "student" / "work"):
        with pytest.raises(lab.LabError, match="folder of your own"):
            lab.prepare(course.root, wrong)
    (tmp_path / "file").write_text("")
    with pytest.raises(lab.LabError, match="cannot be made or used"):
        lab.prepare(course.root, tmp_path / "file")


# ---------------------------------------------------------------------------------- start page


def _page(course: Course) -> nbformat.NotebookNode:
    return nbformat.read(course.work / start_page.NAME, as_version=4)


def _text(page: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in page.cells)


def test_start_page_is_a_valid_notebook_with_links_that_exist(course):
    course.prepare()
    page = _page(course)
    nbformat.validate(page)
    links = re.findall(r"\]\(([^)]+\.ipynb)\)", _text(page))
    assert set(links) == {f"{name}.ipynb" for name in (ONE, TWO, THREE)}
    assert all((course.work / link).exists() for link in links)
    assert "At the beginning. Open [1.1 Arrays: shapes]" in _text(page)
    assert "| [2.1 Learning \\| from data](02_ml/01_supervised.ipynb) | about 2 hours |" in _text(
        page
    )
    assert f"### Phase 1 — {PHASES['01_math_python']}" in _text(page)
    assert f"### Phase 2 — {PHASES['02_ml']}" in _text(page)
    assert [cell.id for cell in page.cells if cell.cell_type == "code"] == ["progress"]


def test_start_page_follows_new_lessons_and_progress(course, tmp_path):
    fill_bank(tmp_path / "bank")
    course.prepare()
    now = time.time()
    record.add(
        course.work,
        [
            record.Event(now - 60, ONE, None, "opened", 0, 0),
            record.Event(now, ONE, "ays_a", "right", 4, 4),
        ],
    )
    course.publish("02_ml/02_regression")
    report = course.prepare()
    text = _text(_page(course))
    assert "**4 of 16 points, 0 of 2 lessons complete, about 3 min.**" in text
    assert "Continue [1.1 Arrays: shapes](01_math_python/01_arrays.ipynb)" in text
    assert "*Exercise 2 — Build b*" in text
    assert "| about 2 hours | 8 | 4 so far |" in text
    assert "02_ml/02_regression.ipynb" in text
    assert report.yours == []


def test_running_the_start_pages_cell_does_not_make_it_the_learners(course):
    course.prepare()

    def run(content: dict) -> None:
        cell = next(cell for cell in content["cells"] if cell["id"] == "progress")
        cell["execution_count"] = 1
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "picture"}]

    course.edit("START_HERE", run)
    course.publish("02_ml/02_regression")
    assert start_page.NAME in course.prepare().updated


def test_touched_start_page_is_kept_and_progress_alone_is_no_new_version(course, tmp_path):
    fill_bank(tmp_path / "bank")
    course.prepare()
    mine = course.edit("START_HERE", change_order)
    record.add(course.work, [record.Event(time.time(), ONE, "ays_a", "right", 4, 4)])
    assert course.prepare().beside == []
    course.publish("02_ml/02_regression")
    course.set_version("0.2.0")
    (offer,) = course.prepare().beside
    assert offer == (start_page.NAME, "START_HERE (new in v0.2.0).ipynb")
    assert (course.work / start_page.NAME).read_bytes() == mine
    record.add(course.work, [record.Event(time.time(), ONE, "ays_b", "right", 4, 4)])
    assert course.prepare().beside == []


def test_start_page_survives_a_damaged_record(course):
    course.prepare()
    record.record_file(course.work).write_bytes(b"damaged " * 200)
    course.prepare()
    assert "cannot be read" in _text(_page(course))


def test_start_page_runs_and_shows_the_picture(course, tmp_path):
    fill_bank(tmp_path / "bank")
    course.prepare()
    page = _page(course)
    setup = (
        "from pathlib import Path\nfrom aicourse.lessons import exercises\n"
        f"exercises.BANK = Path({str(tmp_path / 'bank')!r})"
    )
    page.cells.insert(0, nbformat.v4.new_code_cell(setup))
    NotebookClient(
        page, kernel_name="python3", resources={"metadata": {"path": str(course.work)}}
    ).execute()
    picture, text = next(cell for cell in page.cells if cell.id == "progress").outputs
    assert len(picture.data["image/png"]) > 20_000
    link = "[1.1 Arrays](01_math_python/01_arrays.ipynb)"
    assert text.data["text/markdown"] == f"Start with {link}: Exercise 1 — Build a."


# ---------------------------------------------------------------------------------- JupyterLab


def _get(url: str, path: str, token: str, data: bytes | None = None) -> dict:
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(url + path, data=data, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """`launch` in a process of its own, on a busy port, with a misleading user-level kernel."""
    folder = tmp_path_factory.mktemp("lab")
    course = Course(folder)
    user = folder / "user"
    trap = user / "kernels" / "python3"
    trap.mkdir(parents=True)
    trap.joinpath("kernel.json").write_text(
        json.dumps({"argv": ["/nowhere/python"], "display_name": "Trap", "language": "python"})
    )
    env = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(user),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "0",
    }
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "JUPYTER_TOKEN"):
        env.pop(name, None)
    program = (
        "import sys\nfrom pathlib import Path\nfrom aicourse.learner import lab\n"
        "root, work, port = sys.argv[1:]\n"
        "sys.exit(lab.launch(Path(root), Path(work), port=int(port)))\n"
    )
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        command = [sys.executable, "-u", "-c", program, str(course.root), str(course.work)]
        output = folder / "output.txt"
        with open(output, "wb") as stream:
            process = subprocess.Popen(
                [*command, str(port)], env=env, stdout=stream, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 100
        while not (found := re.search(r"(http://\S+/)lab/tree/\S+token=(\w+)", output.read_text())):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
    yield {
        "course": course,
        "process": process,
        "output": output,
        "url": found.group(1),
        "token": found.group(2),
        "busy_port": port,
        "env": env,
        "command": [*command, str(port)],
    }
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=40)


def test_server_answers_only_with_the_token(running):
    assert "started" in _get(running["url"], "api/status", running["token"])
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(running["url"], "api/status", "wrong")
    assert refused.value.code == 403


def test_busy_port_gives_way(running):
    port = int(running["url"].split(":")[2].strip("/"))
    assert port != running["busy_port"]


def test_server_shows_the_start_page_and_the_lessons(running):
    page = _get(running["url"], f"api/contents/{start_page.NAME}", running["token"])
    assert page["type"] == "notebook"
    assert page["content"]["cells"][0]["source"].startswith("# Welcome")
    top = _get(running["url"], "api/contents", running["token"])
    names = [item["name"] for item in top["content"]]
    assert sorted(names) == ["01_math_python", "02_ml", start_page.NAME]  # .course is hidden
    lesson = _get(running["url"], f"api/contents/{ONE}.ipynb", running["token"])
    assert "Arrays" in lesson["content"]["cells"][0]["source"]


def test_lab_opens_the_start_page_without_news_or_instructors_menus(running):
    host = running["url"].removeprefix("http://").strip("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", f"/?token={running['token']}")
    answer = connection.getresponse()
    assert answer.status == 302
    assert answer.headers["Location"].startswith(f"/lab/tree/{start_page.NAME}")
    connection.close()
    request = urllib.request.Request(f"{running['url']}lab?token={running['token']}")
    with urllib.request.urlopen(request, timeout=30) as page:
        html = page.read().decode()
    config = json.loads(
        re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.S).group(1)
    )
    assert config["news"] == {"disabled": True}
    disabled = config["disabledExtensions"]
    assert {"@jupyterlab/apputils-extension:announcements", "@jupyter/nbgrader"} <= set(disabled)


def test_kernel_is_this_python_whatever_the_user_has_installed(running):
    from jupyter_client import BlockingKernelClient

    specs = _get(running["url"], "api/kernelspecs", running["token"])
    assert specs["kernelspecs"]["python3"]["spec"]["display_name"] != "Trap"
    body = json.dumps({"name": "python3", "path": "01_math_python"}).encode()
    kernel = _get(running["url"], "api/kernels", running["token"], body)
    files = Path(running["env"]["JUPYTER_RUNTIME_DIR"]).glob(f"kernel-{kernel['id']}.json")
    client = BlockingKernelClient(connection_file=str(next(files)))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    asked = {
        "python": "__import__('sys').prefix",
        "course": "__import__('shutil').which('course')",
        "here": "__import__('os').getcwd()",
    }
    answer = client.execute("", user_expressions=asked, reply=True, timeout=30)
    client.stop_channels()
    found = {
        name: value["data"]["text/plain"].strip("'").replace("\\\\", "\\")
        for name, value in answer["content"]["user_expressions"].items()
    }
    assert Path(found["python"]) == Path(sys.prefix)
    if shutil.which("course", path=str(Path(sys.executable).parent)):
        assert Path(found["course"]).parent == Path(sys.executable).parent
    assert Path(found["here"]).name == "01_math_python"
    running["kernel"] = kernel["id"]


def test_second_launch_shows_the_first_labs_address(running):
    ended = subprocess.run(
        running["command"], env=running["env"], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert "already open" in ended.stdout
    assert running["token"] in ended.stdout


def test_nothing_global_is_set(running):
    folder = running["course"].work.parent
    assert not (folder / "config").exists() or not list((folder / "config").rglob("*.json"))
    # Which notebooks the user trusts is Jupyter's own affair.
    found = {path.name for path in (folder / "user").iterdir()}
    assert found <= {"kernels", "nbsignatures.db", "notebook_secret"}
    assert (running["course"].work / record.FOLDER / lab.LOG).exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one process on Windows")
def test_interrupt_stops_server_and_kernels(running):
    running["process"].send_signal(signal.SIGINT)
    assert running["process"].wait(timeout=30) == 0
    assert "Stopping the lab" in running["output"].read_text()
    assert "Traceback" not in running["output"].read_text()
    with pytest.raises(OSError, match="refused"):
        _get(running["url"], "api/status", running["token"])
    runtime = Path(running["env"]["JUPYTER_RUNTIME_DIR"])
    assert not list(runtime.glob("jpserver-*.json"))
    if kernel := running.get("kernel"):
        assert not list(runtime.glob(f"kernel-{kernel}.json"))
        commands = subprocess.run(
            ["ps", "-A", "-o", "args"], capture_output=True, text=True, check=False
        ).stdout
        assert kernel not in commands


def test_a_server_that_does_not_start_says_why(course, monkeypatch):
    course.prepare()
    program = "import sys; print('the port is cursed'); sys.exit(3)"
    monkeypatch.setattr(lab, "_command", lambda *_: [sys.executable, "-c", program])
    with pytest.raises(lab.LabError, match="the port is cursed"):
        lab.start(course.work)


def test_root_is_allowed_only_for_root(course, monkeypatch):
    for user, allowed in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user, raising=False)
        command = lab._command(course.work, 8888, False, "127.0.0.1")
        assert ("--ServerApp.allow_root=True" in command) is allowed


def test_no_browser_without_a_screen(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert not lab._has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert lab._has_screen()
