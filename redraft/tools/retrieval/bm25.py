"""BM25 over a folder of text files, through bm25s: passages of a few sentences, by the words that they share.

bm25s (MIT) is released every few weeks and keeps scores in a sparse matrix, computed when the index is made;
rank-bm25 had its last release in 2022 and goes through the corpus in Python for each query.
"""

from __future__ import annotations

import asyncio
import logging
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from redraft.errors import ConfigError, MissingExtra
from redraft.tools.retrieval.base import Passage
from redraft.tools.retrieval.folder import Skipped, Text, read_folder
from redraft.tools.retrieval.passages import passages

if TYPE_CHECKING:
    from bm25s import BM25

_log = logging.getLogger(__name__)
# Scripts written without spaces are searched by the single sign.
_WORD = re.compile(
    "[\u0e00-\u0fff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\\W\u0e00-\u0fff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
)


class Bm25:
    """The passages of the texts in `folder`, read and indexed at once; files changed later are not seen.

    `skipped` lists what was left out; the log says so as well. `max_total`, in bytes of text, bounds memory and time:
    at a stride of 1 indexing takes about thirty times that memory, and two seconds a mebibyte. Raises ConfigError for a
    folder that cannot be read or holds no text, MissingExtra where bm25s is not installed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sentences: int = 4,
        stride: int = 1,
        max_file: int = 4 * 2**20,
        max_total: int = 16 * 2**20,
    ) -> None:
        self.name = f"bm25:{folder}"
        self._texts: list[Text] = []
        self._places: list[tuple[int, int, int]] = []
        skipped: list[Skipped] = []
        vocabulary: dict[str, int] = {}
        tokens: list[list[int]] = []
        for read in read_folder(folder, max_file, max_total):
            if isinstance(read, Skipped):
                skipped.append(read)
                continue
            self._texts.append(read)
            for start, end in passages(read.text, sentences, stride):
                self._places.append((len(self._texts) - 1, start, end))
                tokens.append([vocabulary.setdefault(w, len(vocabulary)) for w in words(read.text[start:end])])
        self.skipped = tuple(skipped)
        if not vocabulary:
            raise ConfigError(f"the folder {folder} holds no text to search{_listed(skipped)}")
        if skipped:
            _log.warning("searching %d files in %s%s", len(self._texts), folder, _listed(skipped))
        self._lines = [[match.start() for match in re.finditer("\n", text.text)] for text in self._texts]
        self._index = _index(tokens, vocabulary)

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._places)

    async def search(self, query: str, k: int) -> list[Passage]:
        """The `k` best passages that share a word with `query`, none of which overlap; among equals the first."""
        return await asyncio.to_thread(lambda: list(islice(self._found(query), k)))

    def _found(self, query: str) -> Iterator[Passage]:
        if not (asked := list(words(query))):
            return
        scores = self._index.get_scores(asked)
        taken: list[tuple[int, int, int]] = []
        for number in (-scores).argsort(kind="stable"):
            if scores[number] <= 0:
                return
            file, start, end = self._places[number]
            if any(file == f and start < e and s < end for f, s, e in taken):
                continue
            taken.append((file, start, end))
            text, line = self._texts[file], bisect_right(self._lines[file], start) + 1
            yield Passage(text.text[start:end], text.path, start, line, float(scores[number]))

    async def aclose(self) -> None:
        """Nothing to let go of."""


def words(text: str) -> Iterator[str]:
    """What is compared: words without regard to case, and single signs of scripts that put no space between words."""
    return (match[0].casefold() for match in _WORD.finditer(text))


def _index(tokens: list[list[int]], vocabulary: dict[str, int]) -> BM25:
    try:
        from bm25s import BM25
    except ImportError as error:
        raise MissingExtra("bm25s", "retrieval") from error
    index = BM25()
    index.index((tokens, vocabulary), show_progress=False)
    return index


def _listed(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ""
    named = ", ".join(f"{one.path} ({one.reason})" for one in skipped[:8])
    return f"; {len(skipped)} left out: {named}" + (", ..." if len(skipped) > 8 else "")
