"""What CoqHammer says that it found, as it says it."""

from __future__ import annotations

import pytest

from redraft.tools.provers.coq.messages import found


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("Replace the hammer tactic with: sfirstorder", "sfirstorder."),
        (
            "Detecting provers...\nReplace the hammer tactic with:\n\tsrun eauto use: Nat.gcd_comm.",
            "srun (eauto) use: Nat.gcd_comm.",
        ),
        (
            "Replace the hammer tactic with:\n\thauto lq: on use: a, b\n\t  unfold: c",
            "hauto lq: on use: a, b unfold: c.",
        ),
        ("", None),
        ("CVC4 (knn-64) succeeded", None),
    ],
)
def test_the_step_that_may_stand_for_the_hammer_is_read(said: str, step: str | None) -> None:
    assert found(said) == step
