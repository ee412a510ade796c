"""What stands in the way of continuing a run is said, and nothing that was written is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.engine.journal import Journal
from redraft.engine.manifest import Manifest
from redraft.engine.reading import read_records
from redraft.engine.records import Bad
from redraft.errors import ConfigError
from redraft.schema import Failure

MADE_OF = {"method": "tear", "config rounds": 2, "input": "12 bytes, sha256 abc"}


def record(line: int) -> Bad:
    return Bad(id=f"item-{line}", line=line, error=Failure(cause="c", message="m"))


def interrupted(out: Path, *lines: int) -> None:
    """Leave a journal behind as a killed process does."""
    journal = Journal(out, MADE_OF)
    journal.__enter__()
    for line in lines:
        journal.write(record(line))
    journal._file.close()
    journal._lock.close()


def test_it_knows_what_was_finished_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(out, 5, 1, 3000)
    with Journal(out, MADE_OF) as journal:
        assert [found.line for found in journal.finished()] == [5, 1, 3000]
        assert [line in journal for line in (1, 2, 5, 3000, 3001, 10**9)] == [True, False, True, True, False, False]
        journal.write(record(2))
        journal.complete()
    assert [found.line for found in read_records(out)] == [1, 2, 5, 3000]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.jsonl.run.json"]


def test_a_torn_last_line_is_forgotten(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(out, 1, 2)
    with (tmp_path / "out.jsonl.partial").open("ab") as file:
        file.write(b'{"id":"item-3","li')
    with Journal(out, MADE_OF) as journal:
        assert [found.line for found in journal.finished()] == [1, 2]


def test_a_damaged_line_inside_is_said_with_its_number(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(out, 1)
    with (tmp_path / "out.jsonl.partial").open("ab") as file:
        file.write(b"\0\0\0\n")
    with Journal(out, MADE_OF) as journal, pytest.raises(ConfigError, match=r"out.jsonl.partial:2"):
        list(journal.finished())


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"config rounds": 3}, "config rounds was 2 and is 3"),
        ({"input": "13 bytes, sha256 abd"}, "input was 12 bytes, sha256 abc and is 13 bytes"),
        ({"role critic": "local"}, "role critic was not set and is local"),
    ],
)
def test_a_run_is_only_continued_as_what_it_was(tmp_path: Path, now: dict[str, int | str], said: str) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(out, 1)
    with pytest.raises(ConfigError, match=said), Journal(out, {**MADE_OF, **now}):
        pass
    with Journal(out, {**MADE_OF, **now}, restart=True) as journal:
        assert list(journal.finished()) == []


def test_a_finished_output_is_only_replaced_by_a_finished_one(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious\n")
    interrupted(out, 1)
    assert out.read_text() == "precious\n"


def test_without_a_last_run_there_is_nothing_to_retry(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no"), Journal(tmp_path / "out", MADE_OF, retry_failed=True):
        pass


def test_retrying_what_was_made_otherwise_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with Journal(out, MADE_OF) as journal:
        journal.write(record(1))
        journal.complete()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ConfigError, match="rounds was 2"), Journal(out, {**MADE_OF, "config rounds": 3}, False, True):
        pass
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_an_output_that_is_no_regular_file_is_refused_and_left_as_it_was(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "out")
    before = (tmp_path / "out").stat()
    with pytest.raises(ConfigError, match="out is no regular file"), Journal(tmp_path / "out", MADE_OF):
        pass
    assert (tmp_path / "out").stat() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_device_is_no_output_either() -> None:
    with pytest.raises(ConfigError, match="/dev/null is no regular file"), Journal(Path("/dev/null"), MADE_OF):
        pass


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    link, out = tmp_path / "link.jsonl", tmp_path / "elsewhere" / "out.jsonl"
    out.parent.mkdir()
    if there:
        out.write_text("old\n")
    link.symlink_to("elsewhere/out.jsonl")
    with Journal(link, MADE_OF) as journal:
        journal.write(record(1))
        journal.complete()
    assert link.is_symlink()
    assert [found.line for found in read_records(out)] == [1]


def test_a_gzipped_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"out.jsonl.gz: the output is plain JSONL"):
        Journal(tmp_path / "out.jsonl.gz", MADE_OF)


def test_to_begin_anew_and_to_retry_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--restart or --retry-failed, not both"):
        Journal(tmp_path / "out", MADE_OF, restart=True, retry_failed=True)


FULL = """
import resource, signal, sys
from pathlib import Path
from redraft.engine.journal import Journal
from redraft.errors import ConfigError
from tests.engine.test_journal import MADE_OF, record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with Journal(Path(sys.argv[1]), MADE_OF) as journal:
        for line in range(1, 100):
            journal.write(record(line))
except ConfigError as error:
    print(error)
"""


def finished(out: Path, made_of: Manifest) -> None:
    with Journal(out, made_of, restart=True) as journal:
        journal.write(record(1))
        journal.complete()


def broken(out: Path, made_of: Manifest, restart: bool = False) -> None:
    """A run that ends by an exception before its first record."""
    with pytest.raises(ZeroDivisionError), Journal(out, made_of, restart):
        raise ZeroDivisionError


OTHER: Manifest = {**MADE_OF, "config rounds": 3}


def test_after_a_run_that_came_to_nothing_out_is_still_the_earlier_ones(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    finished(out, MADE_OF)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken(out, OTHER)
    with Journal(out, OTHER):
        pass  # Ended early, by Ctrl-C or a budget.
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    with pytest.raises(ConfigError, match="rounds was 2 and is 3"), Journal(out, OTHER, retry_failed=True):
        pass


def test_a_retry_that_came_to_nothing_can_be_repeated(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    finished(out, MADE_OF)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), Journal(out, MADE_OF, retry_failed=True):
            raise ZeroDivisionError


@pytest.mark.parametrize("last", [MADE_OF, OTHER])
def test_where_nothing_says_any_more_what_made_out_it_is_not_taken_for_any_run(tmp_path: Path, last: Manifest) -> None:
    out = tmp_path / "out.jsonl"
    finished(out, OTHER)
    interrupted(out, 1)
    broken(out, last, restart=True)
    with pytest.raises(ConfigError, match="does not say what the run was begun with"), Journal(out, last, False, True):
        pass
    finished(out, last)


FULL_AT_ONCE = """
import resource, signal, sys
from pathlib import Path
from redraft.engine.journal import Journal
from redraft.errors import ConfigError
from tests.engine.test_journal import MADE_OF
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
try:
    with Journal(Path(sys.argv[1]), MADE_OF):
        pass
except ConfigError as error:
    print(error)
"""


def test_a_disk_that_is_full_from_the_first_is_said_and_the_run_begins_once_there_is_room(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ran = subprocess.run([sys.executable, "-c", FULL_AT_ONCE, out], capture_output=True, text=True, timeout=200)
    assert (ran.stdout, ran.stderr) == (f"{out} cannot be written: File too large\n", "")
    with Journal(out, MADE_OF) as journal:
        assert list(journal.finished()) == []


def test_a_full_disk_is_said_and_what_was_written_is_kept(tmp_path: Path) -> None:
    """The operating system's limit on a file's size stands in for the disk."""
    out = tmp_path / "out.jsonl"
    ran = subprocess.run([sys.executable, "-c", FULL, out], capture_output=True, text=True, check=True, timeout=200)
    assert "cannot be written further" in ran.stdout
    assert "start again to go on" in ran.stdout
    with Journal(out, MADE_OF) as journal:
        kept = [found.line for found in journal.finished()]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) > 5


@pytest.mark.parametrize("told", ["", '{"method": "another"}'])
def test_a_run_that_was_killed_before_its_first_record_begins_again(tmp_path: Path, told: str) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.run.json").write_text(told)
    (tmp_path / "out.jsonl.partial").write_text("")
    with Journal(out, MADE_OF) as journal:
        assert list(journal.finished()) == []
