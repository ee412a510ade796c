"""Whether two answers are the same: by their text and numbers at once, by math-verify in processes of its own."""

from redraft.tools.maths.equality import LONGEST, Equality, by_text
from redraft.tools.maths.maths import Maths

__all__ = ["LONGEST", "Equality", "Maths", "by_text"]
