"""Texts that are checked where they come in: what a model can read, and the names of languages."""

from __future__ import annotations

from typing import Annotated

import langcodes
from pydantic import AfterValidator


def _readable(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if (position := text.find("\0")) >= 0:
        raise ValueError(f"holds a NUL character at position {position}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"holds half a surrogate pair at position {error.start}") from None
    return text


def _language(code: str) -> str:
    if not langcodes.tag_is_valid(code):
        raise ValueError(f"{code!r} is not a language code (BCP 47), such as 'en', 'de' or 'zh-Hant'")
    return code


Text = Annotated[str, AfterValidator(_readable)]
"""Text a model can read: not blank, no NUL, no half surrogate."""

LanguageCode = Annotated[str, AfterValidator(_language)]
"""A BCP 47 language tag that is registered."""
