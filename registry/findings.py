"""What `verify` can find, each with a stable code; docs/backup.md lists them with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingCode(StrEnum):
    """What is wrong; a code never changes its meaning."""

    DATABASE_DAMAGED = "database.damaged"
    DATABASE_UNREADABLE = "database.unreadable"
    EVENT_ALTERED = "event.altered"
    EVENT_MISSING = "event.missing"
    EVENT_UNLINKED = "event.unlinked"
    EVENTS_CUT_OFF = "events.cut_off"
    REGISTRY_OLDER = "registry.older"
    ANCHOR_CONTRADICTED = "anchor.contradicted"
    ANCHOR_ALTERED = "anchor.altered"
    ANCHOR_MISSING = "anchor.missing"
    ROW_ALTERED = "row.altered"
    ROW_MISSING = "row.missing"
    ROW_SURPLUS = "row.surplus"
    BOOK_CONTRADICTS = "book.contradicts"
    FILE_ALTERED = "file.altered"
    FILE_MISSING = "file.missing"
    FILE_UNREADABLE = "file.unreadable"
    FILE_SURPLUS = "file.surplus"
    FILE_MISPLACED = "file.misplaced"
    FILE_LEFTOVER = "file.leftover"
    ERASURE_UNFINISHED = "erasure.unfinished"


_HARMLESS = frozenset(
    {
        FindingCode.ANCHOR_MISSING,
        FindingCode.FILE_SURPLUS,
        FindingCode.FILE_MISPLACED,
        FindingCode.FILE_LEFTOVER,
        FindingCode.ERASURE_UNFINISHED,
    }
)

REMEDIES = {
    FindingCode.DATABASE_DAMAGED: "stop working with this registry and restore the last backup",
    FindingCode.DATABASE_UNREADABLE: "stop working with this registry and restore the last backup",
    FindingCode.EVENT_ALTERED: "stop working with this registry and restore the last backup",
    FindingCode.EVENT_MISSING: "stop working with this registry and restore the last backup",
    FindingCode.EVENT_UNLINKED: "stop working with this registry and restore the last backup",
    FindingCode.EVENTS_CUT_OFF: "stop working with this registry and restore the last backup",
    FindingCode.REGISTRY_OLDER: "put the newer registry back, or restore the newest backup into a new home",
    FindingCode.ANCHOR_CONTRADICTED: "events were written anew, or belong to another archive: restore the last backup",
    FindingCode.ANCHOR_ALTERED: "compare the line with the last backup's",
    FindingCode.ANCHOR_MISSING: "nothing to do in a home made before there were anchors: the next command writes one",
    FindingCode.ROW_ALTERED: "restore the last backup",
    FindingCode.ROW_MISSING: "restore the last backup",
    FindingCode.ROW_SURPLUS: "somebody wrote past the program: look who, and restore the last backup",
    FindingCode.BOOK_CONTRADICTS: "this is a fault of the program: report it",
    FindingCode.FILE_ALTERED: "take this file from the last backup",
    FindingCode.FILE_MISSING: "take this file from the last backup",
    FindingCode.FILE_UNREADABLE: "check its rights and the disk",
    FindingCode.FILE_SURPLUS: "look what it is; if nobody needs it, delete it",
    FindingCode.FILE_MISPLACED: "move it to where it belongs, or delete it",
    FindingCode.FILE_LEFTOVER: "delete it",
    FindingCode.ERASURE_UNFINISHED: "run `ruecklauf erase --yes` again",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    code: FindingCode
    what: str
    """What and where, for people."""
    remedy: str = ""
    """What to do, where it is not the code's usual remedy."""

    @property
    def is_damage(self) -> bool:
        """Something was lost or altered, not merely left over."""
        return self.code not in _HARMLESS

    def __str__(self) -> str:
        return f"{self.code}: {self.what} — {self.remedy or REMEDIES[self.code]}"
