"""The characters that every letter's fonts carry, so that most customers' own part needs no font of its own.

A font of one byte a character holds 254 of them: those of the letter itself, then these in their order as far as there
is room. A customer with any other character is served too, only more slowly (see `forms.stamp`).
"""

from __future__ import annotations

from collections.abc import Mapping

from forms.issued_form import FontName
from forms.page_code import ALPHABET

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_WEST = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœŸẞ"
_SIGNS = "–’„“·‘‚”…•§°"
_POLISH = "ĄĆĘŁŃŚŹŻąćęłńśźż"
_TURKISH = "ĞİŞğış"
_CZECH_AND_SLOVAK = "ČĎĚŇŘŠŤŮŽĹĽŔčďěňřšťůžĺľŕ"
_SOUTH_SLAVIC = "Đđ"
_HUNGARIAN = "ŐŰőű"
_ROMANIAN = "ĂȘȚășț"
_BALTIC = "ĀĒĢĪĶĻŅŪāēģīķļņūĖĮŲėįų"

REPERTOIRE: Mapping[FontName, str] = {
    "regular": "".join(
        (_ASCII, _WEST, _SIGNS, _POLISH, _TURKISH, _CZECH_AND_SLOVAK, _SOUTH_SLAVIC, _HUNGARIAN, _ROMANIAN, _BALTIC)
    ),
    "bold": f"{ALPHABET}-",
}
"""By font: only the readable code is set in bold."""
