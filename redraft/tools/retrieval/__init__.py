"""Finding passages of text that bear on a question. `base` is the protocol, `bm25` what redraft ships.

What a passage proves is the business of agents and verifiers.
"""
