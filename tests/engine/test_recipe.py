"""What a run was begun with is told so exactly that another run is not taken for it."""

from __future__ import annotations

from pathlib import Path

from redraft.engine.manifest import differences
from redraft.engine.recipe import Recipe
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from tests.engine.conftest import Server

CONFIG = configure(find("mqm-ape"), {})


async def test_a_servers_only_model_is_told_by_its_name(server: Server) -> None:
    url = server.url.partition("#")[0]
    settled = await Recipe("mqm-ape", CONFIG, url, {"verifier": url, "critic": "local"}).settled()
    assert (settled.model, settled.roles) == (server.url, {"verifier": server.url, "critic": "local"})
    assert await settled.settled() == settled


def test_a_file_that_was_changed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "references.jsonl"
    recipe = Recipe("mqm-ape", CONFIG, roles={"verifier": f"chrf:{file}"})
    told = []
    for text in ("one", "two", "one"):
        file.write_text(text)
        told.append(recipe.described())
    (found,) = differences(told[0], told[1])
    assert found.startswith("file of role verifier was ")
    assert differences(told[0], told[2]) == []


def test_what_is_no_number_is_equal_to_itself() -> None:
    assert differences({"config threshold": float("nan")}, {"config threshold": float("nan")}) == []
