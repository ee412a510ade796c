"""COMET's environment: made once, whole or not at all. (That COMET itself runs in it: `test_comet_library`.)"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.verifiers.comet_env import find_or_make


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path))
    return tmp_path


def test_two_at_once_end_up_with_one_environment_and_the_next_reuses_it(cache: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: find_or_make(steps=()), range(2))
    assert first == second
    assert [path.name for path in (cache / "comet-env").iterdir()] == [first.parents[1].name]
    made = first.parents[1].stat().st_mtime_ns
    assert find_or_make(steps=()) == first
    assert first.parents[1].stat().st_mtime_ns == made
    assert (first.parents[1] / "pins.txt").read_text().startswith("python3.")


def test_an_environment_whose_python_is_gone_is_made_again() -> None:
    python = find_or_make(steps=())
    python.unlink()
    assert find_or_make(steps=()) == python
    assert python.exists()


def test_what_pip_cannot_install_is_told_in_its_own_words_and_leaves_nothing(cache: Path) -> None:
    with pytest.raises(ConfigError, match=r"pip install .* failed:\n(.*\n)*.*no-such-file\.whl"):
        find_or_make(steps=(("./no-such-file.whl",),))
    assert list((cache / "comet-env").iterdir()) == []
