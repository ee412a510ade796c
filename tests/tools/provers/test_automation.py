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


@pytest.mark.parametrize(
    ("header", "statement"),
    [
        ("Require Import Reals.\nOpen Scope R_scope.", "forall x y : R, x + y = 7 -> x - y = 1 -> x = 4"),
        ("Require Import Reals.\nOpen Scope R_scope.", "forall a b : R, 2 * a * b <= a ^ 2 + b ^ 2"),
        ("Require Import Arith.", "forall n : nat, n mod 8 = 7 -> n mod 4 = 3"),
        ("Require Import ZArith.\nOpen Scope Z_scope.", "2 ^ 20 mod 11 = 1 /\\ 3 * 7 = 21"),
    ],
)
async def test_what_tools_find_is_proved(coq: Coq, header: str, statement: str) -> None:
    problem = Problem("goal", header, f"Theorem goal : {statement}.")
    proof = await by_tools(coq, problem)
    assert proof is not None
    assert (await coq.verify(problem, proof)).proved


async def test_what_is_false_is_not_found(coq: Coq) -> None:
    problem = Problem("goal", "Require Import Arith.", "Theorem goal : forall n : nat, n mod 8 = 7 -> n mod 4 = 2.")
    assert await by_tools(coq, problem) is None
