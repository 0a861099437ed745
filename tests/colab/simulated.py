"""A stand-in for a Google Colab session: its versions, its kernel, the course's repository.

What is real: the versions in a constraints file, pip and git, a kernel with `google.colab`
imported, an empty home and working directory. What is not: Colab's page (see stub/), its other
packages, and GitHub, whose place a local repository takes by git's own `url.….insteadOf`.
"""

import copy
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

HERE = Path(__file__).parent
#: Packages that Colab lacks though others there depend on them.
LEFT_OUT = ("jedi", "parso")
_SECONDS_PER_CELL = 300


def cache() -> Path:
    """Where environments are kept between runs (about 700 MB each)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "aicourse-tests"


def pins(constraints: Path) -> list[str]:
    """The "name==version" lines of a constraints file.

    AICOURSE_COLAB_FREEZE may name a newer `pip freeze` of Colab; its versions then replace those
    of the file, so that a scheduled run meets Colab's next image before a learner does.
    """
    lines = [line for line in constraints.read_text().splitlines() if not line.startswith("#")]
    if freeze := os.environ.get("AICOURSE_COLAB_FREEZE"):
        newer = (line.strip() for line in Path(freeze).read_text().splitlines() if "==" in line)
        versions = {_name(line): line for line in newer}
        lines = [versions.get(_name(line), line) for line in lines]
    return lines


def _name(pin: str) -> str:
    return pin.partition("==")[0].lower().replace("_", "-")


def environment(constraints: Path) -> Path:
    """A virtual environment with exactly these versions, built once per machine and never changed.

    Building takes a minute or two; a second process waits for the first.
    """
    import fcntl  # not on Windows, where this is not used

    lines = pins(constraints)
    key = hashlib.sha256("\n".join([sys.version, *LEFT_OUT, *lines]).encode()).hexdigest()[:16]
    target = cache() / f"colab-{key}"
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"colab-{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache(), prefix="building-") as work:
                made = Path(work) / "environment"
                pip = ["pip", "--python", made / "bin" / "python"]
                for arguments in (
                    ["venv", "--without-pip", made],
                    [*pip, "install", *lines],
                    [*pip, "uninstall", "--yes", *LEFT_OUT],
                ):
                    command = [sys.executable, "-m", *arguments]
                    done = subprocess.run(command, capture_output=True, text=True)
                    if done.returncode:
                        raise RuntimeError(f"{constraints.name}: {done.stdout}{done.stderr}")
                made.rename(target)
    return target


def serve_repository(root: Path, bare: Path, tag: str) -> None:
    """Make `bare` a repository whose tag `tag` is the working tree of `root` as it is now."""
    git = ["git", "--git-dir", bare, "--work-tree", root]
    person = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (
        ["git", "init", "--quiet", "--bare", bare],
        [*git, "add", "--all", root],
        [*git, *person, "commit", "--quiet", "--message", "working tree"],
        [*git, "tag", tag],
    ):
        subprocess.run(command, check=True, cwd=root, env=_without("GIT_"))


def _without(*prefixes: str) -> dict[str, str]:
    """This process's environment variables, except those that begin with one of `prefixes`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


@dataclass(frozen=True)
class Session:
    """One Colab virtual machine: its own place to install into, home and working directory."""

    folder: Path
    data_cache: Path
    address: str  # of the course's repository on the network
    repository: Path  # what answers there

    @property
    def python(self) -> Path:
        return self.folder / "environment" / "bin" / "python"

    @property
    def content(self) -> Path:
        """Where notebooks run, as /content in Colab."""
        return self.folder / "content"

    @classmethod
    def start(
        cls, environment: Path, folder: Path, data_cache: Path, address: str, repository: Path
    ) -> "Session":
        """A session in `folder`: an empty layer over `environment`, which pip can't write to.

        Colab is built so too (Debian's packages below its own). A package that pip replaced would
        lie in the layer, hide the one below, and show in `installed`.
        """
        session = cls(folder, data_cache, address, repository)
        layer = folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", layer], check=True)
        [packages] = layer.glob("lib/python*/site-packages")
        below = environment / packages.relative_to(layer)
        (packages / "colab.pth").write_text(f"{below}\n")
        for name in ("content", "home"):
            (folder / name).mkdir()
        spec = folder / "kernels" / "colab"
        spec.mkdir(parents=True)
        argv = [str(session.python), "-m", "colab_kernel_launcher", "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": "Colab", "language": "python"}
        (spec / "kernel.json").write_text(json.dumps(kernel))
        return session

    def installed(self) -> dict[str, str]:
        """Version of every package that an import would find."""
        code = (
            "import json; from importlib.metadata import distributions;"
            "found = [(p.name, p.version) for p in distributions()];"
            "print(json.dumps(dict(reversed(found))))"  # the first on the path counts
        )
        done = subprocess.run(
            [self.python, "-I", "-c", code], check=True, capture_output=True, text=True
        )
        return json.loads(done.stdout)

    def variables(self, **more: str) -> dict[str, str]:
        """The kernel's environment: this machine's settings for pip, nothing of its Python."""
        kept = _without(
            "PYTHON", "VIRTUAL_ENV", "CONDA", "JUPYTER", "IPYTHON", "MPL", "GIT_", "COLAB"
        )
        for settings in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"):
            if settings.exists():
                kept.setdefault("PIP_CONFIG_FILE", str(settings))
        return {
            **kept,
            "HOME": str(self.folder / "home"),
            "PYTHONPATH": str(HERE / "stub"),
            "AICOURSE_CACHE": str(self.data_cache),
            "MPLCONFIGDIR": str(cache() / "matplotlib"),
            "PIP_CACHE_DIR": str(cache() / "pip"),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.repository.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": self.address,
            **more,
        }

    def run(self, notebook: nbformat.NotebookNode, **variables: str) -> nbformat.NotebookNode:
        """Run every cell in a fresh kernel, errors or not; the executed notebook."""
        executed = copy.deepcopy(notebook)
        specs = KernelSpecManager(
            kernel_dirs=[str(self.folder / "kernels")], ensure_native_kernel=False
        )
        manager = AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)
        client = NotebookClient(
            executed, km=manager, timeout=_SECONDS_PER_CELL, allow_errors=True, kernel_name="colab"
        )
        client.execute(env=self.variables(**variables), cwd=str(self.content), cleanup_kc=True)
        return executed
