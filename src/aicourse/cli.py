"""The `course` command: parses, calls, prints. `course --help` is the map of the project."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From software engineer to AI engineer: learn, author and grade the course.",
)
console = Console()
LEARN, AUTHOR, TEACH = "Learners", "Authors", "Instructors"


def _root() -> Path:
    """The clone that this package was installed from."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "student").is_dir():
        _fail("This command needs the course's repository; install it with `make lab` in a clone.")
    return root


def _fail(message: str) -> None:
    console.print(f"[bold red]Error:[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(2)


def _lessons(chosen: list[str] | None) -> list[str]:
    """The chosen lessons, or all that have a source notebook, in course order."""
    root = _root()
    every = [
        file.relative_to(root / "notebooks").with_suffix("").as_posix()
        for file in sorted((root / "notebooks").glob("*/*.ipynb"))
    ]
    for name in chosen or []:
        if name not in every:
            _fail(f"There is no lesson {name!r}; write it like {every[0]!r}.")
    return list(chosen) if chosen else every


# ------------------------------------------------------------------------------------- learners


@app.command(rich_help_panel=LEARN)
def lab(
    work: Annotated[Path | None, typer.Option(help="Your folder (default: work/).")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int | None, typer.Option(help="Port of JupyterLab (default: 8888 up).")] = None,
    prepare_only: Annotated[bool, typer.Option(help="Copy and fetch, don't start.")] = False,
) -> None:
    """Fetch data, bring lessons into your folder, open JupyterLab on the start page."""
    from aicourse.learner import lab as learner_lab
    from aicourse.lessons import data, exercises

    root = _root()
    folder = work or root / "work"
    try:
        data.prefetch(sorted({name for lesson in exercises.lessons() for name in lesson.data}))
    except data.DataUnavailable as error:
        console.print(f"[yellow]{escape(str(error))}[/]", soft_wrap=True)
        console.print("Lessons that need this data will fetch it when you run them.")
    try:
        console.print(learner_lab.prepare(root, folder), soft_wrap=True)
        if not prepare_only:
            raise typer.Exit(learner_lab.launch(root, folder, port=port, browser=browser))
    except learner_lab.LabError as error:
        _fail(str(error))


@app.command(rich_help_panel=LEARN)
def check(file: Annotated[Path, typer.Argument(help="A lesson notebook you saved.")]) -> None:
    """Grade a whole saved lesson notebook; the outcome joins your progress."""
    import time

    from aicourse.executor import Runner
    from aicourse.grading.saved_notebook import NotALesson, grade_notebook
    from aicourse.lessons import record

    try:
        with console.status(f"Running {file.name} …"), Runner() as runner:
            grade = grade_notebook(file, runner)
    except NotALesson as error:
        _fail(str(error))
    table = Table(title=grade.lesson.title, title_justify="left")
    table.add_column("Exercise")
    table.add_column("Outcome")
    table.add_column("Points", justify="right")
    table.add_column("Message", max_width=70)
    for item in grade.exercises:
        written = item.outcome == "written"
        points = f"{'–' if written else format(item.earned, 'g')} / {item.exercise.points:g}"
        outcome = "graded by hand" if written else item.outcome
        message = "" if written else item.message
        table.add_row(escape(item.exercise.title), outcome, points, escape(message))
    table.add_section()
    total = f"{grade.earned:g} / {grade.lesson.tested_points:g}"
    table.add_row("Tests in total", "", total, "")
    console.print(table)
    for cell, problem in grade.failed_cells:
        console.print(f"Cell {cell!r} raised {escape(problem)}", soft_wrap=True)
    if folder := record.find_folder(file.resolve().parent):
        now = time.time()
        events = [
            record.Event(
                now, grade.lesson.name, g.exercise.grade_id, g.outcome, g.earned, g.exercise.points
            )
            for g in grade.exercises
            if g.outcome != "written"
        ]
        if notice := record.add(folder, events):
            console.print(notice)


@app.command(rich_help_panel=LEARN)
def progress(
    work: Annotated[Path | None, typer.Option(help="Your folder (default: work/).")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also save a picture here (.png).")] = None,
) -> None:
    """Show phases, lessons, points and time."""
    from aicourse.learner import progress as learner_progress
    from aicourse.lessons import record

    folder = work or record.find_folder() or _root() / "work"
    try:
        console.print(learner_progress.table(folder))
        if picture:
            learner_progress.picture(folder, picture)
            console.print(f"Picture saved as {picture}", soft_wrap=True)
    except (learner_progress.RecordUnreadable, OSError, ValueError) as error:
        _fail(str(error))


@app.command(rich_help_panel=LEARN)
def plan(
    hours: Annotated[float, typer.Option(help="Hours you have per week.")] = 8,
    start: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD (next Monday).")] = None,
    goal: Annotated[str | None, typer.Option(help="Stop at this lesson, such as 4.7.")] = None,
    spare: Annotated[float | None, typer.Option(help="Time on top of a first pass (0.5).")] = None,
    work: Annotated[Path | None, typer.Option(help="Your folder (default: work/).")] = None,
) -> None:
    """Plan week by week from your diagnosis (lesson 1.0); saves a table and a calendar file."""
    from datetime import date

    from aicourse.learner import plan as learner_plan
    from aicourse.learner.progress import RecordUnreadable
    from aicourse.learner.skills import AnswersUnreadable
    from aicourse.lessons import record

    folder = work or record.find_folder() or _root() / "work"
    try:
        first = date.fromisoformat(start) if start else None
    except ValueError:
        _fail(f"--start {start} is not a date: write it as 2026-12-01.")
    try:
        spare = learner_plan.SPARE if spare is None else spare
        made = learner_plan.from_folder(folder, hours, first, goal, spare)
        saved = learner_plan.write(made, folder)
    except (ValueError, AnswersUnreadable, RecordUnreadable, OSError) as error:
        _fail(str(error))
    console.print(learner_plan.table(made))
    console.print(str(saved), soft_wrap=True)


# -------------------------------------------------------------------------------------- authors


@app.command(rich_help_panel=AUTHOR)
def build(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Re-execute every notebook.")] = False,
    lesson: Annotated[str | None, typer.Option(help="Only this lesson.")] = None,
) -> None:
    """Execute changed sources; make student notebooks, exercise bank and README table."""
    from aicourse.authoring import student_build

    try:
        report = student_build.build(_root(), check=check, only=lesson, force=force)
    except student_build.BuildError as error:
        _fail(str(error))
    console.print(escape(str(report)), soft_wrap=True)
    if check and report.stale:
        raise typer.Exit(1)


@app.command(rich_help_panel=AUTHOR)
def lint(lessons: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Check the anatomy of lessons: objectives, exercises, tests, figures, texts."""
    from aicourse.authoring.lint import lint as lint_lessons
    from aicourse.authoring.lint import sealed_tests

    root = _root()
    names = _lessons(lessons)
    findings = (
        [f for name in names for f in lint_lessons(root, name)] if lessons else lint_lessons(root)
    )
    for finding in findings:
        console.print(
            f"[bold]{finding.file}[/] cell {escape(str(finding.cell_id))}: "
            f"{escape(finding.message)} [dim]({finding.rule})[/]",
            soft_wrap=True,
        )
    unreadable = {finding.file for finding in findings if finding.rule == "unreadable"}
    for name in names:
        if f"notebooks/{name}.ipynb" not in unreadable:
            console.print(escape(f"{name}: {sealed_tests(root, name)}"), soft_wrap=True)
    console.print(f"{len(names)} lessons, {len(findings)} findings")
    raise typer.Exit(bool(findings))


@app.command("known-answers", rich_help_panel=AUTHOR)
def known_answers(
    lessons: Annotated[list[str] | None, typer.Argument()] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Each message.")] = False,
) -> None:
    """Run the known answers: wrong ones must lose points, right ones keep them."""
    from rich.progress import track

    from aicourse.authoring.known_answers import AnswersError, check_lessons

    names = _lessons(lessons)
    verdicts = []
    failed = False
    checked = check_lessons(_root(), names)
    for result in track(
        checked, "Running known answers", len(names), console=console, transient=True
    ):
        if isinstance(result, AnswersError):
            console.print(f"[red]{escape(str(result))}[/]", soft_wrap=True)
            failed = True
        else:
            verdicts.append(result)
    table = Table(title="Known answers", title_justify="left")
    table.add_column("Lesson", no_wrap=True)
    for column in ("Exercises", "Wrong caught", "Right kept", "Stubs at 0", "Seconds"):
        table.add_column(column, justify="right", min_width=5)
    for verdict in verdicts:
        exercises = len({v.answer.grade_id for v in verdict.answers})
        counts = [verdict.count(kind) for kind in ("wrong", "right", "nothing")]
        shown = [f"{good}/{every}" for good, every in counts]
        table.add_row(verdict.lesson, str(exercises), *shown, f"{verdict.seconds:.1f}")
        if verbose:
            for v in verdict.answers:
                console.print(
                    f"[bold]{v.answer.grade_id}[/] {v.answer.kind}: {escape(v.answer.name)} → "
                    f"{v.earned:g}/{v.possible:g} {escape(v.message[:300])}",
                    soft_wrap=True,
                )
    console.print(table)
    for verdict in verdicts:
        for problem in verdict.problems:
            console.print(f"[red]{verdict.lesson}: {escape(problem)}[/]", soft_wrap=True)
        failed = failed or bool(verdict.problems)
    raise typer.Exit(failed)


@app.command("text", rich_help_panel=AUTHOR)
def as_text(notebook: Path) -> None:
    """Print a source notebook as plain text that an editor can change."""
    import nbformat

    from aicourse.authoring.notebook_text import to_text

    print(to_text(nbformat.read(notebook, 4)), end="")


@app.command("notebook", rich_help_panel=AUTHOR)
def from_text(text: Path, notebook: Path) -> None:
    """Write a source notebook from its plain text, keeping outputs of unchanged cells."""
    from aicourse.authoring.notebook_text import write_notebook

    try:
        written = write_notebook(text, notebook)
    except ValueError as error:
        _fail(f"{text}: {error}")
    console.print(f"{notebook}: {len(written.cells)} cells")


@app.command("test", rich_help_panel=AUTHOR)
def run_tests(
    lesson: Annotated[str | None, typer.Option(help="Only the checks of this lesson.")] = None,
) -> None:
    """Run every check of the project, or of one lesson, and print a summary."""
    from aicourse.authoring import all_checks

    if lesson:
        _lessons([lesson])
    raise typer.Exit(all_checks.run(_root(), lesson))


# ---------------------------------------------------------------------------------- instructors


@app.command("grade-demo", rich_help_panel=TEACH)
def grade_demo(
    students: Annotated[int, typer.Option(help="Size of the class.")] = 12,
    lesson: Annotated[
        list[str] | None, typer.Option(help="A lesson that is handed in (default: three).")
    ] = None,
) -> None:
    """Grade a class made from the known answers, and compare the scores."""
    from aicourse.grading import demo

    chosen = _lessons(lesson) if lesson else demo.LESSONS
    raise typer.Exit(demo.run(_root(), students=students, lessons=chosen))


@app.command("bench-grading", rich_help_panel=TEACH)
def bench_grading(
    students: Annotated[int, typer.Option(help="Size of the class graded both ways.")] = 60,
    serial: Annotated[
        int, typer.Option(help="How many of them nbgrader grades in one process: each takes long.")
    ] = 10,
    lesson: Annotated[
        list[str] | None, typer.Option(help="A lesson that is handed in (default: three).")
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option(help="Classes graded to see how time grows (repeatable).")
    ] = None,
    otter: Annotated[
        Path | None, typer.Option(help="Program of an otter-grader that is measured, too.")
    ] = None,
) -> None:
    """Measure grading: beside stock nbgrader, with two workers, and with growing classes."""
    from aicourse.grading import benchmark, demo

    chosen = _lessons(lesson) if lesson else list(demo.LESSONS)
    right = benchmark.versus_stock(_root(), chosen, students, console, serial, otter)
    if size:
        right = benchmark.at_scale(_root(), chosen[0], size, console) and right
    raise typer.Exit(not right)


@app.command(rich_help_panel=TEACH)
def grade(
    phase: Annotated[str, typer.Argument(help="An assignment, such as 01_math_python.")],
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student (can be repeated).")
    ] = None,
    lesson: Annotated[
        list[str] | None, typer.Option(help="Only this lesson, such as 02_vectors (repeatable).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what is graded already.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes (default: one per core; 0: this one).")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Dask scheduler whose workers grade: tcp://host:8786.")
    ] = "",
    db: Annotated[
        str, typer.Option(help="Gradebook's URL (default: grading/nbgrader_config.py's).")
    ] = "",
    partial: Annotated[
        bool, typer.Option("--partial", help="Export points that are not final, too.")
    ] = False,
    canvas: Annotated[
        Path | None, typer.Option(help="Gradebook exported from Canvas, for its ids.")
    ] = None,
    without_sandbox: Annotated[
        bool, typer.Option("--without-sandbox", help="Run students' code with YOUR rights.")
    ] = False,
) -> None:
    """Grade what was handed in (grading/submitted/) and write gradebook, feedback and reports."""
    import sys

    if sys.platform == "win32":
        _fail("Grading a class needs Linux; on Windows, grade in WSL or a Linux virtual machine.")
    from aicourse.grading import class_run

    if without_sandbox:
        console.print(
            "[bold red]WITHOUT A SANDBOX[/]: every submission runs with your rights. It can read"
            " and delete your files, use your network, and change any grade.",
            soft_wrap=True,
        )
    choice = class_run.Choice(
        students=student or (),
        lessons=lesson or (),
        force=force,
        workers=workers,
        scheduler=scheduler,
        db_url=db,
        sandbox=not without_sandbox,
        partial=partial,
        canvas_gradebook=canvas,
    )
    try:
        run = class_run.grade_class(_root(), phase, choice, console=console)
    except (*class_run.GRADING_ERRORS, OSError) as error:
        _fail(str(error))
    class_run.report(console, run)
    raise typer.Exit(bool(run.failed or run.interrupted))


@app.command("gradebook", rich_help_panel=TEACH)
def gradebook() -> None:
    """Build grading/gradebook.db from this version's notebooks; student/ is not touched."""
    from aicourse.grading.gradebook import GradebookError, build_gradebook

    try:
        console.print(f"Gradebook ready: {build_gradebook(_root())}", soft_wrap=True)
    except GradebookError as error:
        _fail(str(error))


if __name__ == "__main__":
    app()
