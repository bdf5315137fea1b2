"""What is said to people, in English words that can be said in another language too."""

from __future__ import annotations

from typing import Self


class Message(str):
    """English text that remembers its pattern and the values in it, so that a catalogue can translate it."""

    __slots__ = ("pattern", "values")

    pattern: str
    """With each value's place in braces, as `str.format` has it."""
    values: dict[str, object]

    def __new__(cls, pattern: str, **values: object) -> Self:
        """Fill the values in; they are taken as they stand, whatever braces are in them."""
        message = super().__new__(cls, pattern.format(**values))
        message.pattern = pattern
        message.values = values
        return message
