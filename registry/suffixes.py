"""What received bytes are, told by their first bytes: names mean nothing."""

from __future__ import annotations

from intake.mail_format import looks_like_mail


def suffix_of(data: bytes) -> str:
    """What the bytes are, by their first bytes: one of the archive's suffixes; `.bin` where that isn't known."""
    if looks_like_mail(data):
        return ".eml"
    if data.startswith((b"II*\0", b"MM\0*")):
        return ".tif"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ".webp"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1"):
        return ".heic"
    # PDF readers accept some rubbish before the header.
    return ".pdf" if b"%PDF-" in data[:1024] else ".bin"
