"""How returns come."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """How a return came, as far as its file says."""

    FAX = "fax"
    MAIL = "mail"
    PHOTO = "photo"
    SCAN = "scan"
