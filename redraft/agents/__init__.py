"""Roles that a language model plays: a prompt, a parser, an output constraint. No graph and no backend in here."""
