"""TEaR, branch by branch, with a model that speaks from a script."""

import pytest

import redraft
from redraft import ConfigError, Result, StopReason, TranslationTask
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

SOURCE = "The old bridge is closed."
BAD, GOOD, BETTER = (
    "Die alte Bank ist geschlossen.",
    "Die alte Brücke ist geschlossen.",
    "Die alte Brücke ist gesperrt.",
)
NONE = '{"critical": "no-error", "major": "", "minor": null}'
FOUND = '{"critical": [], "major": [{"category": "accuracy/mistranslation", "span": "Bank"}], "minor": []}'


async def tear(
    translations: list[Reply],
    estimates: list[Reply],
    refinements: list[Reply],
    verdicts: tuple[Reply, ...] = (),
    draft: str | None = None,
    **settings: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*translations),
        "critic": lines(*estimates),
        "refiner": lines(*refinements),
        "verifier": lines(*verdicts),
    }
    task = TranslationTask(source=SOURCE, source_lang="en", target_lang="de", draft=draft)
    return await redraft.workflow("tear", silent(), roles=roles, **settings).arun(task), roles


async def test_translates_estimates_and_refines_once() -> None:
    result, roles = await tear([f'{{"target": "{BAD}"}}'], [FOUND], [f'{{"final target": "{GOOD}"}}'])
    assert (result.final.text, result.stop) == (GOOD, StopReason.ROUND_LIMIT)
    assert [draft.node for draft in result.drafts] == ["translate", "refine"]
    assert result.usage.calls == total(roles.values()) == 3


@pytest.mark.parametrize("nothing", [NONE, '{"critical":"no-error.","major":"None","minor":"no error"}'])
async def test_stops_when_nothing_was_found(nothing: str) -> None:
    result, roles = await tear([BAD], [nothing], [])
    assert (result.final.text, result.stop) == (BAD, StopReason.NO_FINDINGS)
    assert roles["refiner"].requests == []


async def test_a_given_draft_is_not_translated_again() -> None:
    result, roles = await tear([], [FOUND], [GOOD], draft=BAD)
    assert (result.final.text, result.drafts[0].node) == (GOOD, "input")
    assert total(roles.values()) == 2


async def test_alpha_names_the_errors_and_ct_does_not() -> None:
    _, alpha = await tear([], [FOUND], [GOOD], draft=BAD, refine="alpha")
    _, ct = await tear([], [FOUND], [GOOD], draft=BAD, refine="ct")
    assert 'accuracy/mistranslation - "Bank"' in prompts(alpha["refiner"])[0]
    assert "mistranslation" not in prompts(ct["refiner"])[0]
    assert "German" in prompts(ct["refiner"])[0]


async def test_scot_names_the_errors_and_the_steps() -> None:
    _, roles = await tear([], [FOUND], [GOOD], draft=BAD, refine="scot")
    (prompt,) = prompts(roles["refiner"])
    assert "steps" in prompt
    assert "Bank" in prompt


async def test_beta_shows_worked_translations_and_needs_them() -> None:
    shown = [{"source": "Good morning.", "target": "Guten Morgen."}]
    _, roles = await tear([], [FOUND], [GOOD], draft=BAD, refine="beta", examples=shown)
    assert "Guten Morgen." in prompts(roles["refiner"])[0]
    with pytest.raises(ConfigError, match="refine=beta shows worked translations"):
        redraft.workflow("tear", silent(), refine="beta")


async def test_further_rounds_estimate_the_refined_translation() -> None:
    result, roles = await tear([BAD], [FOUND, FOUND], [GOOD, BETTER], rounds=2)
    assert GOOD in prompts(roles["critic"])[1]
    assert (result.final.text, result.stop, result.usage.calls) == (BETTER, StopReason.ROUND_LIMIT, 5)


async def test_a_later_round_stops_when_nothing_is_found_any_more() -> None:
    result, _ = await tear([BAD], [FOUND, NONE], [GOOD], rounds=5)
    assert (result.final.text, result.stop) == (GOOD, StopReason.NO_FINDINGS)


async def test_an_unchanged_refinement_ends_the_rounds() -> None:
    result, _ = await tear([BAD], [FOUND], [BAD], rounds=5)
    assert (result.final.text, result.stop) == (BAD, StopReason.UNCHANGED)


async def test_an_estimate_that_cannot_be_read_keeps_the_draft() -> None:
    result, roles = await tear([BAD], ["It is fine, I think"], [])
    assert (result.final.text, result.stop, len(result.unparsed)) == (BAD, StopReason.UNPARSED, 1)
    assert roles["refiner"].requests == []


async def test_a_translation_that_never_came_leaves_no_draft() -> None:
    result, _ = await tear([BadRequest("gone")], [], [])
    assert (result.final, result.stop) == (None, StopReason.FAILED)


async def test_a_refinement_that_never_came_keeps_the_draft() -> None:
    result, _ = await tear([BAD], [FOUND], [BadRequest("gone")])
    assert (result.final.text, result.stop) == (BAD, StopReason.FAILED)


async def test_verify_keeps_the_draft_unless_the_refined_one_is_preferred() -> None:
    accepted, _ = await tear([BAD], [FOUND], [GOOD], ("B", "A"), verify=True)
    rejected, _ = await tear([BAD], [FOUND], [GOOD], ("A", "A"), verify=True)
    assert (accepted.final.text, accepted.usage.calls) == (GOOD, 5)
    assert (rejected.final.text, rejected.stop) == (BAD, StopReason.REJECTED)


async def test_without_shots_the_estimator_sees_no_worked_example() -> None:
    _, shots = await tear([], [NONE], [], draft=BAD)
    _, none = await tear([], [NONE], [], draft=BAD, shots=False)
    assert len(shots["critic"].requests[0].messages) == 8
    assert len(none["critic"].requests[0].messages) == 2
