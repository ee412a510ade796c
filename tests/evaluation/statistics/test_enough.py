"""When a number of items is too small to say anything."""

from redraft.evaluation.statistics.enough import FEW, differing_needed, too_alike, too_few


def test_few_items_are_told():
    assert too_few(1) == "only 1 item, too few to say much"
    assert too_few(FEW - 1) == "only 29 items, too few to say much"
    assert too_few(FEW) is None


def test_how_many_must_differ_is_the_fewest_whose_smallest_p_is_under_the_level():
    for level in (0.5, 0.9, 0.9375, 0.95, 0.99, 0.999):
        needed = differing_needed(level)
        assert 2 / 2**needed < 1 - level <= 2 / 2 ** (needed - 1)


def test_methods_that_hardly_differ_are_told():
    assert too_alike(0) == "they agree on all items"
    assert too_alike(5) == "they differ on 5 of the items: with fewer than 6, no p can be under 0.05"
    assert too_alike(6) is None
