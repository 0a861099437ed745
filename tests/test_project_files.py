"""The files that hold the project together agree with each other and with their own linters."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def lock() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_the_lock_pins_everything_exactly() -> None:
    assert len(lock()) > 100
    for requirement in lock():
        [only] = requirement.specifier
        assert only.operator == "==", requirement
        assert requirement.url is None, requirement


def test_the_lock_satisfies_the_declared_floors() -> None:
    pins = {r.name.lower(): next(iter(r.specifier)).version for r in lock()}
    extras = PROJECT["optional-dependencies"]
    declared = PROJECT["dependencies"] + [r for group in extras.values() for r in group]
    for text in declared:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[requirement.name.lower()]), text


def test_this_environment_is_the_locked_one() -> None:
    """The checks below mean little in an environment that no user gets."""
    wrong = {
        r.name: metadata.version(r.name)
        for r in lock()
        if (r.marker is None or r.marker.evaluate())
        and not r.specifier.contains(metadata.version(r.name).split("+")[0], prereleases=True)
    }
    assert wrong == {}


def test_conda_gives_the_same_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    [pip] = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    plain = [part for part in environment["dependencies"] if isinstance(part, str)]
    assert pip == ["-r requirements.txt", "--editable ."]
    assert plain == ["python=3.11", "pip", "git"], "conda may not bring other versions of its own"


def test_no_index_host_is_named() -> None:
    """A user's own index and proxy settings apply everywhere."""
    hosts = re.compile(
        r"pypi\.org|pythonhosted|download\.pytorch\.org|anaconda\.org", re.IGNORECASE
    )
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    here = Path(__file__).relative_to(ROOT).as_posix()
    named = [
        name
        for name in listed
        if name and name != here and (ROOT / name).is_file()
        if hosts.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_pass_their_linters(workflow: Path) -> None:
    schema = [
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
    ]  # fmt: skip
    subprocess.run([*schema, str(workflow)], check=True)
    actionlint = shutil.which("actionlint", path=str(Path(sys.executable).parent))
    assert actionlint, "actionlint comes with requirements.txt"
    found = subprocess.run([actionlint, str(workflow)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_broken_workflow_fails_the_linter(tmp_path: Path) -> None:
    broken = tmp_path / ".github" / "workflows" / "broken.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("runs-on", "run-on"))
    actionlint = shutil.which("actionlint", path=str(Path(sys.executable).parent))
    found = subprocess.run([actionlint, str(broken)], capture_output=True, text=True, check=False)
    assert found.returncode != 0


def test_ci_runs_what_people_run() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert any("make test" in path.read_text(encoding="utf-8") for path in WORKFLOWS)
