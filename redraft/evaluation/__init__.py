"""Does correcting help, what does it break, and what does it cost: data sets, metrics, statistics, comparison, report.

`sample` is what is asked with its gold, `outcomes` what came of it round by round; `metrics` are formulas over arrays,
`statistics` puts intervals around them, `compare` runs methods beside their controls, `reproduce` recomputes published
numbers, `report` shows it all. Gold answers live here and in oracle verifiers, never in a graph.
"""
