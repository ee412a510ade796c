"""A COMET worker as seen from outside: a process that is started, asked one batch at a time, and ended. Blocks.

What the worker does, and the lines that go to and fro, are in `comet_worker`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence

from redraft.errors import RedraftError


class CometError(RedraftError):
    """No score. `cause` is one word for the kind of trouble."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Worker:
    """One process. After a CometError that `load` or `score` raised it is dead; `close` it in any case.

    `command` starts it. `answered` counts the batches it has scored.
    """

    def __init__(self, command: Sequence[str]) -> None:
        # A file, because a pipe that no one reads fills up and stops the worker. A process group of its own, so that
        # Ctrl-C reaches the worker only through us.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                encoding="utf-8",
                process_group=0,
            )
        except OSError as error:
            self._log.close()
            raise CometError("worker_died", f"the COMET worker does not start: {error}") from error
        self._timed_out = False
        self.pid = self._process.pid
        self.answered = 0

    def load(self, timeout: float) -> str:
        """Wait until the model is there; what the worker says of itself, such as `COMET 2.2.7`."""
        greeting = self._exchange(None, timeout)
        if "failed" in greeting:
            raise CometError("load_failed", str(greeting["failed"]))
        return str(greeting.get("ready", ""))

    def score(self, rows: list[dict[str, str]], timeout: float) -> list[float | CometError]:
        """A score for each row, in order, or why there is none."""
        scores = self._exchange({"rows": rows}, timeout).get("scores")
        if not isinstance(scores, list) or len(scores) != len(rows):
            raise self._death("gave a reply that is not one score for each row")
        self.answered += 1
        return [_read(score) for score in scores]

    def kill(self) -> None:
        """End the process at once; whoever waits for its reply gets a CometError. From any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # A line that the dead process never read.
                    pipe.close()

    def _exchange(self, message: dict[str, object] | None, timeout: float) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = ""
        with self._killed_after(timeout), contextlib.suppress(BrokenPipeError):
            if message is not None:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise self._death(None)
        try:
            reply = json.loads(line)
        except ValueError as error:
            raise self._death(f"wrote {line[:80]!r}, which is not JSON") from error
        return reply if isinstance(reply, dict) else {}

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._timed_out = True
        self.kill()

    def _death(self, offence: str | None) -> CometError:
        """What to raise, the process ended: for an `offence`, else for how it ended and its last words."""
        if offence is not None:
            self.kill()
            return CometError("malformed_reply", f"the COMET worker {offence}")
        status = self._process.wait()
        if self._timed_out:
            return CometError("timed_out", "the COMET worker did not answer in time and was ended")
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        return CometError("worker_died", f"the COMET worker {how}{self._last_words()}")

    def _last_words(self) -> str:
        end = self._log.seek(0, 2)
        self._log.seek(max(0, end - 2000))
        lines = self._log.read().decode(errors="replace").split("\n")
        return next((f": {line.strip()}" for line in reversed(lines) if line.strip()), "")


def _read(score: object) -> float | CometError:
    if isinstance(score, int | float):
        return float(score)
    return CometError("not_scored", str(score.get("error", score) if isinstance(score, dict) else score))
