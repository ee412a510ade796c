"""Language models: the protocol (`base`), its errors (`errors`), backends, and what wraps any of them.

`open.open_model` turns the string that names a model into the model; nothing is imported before it is asked for.
"""
