"""Tools alone, on goals that one of them ends and on one that none may."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from redraft.tools.provers import Problem
from redraft.tools.provers.coq import Coq
from redraft.tools.provers.coq.automation import by_tools

pytestmark = [pytest.mark.coq, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def coq() -> AsyncIterator[Coq]:
    prover = Coq(workers=1)
    yield prover
    await prover.aclose()


REALS = "Require Import Reals.\nOpen Scope R_scope.\n"
INTEGERS = "Require Import ZArith.\nOpen Scope Z_scope.\n"
COMPLEX = "Require Import Reals Coquelicot.Coquelicot.\nOpen Scope C_scope.\n"
GOALS = [
    (REALS, "forall x y : R, x + y = 7 -> x - y = 1 -> x = 4"),
    ("Require Import Arith.", "forall n : nat, n mod 8 = 7 -> n mod 4 = 3"),
    (f"{REALS}Definition twice (x : R) := 2 * x.", "forall f, (forall x, f x = twice (x + 1)) -> f (f 0) = 6"),
]
MORE = [
    (REALS, "forall a b : R, 2 * a * b <= a ^ 2 + b ^ 2"),
    (REALS, "forall x : R, x <> 1 -> (x + 7) / (x - 1) = 3 -> x = 5"),
    (REALS, "forall a b : R, a <> b -> a ^ 2 - 3 * a = b ^ 2 - 3 * b -> a + b = 3"),
    (REALS, "forall f, (forall x, f x = sqrt (2 * x + 7)) -> f 9 = 5"),
    (REALS, "forall x : R, Rabs (x - 2) <= 3 -> -1 <= x <= 5"),
    (INTEGERS, "2 ^ 20 mod 11 = 1 /\\ 3 * 7 = 21"),
    (INTEGERS, "forall a, a ^ 2 mod 5 = 0 \\/ a ^ 2 mod 5 = 1 \\/ a ^ 2 mod 5 = 4"),
    ("Require Import Arith.", "(17 ^ 17 + 31 ^ 31) mod 10 = 8"),
    ("Require Import Arith.", "forall n : nat, 7 * n + 5 = 60005 -> 8000 < n < 9000"),
    ("Require Import Arith.", "forall n : nat, Nat.divide 3 (n ^ 3 + 2 * n)"),
    (COMPLEX, "forall x : C, x * x + 9 = (x + 3 * Ci) * (x - 3 * Ci)"),
]


@pytest.mark.parametrize(
    ("header", "statement"), [*GOALS, *(pytest.param(*each, marks=pytest.mark.slow) for each in MORE)]
)
async def test_what_tools_find_is_proved(coq: Coq, header: str, statement: str) -> None:
    problem = Problem("goal", header, f"Theorem goal : {statement}.")
    proof = await by_tools(coq, problem)
    assert proof is not None
    assert (await coq.verify(problem, proof)).proved


async def test_what_is_false_is_not_found(coq: Coq) -> None:
    problem = Problem("goal", "Require Import Arith.", "Theorem goal : forall n : nat, n mod 8 = 7 -> n mod 4 = 2.")
    assert await by_tools(coq, problem) is None
