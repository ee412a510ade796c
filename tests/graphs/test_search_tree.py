"""The tree of eta-MCTS: the paper's widths and UCT, which leaves go together, what goes up, what lies apart."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.graphs.search_tree import (
    Limits,
    Node,
    adaptive_width,
    distance,
    greedy_leaf,
    grow,
    path,
    select,
    terminals,
    texts,
    uct,
    wanted,
)

LIMITS = Limits(root=2, least=2, most=10, alpha=2.0, depth=3)
ROOT = [Node(parent=None)]


def child(parent: int, score: float, text: str = "", terminal: bool = False) -> Node:
    return Node(parent=parent, score=score, text=text, terminal=terminal)


@pytest.mark.parametrize(
    ("scores", "alpha", "least", "most", "width"),
    [
        ([], 2.0, 3, 10, 3),
        ([1.0, 1.0, 1.0], 2.0, 3, 10, 3),
        ([0.0, 3.0], 2.0, 3, 10, 4),
        ([0.0, 3.0], 2.0, 1, 10, 4),
        ([0.0, 1.0], 2.0, 1, 10, 2),
        ([0.0, 0.9], 2.0, 1, 10, 1),
        ([0.0, 30.0], 2.0, 3, 10, 10),
        ([0.0, 0.0, 0.0, 3.0], 2.0, 3, 10, 5),
        ([0.0, 30.0], 2.0, 12, 10, 12),
    ],
)
def test_a_node_is_as_wide_as_its_childrens_scores_lie_apart(
    scores: list[float], alpha: float, least: int, most: int, width: int
) -> None:
    assert adaptive_width(scores, alpha, least, most) == width


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-5, 5), max_size=8), st.floats(0, 10), st.integers(1, 5), st.integers(5, 20))
def test_the_width_keeps_its_bounds(scores: list[float], alpha: float, least: int, most: int) -> None:
    assert least <= adaptive_width(scores, alpha, least, most) <= most


def test_uct_is_the_mean_and_a_bonus_for_what_was_seldom_visited() -> None:
    assert uct(3.0, 2, 10, 1.0) == pytest.approx(1.5 + math.sqrt(math.log(10) / 2))
    assert uct(3.0, 2, 10, 0.0) == 1.5
    assert uct(0.0, 0, 10, 1.0) == math.inf


def test_scores_go_up_the_path() -> None:
    tree = grow(grow(ROOT, [child(0, 1.0), child(0, 2.0)]), [child(1, 3.0)])
    assert [(node.visits, node.total) for node in tree] == [(3, 6.0), (2, 4.0), (1, 2.0), (1, 3.0)]
    assert (path(tree, 3), tree[3].depth, tree[0].children) == ([0, 1, 3], 2, (1, 2))


def test_the_steps_of_a_node_are_those_on_its_path() -> None:
    tree = grow(grow(ROOT, [child(0, 1.0, "a")]), [child(1, 1.0, "b")])
    assert texts(tree, 2) == ["a", "b"]


def test_leaves_picked_together_are_different_and_the_best_goes_first() -> None:
    tree = grow(ROOT, [child(0, 1.0), child(0, 2.0)])
    assert select(tree, LIMITS, 1.0, 5) == [2, 1]
    assert select(ROOT, LIMITS, 1.0, 5) == [0]


def test_a_virtual_loss_spreads_the_picks() -> None:
    tree = grow(ROOT, [child(0, 1.5), child(0, 1.0)])
    tree = grow(tree, [child(1, 1.5), child(1, 1.4)])
    first, second = select(tree, LIMITS, 1.0, 2)
    assert path(tree, first)[1] != path(tree, second)[1]


def test_a_node_whose_children_differ_much_wants_more_of_them() -> None:
    tree = grow(grow(ROOT, [child(0, 1.0), child(0, 1.0)]), [child(1, 0.0), child(1, 3.0)])
    assert wanted(tree, 1, LIMITS) == 4 - 2
    assert wanted(tree, 0, LIMITS) == 0


def test_ends_spent_nodes_and_the_depth_limit_want_nothing() -> None:
    tree = grow(ROOT, [child(0, 1.0, terminal=True), child(0, 1.0).model_copy(update={"spent": True})])
    assert (select(tree, LIMITS, 1.0, 3), terminals(tree)) == ([], [1])
    shallow = LIMITS._replace(depth=1)
    assert select(grow(ROOT, [child(0, 1.0), child(0, 1.0)]), shallow, 1.0, 3) == []


def test_the_greedy_path_follows_the_highest_means() -> None:
    tree = grow(grow(ROOT, [child(0, 1.0), child(0, 1.2)]), [child(1, 3.0), child(1, 2.0)])
    assert greedy_leaf(tree) == 3
    assert greedy_leaf(ROOT) == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(st.floats(0, 3), max_size=4), st.booleans()), max_size=12), st.integers(1, 4))
def test_whatever_grows_the_accounts_of_the_tree_are_right(
    rounds: list[tuple[list[float], bool]], together: int
) -> None:
    tree = ROOT
    for scores, ends in rounds:
        leaves = select(tree, LIMITS, 1.0, together)
        assert len(set(leaves)) == len(leaves) <= together
        assert all(wanted(tree, leaf, LIMITS) for leaf in leaves)
        tree = grow(tree, [child(leaf, score, terminal=ends) for leaf in leaves for score in scores])
    for at, node in enumerate(tree):
        below = [other for other in range(1, len(tree)) if at in path(tree, other)]
        assert node.visits == len(below)
        assert node.total == pytest.approx(math.fsum(tree[other].score for other in below))
        assert node.depth <= LIMITS.depth


def levenshtein(first: str, second: str) -> int:
    table = {(i, 0): i for i in range(len(first) + 1)} | {(0, j): j for j in range(len(second) + 1)}
    for i, one in enumerate(first, start=1):
        for j, other in enumerate(second, start=1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one != other))
    return table[len(first), len(second)]


@settings(max_examples=200, deadline=None)
@given(st.text("abc", max_size=14), st.text("abc", max_size=14), st.integers(1, 16))
def test_the_edit_distance_is_exact_up_to_its_limit(first: str, second: str, limit: int) -> None:
    assert distance(first, second, limit) == min(levenshtein(first, second), limit)
