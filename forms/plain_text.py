"""What is compared of texts: letters and digits, whatever their case, accents and the punctuation between them."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Reduce a text to its letters and digits, in lower case and without accents."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text.casefold())))


def plain_words(text: str) -> list[str]:
    """The words of a text, each reduced to its letters and digits; what has none is left out."""
    return [word for part in text.split() if (word := plain(part))]
