"""What Lean's real kernel says is proved, and what is not however it looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redraft.tools.provers import Kind, Problem, Status
from redraft.tools.provers.lean import Lean, final

MakesLean = Callable[..., Lean]
HEADER = "prelude\nimport Tiny\nopen Nat\n"
SELF = Problem("self", HEADER, "theorem self (n : Nat) : Eq n n")
FALSE = Problem("wrong", HEADER, "theorem wrong : False")
CHEATS = {
    "sorry": "sorry",
    "sorry in a helper": "help where help : False := sorry",
    "an axiom": ":= it\naxiom it : False",
    "an allowed axiom's name": "Redraft.propext\nnamespace Redraft axiom propext : False end Redraft",
    "an axiom that is not allowed": "choice",
    "a loop": "wrong",
    "a loop in a helper": "help where help : False := help",
    "another statement": "→ False := fun h => h",
    "another statement, assigned": ":= sorry\ntheorem wrong2 : True := True.intro",
    "another namespace": "sorry\nnamespace Other theorem wrong : True := True.intro",
    "a notation": 'True.intro\nnotation (priority := high) "False" => True',
    "an unsafe definition": "it\nunsafe def it : False := it",
    "a partial definition": "it\npartial def it : False := it",
    "an option": "set_option debug.skipKernelTC true in True.intro",
    "the compiler's word": "by native_decide",
    "code that runs": "by run_tac pure ()",
    "code that runs before": "True.intro\nrun_cmd pure ()",
    "an instance": "True.intro\nattribute [instance] True.intro",
    "a comment that never ends": "True.intro /-",
    "a comment in a comment": "True.intro /- /- -/ ",
    "a string that looks like a comment": 'let s := "/-"; sorry -- -/',
}
QUICK = ("an axiom", "another statement", "a notation", "an option", "a string that looks like a comment")


@pytest.mark.parametrize("name", sorted(CHEATS))
async def test_a_cheat_proves_nothing(lean: MakesLean, name: str) -> None:
    result = await lean().verify(FALSE, CHEATS[name])
    assert result.status in set(Status) - {Status.PROVED, Status.ACCEPTED, Status.TIMEOUT, Status.CRASH}
    assert result.diagnostics


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[] if each in QUICK else pytest.mark.slow) for each in CHEATS]
)
async def test_no_cheat_depends_on_the_words_that_are_refused(
    lean: MakesLean, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(final, "forbidden", lambda proof: None)
    result = await lean().verify(FALSE, CHEATS[name])
    assert result.status in set(Status) - {Status.PROVED, Status.ACCEPTED, Status.TIMEOUT, Status.CRASH}


@pytest.mark.parametrize("proof", ["Eq.refl n", ":= Eq.refl n", "help n where help (m : Nat) : Eq m m := Eq.refl m"])
async def test_a_proof_is_proved(lean: MakesLean, proof: str) -> None:
    result = await lean().verify(SELF, proof)
    assert result.proved, result
    assert result.axioms == ()


async def test_a_statement_that_is_not_the_one_given_is_not_proved(
    lean: MakesLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the text before the proof had been changed on its way."""
    monkeypatch.setattr(final, "stated", lambda problem, proof: (f"{HEADER}theorem wrong : True := ", proof))
    result = await lean().verify(FALSE, "True.intro")
    assert (result.status, result.diagnostics[0].kind) == (Status.STATEMENT_CHANGED, Kind.TYPE)


async def test_axioms_are_those_of_the_allow_list(lean: MakesLean) -> None:
    same = Problem("same", HEADER, "theorem same (a b : Prop) (f : a → b) (g : b → a) : Eq a b :=")
    result = await lean().verify(same, "propext f g")
    assert (result.status, result.axioms) == (Status.PROVED, ("propext",))
    result = await lean(axioms=frozenset()).verify(same, "propext f g")
    assert (result.status, result.axioms) == (Status.AXIOMS, ("propext",))
    given_up = await lean().verify(same, "sorry")
    assert given_up.status is Status.ADMITTED
    assert given_up.diagnostics[0].span == (0, 5)


async def test_definitions_before_a_statement_are_the_same_on_both_sides(lean: MakesLean) -> None:
    header = f"{HEADER}-- é\nuniverse w\ndef Twice (p : Prop) : Prop := And p p\nsection\nvariable (p : Prop)\n"
    twice = Problem("twice", header, "theorem twice {α : Sort w} (a : α) (h : p) : And (Twice p) (Eq a a) := -- so")
    result = await lean().verify(twice, "And.intro (And.intro h h) (Eq.refl a)")
    assert result.proved, result


async def test_a_program_that_replays_the_module_has_the_last_word(lean: MakesLean) -> None:
    assert (await lean(checker=["/bin/sh", "-c", "test -s $0.olean"]).verify(SELF, "Eq.refl n")).proved
    refused = await lean(checker=["/bin/false"]).verify(SELF, "Eq.refl n")
    assert (refused.status, refused.diagnostics[0].kind) == (Status.FAILED, Kind.TYPE)
