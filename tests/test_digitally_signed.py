"""PDFs that were signed digitally: validated on the bytes received, without network, and judged by people."""

from __future__ import annotations

import json
import socket
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NoReturn

import numpy as np
import pikepdf
import pytest
from office_steps import new_office
from sending_back import TODAY, decided, issued, posted
from signing import SIGNER, certificate, sign

from intake import validate_signatures
from intake.digital_signature import DigitalState
from intake.explanations import digital_in_words
from intake.json_lines import json_lines
from intake.read_document import read_document
from intake.results import Decision, DocumentReading, Reason, ReturnReading, SignatureState, Verdict
from registry.evidence import evidence_of
from registry.models import Return
from ruecklauf.config import load_config
from ruecklauf.errors import ConfigError
from ruecklauf.trusted import trusted_certificates
from simulation.scenarios import filled_on_screen


@cache
def filled() -> bytes:
    """The form, filled in on screen, not signed."""
    return filled_on_screen(posted(issued()), np.random.default_rng(2), signed=False).data


@cache
def signed() -> bytes:
    """The form, filled in on screen and signed in its signature field."""
    return sign(filled())


def read(data: bytes, *trusted: bytes) -> DocumentReading:
    """Read it against the form that was issued."""
    return read_document(data, {issued().form.form_id: issued()}.get, TODAY, lambda _: None, trusted)


def judged(data: bytes, *trusted: bytes) -> tuple[ReturnReading, Verdict]:
    """The one return in it, and the decision."""
    (only,) = decided(read(data, *trusted))
    return only.reading, only.verdict


def updated(pdf: bytes, **change: str) -> bytes:
    """Write further values into fields of a signed PDF, as a viewer does: after its end."""
    from pyhanko.pdf_utils.generic import NameObject, TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field.get("/T") in change:
            field[NameObject("/V")] = TextStringObject(change[field["/T"]])
            writer.update_container(field)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def test_an_intact_signature_is_a_proposal_to_a_person() -> None:
    """It covers the whole document and nothing was changed: who signed is said, and a person decides all the same."""
    reading, verdict = judged(signed())
    (signature,) = reading.digital_signatures
    assert (signature.field, signature.state, signature.signer) == ("signature", DigitalState.INTACT, SIGNER)
    assert (signature.whole, signature.trusted) == (True, False)
    assert signature.signed_at is not None
    assert verdict == Verdict(Decision.REVIEW, (Reason.SIGNATURE_VALIDATED, Reason.SIGNATURE_UNTRUSTED))
    assert reading.signature is not None
    assert reading.signature.state is SignatureState.UNCLEAR
    assert "with a certificate that is not known here, unchanged since" in digital_in_words(signature)


def test_a_trusted_root_vouches_for_the_name() -> None:
    """Where the office has configured the root, nothing is said against the name; a person decides all the same."""
    reading, verdict = judged(signed(), certificate())
    assert reading.digital_signatures[0].trusted
    assert verdict == Verdict(Decision.REVIEW, (Reason.SIGNATURE_VALIDATED,))


def test_altered_bytes_are_found() -> None:
    """One byte of what was signed is another one: tampered, whatever the page looks like."""
    data = bytearray(signed())
    data[data.index(b"/Producer") + 12] ^= 1
    reading, verdict = judged(bytes(data))
    assert [signature.state for signature in reading.digital_signatures] == [DigitalState.TAMPERED]
    assert verdict.decision is Decision.REVIEW
    assert Reason.SIGNATURE_TAMPERED in verdict.reasons
    assert Reason.SIGNATURE_VALIDATED not in verdict.reasons


def test_a_value_that_was_changed_after_signing_is_said() -> None:
    """A viewer wrote another place after the signature: filled in further, which no signature of a consent covers."""
    reading, verdict = judged(updated(signed(), place="Hamburg"))
    (signature,) = reading.digital_signatures
    assert (signature.state, signature.whole) == (DigitalState.CHANGED, False)
    assert verdict.decision is Decision.REVIEW
    assert Reason.SIGNATURE_CHANGED in verdict.reasons


def test_a_page_that_was_changed_after_signing_is_tampered_with() -> None:
    """Something was drawn on the page after the signature, by an update that leaves the signed bytes as they were."""
    from pyhanko.pdf_utils.generic import StreamObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(signed()))
    drawing = writer.add_object(StreamObject(stream_data=b"q 1 1 1 rg 60 500 300 60 re f Q"))
    writer.add_stream_to_page(0, drawing)
    output = BytesIO()
    writer.write(output)
    reading, verdict = judged(output.getvalue())
    assert [signature.state for signature in reading.digital_signatures] == [DigitalState.TAMPERED]
    assert Reason.SIGNATURE_TAMPERED in verdict.reasons


def test_a_signature_that_was_rewritten_is_not_valid() -> None:
    """A program saved the signed PDF anew: the field says that it is signed, and nobody can say by whom any more."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(signed())) as pdf:
        pdf.save(buffer)
    reading, verdict = judged(buffer.getvalue())
    assert reading.digital_signatures[0].state in (DigitalState.TAMPERED, DigitalState.UNREADABLE)
    assert verdict.decision is Decision.REVIEW
    assert Reason.SIGNATURE_VALIDATED not in verdict.reasons


def test_a_signature_in_another_field_signs_no_form() -> None:
    """A program added a signature of its own elsewhere: it is told, and the form's own field is still empty."""
    _, verdict = judged(sign(filled(), "Signature1"))
    assert verdict.decision is Decision.REVIEW
    assert {Reason.SIGNATURE_ELSEWHERE, Reason.SIGNATURE_ABSENT} <= set(verdict.reasons)


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validating opens no connection and looks up no name."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("somebody asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert judged(signed())[1].reasons == (Reason.SIGNATURE_VALIDATED, Reason.SIGNATURE_UNTRUSTED)


def test_without_the_library_a_person_is_told_that_nothing_was_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, the signature is seen and called not validated."""
    monkeypatch.setattr(validate_signatures, "IS_INSTALLED", False)
    reading, verdict = judged(signed())
    assert reading.digital_signatures == ()
    assert verdict == Verdict(Decision.REVIEW, (Reason.SIGNATURE_DIGITAL,))


def test_json_says_it_beside_what_it_always_said() -> None:
    """The key is there where something is signed digitally, and only there."""
    line, other = (
        json.loads(json_lines("a.pdf", reading, [only.verdict for only in decided(reading)])[0])
        for reading in (read(signed()), read(filled()))
    )
    (signature,) = line["digital_signatures"]
    assert (signature["state"], signature["signer"], signature["trusted"]) == ("intact", SIGNER, False)
    assert list(line)[:-1] == list(other)


def test_only_certificates_are_trusted(tmp_path: Path) -> None:
    """The setting names files; one that is missing or holds something else is told when the program starts."""
    (tmp_path / "root.pem").write_bytes(certificate())
    (tmp_path / "other.pem").write_text("no certificate")
    settings = tmp_path / "ruecklauf.toml"
    settings.write_text('trusted_certificates = ["root.pem"]\n')
    assert trusted_certificates(load_config(tmp_path)) == (certificate(),)
    for name in ("other.pem", "missing.pem"):
        settings.write_text(f'trusted_certificates = ["{name}"]\n')
        with pytest.raises(ConfigError, match=name):
            trusted_certificates(load_config(tmp_path))


@pytest.mark.django_db
def test_what_was_validated_is_in_the_book(tmp_path: Path) -> None:
    """From the mailbox through a worker into the book, with the bytes as they came."""
    office = new_office(tmp_path)
    data = sign(filled_on_screen(office.letters[0], np.random.default_rng(2), signed=False).data)
    (result,) = office.drop({"signed.pdf": data})
    assert "digitally signed in the signature field" in result.summary
    (evidence,) = evidence_of([Return.objects.get().pk])
    assert evidence.reading.digital_signatures[0].signer == SIGNER
    assert (office.mailbox / "done" / "signed.pdf").read_bytes() == data
