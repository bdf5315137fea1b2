"""Forms filled in on screen, by honest viewers and by files that say one thing and show another."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from intake.errors import PageProblem
from intake.on_screen import OnScreenValues, read_values

pytestmark = pytest.mark.filterwarnings("ignore:This document has .* form widget:UserWarning")
Change = Callable[[Pdf], None]


def _widget(pdf: Pdf, **entries: object) -> Object:
    return pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 10, 10]), F=4, **entries)  # type: ignore[arg-type]
    )


def _filled() -> Pdf:
    """Return a form with A chosen and Berlin typed."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    group = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=1 << 15, T="variant", V=Name.A))
    drawn = pdf.make_indirect(Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 10, 10])))
    kids = []
    for option in ("A", "B"):
        looks = Dictionary(N=Dictionary({f"/{option}": drawn, "/Off": drawn}))
        kids.append(_widget(pdf, Parent=group, AS=Name.A if option == "A" else Name.Off, AP=looks))
    group.Kids = Array(kids)
    place = _widget(pdf, FT=Name.Tx, T="place", V="Berlin")
    signature = _widget(pdf, FT=Name.Sig, T="signature")
    page.obj.Annots = Array([*kids, place, signature])
    pdf.Root.AcroForm = Dictionary(Fields=Array([group, place, signature]))
    return pdf


def _read(pdf: Pdf, encryption: pikepdf.Encryption | bool = False) -> OnScreenValues:
    buffer = BytesIO()
    pdf.save(buffer, encryption=encryption)
    (values,) = read_values(buffer.getvalue())
    return values


AS_FILLED = OnScreenValues({"A": True, "B": False}, {"place": "Berlin"})


def test_values_are_read() -> None:
    """An honestly filled form gives its choice and its texts."""
    assert _read(_filled()) == AS_FILLED


@pytest.mark.parametrize("revision", [3, 4, 6])
def test_a_file_that_only_forbids_changes_is_read(revision: int) -> None:
    """Encryption without a password to open, as office programs add it, hides no value."""
    forbidden = pikepdf.Encryption(owner="secret", user="", R=revision, aes=revision > 3, metadata=revision > 3)  # type: ignore[arg-type]
    assert _read(_filled(), forbidden) == AS_FILLED


def test_widgets_that_lost_their_form_are_read() -> None:
    """A program that joined files and dropped the form leaves values that nothing draws: they are read all the same."""
    pdf = _filled()
    del pdf.Root.AcroForm
    assert _read(pdf) == AS_FILLED


def _orphan_kids(pdf: Pdf) -> None:
    del pdf.pages[0].obj.Annots[0].Parent
    del pdf.pages[0].obj.Annots[1].Parent


def _say_b(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots[0].Parent.V = Name.B


def _rename(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots[0].Parent.T = "choice"


def _hide_text(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots[2].F = 2


def _add(**entries: object) -> Change:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].obj.Annots.append(_widget(pdf, **entries))

    return change


@pytest.mark.parametrize(
    "change",
    [
        _orphan_kids,
        _say_b,
        _rename,
        _hide_text,
        _add(FT=Name.Tx, T="place", V="Potsdam"),
        _add(FT=Name.Tx, T="remark", V="only on Sundays"),
        _add(FT=Name.Btn, T="agreed", V=Name.Yes, AS=Name.Yes),
        _add(FT=Name.Btn, T="variant", V=Name.B, AS=Name.B, AP=Dictionary(N=Dictionary(B=Dictionary()))),
    ],
)
def test_what_contradicts_is_called_so(change: Change) -> None:
    """Fields that were renamed, hidden, doubled, orphaned or added never pass for an honestly filled form."""
    pdf = _filled()
    change(pdf)
    assert _read(pdf).contradictory


def test_a_button_to_press_says_nothing() -> None:
    """A printing button that some program added is no contradiction."""
    pdf = _filled()
    _add(FT=Name.Btn, Ff=1 << 16, T="print")(pdf)
    assert _read(pdf) == AS_FILLED


def test_another_kind_of_form_is_not_guessed_at() -> None:
    """An XFA form may show anything whatever its fields say."""
    pdf = _filled()
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")
    with pytest.raises(PageProblem):
        _read(pdf)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_other_files_have_no_values(data: bytes) -> None:
    """What is no PDF has no form fields."""
    assert read_values(data) == []
