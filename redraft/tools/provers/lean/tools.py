"""Lean's and Mathlib's automation, the cheap first. What tries it belongs in `redraft.tools.provers.correction`."""

from __future__ import annotations

from redraft.tools.provers.base import Tool

MATHLIB = (
    Tool("norm_num", "norm_num", 10),
    Tool("simp", "simp_all", 10),
    Tool("omega", "omega", 10),
    Tool("linarith", "linarith", 10),
    Tool("nlinarith", "nlinarith", 20),
    Tool("ring", "ring_nf", 10),
    Tool("positivity", "positivity", 10),
    Tool("decide", "decide", 10),
    Tool("field_simp", "field_simp; ring_nf", 10),
    Tool("aesop", "aesop", 20),
    Tool("exact?", "exact?", 60),
)
"""The last looks a proof up: what it finds is what stands in the proof that was checked."""
CORE = tuple(Tool(name, name, 10) for name in ("rfl", "trivial", "simp_all", "omega", "decide", "grind", "exact?"))
"""For a Lean without Mathlib."""
