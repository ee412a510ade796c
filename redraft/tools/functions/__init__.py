"""Functions that a model may call: what is offered (`schema.FunctionSchema`), calls of it, and what they bring.

Files: `catalogue` (typed callables, from Python, OpenAI's tool JSON or, in `mcp`, a server), `run` (time and size
bounds), `call` (when two calls are the same), `check` (calls against their schemas) and `repair` (of what is
unambiguous). Reading calls out of a model's reply belongs in `agents.parsing`, asking a model again in `graphs`.
"""
