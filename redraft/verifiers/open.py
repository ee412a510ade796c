"""From the one string that names a verifier to the verifier. Its files are read here; no model is loaded yet."""

from __future__ import annotations

from redraft.errors import ConfigError
from redraft.models.open import open_model
from redraft.verifiers.base import AnyVerifier
from redraft.verifiers.catalogue import KINDS
from redraft.verifiers.kind import Kind, OpenModel


def find_kind(spec: str) -> Kind | None:
    """The kind that `spec` names, if any."""
    name = spec.partition(":")[0]
    return next((kind for kind in KINDS if kind.name == name), None)


def open_verifier(spec: str, open_model: OpenModel = open_model) -> AnyVerifier | None:
    """The verifier that `spec` names; None where `spec` is not a verifier's, so that it may name a model.

    A judge's own model is opened with `open_model`. Raises ConfigError for a verifier's string that cannot be used, or
    gold that cannot be read.
    """
    if (kind := find_kind(spec)) is None:
        return None
    _, colon, rest = spec.partition(":")
    if not kind.takes(rest if colon else None):
        raise ConfigError(f"{spec!r} names no verifier; it is written {kind.form} ({kind.about})")
    return kind.open(rest, open_model)
