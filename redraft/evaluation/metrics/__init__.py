"""Formulas over arrays, each with its source. Undefined is NaN here; `Estimate` says so in words.

A verdict is 1 (right), 0 (wrong) or -1 (none: not parsed, or not judged). Arrays of verdicts have a row for each item
and a column for each round; round 0 is the first draft, the last is what the method handed over.
"""
