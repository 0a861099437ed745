"""Where submissions are graded: in this process, or by workers of Dask, here or on other machines.

Submissions travel to a worker as bytes and come back as the JSON of a `Result`. Nothing is kept
that is not under way, so a class of any size takes the same memory.
"""

import contextlib
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import dask
from distributed import Client, LocalCluster, WorkerPlugin, as_completed, get_worker
from distributed.scheduler import KilledWorker

from aicourse.grading.bundle import LessonBundle
from aicourse.grading.finish import sanitised, with_outcomes
from aicourse.grading.grader import Grader, LessonBroken
from aicourse.grading.results import Note, Result

#: Submissions that are with the workers at a time, per worker.
IN_FLIGHT = 4
#: A submission that ends its worker this often is taken to be the reason.
DEATHS = 3
_PLUGIN = "aicourse-grader"
_POLL_SECONDS = 0.01
#: How often it is looked whether there are workers, and how long there may be none.
_LOOK_SECONDS, _PATIENCE_SECONDS = 5.0, 600.0
_CONFIGURATION = {
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    # A worker gets one submission at a time, so that its death is blamed on that one.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.admin.large-graph-warning-threshold": "1GB",
    # Dask keeps its latest messages to show them to a developer; here each holds a notebook.
    "distributed.admin.low-level-log-length": 10,
    # A worker is busy with Python for long only when it reads a huge notebook.
    "distributed.scheduler.worker-ttl": None,
    # A killed worker is started again; a busy machine takes its time for that.
    "distributed.deploy.lost-worker-timeout": "10 minutes",
    "distributed.comm.timeouts.connect": "120s",
}


class WorkersUnavailable(RuntimeError):
    """No worker can grade; the message says why and what to do."""


class Grades(Protocol):
    """What a worker needs of a grader; see `grader.Grader`."""

    def __enter__(self) -> "Grades": ...

    def __exit__(self, *error: object) -> None: ...

    def grade(self, raw: bytes, lesson: str) -> Result: ...


@dataclass(frozen=True)
class SealedGraders:
    """Makes the grader of one worker; travels to it.

    `seed` is AICOURSE_TEST_SEED of the coordinator, because another machine does not inherit it.
    """

    bundles: tuple[LessonBundle, ...]
    sandbox: bool = True
    seed: str = ""

    def __call__(self) -> Grades:
        if self.seed:
            os.environ["AICOURSE_TEST_SEED"] = self.seed
        return Grader(self.bundles, sandbox=self.sandbox)


@dataclass(frozen=True)
class Work:
    """One submitted notebook; `notes` are about the file, `timestamp` is UTC."""

    student: str
    lesson: str
    raw: bytes
    sha256: str
    notes: tuple[Note, ...] = ()
    timestamp: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one piece of work: a result as JSON, or the problem that left none.

    `broken`: the problem is the lesson's own, so every other submission of it has it too.
    """

    work: Work
    result: str = ""
    problem: str = ""
    broken: bool = False


class _Worker:
    """The grader of one process, started when the first submission comes."""

    def __init__(self, factory: Callable[[], Grades]) -> None:
        self._factory = factory
        self._grader: Grades | None = None
        # A worker with several threads still grades one submission after another.
        self._lock = threading.Lock()

    def grade(self, raw: bytes, lesson: str) -> str:
        with self._lock:
            if self._grader is None:
                try:
                    self._grader = self._factory().__enter__()
                except Exception as error:
                    raise WorkersUnavailable(str(error) or type(error).__name__) from error
            try:
                return with_outcomes(sanitised(self._grader.grade(raw, lesson))).to_json()
            except LessonBroken:
                raise
            except Exception:
                self.close()  # the next submission gets a fresh one
                raise

    def close(self) -> None:
        grader, self._grader = self._grader, None
        if grader is not None:
            with contextlib.suppress(Exception):
                grader.__exit__(None, None, None)


def in_process(
    work: Iterable[Work], factory: Callable[[], Grades], stop: threading.Event
) -> Iterator[Outcome]:
    """Grade one after another in this process.

    Raises:
        WorkersUnavailable: the grader cannot be started.
    """
    worker = _Worker(factory)
    try:
        for item in work:
            if stop.is_set():
                return
            try:
                yield Outcome(item, worker.grade(item.raw, item.lesson))
            except WorkersUnavailable:
                raise
            except Exception as error:
                failed = _failed(error)
                yield Outcome(item, problem=failed.problem, broken=failed.broken)
    finally:
        worker.close()


def on_cluster(
    work: Iterable[Work],
    factory: Callable[[], Grades],
    stop: threading.Event,
    workers: int,
    scheduler: str = "",
) -> Iterator[Outcome]:
    """Grade with Dask: `workers` processes of this machine, or those of a scheduler.

    A submission whose worker died is given to others; one that was under way at `DEATHS` deaths is
    tried once more alone, at the end, so that it is not blamed for a neighbour.

    Args:
        work: read as workers come free.
        factory: makes the grader of a worker; it is pickled.
        stop: when set, no more work is begun, and what is finished is handed over.
        workers: processes to start here.
        scheduler: address of a scheduler, such as "tcp://10.0.0.5:8786"; then nothing starts here.

    Raises:
        WorkersUnavailable: no worker can start a grader, or the scheduler cannot be reached.
    """
    with dask.config.set(_CONFIGURATION), _client(workers, scheduler) as client:
        client.register_plugin(_GraderPlugin(factory, here=not scheduler), name=_PLUGIN)
        suspects: list[Work] = []
        for outcome in _streamed(client, work, stop):
            if outcome.problem == _KILLED:
                suspects.append(outcome.work)
            else:
                yield outcome
        for suspect in suspects:
            yield from _streamed(client, [suspect], stop)


_KILLED = (
    f"Grading it ended the grading process {DEATHS} times. If other submissions go through, look"
    " at this one before you grade it again."
)


def _streamed(client: Client, work: Iterable[Work], stop: threading.Event) -> Iterator[Outcome]:
    waiting = iter(work)
    running: dict[str, Work] = {}
    completed = as_completed(loop=client.loop, with_results=True, raise_errors=False)
    bound, done, exhausted = _bound(client), 0, False
    watch = _Watch(client)
    while not stop.is_set():
        while not exhausted and len(running) < bound:
            item = next(waiting, None)
            if item is None:
                exhausted = True
                break
            future = client.submit(_grade, item.raw, item.lesson, pure=False)
            running[future.key] = item
            completed.add(future)
            del future
        if not running:
            return
        batch = deque(completed.next_batch(block=False))
        if not batch:
            time.sleep(_POLL_SECONDS)
            watch.look()
        while batch:
            future, value = batch.popleft()
            yield _outcome(running.pop(future.key), value)
            del future, value
            done += 1
        if done >= 50 * IN_FLIGHT:
            bound, done = _bound(client), 0  # workers may have come or gone
    for future, value in completed.next_batch(block=False):
        yield _outcome(running.pop(future.key), value)


class _Watch:
    """Notices that nobody is left to wait for."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._looked = self._seen = time.monotonic()

    def look(self) -> None:
        """Raises WorkersUnavailable when there have been no workers for long."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        with contextlib.suppress(OSError):
            if self._client.nthreads():
                self._seen = now
        if now - self._seen > _PATIENCE_SECONDS:
            raise WorkersUnavailable(
                f"There have been no workers for {_PATIENCE_SECONDS / 60:.0f} minutes. Start the"
                " same command again: what is graded stays graded."
            )


def _bound(client: Client) -> int:
    return IN_FLIGHT * max(1, len(client.nthreads()))


def _outcome(item: Work, value: Any) -> Outcome:
    """What a finished task means: the value that `as_completed` gives with its future."""
    match value:
        case str():
            return Outcome(item, value)
        case _Failed(problem, broken):
            return Outcome(item, problem=problem, broken=broken)
        case (_, KilledWorker(), _):
            return Outcome(item, problem=_KILLED)
        case (_, WorkersUnavailable() as error, _):
            raise error
        case (_, BaseException() as error, _):
            failed = _failed(error)
            return Outcome(item, problem=failed.problem, broken=failed.broken)
    raise WorkersUnavailable(
        "The connection to the scheduler was lost. Start the same command again: what is graded"
        " stays graded."
    )


@dataclass(frozen=True)
class _Failed:
    """Why a worker has no result; data, because Dask remembers what its tasks raise."""

    problem: str
    broken: bool


def _failed(error: BaseException) -> _Failed:
    if isinstance(error, LessonBroken):
        return _Failed(str(error), broken=True)
    return _Failed(f"The grader failed on it ({type(error).__name__}: {error}).", broken=False)


def _grade(raw: bytes, lesson: str) -> str | _Failed:
    plugin = get_worker().plugins[_PLUGIN]
    assert isinstance(plugin, _GraderPlugin)
    try:
        return plugin.worker.grade(raw, lesson)
    except WorkersUnavailable:
        raise  # nobody can be graded here
    except Exception as error:
        return _failed(error)


class _GraderPlugin(WorkerPlugin):
    def __init__(self, factory: Callable[[], Grades], here: bool) -> None:
        self._factory = factory
        self._here = here

    def setup(self, worker: Any) -> None:
        self.worker = _Worker(self._factory)
        if self._here and threading.current_thread() is threading.main_thread():
            # Ctrl-C is meant for the coordinator, which ends its workers itself.
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def teardown(self, worker: Any) -> None:
        self.worker.close()


@contextlib.contextmanager
def _client(workers: int, scheduler: str) -> Iterator[Client]:
    with contextlib.ExitStack() as stack:
        logger = logging.getLogger("distributed")
        stack.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL)
        address: Any = scheduler
        try:
            if not scheduler:
                address = stack.enter_context(_workers_here(workers))
            client = stack.enter_context(Client(address, timeout="10s"))
            client.wait_for_workers(1, timeout=120)
        except (OSError, TimeoutError, RuntimeError) as error:
            where = f"at {scheduler}" if scheduler else "on this machine"
            raise WorkersUnavailable(
                f"No worker answers {where} ({error}). With a scheduler: check that it is running,"
                " that workers are connected to it, and its address. Without: is there memory"
                " left? Try fewer --workers."
            ) from None
        yield client


def _workers_here(workers: int) -> LocalCluster:
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        # Others who use this machine can reach the scheduler's port; it takes only those with this
        # run's certificate.
        security=True,
        # Submissions have their own limits; Dask's would kill the grader instead.
        memory_limit=0,
        silence_logs=logging.CRITICAL,
    )
