"""IFEval's verdicts on recorded responses of two models come out again, but for those that are named here."""

from __future__ import annotations

from pathlib import Path

import pytest

from redraft.evaluation.reproduce.ifeval import KNOWN, differing, judged
from redraft.verifiers.constraints.catalogue import CHECKS

pytest.importorskip("re2", reason="google-re2 is not installed: pip install 'redraft[constraints]'")
pytest.importorskip("langdetect", reason="langdetect is not installed: pip install 'redraft[constraints]'")

HASHES, GUJARATI = KNOWN


@pytest.mark.parametrize(
    ("model", "loose", "known"),
    [
        ("gpt-4o-2024-08-06", False, {HASHES}),
        ("gpt-4o-2024-08-06", True, set()),
        ("mistralai__Mistral-7B-Instruct-v0.3", False, set()),
        ("mistralai__Mistral-7B-Instruct-v0.3", True, {HASHES, GUJARATI}),
    ],
)
def test_the_recorded_verdicts(data: Path, model: str, loose: bool, known: set[tuple[int, str]]) -> None:
    items = judged(data, model, loose=loose)
    kinds = [kind for item in items for kind in item.kinds]
    assert (len(items), len(kinds), len(set(kinds))) == (541, 834, 25)
    assert set(kinds) <= set(CHECKS)
    assert differing(items) == known
