"""Made tools for tests: one that is right, and how a library would have it."""

from redraft.schema import ToolCall
from redraft.tools.functions.catalogue import from_python
from redraft.tools.functions.made_library import MadeTool, UseCase
from redraft.tools.functions.made_signature import signature_of

SORTING = '''def sort_words(words: list[str]) -> str:
    """Sort words alphabetically.

    Args:
        words: the words, in any order
    """
    return " ".join(sorted(words))
'''


def made_tool(source: str = SORTING, passed: int = 1) -> MadeTool:
    """A tool that answered `passed` of one held-out question."""
    return MadeTool(
        source=source,
        function=from_python(signature_of(source)).schema,
        cases=(UseCase(question="Sort: b a", call=ToolCall(name="sort_words", arguments={"words": ["b", "a"]})),),
        passed=passed,
        held_out=1,
        proposals=1,
        verifications=1,
        made_by="a model",
        method="latm-make",
    )
