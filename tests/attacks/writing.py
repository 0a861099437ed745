"""Attacks that write: the gradebook, other submissions, the graders, the system, the next one."""

from . import course
from .attack import ANY_LOSS, Attack


def _attack(name: str, what: str, source: str, **parts: object) -> Attack:
    tried = "\n".join("    " + line if line else "" for line in source.splitlines())
    guarded = f"try:\n{tried}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
    parts = {"outcomes": ANY_LOSS} | parts
    return Attack(name, "writing", what, before=guarded, **parts)  # type: ignore[arg-type]


def _marked(name: str, what: str, *folders: str, file: str = "ATTACKED") -> Attack:
    """Leaves a file in each folder that it can write to."""
    return _attack(
        name,
        what,
        "import os\n\n"
        f"for folder in {folders!r}:\n"
        "    try:\n"
        "        os.makedirs(folder, exist_ok=True)\n"
        f"        with open(os.path.join(folder, {file!r}), 'w') as stream:\n"
        "            stream.write('# left by a submission\\n')\n"
        "    except OSError as error:\n"
        "        print(folder, error)",
    )


_GRADES = """\
import sqlite3

database = sqlite3.connect("$COURSE/grading/gradebook.db", timeout=1)
database.execute("update grade set manual_score = 1000, needs_manual_grade = 0")
database.commit()
"""
_PATCHED_PARENT = """\
import builtins
import gc
import json
import unittest

import pandas.testing
import torch.testing


def agree(*arguments, **named):
    return True


np.testing.assert_allclose = np.allclose = np.array_equal = agree
pandas.testing.assert_frame_equal = pd.testing.assert_frame_equal = agree
torch.testing.assert_close = agree
pytest.approx = lambda *arguments, **named: type("Same", (), {"__eq__": agree})()
builtins.all = builtins.isinstance = agree
for module in ("plain_data", "split_test", "snapshot"):
    try:
        patched = __import__("aicourse.grading.sealed." + module, fromlist=["x"])
    except Exception:
        continue
    for name in list(vars(patched)):
        if name in ("encode", "decode", "_answer", "SplitTest"):
            setattr(patched, name, agree)
"""

ATTACKS = (
    _attack("gradebook_rewrite", "sets every grade in the gradebook to 1,000", _GRADES),
    _attack(
        "classmates_submission",
        "empties a classmate's submission",
        f'with open("$COURSE/grading/submitted/ada/{course.LESSON}.ipynb", "w") as stream:\n'
        '    stream.write("ATTACKED")',
    ),
    _attack(
        "autograded_result",
        "writes into the classmate's graded notebook",
        "import os\n\n"
        f'os.makedirs("$COURSE/grading/autograded/ada/{course.PHASE}", exist_ok=True)\n'
        f'with open("$COURSE/grading/autograded/ada/{course.LESSON}.ipynb", "w") as stream:\n'
        '    stream.write("ATTACKED")',
    ),
    _attack(
        "weaken_source",
        "takes the hidden tests out of the instructor's notebook",
        "import re\n\n"
        f'with open("$COURSE/notebooks/{course.LESSON}.ipynb", "r+") as stream:\n'
        "    text = stream.read()\n"
        '    text = re.sub("### BEGIN HIDDEN TESTS", "pass  # ATTACKED", text)\n'
        "    stream.seek(0)\n"
        "    stream.write(text)",
    ),
    _attack(
        "instructors_configuration",
        "appends code to the nbgrader configuration that the instructor executes",
        'with open("$COURSE/grading/nbgrader_config.py", "a") as stream:\n'
        '    stream.write("\\n# ATTACKED: any code\\n")',
    ),
    _attack(
        "delete_course",
        "deletes all submissions and the gradebook",
        "import os\nimport shutil\n\n"
        'shutil.rmtree("$COURSE/grading/submitted/ada", ignore_errors=True)\n'
        'for name in ("gradebook.db", "private.txt"):\n'
        "    try:\n"
        '        os.remove("$COURSE/grading/" + name)\n'
        "    except OSError as error:\n"
        "        print(error)",
    ),
    _marked("system_files", "writes into the system's folders", "/etc", "/usr/local/bin", "/"),
    _marked(
        "shared_folders",
        "leaves files for the next submission",
        "/tmp",
        "/dev/shm",
        "/var/tmp",
        ".",
    ),
    _marked(
        "home_folder",
        "writes into the home folder",
        "$HOME",
        "$HOME/.config/matplotlib",
        "$HOME/.cache/matplotlib",
    ),
    _marked(
        "site_packages",
        "puts a .pth file where Python starts from",
        "$PACKAGES",
        "$HOME/.local/lib/python3.11/site-packages",
        file="ATTACKED.pth",
    ),
    _marked(
        "bytecode_cache",
        "writes into the libraries' compiled files",
        "$PACKAGES/numpy/__pycache__",
        file="ATTACKED.cpython-311.pyc",
    ),
    _marked(
        "ipython_startup",
        "leaves code that every later IPython runs",
        "$HOME/.ipython/profile_default/startup",
        file="00-ATTACKED.py",
    ),
    _marked("data_cache", "writes into the cache of the lessons' data", "$HOME/.cache/aicourse"),
    _attack(
        "places_that_libraries_name",
        "writes to the folders that the libraries themselves name as writable",
        "import os\nimport site\nimport tempfile\n\nimport matplotlib\n\n"
        "from aicourse.lessons import data\n\n"
        "places = [matplotlib.get_cachedir(), matplotlib.get_configdir(), tempfile.gettempdir(),\n"
        "          site.getusersitepackages(), str(data.cache_dir())]\n"
        "for folder in places:\n"
        "    try:\n"
        "        os.makedirs(folder, exist_ok=True)\n"
        "        open(os.path.join(folder, 'ATTACKED'), 'w').close()\n"
        "    except OSError as error:\n"
        "        print(folder, error)",
    ),
    _attack(
        "remount",
        "makes namespaces of its own and mounts the system anew, writable",
        "import ctypes\n\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000 | 0x00020000), ctypes.get_errno())\n"
        'for place in (b"/", b"/etc", b"$COURSE", b"$PACKAGES"):\n'
        "    print(libc.mount(None, place, None, 32 | 4096, None), ctypes.get_errno())\n"
        'for place in ("/etc", "$COURSE/grading", "$PACKAGES"):\n'
        "    try:\n"
        "        open(place + '/ATTACKED', 'w').close()\n"
        "    except OSError as error:\n"
        "        print(error)",
        fused=True,
    ),
    _attack(
        "by_way_of_proc",
        "writes through the root folders of all processes that it sees",
        "import os\n\nfor entry in os.listdir('/proc'):\n"
        "    for place in ('/root/etc', '/cwd', '/root$COURSE/grading', '/root/tmp'):\n"
        "        try:\n"
        "            open('/proc/' + entry + place + '/ATTACKED', 'w').close()\n"
        "        except OSError:\n"
        "            pass",
        fused=True,
    ),
    _attack(
        "symlinks",
        "leaves links to the gradebook where a grader may write",
        "import os\n\n"
        f"for name in ('{course.STEM}.ipynb', 'result.json', 'grades.json', 'ATTACKED'):\n"
        "    for folder in ('.', '/tmp'):\n"
        "        try:\n"
        "            if os.path.lexists(folder + '/' + name):\n"
        "                os.remove(folder + '/' + name)\n"
        "            os.symlink('$COURSE/grading/gradebook.db', folder + '/' + name)\n"
        "        except OSError as error:\n"
        "            print(error)",
    ),
    _attack(
        "patch_the_graders_modules",
        "patches every comparison and the grader's own modules for those that come after",
        _PATCHED_PARENT,
        lost_too=course.EXERCISES,
    ),
)
