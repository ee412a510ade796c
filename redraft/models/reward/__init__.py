"""Reward models: models that give a text a number. `base` has the protocols, `in_process` and `served` run the weights,
and each of the other files is one way to read a judgement out of them. What a verdict makes of it is no affair of ours.
"""
