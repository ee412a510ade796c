"""Records put in the order of the input, however they came; a torn end mended, whatever stands before it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.engine import ordering
from redraft.engine.ordering import cut_torn_line, write_in_order
from redraft.engine.records import Bad
from redraft.schema import Failure


def record(line: int, id: str | None = None) -> bytes:
    return Bad(id=id, line=line, error=Failure(cause="c", message="m")).line_of_json().encode() + b"\n"


@given(st.permutations(range(1, 40)), st.integers(1, 50), st.text())
def test_any_order_becomes_the_inputs(lines: list[int], at_once: int, id: str) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_AT_ONCE", at_once)
        journal, out = Path(folder) / "journal", Path(folder) / "out"
        kept = [line for line in lines if line % 7]
        journal.write_bytes(b"".join(record(line, f'{id}"line":3') for line in kept))
        write_in_order(journal, out, 40)
        assert out.read_bytes() == b"".join(record(line, f'{id}"line":3') for line in sorted(kept))
        assert sorted(path.name for path in Path(folder).iterdir()) == ["journal", "out"]


@given(st.lists(st.integers(1, 9)), st.binary().filter(lambda tail: b"\n" not in tail))
def test_only_the_torn_end_is_cut(lines: list[int], tail: bytes) -> None:
    whole = b"".join(record(line) for line in lines)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(whole + tail)
        cut_torn_line(path)
        assert path.read_bytes() == whole


def test_a_torn_line_longer_than_a_block_is_cut_too(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(record(1) + b"x" * 3_000_000)
    cut_torn_line(path)
    assert path.read_bytes() == record(1)
