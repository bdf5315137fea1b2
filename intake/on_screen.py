"""The values of a PDF that was filled in on screen, page by page.

A viewer may leave the stored appearance stale or drop it, so the fields' own values are read beside the pixels; the
decision compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from intake.errors import PageProblem


@dataclass(frozen=True, slots=True)
class OnScreenValues:
    """What the form fields of one page say."""

    options: dict[str, bool] = field(default_factory=dict)
    """Option → whether it is chosen; empty where the page carries no such field."""
    texts: dict[str, str] = field(default_factory=dict)
    digitally_signed: bool = False


def read_values(data: bytes) -> list[OnScreenValues]:
    """Read the form values of every page of a PDF; an empty list for a file without form fields.

    Raises PageProblem where the form cannot be understood: then nobody knows what was filled in.
    """
    if b"%PDF-" not in data[:1024] or (b"/AcroForm" not in data and b"/ObjStm" not in data):
        return []
    try:
        reader = PdfReader(BytesIO(data))
        if "/AcroForm" not in reader.root_object:
            return []
        return [_page_values(page.get("/Annots")) for page in reader.pages]
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise PageProblem(f"the form fields cannot be read: {error}") from error


def _page_values(annotations: object) -> OnScreenValues:
    values = OnScreenValues()
    signed = False
    for reference in list(_resolved(annotations) or []):  # type: ignore[call-overload]
        widget = _resolved(reference)
        if not isinstance(widget, DictionaryObject) or widget.get("/Subtype") != "/Widget":
            continue
        name, kind = str(_inherited(widget, "/T") or ""), _inherited(widget, "/FT")
        value = _resolved(_inherited(widget, "/V"))
        if kind == "/Btn" and name == "variant":
            values.options.update(_option(widget, value))
        elif kind == "/Tx" and name in ("place", "date", "name"):
            values.texts[name] = "" if value is None else str(value).strip()
        elif kind == "/Sig" and name == "signature":
            signed = signed or value is not None
    return OnScreenValues(values.options, values.texts, signed)


def _option(widget: DictionaryObject, value: object) -> dict[str, bool]:
    """Read one kid of the radio group: chosen when the group's value names it, or its own state does."""
    appearance = _resolved(widget.get("/AP"))
    normal = _resolved(appearance.get("/N")) if isinstance(appearance, DictionaryObject) else None
    states = [str(state) for state in normal if state != "/Off"] if isinstance(normal, DictionaryObject) else []
    own_state = str(widget.get("/AS", "/Off"))
    state = states[0] if states else own_state
    if state == "/Off":
        return {}
    return {state.lstrip("/"): state in (str(value), own_state)}


def _inherited(widget: DictionaryObject, key: str) -> object:
    node: object = widget
    for _ in range(8):
        if not isinstance(node, DictionaryObject):
            return None
        if key in node:
            return node[key]
        node = _resolved(node.get("/Parent"))
    return None


def _resolved(value: object) -> object:
    return value.get_object() if hasattr(value, "get_object") else value
