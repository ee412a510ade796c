"""The process that holds a COMET model: JSON lines in, JSON lines out. Runs in COMET's own environment.

It imports nothing of redraft, which is not installed there. Run it with `python -I`: otherwise the folder of this file
comes first on the path, and `import comet` would find `redraft/verifiers/comet.py`.

First line out: `{"ready": "COMET 2.2.7"}` or `{"failed": WHY}`. Then, for each line in
`{"rows": [{"src": ..., "mt": ...}, ...]}`, one line out in the same order: `{"scores": [0.81, {"error": WHY}, ...]}`.
It ends when its standard input does, so it never outlives who started it.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

Row = dict[str, str]
Score = Callable[[list[Row]], list[float]]

ERRORS = (ArithmeticError, ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What the libraries raise for a model or a row they cannot take. Anything else ends the process, with a traceback."""


def serve(load: Callable[[], Score]) -> None:
    """Load once, then answer until standard input ends."""
    replies = _take_stdout()

    def say(message: dict[str, object]) -> None:
        replies.write(json.dumps(message, allow_nan=False) + "\n")
        replies.flush()

    try:
        score = load()
    except ERRORS as error:
        say({"failed": _in_a_line(error)})
        return
    say({"ready": getattr(score, "about", "")})
    for line in sys.stdin:
        say({"scores": _score_each(score, json.loads(line)["rows"])})


def _take_stdout() -> TextIO:
    """Standard output for the protocol alone: whatever a library prints, even from C, goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return replies


def _score_each(score: Score, rows: list[Row]) -> list[float | dict[str, str]]:
    """All rows in one batch; one at a time where that fails, so that a bad row costs no other."""
    try:
        scores = score(rows)
    except ERRORS as error:
        if len(rows) == 1:
            return [{"error": _in_a_line(error)}]
        return [reply for row in rows for reply in _score_each(score, [row])]
    return [number if math.isfinite(number) else {"error": f"the score is {number}"} for number in scores]


def _in_a_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


class Comet:
    """A reference-free COMET model, on the GPU where there is one."""

    def __init__(self, model: str) -> None:
        from importlib.metadata import version

        logging.disable(logging.WARNING)  # Lightning says five lines for every batch.
        warnings.simplefilter("ignore")
        import torch
        from comet import load_from_checkpoint

        self._model = load_from_checkpoint(str(_checkpoint(model)))
        if self._model.requires_references():
            raise ValueError(f"{model} needs references; give a reference-free model such as COMET-Kiwi")
        self._gpus = int(torch.cuda.is_available())
        self.about = f"COMET {version('unbabel-comet')}"

    def __call__(self, rows: list[Row]) -> list[float]:
        prediction = self._model.predict(rows, batch_size=len(rows), gpus=self._gpus, num_workers=0, progress_bar=False)
        return [float(score) for score in prediction.scores]


def _checkpoint(model: str) -> Path:
    """The checkpoint file of a path or a hub id. A checkpoint lies in `checkpoints/`, beside it `hparams.yaml`."""
    path = Path(model).expanduser()
    if path.is_file():
        return path
    if not path.is_dir():
        if model.count("/") != 1 or path.is_absolute() or path.suffix == ".ckpt":
            raise FileNotFoundError(f"there is no checkpoint {model}")
        from huggingface_hub import snapshot_download

        path = Path(snapshot_download(model))
    found = sorted(path.glob("checkpoints/*.ckpt"))
    if len(found) != 1:
        raise FileNotFoundError(f"{path} should hold one checkpoints/*.ckpt, not {len(found)}")
    return found[0]


if __name__ == "__main__":
    serve(lambda: Comet(sys.argv[1]))
