"""What could not be read is tried again, mended or by a better program, with one command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from builders import sha256
from keeping_steps import age_archive, found
from office_steps import Office, new_office, scans_of
from program import FAST, run

from intake.results import Decision, Reason
from intake.worker import WorkerLimits
from registry.book import ask_to_read_again
from registry.errors import NotAllowedNow, UnknownFile
from registry.invariants import violations
from registry.models import Arrival, ReceivedFile, Return
from registry.retrying import problem_files
from registry.waiting import returns_waiting
from ruecklauf.errors import WrongUse
from ruecklauf.retrying import files_in_problems, named_in_problems, put_back_into_mailbox, read_again
from simulation.files import to_pdf

pytestmark = pytest.mark.usefixtures("committed_book")

NO_TIME = WorkerLimits(base_s=0.01, per_page_s=0.01)
"""Limits in which no worker gets anything done: a program that cannot read the file yet."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that has sent the letter."""
    return new_office(tmp_path, issued_on=datetime.now(UTC).date() - timedelta(days=7))


def timed_out(office: Office, name: str, data: bytes) -> None:
    """Drop a file while nothing can be read in time."""
    usual = office.limits
    office.limits = NO_TIME
    (result,) = office.drop({name: data})
    office.limits = usual
    assert result.problem is not None
    assert Reason.FILE_TIMEOUT in result.problem


def retried(office: Office) -> list[str]:
    """Try all again that lies among the problems; return what came of it."""
    list(put_back_into_mailbox(files_in_problems(office.mailbox), office.mailbox, by="Petra"))
    return [result.summary for result in office.watch()]


def locked(data: bytes) -> bytes:
    """A PDF with the password b."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="a", user="b", R=6))
    return buffer.getvalue()


def lying_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def check_sound() -> None:
    """Nothing in the book contradicts itself, and nothing is missing, altered or surplus."""
    assert list(violations()) == []
    age_archive()
    assert found() == []


def test_a_file_that_could_not_be_read_is_read_again(office: Office) -> None:
    """It is booked as received when it first was, goes to done/, and its note is gone."""
    timed_out(office, "scan.pdf", to_pdf(scans_of(office.letters[0], "A")))
    (listed,) = problem_files()
    assert (listed.name, listed.reason, listed.to_be_read_again) == ("scan.pdf", Reason.FILE_TIMEOUT, False)
    (summary,) = retried(office)
    assert "return" in summary
    assert "accept" in summary
    (waiting,) = returns_waiting()
    assert waiting.received_at == Arrival.objects.earliest("pk").received_at
    assert lying_in(office.mailbox / "problems") == []
    assert lying_in(office.mailbox / "done") == ["scan.pdf"]
    assert list(problem_files()) == []
    check_sound()


def test_what_fails_again_says_why_again(office: Office) -> None:
    """Trying again as often as one likes books each try, and leaves one file with one note."""
    office.drop({"letter.docx": b"PK\3\4 word/document.xml"})
    for _ in range(2):
        (summary,) = retried(office)
        assert "office program" in summary
    assert lying_in(office.mailbox / "problems") == ["letter.docx", "letter.docx.reason.txt"]
    assert ReceivedFile.objects.count() == 1
    check_sound()


def test_pages_that_could_not_be_placed_are_read_again(office: Office) -> None:
    """A file that was none of ours stays one, page by page, each in one place."""
    blank = replace(scans_of(office.letters[0], "A")[0])
    office.drop({"blank.pdf": to_pdf([replace(blank, image=blank.image * 0 + 250)])})
    (summary,) = retried(office)
    assert "No page of this file" in summary
    check_sound()


def test_a_mended_file_is_taken_in_as_what_it_is_now(office: Office) -> None:
    """Staff open a PDF with its password and save it without: the saved one is read, the first one stays kept."""
    scan = to_pdf(scans_of(office.letters[0], "B"))
    (result,) = office.drop({"locked.pdf": locked(scan)})
    assert result.problem is not None
    assert Reason.FILE_ENCRYPTED in result.problem
    path = office.mailbox / "problems" / "locked.pdf"
    with pikepdf.open(path, password="b", allow_overwriting_input=True) as pdf:
        pdf.save(path)
    retried(office)
    (waiting,) = returns_waiting()
    assert (waiting.decision, waiting.variant) == (Decision.ACCEPT, "B")
    assert lying_in(office.mailbox / "problems") == []
    assert ReceivedFile.objects.count() == 2
    check_sound()


def test_a_file_that_nobody_has_any_more_comes_from_the_archive(office: Office) -> None:
    """One click in the list of problems is enough, also where somebody has tidied up the folder."""
    data = to_pdf(scans_of(office.letters[0], "A"))
    timed_out(office, "scan.pdf", data)
    for path in (office.mailbox / "problems").iterdir():
        path.unlink()
    read_again(sha256(data), office.mailbox, by="Petra")
    assert [each.to_be_read_again for each in problem_files()] == [True]
    office.watch()
    assert Return.objects.count() == 1
    check_sound()


def mail_with(name: str, data: bytes) -> bytes:
    """A mail that brings a file."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "kunde@example.org", "support@bmssoft.example", "Formular"
    mail.set_content("anbei")
    mail.add_attachment(data, "application", "pdf", filename=name)
    return mail.as_bytes()


def test_the_document_of_a_mail_is_read_again_by_itself(office: Office) -> None:
    """Of a mail whose attachment could not be read, the attachment goes through the mailbox; the mail stays."""
    office.drop({"mail.eml": mail_with("Scan 1.pdf", locked(to_pdf(scans_of(office.letters[0], "A"))))})
    (summary,) = retried(office)
    assert "password" in summary
    names = [f"{name}{end}" for name in ("Scan 1.pdf", "mail.eml") for end in ("", ".reason.txt")]
    assert lying_in(office.mailbox / "problems") == names
    check_sound()


def test_what_comes_again_and_can_be_read_by_then_is_read(office: Office) -> None:
    """A file that could not be read comes once more, in a mail: it is no mere duplicate, and its return is booked."""
    data = to_pdf(scans_of(office.letters[0], "A"))
    timed_out(office, "Scan 1.pdf", data)
    office.drop({"mail.eml": mail_with("Scan 1.pdf", data)})
    assert Return.objects.count() == 1
    assert ReceivedFile.objects.count() == 2
    check_sound()


def test_what_is_read_is_not_read_again(office: Office) -> None:
    """Returns that are booked are for people to judge, and a file that never came can't be read."""
    data = to_pdf(scans_of(office.letters[0], "A"))
    office.drop({"scan.pdf": data})
    with pytest.raises(NotAllowedNow):
        ask_to_read_again(sha256(data), by="Petra")
    with pytest.raises(UnknownFile):
        ask_to_read_again("0" * 64, by="Petra")
    with pytest.raises(WrongUse):
        named_in_problems(office.mailbox, ["scan.pdf"])


def test_the_command(tmp_path: Path) -> None:
    """`retry` without a name takes in all again, with a name that file; what fails again is said by the exit code."""
    (tmp_path / "ruecklauf.toml").write_text(FAST)
    (tmp_path / "mailbox" / "done").mkdir(parents=True)
    (tmp_path / "mailbox" / "problems").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "mailbox" / name).write_text(f"only words {name}")
    assert run("watch", "--once", "--home", tmp_path)[0] == 1
    code, out, err = run("retry", "b.txt", "--home", tmp_path)
    assert (code, out.splitlines()[0]) == (1, "again: b.txt")
    assert "plain text" in out + err
    code, out, _ = run("retry", "--home", tmp_path)
    assert (code, out.splitlines()[:2]) == (1, ["again: a.txt", "again: b.txt"])
