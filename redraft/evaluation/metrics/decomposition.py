"""Why accuracy changes: confidence in right answers (CL), critique of wrong ones (CS), and both in one number (RSS).

Source of all: Yang et al., Confidence v.s. Critique: A Decomposition of Self-Correction Capability for LLMs (ACL 2025,
arXiv 2412.19513). "Wrong" is everything not right: an unreadable draft has failed the question too, or
`Acc2 = Acc1 CL + (1 - Acc1) CS` would not hold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redraft.errors import ConfigError


class Decomposition(NamedTuple):
    """`acc1` and `acc2` are accuracies before and after; `cl` is the chance that a right draft stays right, `cs` that a
    wrong one becomes right.

    `lower` = Acc1^2 and `upper` = 2 Acc1 - Acc1^2 bound Acc2 where CS <= Acc1 <= CL, as the authors find of models that
    correct themselves. `rss` = (Acc2 - lower) / (upper - lower): 0.5 where correction changes nothing, outside [0, 1]
    where that assumption fails, as with tools or an oracle. NaN: `cl` where Acc1 is 0, `cs` where it is 1, `rss` in
    either case.
    """

    acc1: float
    acc2: float
    cl: float
    cs: float
    lower: float
    upper: float
    rss: float


def from_probabilities(
    right: NDArray[np.float64], stays: NDArray[np.float64], mends: NDArray[np.float64]
) -> Decomposition:
    """From P(a), P(b|a) and P(b|not a) of each question: `right` first, right again, right after a wrong one.

    A conditional probability may be NaN where its condition has none; it has no weight there. Raises ConfigError for no
    questions, unequal shapes, numbers outside [0, 1], and a NaN that has weight.
    """
    if not right.size or not right.shape == stays.shape == mends.shape:
        raise ConfigError("a decomposition needs three probabilities of each question")
    stays, mends = np.where(right == 0, 0.0, stays), np.where(right == 1, 0.0, mends)
    if not all(((p >= 0) & (p <= 1)).all() for p in (right, stays, mends)):
        raise ConfigError("a decomposition needs probabilities: some are NaN or outside 0 to 1")
    kept, mended = float((right * stays).mean()), float(((1 - right) * mends).mean())
    acc1, wrong = float(right.mean()), float((1 - right).mean())
    acc2, lower, upper = kept + mended, acc1**2, 2 * acc1 - acc1**2
    nan = float("nan")
    return Decomposition(
        acc1=acc1,
        acc2=acc2,
        cl=kept / acc1 if acc1 else nan,
        cs=mended / wrong if wrong else nan,
        lower=lower,
        upper=upper,
        rss=(acc2 - lower) / (2 * acc1 * wrong) if acc1 and wrong else nan,
    )


def sampled(first: NDArray[np.int8], second: NDArray[np.int8]) -> Decomposition:
    """From verdicts of T first answers to each question and of one second answer to each of those: (questions, T).

    P(a) is the share of right first answers, P(b|a) the share of those that stay right, P(b|not a) of the others that
    become right. With as many samples of each question this is the same as counting over all samples. Raises
    ConfigError where shapes differ or nothing is there.
    """
    if first.shape != second.shape or first.ndim != 2 or not first.size:
        raise ConfigError(f"verdicts are (questions, samples), before and after alike: {first.shape}, {second.shape}")
    before, after = first == 1, second == 1
    rights = before.sum(axis=1)
    wrongs = first.shape[1] - rights
    return from_probabilities(
        rights / first.shape[1],
        (before & after).sum(axis=1) / np.maximum(rights, 1),
        (~before & after).sum(axis=1) / np.maximum(wrongs, 1),
    )


def single_shot(first: NDArray[np.int8], second: NDArray[np.int8]) -> Decomposition:
    """From verdicts of one first and one second answer to each question, shape (questions,): every P(a) is 0 or 1.

    The authors' estimator with T = 1; its numbers vary more than those of `sampled`. Raises ConfigError.
    """
    return sampled(first.reshape(-1, 1), second.reshape(-1, 1))
