"""Isabelle's automation in the order of Zheng et al. 2023 (arXiv 2309.15806), Sledgehammer last."""

from __future__ import annotations

from redraft.tools.provers.base import Tool

HOL = (
    *(
        Tool(name, f"by {name}", 10)
        for name in ("auto", "arith", "blast", "simp", "fastforce", "force", "eval", "presburger", "sos", "linarith")
    ),
    Tool("auto with field_simps", "by (auto simp: field_simps)", 10),
    Tool("sledgehammer", "sledgehammer", 120),
)
"""What the last finds is what stands in the proof that was checked. `eval` takes the code generator's word, an oracle:
a proof that rests on it is verified only where `oracles` allow that."""
