"""Tell the logos and icons of mail footers from pictures that could be a page of ours.

A page whose code can be read at all is larger than these limits (docs/decisions/0021-mail.md has the measurement). So a
small picture is noted and not read; a large one is read wherever it stands, also pasted into the text of the mail.
"""

from __future__ import annotations

import struct
import warnings
from io import BytesIO

from PIL import Image, UnidentifiedImageError

_NO_PAGE_BELOW_PX = 300
"""Longer side of a picture that holds no page whose code could be read."""
_NO_PAGE_THIS_NARROW_PX = 220
"""Shorter side of such a picture, for one in the text: a whole page on it would be as small."""
_NO_PAGE_BEYOND = 3.0
"""How many times longer than wide no page is, with room for a photo of a part of one; for pictures in the text."""
_LARGEST_DRAWING_BYTES = 64 << 10
_DRAWINGS = ("svg", "emf", "wmf", "x-emf", "x-wmf", "emz", "wmz")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"RIFF")


def is_footer_picture(data: bytes, declared: str, *, shown_in_text: bool) -> bool:
    """Tell whether a part is a picture that cannot be a page.

    `declared` is the part's content type; `shown_in_text` says that the mail's HTML shows it by its content id.
    """
    if not data.startswith(_PICTURES):
        drawing = declared.startswith("image/") and declared.removeprefix("image/").split("+")[0] in _DRAWINGS
        return drawing and shown_in_text and len(data) <= _LARGEST_DRAWING_BYTES
    size = _size_of(data)
    if size is None:
        return False
    shorter, longer = sorted(size)
    if longer < _NO_PAGE_BELOW_PX:
        return True
    return shown_in_text and (shorter < _NO_PAGE_THIS_NARROW_PX or longer > _NO_PAGE_BEYOND * shorter)


def _size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height by the picture's head; None where it is no picture that can be understood."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data)) as image:
                return image.size
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        struct.error,
        Image.DecompressionBombError,
    ):
        return None
