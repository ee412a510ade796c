"""The Python environment that COMET runs in: made once in the user's cache, with pip. Starts nothing.

It is one of its own because unbabel-comet needs numpy<2 and transformers<5, which do not fit beside vLLM.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from redraft.errors import ConfigError
from redraft.models.weights import cache_dir

log = logging.getLogger(__name__)

STEPS = (
    ("torch==2.13.0",),
    # setuptools 82 dropped pkg_resources. torchmetrics needs it, and so does COMET to tell its own version: without
    # it COMET weighs the encoder's layers by another function, and the scores are others.
    ("unbabel-comet==2.2.7", "transformers==4.57.6", "numpy==1.26.4", "setuptools==80.10.2"),
)
"""What is installed, one pip call after the other: torch first, so that the index's own build of it is taken."""

PYTHONS = ((3, 11), (3, 12))
"""The versions of Python that numpy 1.26 has wheels for."""


def find_or_make(steps: tuple[tuple[str, ...], ...] = STEPS) -> Path:
    """The environment's Python, made first where there is none: minutes, and 1.4 GB or, with CUDA, more.

    Blocks; safe in two processes at once. The folder is named after its pins and appears only when it is complete,
    so being there means being usable.
    Raises ConfigError with the last lines of what failed.
    """
    host, version = _host_python()
    pins = "\n".join([f"python{version[0]}.{version[1]}", *(pin for step in steps for pin in step)])
    home = cache_dir() / "comet-env" / sha256(pins.encode()).hexdigest()[:12]
    python = home / "bin" / "python"
    if python.exists():
        return python
    log.info("making an environment for COMET in %s: a few minutes, once", home)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)  # What a Python that is gone from this machine left behind.
        with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as folder:
            made = Path(folder) / "env"
            _run([host, "-m", "venv", str(made)])
            for step in steps:
                log.info("installing %s", ", ".join(step))
                pip = [str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                _run([*pip, *step])
            (made / "pins.txt").write_text(pins + "\n", encoding="utf-8")
            _publish(made, home)
    except OSError as error:
        raise ConfigError(f"no environment for COMET can be made in {home.parent}: {error}") from error
    return python


def _publish(made: Path, home: Path) -> None:
    try:
        made.rename(home)
    except OSError:
        if not (home / "bin" / "python").exists():
            raise
        log.info("another process was faster; using its environment")


def _host_python() -> tuple[str, tuple[int, int]]:
    own = sys.version_info[:2]
    if own in PYTHONS:
        return sys.executable, own
    for major, minor in PYTHONS:
        if found := shutil.which(f"python{major}.{minor}"):
            return found, (major, minor)
    raise ConfigError("COMET needs Python 3.11 or 3.12 (numpy<2); install one of them beside this one")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise ConfigError(f"no environment for COMET could be made: {' '.join(command[1:])} failed:\n{said}")
