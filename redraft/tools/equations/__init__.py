"""Systems of equations, written by a model and solved by SymPy in a sandbox. How a reply is read is the parsers'."""

from redraft.tools.equations.solver import SECONDS, Solved, solve_system

__all__ = ["SECONDS", "Solved", "solve_system"]
