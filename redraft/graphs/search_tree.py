"""The tree of AlphaLLM's eta-MCTS (arXiv 2404.12253): which leaves to expand, how wide, what goes up. No model.

A tree is a list of nodes, the root first and every child after its parent. It is changed by making a new list.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from redraft.schema import Noun


class Node(Noun):
    """One option: a step of a solution, `text`. `total` adds up the `visits` scores that came from it and from below.

    `terminal`: the solution ends here, with `answer`. `outcome` is the outcome reward of that solution, None where it
    has none. `spent`: asked for children and given none, so not to be asked again.
    """

    parent: int | None
    text: str = ""
    depth: int = 0
    terminal: bool = False
    answer: str | None = None
    score: float = 0.0
    outcome: float | None = None
    visits: int = 0
    total: float = 0.0
    children: tuple[int, ...] = ()
    spent: bool = False

    @property
    def mean(self) -> float:
        """The mean score: the paper's q / n."""
        return self.total / self.visits if self.visits else 0.0


class Limits(NamedTuple):
    """How large a tree may become: children of the root and of others, and how deep."""

    root: int
    least: int
    most: int
    alpha: float
    depth: int


def uct(total: float, visits: int, parent_visits: int, c: float) -> float:
    """q / n + c * sqrt(ln N / n); infinite for what was never visited (paper, section 4.3)."""
    return math.inf if not visits else total / visits + c * math.sqrt(math.log(max(parent_visits, 1)) / visits)


def adaptive_width(scores: Sequence[float], alpha: float, least: int, most: int) -> int:
    """max(least, min(floor(alpha * I) + 1, most)), I being how far a child's score lies from the mean at most."""
    if not scores:
        return least
    mean = fmean(scores)
    importance = max(abs(score - mean) for score in scores)
    return max(least, min(math.floor(alpha * importance) + 1, most))


def wanted(tree: Sequence[Node], at: int, limits: Limits) -> int:
    """How many more children node `at` should have."""
    node = tree[at]
    if node.terminal or node.spent or node.depth >= limits.depth:
        return 0
    scores = [tree[child].score for child in node.children]
    width = limits.root if at == 0 else adaptive_width(scores, limits.alpha, limits.least, limits.most)
    return max(0, width - len(node.children))


def select(tree: Sequence[Node], limits: Limits, c: float, count: int) -> list[int]:
    """Up to `count` different nodes to expand together, best first.

    From the root the child with the highest UCT, until a node wants children. A node that was picked counts as one more
    visit, without a score, for the picks after it (virtual loss); branches with nothing left to expand are passed by.
    """
    virtual: Counter[int] = Counter()
    picked: list[int] = []
    while len(picked) < count and 0 in (open_ := _open(tree, limits, picked)):
        at = 0
        while at in picked or not wanted(tree, at, limits):
            visits = tree[at].visits + virtual[at]
            ways = [child for child in tree[at].children if child in open_]
            at = max(ways, key=lambda way: uct(tree[way].total, tree[way].visits + virtual[way], visits, c))
        picked.append(at)
        virtual.update(path(tree, at))
    return picked


def _open(tree: Sequence[Node], limits: Limits, picked: Sequence[int]) -> set[int]:
    """The nodes at or below which something is left to expand."""
    found: set[int] = set()
    for at in range(len(tree) - 1, -1, -1):
        node = tree[at]
        if (at not in picked and wanted(tree, at, limits)) or any(child in found for child in node.children):
            found.add(at)
    return found


def path(tree: Sequence[Node], at: int) -> list[int]:
    """From the root to node `at`."""
    up = [at]
    while (parent := tree[up[-1]].parent) is not None:
        up.append(parent)
    return up[::-1]


def texts(tree: Sequence[Node], at: int) -> list[str]:
    """The options from the root to node `at`."""
    return [tree[node].text for node in path(tree, at)[1:]]


def grow(tree: Sequence[Node], children: Iterable[Node]) -> list[Node]:
    """The tree with `children`, the score of each added to itself and to every node above it."""
    grown = list(tree)
    for child in children:
        number, parent = len(grown), child.parent or 0
        grown.append(child.model_copy(update={"parent": parent, "depth": grown[parent].depth + 1}))
        grown[parent] = grown[parent].model_copy(update={"children": (*grown[parent].children, number)})
        for at in path(grown, number):
            seen = {"visits": grown[at].visits + 1, "total": grown[at].total + child.score}
            grown[at] = grown[at].model_copy(update=seen)
    return grown


def greedy_leaf(tree: Sequence[Node]) -> int:
    """Where the child with the highest mean score leads, again and again; the first among equals."""
    at = 0
    while tree[at].children:
        at = max(tree[at].children, key=lambda child: tree[child].mean)
    return at


def terminals(tree: Sequence[Node]) -> list[int]:
    """The nodes where a solution ends."""
    return [at for at, node in enumerate(tree) if node.terminal]


def distance(first: str, second: str, limit: int) -> int:
    """Edit distance (insert, delete, replace one character), or `limit` where it is that or more.

    Takes time in proportion to length times `limit`.
    """
    if abs(len(first) - len(second)) >= limit:
        return limit
    row = {column: column for column in range(min(len(second), limit) + 1)}
    for line, letter in enumerate(first, start=1):
        above = row
        row = {0: line} if line <= limit else {}
        for column in range(max(1, line - limit), min(len(second), line + limit) + 1):
            row[column] = min(
                above.get(column - 1, limit) + (letter != second[column - 1]),
                above.get(column, limit) + 1,
                row.get(column - 1, limit) + 1,
            )
    return min(row.get(len(second), limit), limit)
