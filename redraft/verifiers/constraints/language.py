"""Which language the text is in, and whether it is in capitals; through langdetect, seeded so that it is repeatable."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import langcodes

from redraft.errors import MissingExtra
from redraft.schema import LanguageCode
from redraft.verifiers.constraints.check import Check, Checker, Count, Relation, Unchecked, clip, holds

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory

_NEAR = 10  # CLDR's distance between languages, below which a reader of one is served with the other
_TOKEN = re.compile(r"[^\s,;:!?()\[\]{}\"“”&]+")


@cache
def _profiles() -> DetectorFactory:
    """langdetect's own factory is a global that two threads may fill at once; this one is ours, and seeded."""
    try:
        from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    except ImportError:
        raise MissingExtra("langdetect", "constraints") from None
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.seed = 0
    return factory


def detected(text: str) -> str | None:
    """The language that most of the first 10,000 characters are in, as langdetect names it; None without a clue."""
    detector = _profiles().create()
    from langdetect.lang_detect_exception import LangDetectException

    detector.append(text)
    try:
        found: str = detector.detect()
    except LangDetectException:
        return None
    return None if found == "unknown" else found


@cache
def _same(wanted: str, found: str) -> bool:
    return wanted == found.partition("-")[0] or langcodes.tag_distance(wanted, found) < _NEAR


def response_language(text: str, /, *, language: LanguageCode) -> Check:
    """The text is in `language`. Raises Unchecked for one that langdetect does not know."""
    if not any(_same(language, known) for known in _profiles().get_lang_list()):
        raise Unchecked("bad_arguments", f"langdetect cannot tell {language!r}")
    found = detected(text)
    return Check(found is not None and _same(language, found), f"in the language {language!r}", _named(found))


def _named(language: str | None) -> str:
    return "no language that can be told" if language is None else repr(language)


def _english(text: str, cased: bool, wanted: str, wrong: re.Pattern[str]) -> Check:
    if not cased:
        match = wrong.search(text)
        return Check(False, wanted, f"for instance {clip(match[0])}" if match else "no letters")
    found = detected(text)
    return Check(found == "en", wanted, _named(found))


def english_capital(text: str, /) -> Check:
    """English, in capitals throughout."""
    return _english(text, text.isupper(), "English in capital letters only", re.compile(r"\b\w*[^\W\dA-Z_]\w*"))


def english_lowercase(text: str, /) -> Check:
    """English, without a capital."""
    return _english(text, text.islower(), "English in lower-case letters only", re.compile(r"\b\w*[^\W\da-z_]\w*"))


def capital_word_frequency(text: str, /, *, capital_relation: Relation, capital_frequency: Count) -> Check:
    """Words in capitals throughout, so many."""
    found = sum(1 for token in _TOKEN.findall(text) if token.isupper())
    wanted = f"{capital_relation} {capital_frequency} words in capitals"
    return Check(holds(found, capital_relation, capital_frequency), wanted, str(found))


CHECKS: dict[str, Checker] = {
    "language:response_language": response_language,
    "language": response_language,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "change_case:capital_word_frequency": capital_word_frequency,
}
