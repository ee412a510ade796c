"""What a run was begun with, kept beside its output: a run is only ever continued as what it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pydantic import JsonValue

from redraft.errors import ConfigError

Manifest = Mapping[str, JsonValue]


def manifest(described: Manifest, input: Path) -> Manifest:
    """The recipe (`Recipe.described`), the input by its content, and redraft's version.

    Raises ConfigError where the input cannot be read.
    """
    try:
        with input.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"{input} cannot be read: {error.strerror}") from error
    return {"redraft": version("redraft"), **described, "input": f"{input.stat().st_size} bytes, sha256 {digest[:16]}"}


def read_manifest(text: str, path: Path) -> Manifest:
    """Raises ConfigError where `text`, the content of `path`, is no manifest."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path} does not say what the run was begun with; begin anew with --restart") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path} does not say what the run was begun with; begin anew with --restart")
    return found


def differences(begun: Manifest, now: Manifest) -> list[str]:
    """What is not as it was, in words."""
    return [
        f"{key} was {_shown(begun.get(key))} and is {_shown(now.get(key))}"
        for key in {**begun, **now}
        if json.dumps(begun.get(key), sort_keys=True) != json.dumps(now.get(key), sort_keys=True)  # NaN equals NaN
    ]


def _shown(value: JsonValue) -> str:
    return "not set" if value is None else str(value)
