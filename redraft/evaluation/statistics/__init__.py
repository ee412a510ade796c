"""Intervals and tests over items. What is measured belongs in `redraft.evaluation.metrics`."""
