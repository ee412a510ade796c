"""Whose call it is: the number of the item that a chat is made for. The lower goes first, here and at the server.

It travels through a context variable, so that it decides when a request is answered but is no part of the request.
"""

from contextvars import ContextVar

turn: ContextVar[int] = ContextVar("redraft_turn", default=0)
