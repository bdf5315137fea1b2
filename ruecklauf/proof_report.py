"""The report of a proof: one HTML page that needs nothing beside itself, for light and dark screens, for paper too.

This module puts numbers into words and lengths; how the page looks is in `proof_pages/`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from forms.issued_form import PageGeometry
from forms.units import BoxMm
from intake.explanations import in_one_sentence
from ruecklauf import __version__
from ruecklauf.layout_hints import LayoutCheck, box_name
from ruecklauf.proof_gallery import Exhibit, Gallery
from ruecklauf.proof_result import GOALS, Became, Line, ProofResult, Spot
from ruecklauf.proving import ChannelKind, channel_kind
from ruecklauf.truth_check import Standing
from simulation.channels import STORIES
from simulation.repertoire import REPERTOIRE

_PAGES = Path(__file__).with_name("proof_pages")
_KIND_WORDS = {
    ChannelKind.SCAN: "Scans of 150 dpi or more",
    ChannelKind.BILEVEL: "Black-and-white scans",
    ChannelKind.FAX: "Fax, 204 × 196 dpi",
    ChannelKind.PHOTO: "Phone photos",
    ChannelKind.POOR: "Poor ways: coarse, stained, cut, sent on",
}
_STANDING_WORDS = {
    Standing.COMPLETE: "may be accepted",
    Standing.LACKING: "may be called incomplete",
    Standing.TO_BE_SEEN: "a person must see it",
}
_TRAIT_WORDS = {"mark": "Mark", "size": "Size of the mark", "pen": "Pen", "signature": "Signature"}
_TROUBLE_FROM = 0.02
"""Share of trouble from which a place is shown in colour."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar, in hundredths of its length."""

    what: Became
    start: float
    length: float
    count: int

    @property
    def style(self) -> str:
        """The name of its colour."""
        return self.what.name.lower()


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a table with its bar."""

    name: str
    note: str
    line: Line
    segments: tuple[Segment, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """Its counts, in the order of `Became`."""
        return tuple(self.line.counts[what] for what in Became)

    @property
    def bound(self) -> str:
        """Below which the rate of wrong ones lies."""
        return f"< {percent(self.line.wrong_below)}"


def write_report(result: ProofResult, gallery: Gallery, made_at: datetime) -> bytes:
    """Return the page as UTF-8."""
    page = Engine(dirs=[str(_PAGES)]).get_template("page.html")
    context = Context(_contents(result, gallery, made_at), use_l10n=False, use_tz=False)
    return str(page.render(context)).encode()


def percent(share: float) -> str:
    """Write a share as a percentage, with as many digits as it needs to be told from none and all."""
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
    return f"{share:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def _contents(result: ProofResult, gallery: Gallery, made_at: datetime) -> Mapping[str, Any]:
    letter = result.letter
    return {
        "title": letter.title,
        "template": f"{letter.template}.v{letter.version}",
        "language": letter.language,
        "program": __version__,
        "made_at": f"{made_at:%Y-%m-%d %H:%M}",
        "seed": result.seed,
        "result": result,
        "wrong_count": len(result.wrong),
        "wrong_bound": percent(result.all.wrong_below),
        "in_german": _in_german(result),
        "tiles": _tiles(result),
        "legend": [(what.value, what.name.lower()) for what in Became],
        "kinds": [_kind_row(kind, line, result) for kind, line in result.by_kind.items() if line.returns],
        "axis": _axis(result),
        "channels": _channel_bars(result),
        "conducts": _conduct_bars(result),
        "checks": sorted(result.checks, key=lambda check: (check.suffices, check.page)),
        "hint_rows": [_hint_row(check, result.spots[check.place]) for check in result.hints],
        "remarks": result.remarks,
        "spots": _spot_rows(result),
        "sheets": [_sheet(page, result) for page in letter.pages],
        "reasons": _reason_bars(result),
        "traits": [
            (_TRAIT_WORDS[trait], _bars((name, "", line) for name, line in sorted(lines.items())))
            for trait, lines in result.by_trait.items()
        ],
        "wrong": [_exhibit(one) for one in gallery.wrong],
        "work": [_exhibit(one) for one in gallery.work],
        "faults": result.wrong,
        "rate": f"{result.all.returns / result.seconds:.1f}" if result.seconds else "",
        "files_a_second": "" if result.speed is None else f"{result.speed.files / result.speed.seconds:.1f}",
    }


def _tiles(result: ProofResult) -> list[tuple[str, str, str, str]]:
    """Give label, figure, remark and tone of the figures at the top."""
    plain, seen = result.plain, result.to_be_seen
    tiles = [
        (
            "Wrong",
            str(len(result.wrong)),
            f"of {result.all.returns} returns; rate below {percent(result.all.wrong_below)}",
            "bad" if result.wrong else "good",
        ),
        (
            "Plain returns accepted",
            percent(plain.accepted_share),
            f"{plain.counts[Became.ACCEPTED]} of {plain.returns}; rate above {percent(plain.accepted_above)}",
            "",
        ),
        (
            "Must be seen, and was",
            f"{result.reached_a_person} of {seen.returns}",
            "notes, corrections, struck text, …",
            "bad" if result.reached_a_person < seen.returns else "good",
        ),
        ("Right customer", f"{result.recognised} of {result.all.returns}", _unrecognised(result), ""),
    ]
    if result.speed is not None:
        rate = result.speed.files / result.speed.seconds
        tiles.append(
            ("Reading speed", f"{rate:.1f} /s", f"{result.speed.workers} workers, {result.speed.files} files", "")
        )
    return tiles


def _unrecognised(result: ProofResult) -> str:
    """Say what became of returns of which nobody can tell whose they are."""
    lost = result.all.counts[Became.UNRECOGNISED]
    return f"{lost} went to a person unrecognised" if lost else "every form was recognised"


def _in_german(result: ProofResult) -> str:
    """Say the outcome in German, for whoever reads no further."""
    wrong = len(result.wrong)
    said = {0: "keiner wurde falsch entschieden", 1: "einer wurde ohne Rückfrage falsch entschieden"}.get(
        wrong, f"{wrong} wurden ohne Rückfrage falsch entschieden"
    )
    plain, seen = result.plain, result.to_be_seen
    hints = len(result.hints) + len(result.remarks)
    sentences = [
        f"Von {result.all.returns} simulierten Rückläufen: {said}"
        f" (mit 95 % Sicherheit weniger als {_german(result.all.wrong_below)}).",
        f"Von {plain.returns} gewöhnlichen wurden {plain.counts[Became.ACCEPTED]} ({_german(plain.accepted_share)})"
        " ohne Rückfrage angenommen, die übrigen sieht ein Mensch an.",
        f"Von {seen.returns}, die ein Mensch sehen muss, sind {result.reached_a_person} bei einem angekommen.",
        f"Hinweise zum Layout: {hints}." if hints else "Das Layout gibt zu keinem Hinweis Anlass.",
    ]
    return " ".join(sentences)


def _german(share: float) -> str:
    return percent(share).replace(".", ",")


def _bars(rows: Iterable[tuple[str, str, Line]]) -> list[Bar]:
    return [Bar(name, note, line, _segments(line)) for name, note, line in rows if line.returns]


def _channel_bars(result: ProofResult) -> list[tuple[str, list[Bar]]]:
    """Group the channels by the measure that they are held to."""
    groups = []
    for kind in ChannelKind:
        names = sorted(name for name in result.by_channel if channel_kind(name) is kind)
        if names:
            groups.append((_KIND_WORDS[kind], _bars((name, STORIES[name], result.by_channel[name]) for name in names)))
    return groups


def _segments(line: Line) -> tuple[Segment, ...]:
    segments, start = [], 0.0
    for what in Became:
        length = 100 * line.counts[what] / line.returns
        if length:
            segments.append(Segment(what, round(start, 2), round(length, 2), line.counts[what]))
        start += length
    return tuple(segments)


def _conduct_bars(result: ProofResult) -> list[tuple[str, list[Bar]]]:
    """Group what people do by what may become of it."""
    groups = []
    for standing, words in _STANDING_WORDS.items():
        names = [name for name, true in result.standings.items() if true is standing]
        rows = [(name, REPERTOIRE[name].story, result.by_conduct[name]) for name in REPERTOIRE if name in names]
        if rows:
            groups.append((words, _bars(rows)))
    return groups


def _axis(result: ProofResult) -> dict[str, Any]:
    """Give the range that the plot of acceptance covers, in per cent, with its ticks."""
    lowest = min((line.accepted_above for line in result.by_kind.values() if line.returns), default=0.9)
    start = min(90, int(10 * lowest) * 10)
    step = 2 if start >= 90 else 10 if start >= 40 else 20
    return {"start": start, "ticks": [(tick, _along(tick / 100, start)) for tick in range(start, 101, step)]}


def _along(share: float, start: int) -> float:
    return round(100 * (100 * share - start) / (100 - start), 2)


def _kind_row(kind: ChannelKind, line: Line, result: ProofResult) -> dict[str, Any]:
    start, goal = _axis(result)["start"], GOALS.get(kind)
    needed = None if goal is None else goal
    return {
        "name": _KIND_WORDS[kind],
        "line": line,
        "accepted": line.counts[Became.ACCEPTED],
        "share": percent(line.accepted_share),
        "above": percent(line.accepted_above),
        "goal": "" if needed is None else percent(needed),
        "missed": needed is not None and line.accepted_share < needed,
        "dot": _along(line.accepted_share, start),
        "from": _along(line.accepted_above, start),
        "reach": round(100 - _along(line.accepted_above, start), 2),
        "goal_at": None if needed is None else _along(needed, start),
    }


def _hint_row(check: LayoutCheck, spot: Spot) -> dict[str, Any]:
    return {"check": check, "spot": spot, "measured": f"{check.measured_mm:.1f}", "limit": f"{check.at_least_mm:.1f}"}


def _spot_rows(result: ProofResult) -> list[tuple[str, int, str, float]]:
    """Give place, plain returns in trouble there, of how many, and the share in hundredths; the worst first."""
    rows = [(name, spot.troubled, f"of {spot.used}", _share(spot)) for name, spot in result.spots.items()]
    others = [
        (name, count, f"of {result.plain.returns}", 100 * count / result.plain.returns)
        for name, count in result.other_spots.items()
    ]
    return sorted(rows + others, key=lambda row: -row[3])


def _share(spot: Spot) -> float:
    return 100 * spot.troubled / spot.used if spot.used else 0.0


def _reason_bars(result: ProofResult) -> list[tuple[str, str, int, float]]:
    """Give code, meaning, count and length in hundredths of why plain returns were not accepted."""
    most = max(result.reasons.values(), default=1)
    return [
        (reason.value, in_one_sentence(reason), count, round(100 * count / most, 1))
        for reason, count in result.reasons.most_common()
    ]


def _sheet(page: PageGeometry, result: ProofResult) -> dict[str, Any]:
    """Give a page as lines and boxes in millimetres, with the places where returns ran into trouble."""
    places = [(box_name(box.option), box.box_mm) for box in page.checkboxes]
    places += [(str(field.name), field.box_mm) for field in page.text_fields]
    if page.signature is not None:
        places.append(("signature", page.signature.box_mm))
    return {
        "page": page,
        "lines": [_rectangle(_core(line.box_mm)) for line in page.text_lines],
        "solid": [_rectangle(box) for box in (*page.anchors_mm, *page.codes_mm)],
        "places": [
            {"name": name, "box": _rectangle(box), **_trouble(name, page.number, result)} for name, box in places
        ],
    }


def _core(box: BoxMm) -> BoxMm:
    """Return the middle of a line of print, as high as its small letters."""
    return BoxMm(box.x0, box.y0 + 0.3 * box.height, box.x1, box.y1 - 0.25 * box.height)


def _rectangle(box: BoxMm) -> dict[str, float]:
    return {"x": round(box.x0, 2), "y": round(box.y0, 2), "width": round(box.width, 2), "height": round(box.height, 2)}


def _trouble(name: str, page: int, result: ProofResult) -> dict[str, Any]:
    spot = result.spots[name]
    hinted = any(check.place == name and check.page == page for check in result.hints)
    troubled = _share(spot) >= 100 * _TROUBLE_FROM
    return {"troubled": spot.troubled, "tone": "bad" if hinted else "warn" if troubled else "fine"}


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    source = f"data:image/webp;base64,{b64encode(exhibit.picture_webp).decode()}"
    name = str(exhibit.case).replace(":", "-").replace(" ", "-")
    return {"exhibit": exhibit, "source": source, "anchor": f"{name}"}
