"""The generated first cell of every student notebook: what makes a lesson run in Google Colab."""

# The cell asks sys.modules, because Colab's kernel has always imported google.colab; being able to
# import it proves nothing (Kaggle's image is built on Colab's and contains it).
# It names the packages that pip must not touch: Colab's kernel starts with numpy imported, so a
# replaced numpy breaks the session, and a replaced IPython or ipykernel ends it. Of two packages
# with one name (Debian's and pip's) the first on the search path is the one that gets imported.
_CELL = r"""
# Google Colab: installs the course, once per session. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from importlib.metadata import distributions
    from subprocess import run

    if not any(found.version == "VERSION" for found in distributions(name="aicourse")):
        keep = "ipykernel ipython matplotlib numpy pandas pyarrow scikit-learn scipy torch"
        pins = [f"{n}=={d.version}" for n in keep.split() for d in [*distributions(name=n)][:1]]
        course = "git+REPOSITORY@vVERSION"
        pip = [sys.executable, "-m", "pip", "install", "-c", "/dev/stdin", course]
        done = run(pip, input="\n".join(pins), capture_output=True, text=True)  # pins stay as is
        if done.returncode:
            raise RuntimeError(f"{done.stderr[-2000:]}\nRun this cell again, or reopen the lesson.")
    from aicourse.lessons import colab

    colab.setup("LESSON")
"""


def colab_cell(lesson: str, repository: str, version: str) -> str:
    """Source of the cell that `make build` puts before the set-up cell of a student notebook.

    Outside Colab the cell does nothing. In Colab it installs this package from the repository's
    release tag unless that version is there already, leaves Colab's own numpy, pandas, torch and
    kernel as they are, and hands over to `aicourse.lessons.colab.setup`.

    Args:
        lesson: "<phase>/<notebook stem>".
        repository: the https address of the course's repository, from `pyproject.toml`.
        version: this package's version; the release is tagged `v<version>`.
    """
    values = {"LESSON": lesson, "REPOSITORY": repository.rstrip("/"), "VERSION": version}
    source = _CELL.strip("\n")
    for name, value in values.items():
        source = source.replace(name, value)
    return source
