"""Automation for goals of arithmetic, in the order of cost and yield. What tries it belongs in `automation`."""

from __future__ import annotations

from redraft.tools.provers.base import Tool

ARITHMETIC = (
    Tool("lra", "lra.", 2),
    Tool("lia", "lia.", 2),
    Tool("field", "subst; field.", 2),
    Tool("reflexivity", "vm_compute; intuition congruence.", 3),
    Tool("intuition lra", "intuition (subst; lra).", 3),
    Tool("intuition lia", "intuition (subst; lia).", 3),
    Tool("nra", "nra.", 4),
    Tool("nia", "nia.", 4),
    Tool("divided nia", "Zify.zify; Z.to_euclidean_division_equations; nia.", 5),
    Tool("field_simplify", "field_simplify; nra.", 4),
    Tool("psatz", "psatz R 2.", 5),
    Tool("congruence", "intuition congruence.", 2),
)
"""Each ends a goal or fails. psatz needs csdp."""
