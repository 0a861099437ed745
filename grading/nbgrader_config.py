"""nbgrader's configuration for this course, for `nbgrader` and JupyterLab run in grading/.

Why each setting is there, and every command: README.md beside this file.
"""

import os
import sys
import warnings
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader import preprocessors as steps
from sqlalchemy.exc import SAWarning

from aicourse.grading.nbgrader_steps import HideHiddenTests, RestoreCells

c = get_config()  # noqa: F821 (nbgrader defines it)

# Folders. notebooks/ is the source, student/ the release that `make build` made from it.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "swe_to_ai"
c.CourseDirectory.source_directory = "../notebooks"
c.CourseDirectory.release_directory = "../student"

# generate_assignment and formgrader's Generate button would delete student/<phase> and write it
# anew without the badge and the Colab cell. Both work on the "student" called "."; excluding it
# turns them into no-ops. `course gradebook` fills the database instead.
c.CourseDirectory.student_id_exclude = "."

# A new database needs the `alembic` command, which nbgrader looks for on PATH; it is where this
# Python is, also when the virtual environment is not activated.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")

# Seed of the random inputs in hidden tests; your own makes memorised results worthless.
# os.environ["AICOURSE_TEST_SEED"] = "4711"

# The kernels that run submissions inherit this: one thread each keeps a small machine responsive.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Seconds per cell. After that the cell is interrupted and counts as failed.
c.Execute.timeout = 60

# RestoreCells brings back deleted tests, changed metadata and copied cells, and drops submitted
# tags: nbgrader awards a test tagged `skip-execution` its points without running it.
c.Autograde.sanitize_preprocessors = [
    steps.ClearOutput,
    steps.DeduplicateIds,
    steps.OverwriteKernelspec,
    RestoreCells,
    steps.OverwriteCells,
    steps.CheckCellMetadata,
]
# The kernels' own notices; what students' code prints is not concerned.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
warnings.filterwarnings("ignore", message="Object of type", category=SAWarning)

# A test cell that prints to stderr, a warning for example, would score 0.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"(?s)."

# Feedback shows neither the hidden tests nor their tracebacks, only the messages.
c.GenerateFeedback.preprocessors = [steps.GetGrades, HideHiddenTests, CSSHTMLHeaderPreprocessor]

# Formgrader shows what students wrote: without scripts, forms and frames.
c.HTMLExporter.preprocessors = [SanitizeHTML]
c.SanitizeHTML.tags = [
    *("a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "s", "span"),
    *(
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ),
]
c.SanitizeHTML.attributes = {"a": ["href", "title"], "td": ["colspan"], "th": ["colspan"]}

# Names of downloaded files, for zip_collect: first the student's id, then _ or a folder, then
# anything, then the notebook's name. README.md shows how to adapt it.
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/\\]extracted[/\\](?P<student_id>[^_/\\]+)[_/\\]"
    r"(?:.*?[_/\\])??(?P<file_id>\d\d_[a-z][a-z0-9_]*)"
)
