"""The values of a PDF that was filled in on screen, page by page.

A viewer may leave the stored appearance stale or drop it, so the fields' own values are read beside the pixels; the
decision compares the two. Widgets are taken from the pages, not from the document's form: programs that join or cut
PDFs lose the form and keep the widgets, which then draw nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

import pikepdf

from intake.errors import PageProblem
from intake.laid_over import LaidOver, laid_over

_TEXTS = ("place", "date", "name")
_NOT_SEEN = 1 << 0 | 1 << 1 | 1 << 5
"""Flags of a widget that is not shown: invisible, hidden, no view."""
_PUSH_BUTTON = 1 << 16
_DEEPEST = 8


_NOTHING = LaidOver()


@dataclass(frozen=True, slots=True)
class OnScreenValues:
    """What the form fields of one page say."""

    options: dict[str, bool] = field(default_factory=dict)
    """Option → whether it is chosen; empty where the page carries no such field."""
    texts: dict[str, str] = field(default_factory=dict)
    digitally_signed: bool = False
    contradictory: bool = False
    """The fields contradict each other, or something was filled in that is not among the fields we issued."""
    laid_over: LaidOver = _NOTHING
    """What lies over the page besides the fields."""


@dataclass(frozen=True, slots=True)
class _Widget:
    name: str
    kind: str
    value: pikepdf.Object | None
    own: pikepdf.Object

    @property
    def text(self) -> str:
        """The value as text; empty where there is none."""
        if self.value is None or self.value == pikepdf.Name.Off:
            return ""
        if isinstance(self.value, pikepdf.Stream):
            return self.value.read_bytes().decode("utf-8", "replace").strip()
        return str(self.value).strip()

    @property
    def unseen(self) -> bool:
        """Whether viewers are told not to show it."""
        return bool(int(self.own.get("/F", 0)) & _NOT_SEEN)


def read_values(data: bytes) -> list[OnScreenValues]:
    """Read the form values of every page of a PDF; an empty list for anything else.

    Raises PageProblem where the form cannot be understood: then nobody knows what was filled in.
    """
    if b"%PDF-" not in data[:1024]:
        return []
    try:
        with pikepdf.open(BytesIO(data)) as document:
            if "/XFA" in document.Root.get("/AcroForm", pikepdf.Dictionary()):
                raise PageProblem("it holds a form of another kind (XFA), which is not read")
            has_files = len(document.attachments) > 0
            return [
                replace(_page_values(list(_widgets(page))), laid_over=_laid_over(page, has_files=has_files))
                for page in document.pages
            ]
    except (pikepdf.PikepdfError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise PageProblem(f"the form fields cannot be read: {error}") from error


def _laid_over(page: pikepdf.Page, *, has_files: bool) -> LaidOver:
    """What lies over a page; a file that the PDF holds is seen on none of them."""
    over = laid_over(_annotations(page))
    return replace(over, unseen=over.unseen or has_files)


def _annotations(page: pikepdf.Page) -> Iterable[pikepdf.Object]:
    annotations: Iterable[pikepdf.Object] = page.obj.get("/Annots", pikepdf.Array())
    return annotations


def _widgets(page: pikepdf.Page) -> Iterator[_Widget]:
    for annotation in _annotations(page):
        if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == pikepdf.Name.Widget:
            name, kind = _inherited(annotation, "/T"), _inherited(annotation, "/FT")
            yield _Widget(str(name or ""), str(kind or ""), _inherited(annotation, "/V"), annotation)


def _page_values(widgets: list[_Widget]) -> OnScreenValues:
    options: dict[str, bool] = {}
    texts: dict[str, str] = {}
    signed = contradictory = False
    for widget in widgets:
        if widget.kind == "/Btn" and widget.name == "variant":
            chosen = _option(widget)
            contradictory |= bool(options.keys() & chosen.keys()) or _states_differ(widget)
            options.update(chosen)
        elif widget.kind == "/Tx" and widget.name in _TEXTS:
            contradictory |= texts.get(widget.name, widget.text) != widget.text
            texts[widget.name] = widget.text
        elif widget.kind == "/Sig" and widget.name == "signature":
            signed = signed or widget.value is not None
        else:
            contradictory |= _says_something(widget)
        contradictory |= widget.unseen and _says_something(widget)
    return OnScreenValues(options, texts, signed, contradictory)


def _option(widget: _Widget) -> dict[str, bool]:
    """Read one kid of the radio group: chosen when the group's value names it, or its own state does."""
    state, own_state = _state_when_chosen(widget), _own_state(widget)
    if state == "/Off":
        return {}
    return {state.lstrip("/"): state in (str(widget.value), own_state)}


def _state_when_chosen(widget: _Widget) -> str:
    appearances = widget.own.get("/AP", pikepdf.Dictionary()).get("/N", pikepdf.Dictionary())
    is_one_picture = isinstance(appearances, pikepdf.Stream)
    states = [] if is_one_picture else [state for state in appearances.keys() if state != "/Off"]  # noqa: SIM118
    return states[0] if states else _own_state(widget)


def _own_state(widget: _Widget) -> str:
    return str(widget.own.get("/AS", "/Off"))


def _states_differ(widget: _Widget) -> bool:
    """Tell whether a kid shows itself chosen and its group says otherwise."""
    return _own_state(widget) not in ("/Off", str(widget.value))


def _says_something(widget: _Widget) -> bool:
    """Tell whether anybody filled it in, whatever its kind: a kid that lost its parent has none.

    A button that is only pressed holds nothing.
    """
    if widget.kind == "/Btn" and int(_inherited(widget.own, "/Ff") or 0) & _PUSH_BUTTON:
        return False
    return bool(widget.text) or _own_state(widget) != "/Off"


def _inherited(widget: pikepdf.Object, key: str) -> pikepdf.Object | None:
    node: pikepdf.Object | None = widget
    for _ in range(_DEEPEST):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None
