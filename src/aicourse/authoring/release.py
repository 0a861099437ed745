"""What pyproject.toml says about this release: repository and version, and the links made of them.

Nothing else names the repository, so a fork changes one line.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

COLAB = "https://colab.research.google.com"


@dataclass(frozen=True)
class Release:
    """A version of the course in its repository, `repository` being "https://github.com/o/r"."""

    repository: str
    version: str

    def colab_url(self, lesson: str) -> str:
        """Where Colab opens the student version of `lesson` ("<phase>/<notebook stem>")."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        return f"{COLAB}/github/{owner_and_name}/blob/v{self.version}/student/{lesson}.ipynb"

    def colab_badge(self, lesson: str, alt: str = "Open in Colab") -> str:
        """A markdown badge that links to `colab_url`."""
        return f"[![{alt}]({COLAB}/assets/colab-badge.svg)]({self.colab_url(lesson)})"


def read_release(root: Path) -> Release:
    """The release that `root`/pyproject.toml describes.

    Raises:
        ValueError: the repository is not on github.com, where Colab's links need it.
        KeyError, FileNotFoundError: version or repository is not there.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project["urls"]["Repository"].removesuffix("/").removesuffix(".git")
    if not repository.startswith("https://github.com/"):
        raise ValueError(
            f"pyproject.toml: Repository is {repository!r}; Colab opens notebooks only from"
            " https://github.com/<owner>/<name>"
        )
    return Release(repository, project["version"])
