"""The warm Coq: sessions, the fast check, and what becomes of it when a proof does its worst."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from redraft.tools.provers import Kind, Problem, ProverCrash, ProverMissing, Status, Unstated
from redraft.tools.provers.coq import Coq, Limits
from redraft.tools.provers.coq.contained import start

pytestmark = pytest.mark.coq
SPLIT = Problem("both", "Require Import Arith.\n", "Theorem both : forall a b : nat, a < b -> a <= b /\\ True.")
PROOF = "Proof. intros a b H. split. - lia. - exact I. Qed."
ENDLESS = "Proof. intros. let rec go := (idtac; go) in go. Qed."
ALLOCATING = (
    "Abort. Fixpoint grow (n : nat) (l : list nat) : list nat := match n with 0 => l | S m => grow m (l ++ l) end. "
    "Theorem both : grow 60 (cons 1 nil) = nil. Proof. vm_compute. Qed."
)


@pytest_asyncio.fixture
async def coq() -> AsyncIterator[Coq]:
    prover = Coq(workers=1, seconds=3)
    yield prover
    await prover.aclose()


async def test_a_session_goes_step_by_step_and_back(coq: Coq) -> None:
    async with coq.open(SPLIT) as session:
        assert await session.run("Proof. intros a b H. split.") is None
        mark = session.mark()
        first, second = await session.goals()
        assert (first.conclusion, second.conclusion) == ("a <= b", "True")
        assert "H : a < b" in first.hypotheses
        assert await session.run("- lia.") is None
        await session.rollback(mark)
        assert await session.goals() == (first, second)
        assert await session.run("- lia. - exact I. Qed.") is None
        assert await session.closed()
        await session.rollback(mark)
        assert not await session.closed()
        assert await session.goals() == (first, second)


async def test_a_step_that_is_wrong_leaves_everything_as_it_was(coq: Coq) -> None:
    async with coq.open(SPLIT) as session:
        await session.run("intros.")
        before = await session.goals()
        step = "split. - lia. - (* é *) norm_num. Qed."
        wrong = await session.run(step)
        assert wrong is not None
        assert wrong.span is not None
        assert (wrong.kind, step[slice(*wrong.span)]) == (Kind.UNKNOWN_NAME, "norm_num")
        assert await session.goals() == before
        early = await session.run("Qed.")
        assert early is not None
        assert early.kind is Kind.UNSOLVED
        assert await session.goals() == before


@pytest.mark.parametrize(
    ("proof", "status", "kind"),
    [
        (PROOF, Status.ACCEPTED, None),
        ("Proof. intros a b H. split. - lia. - exact I.", Status.INCOMPLETE, Kind.UNSOLVED),
        ("Proof. intros a b H. split. - lia. Qed.", Status.INCOMPLETE, Kind.UNSOLVED),
        ("Proof. intros a b H. split. - linarith. - exact I. Qed.", Status.FAILED, Kind.UNKNOWN_NAME),
        ("Proof. intros a b H. split. - exact H", Status.FAILED, Kind.PARSE),
        ("Proof. intros a b H. split. all: admit. Admitted.", Status.ADMITTED, Kind.UNSOLVED),
        ("Proof. intros. now auto with nowhere. Qed.", Status.FAILED, Kind.TACTIC),
        ('Proof. Load "/etc/passwd". Qed.', Status.FAILED, Kind.FORBIDDEN),
    ],
)
async def test_the_fast_check_says_what_is_wrong(coq: Coq, proof: str, status: Status, kind: Kind | None) -> None:
    result = await coq.check(SPLIT, proof)
    assert result.status is status
    assert [each.kind for each in result.diagnostics] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("step", "kind", "part"),
    [
        ("norm_num.", Kind.UNKNOWN_NAME, "norm_num"),
        ("linarith.", Kind.UNKNOWN_NAME, "linarith"),
        ("nlinarith.", Kind.UNKNOWN_NAME, "nlinarith"),
        ("ring_nf.", Kind.UNKNOWN_NAME, "ring_nf"),
        ("simp.", Kind.UNKNOWN_NAME, "simp"),
        ("positivity.", Kind.UNKNOWN_NAME, "positivity"),
        ("omega.", Kind.UNKNOWN_NAME, "omega"),
        ("aesop.", Kind.UNKNOWN_NAME, "aesop"),
        ("decide.", Kind.PARSE, "."),
        ("field_simp at *.", Kind.PARSE, "at"),
        ("push_cast [foo].", Kind.PARSE, "[foo"),
        ("nlinarith [sq_nonneg (a - b)].", Kind.PARSE, "[sq_nonneg"),
        ("simp only [foo].", Kind.PARSE, None),
        ("rcases H with ⟨x, y⟩.", Kind.PARSE, None),
        ("exact?.", Kind.PARSE, None),
        ("linarith", Kind.PARSE, "linarith"),
    ],
)
async def test_a_foreign_tactic_is_a_failing_step(coq: Coq, step: str, kind: Kind, part: str | None) -> None:
    before = "Proof. intros a b H. split. - (* é *) "
    result = await coq.check(SPLIT, f"{before}{step}")
    (wrong,) = result.diagnostics
    assert (result.status, wrong.kind) == (Status.FAILED, kind)
    assert wrong.span is not None
    assert wrong.span.start >= len(before)
    if part is not None:
        assert f"{before}{step}"[slice(*wrong.span)] == part


async def test_a_process_serves_one_header_after_another_until_it_is_recycled() -> None:
    coq = Coq(workers=1, recycle=3)
    other = Problem("other", "Definition two := 2.", "Theorem other : two = 2.")
    unknown = Problem("other", "", "Theorem other : two = 2.")
    seen = []
    for problem, proof in [(SPLIT, PROOF), (other, "exact eq_refl. Qed."), (SPLIT, PROOF), (SPLIT, PROOF)]:
        assert (await coq.check(problem, proof)).status is Status.ACCEPTED
        seen.append(coq.pids)
    assert "two" in (await coq.check(unknown, "exact eq_refl. Qed.")).diagnostics[0].message
    await coq.aclose()
    assert seen[0] == seen[1] != seen[2] == frozenset() != seen[3]
    assert not any(Path(f"/proc/{pid}").exists() for pids in seen for pid in pids)


async def test_a_proof_that_never_ends_is_ended(coq: Coq) -> None:
    result = await coq.check(SPLIT, ENDLESS)
    # On a fast machine Coq is out of stack before it is out of time.
    ended = {(Status.TIMEOUT, Kind.TIMEOUT), (Status.CRASH, Kind.RESOURCE)}
    assert (result.status, result.diagnostics[0].kind) in ended
    assert (await coq.check(SPLIT, PROOF)).status is Status.ACCEPTED


async def test_a_computation_that_heeds_no_timeout_is_ended(coq: Coq) -> None:
    deaf = "Abort. Theorem both : Nat.leb (2 ^ 40) 3 = true. Proof. vm_compute. Qed."
    assert (await coq.check(SPLIT, deaf)).status in (Status.TIMEOUT, Status.CRASH)
    assert (await coq.check(SPLIT, PROOF)).status is Status.ACCEPTED


async def test_a_verification_that_never_ends_is_ended() -> None:
    coq = Coq(workers=1, seconds=0.5)
    stated = "Abort. Require Import NArith. Theorem both : N.iter (2 ^ 50)%N (fun n : nat => n) 0 = 1."
    endless = f"{stated} Proof. vm_compute. Qed."
    result = await coq.verify(SPLIT, endless)
    assert (result.status, result.diagnostics[0].kind) == (Status.TIMEOUT, Kind.TIMEOUT)
    assert not coq.pids


@pytest.mark.parametrize("way", ["check", "verify"])
async def test_a_stack_that_overflows_is_said_to_and_disturbs_nothing(way: str) -> None:
    coq = Coq(workers=1)
    deep = "Abort. Theorem both : 300 ^ 2 = 0. Proof. vm_compute. Qed."
    result = await getattr(coq, way)(SPLIT, deep)
    assert (result.status, result.diagnostics[0].kind) == (Status.CRASH, Kind.RESOURCE)
    assert (await getattr(coq, way)(SPLIT, PROOF)).status in (Status.ACCEPTED, Status.PROVED)
    await coq.aclose()


@pytest.mark.parametrize("way", ["check", "verify"])
async def test_a_proof_that_allocates_without_end_is_ended(way: str) -> None:
    coq = Coq(workers=1, seconds=20, limits=Limits(memory=1 << 30))
    result = await getattr(coq, way)(SPLIT, ALLOCATING)
    assert result.status in (Status.CRASH, Status.TIMEOUT)
    assert result.diagnostics[0].kind in (Kind.RESOURCE, Kind.TIMEOUT)
    assert (await coq.check(SPLIT, PROOF)).status is Status.ACCEPTED
    await coq.aclose()


async def test_a_prover_killed_in_a_step_is_replaced_and_others_are_not_disturbed() -> None:
    coq = Coq(workers=2, seconds=30)
    killed = asyncio.Event()

    async def victim() -> None:
        async with coq.open(SPLIT) as session:
            (pid,) = coq.pids
            step = asyncio.create_task(session.run(ENDLESS.removeprefix("Proof. ").removesuffix(" Qed.")))
            await asyncio.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            killed.set()
            await step

    async def bystander() -> Status:
        await killed.wait()
        return (await coq.check(SPLIT, PROOF)).status

    lost, status = await asyncio.gather(victim(), bystander(), return_exceptions=True)
    assert isinstance(lost, ProverCrash)
    assert status is Status.ACCEPTED
    assert len(coq.pids) == 1
    await coq.aclose()


async def test_a_session_that_is_cancelled_leaves_no_process_behind(coq: Coq) -> None:
    task = asyncio.create_task(coq.check(SPLIT, ENDLESS))
    while not coq.pids:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not coq.pids
    assert (await coq.check(SPLIT, PROOF)).status is Status.ACCEPTED


async def test_a_missing_library_is_the_problems_fault(coq: Coq) -> None:
    lost = Problem("x", "From Nowhere Require Import Nothing.\n", "Theorem x : True.")
    result = await coq.check(lost, "exact I. Qed.")
    assert (result.status, result.diagnostics[0].kind) == (Status.FAILED, Kind.UNKNOWN_NAME)
    with pytest.raises(Unstated, match="Nowhere"):
        async with coq.open(lost):
            pass
    assert (await coq.check(SPLIT, PROOF)).status is Status.ACCEPTED


def test_without_coq_one_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ProverMissing, match="apt-get install"):
        Coq()


async def test_a_process_sees_no_network_and_no_files_but_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    looks = f"cat {secret}; cat /etc/passwd; ls /home /root /proc/1; cat /proc/net/dev; echo > /usr/new; touch mine; ls"
    with (tmp_path / "said").open("w+b") as output:
        process = await start(["/bin/sh", "-c", looks], Limits(), output=output)
        await process.wait()
        folder = process.folder
        await process.close()
        output.seek(0)
        said = [line for line in output.read().decode().splitlines() if not line.startswith(("cat:", "ls:", "/bin/sh"))]
    assert said == ["mine"]
    assert not folder.exists()
