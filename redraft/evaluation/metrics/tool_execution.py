"""Execution match: tool calls are right where making them brings what the right calls bring.

As BFCL's executable categories (Patil et al., ICML 2025) by exact match: results are compared as JSON, in any order of
the calls unless that counts, and a call that fails matches nothing, not even one that fails too. Comparing the calls
themselves belongs in `tool_calls`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from redraft.schema import Failure, Noun, ToolCall
from redraft.tools.functions.call import canonical_value
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.run import Output


class Execution(StrEnum):
    """What came of making calls beside the right ones."""

    SAME = "same"
    OTHER_COUNT = "other_count"
    OTHER_RESULT = "other_result"
    FAILED = "failed"
    """One of the calls brought nothing."""
    UNDEFINED = "undefined"
    """One of the right calls brought nothing, so that nobody knows what they should bring."""


class ExecutionMatch(Noun):
    """What both lists of calls brought, in their order. Where `execution` is undefined the item counts for nothing."""

    execution: Execution
    brought: tuple[Output | Failure, ...]
    wanted: tuple[Output | Failure, ...]

    @property
    def matches(self) -> bool:
        return self.execution is Execution.SAME


async def execution_match(
    calls: Sequence[ToolCall], right: Sequence[ToolCall], catalogue: Catalogue, ordered: bool = False
) -> ExecutionMatch:
    """Make `right` and then `calls`, one call after the other, and compare what they bring.

    The functions must bring the same for the same arguments: where calls change what later ones bring, as a booking
    does, the two lists disturb each other. `ordered`: the order of the results counts too.
    """
    wanted = [await catalogue.call(call) for call in right]
    brought = [await catalogue.call(call) for call in calls]
    return ExecutionMatch(execution=_compared(brought, wanted, ordered), brought=tuple(brought), wanted=tuple(wanted))


def count_executions(found: Iterable[ExecutionMatch]) -> Counter[Execution]:
    """How often each came: `same` out of all but the undefined is the share of execution match."""
    return Counter(each.execution for each in found)


def _compared(brought: Sequence[Output | Failure], wanted: Sequence[Output | Failure], ordered: bool) -> Execution:
    if any(isinstance(each, Failure) for each in wanted):
        return Execution.UNDEFINED
    if any(isinstance(each, Failure) for each in brought):
        return Execution.FAILED
    if len(brought) != len(wanted):
        return Execution.OTHER_COUNT
    ours, theirs = (
        [canonical_value(each.value) for each in results if isinstance(each, Output)] for results in (brought, wanted)
    )
    same = ours == theirs if ordered else sorted(ours) == sorted(theirs)
    return Execution.SAME if same else Execution.OTHER_RESULT
