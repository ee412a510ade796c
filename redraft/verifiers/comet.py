"""COMET as a verifier: a reference-free quality estimate by a trained encoder, such as COMET-Kiwi.

The model lives in a process of its own (`comet_process`, `comet_worker`), in an environment of its own (`comet_env`).
Here: drafts that come in together go to it as one batch, and whatever goes wrong with it becomes a value.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Missing, Signal, Task, TranslationTask, Verdict
from redraft.verifiers.comet_env import find_or_make
from redraft.verifiers.comet_process import CometError, Worker
from redraft.verifiers.kind import Kind

KIWI = "Unbabel/wmt22-cometkiwi-da"
"""CometKiwi-22 (Rei et al., WMT 2022), scores mostly within 0..1. Gated on the hub: access is granted to an account."""

WORKER = Path(__file__).with_name("comet_worker.py")
"""The script that holds the model, to be run as `python -I WORKER MODEL` wherever unbabel-comet is installed."""

_GATHER = 0.005  # Seconds to wait for company once a row is there. One row alone keeps the model busy for longer.


Row = dict[str, str]
_Job = tuple[Row, Future[float]]


def _environment() -> Path:
    try:
        return find_or_make()
    except ConfigError as error:
        raise CometError("not_installed", str(error)) from error


class Comet:
    """Scores a translation against its source, in the model's own unit, higher is better. Signal: tool.

    `model` is a hub id, or the path of a checkpoint (the `.ckpt` or the folder above `checkpoints/`). `connect`, or
    else the first score, makes the environment and loads the model. A draft passes from `threshold` on; without one,
    every draft that could be scored does. Rows that arrive together, or while the model is busy, go to it up to
    `batch_size` at a time. Loading may take `load_timeout` seconds, a batch `timeout`. `command` starts another
    worker of the same protocol, for instance in an environment that has unbabel-comet already.

    A worker that dies costs the rows it was given. The next rows start another, unless it died before it answered any.
    """

    signal: Signal = "tool"

    def __init__(
        self,
        model: str = KIWI,
        *,
        threshold: float | None = None,
        batch_size: int = 16,
        timeout: float = 600.0,
        load_timeout: float = 3600.0,
        command: Sequence[str] | None = None,
    ) -> None:
        def start() -> Worker:
            return Worker(command or [str(_environment()), "-I", str(WORKER), model])

        self.name = f"comet:{model}"
        self._threshold = threshold
        self._open: Callable[[], _Service] = lambda: _Service(start, batch_size, timeout, load_timeout)
        self._service: _Service | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._service.pid if self._service else None

    async def connect(self) -> None:
        """Make the environment where it is missing, and load the model. Raises ConfigError, saying what to do."""
        with self._lock:
            service = self._service = self._service or self._open()
        try:
            await asyncio.wrap_future(service.ready)
        except CometError as error:
            raise ConfigError(self._explain(error)) from error

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The model's score. Failure for another kind of task, for an empty draft (COMET's score of one is not
        reliably low: Zouhar et al., WMT 2024), and wherever the worker brings none."""
        if not isinstance(task, TranslationTask):
            return Failure(cause="wrong_task", message=f"{self.name} judges translations only")
        if not draft.text.strip():
            return Failure(cause="empty_draft", message="COMET's score of an empty translation means nothing")
        with self._lock:
            service = self._service = self._service or self._open()
            answer = service.put({"src": task.source, "mt": draft.text})
        try:
            score = await asyncio.wrap_future(answer)
        except CometError as error:
            return Failure(cause=error.cause, message=self._explain(error))
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=self._threshold is None or score >= self._threshold,
            evidence=f"{score:.4f} by {self.name} ({service.ready.result()})",
        )

    def _explain(self, error: CometError) -> str:
        if error.cause != "load_failed":
            return str(error)
        return (
            f"{self.name} cannot be loaded: {error}. Where the hub cannot be reached, or has not granted access to "
            "the model, name a checkpoint on this machine: comet:PATH"
        )

    async def aclose(self) -> None:
        """End the worker; rows still waiting get a Failure. A later score starts a new one."""
        with self._lock:
            service, self._service = self._service, None
        if service is not None:
            await asyncio.to_thread(service.close)


def _closed() -> CometError:
    return CometError("closed", "COMET was closed before it could score this")


class _Service:
    """Feeds a worker, from a thread of its own and so for any event loop.

    `ready` is done once the model is loaded (with what the worker says of itself) or cannot be.
    """

    def __init__(self, start: Callable[[], Worker], batch_size: int, timeout: float, load_timeout: float) -> None:
        self._start = start
        self._batch_size, self._timeout, self._load_timeout = batch_size, timeout, load_timeout
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._worker: Worker | None = None
        self._broken: CometError | None = None
        self.ready: Future[str] = Future()
        self.ready.set_running_or_notify_cancel()  # From now on no one who waits for it can cancel it.
        self._thread = threading.Thread(target=self._run, name="comet", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        worker = self._worker
        return worker.pid if worker else None

    def put(self, row: Row) -> Future[float]:
        """The score of `row` when it is there, or a CometError."""
        answer: Future[float] = Future()
        self._jobs.put((row, answer))
        return answer

    def close(self) -> None:
        """End the worker and the thread. Waits for an environment that is being made."""
        self._closing.set()
        self._jobs.put(None)
        if worker := self._worker:
            worker.kill()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._running()
        except CometError as error:
            self.ready.set_exception(error)
        while jobs := self._next_batch():
            waiting = [(row, answer) for row, answer in jobs if answer.set_running_or_notify_cancel()]
            for (_, answer), score in zip(waiting, self._score([row for row, _ in waiting]), strict=True):
                if isinstance(score, CometError):
                    answer.set_exception(score)
                else:
                    answer.set_result(score)
        self._drop_worker()

    def _next_batch(self) -> list[_Job]:
        """Rows that came in together; none when it is time to end."""
        job = self._jobs.get()
        time.sleep(_GATHER)
        jobs = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == self._batch_size or self._jobs.empty():
                return jobs
            job = self._jobs.get()
        if jobs:
            self._jobs.put(None)  # The end again, for after these.
        return jobs

    def _score(self, rows: list[Row]) -> Sequence[float | CometError]:
        try:
            return self._running().score(rows, self._timeout) if rows else []
        except CometError as error:
            if self._worker and not self._worker.answered:
                self._broken = error
            self._drop_worker()
            if self._closing.is_set():
                error = _closed()
            return [CometError(error.cause, str(error)) for _ in rows]

    def _running(self) -> Worker:
        """The worker, with its model loaded: the one there is, or another where that one died."""
        if self._closing.is_set():
            raise _closed()
        if self._broken:
            raise CometError(self._broken.cause, str(self._broken))
        if self._worker is None:
            try:
                self._worker = self._start()
                if self._closing.is_set():
                    self._worker.kill()  # `close` may have looked for a worker just before there was one.
                about = self._worker.load(self._load_timeout)
            except CometError as error:
                self._broken = error
                self._drop_worker()
                raise
            if not self.ready.done():
                self.ready.set_result(about)
        return self._worker

    def _drop_worker(self) -> None:
        if self._worker:
            self._worker.close()
            self._worker = None


KIND = Kind(
    name="comet",
    argument="[MODEL]",
    judges="draft",
    signal="tool",
    about="COMET-Kiwi, or another COMET model without references: a hub id or the path of a checkpoint",
    needs="an environment of its own, which it makes; the weights",
    cost="one encoder pass, in batches",
    source="Rei et al., WMT 2022",
    open=lambda model, _: Comet(model or KIWI),
    tasks=frozenset({"translation"}),
)
