"""Proving: a small real run from people to the judgement, what is counted of it, and the page that shows it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from builders import make_document, make_return
from PIL import Image
from sending_back import issuer
from spoiled_letter import spoiled_letter

from intake.results import Decision, Reason, Verdict
from intake.worker import WorkerLimits
from registry.bounds import upper_bound_95
from ruecklauf.proof_gallery import Gallery
from ruecklauf.proof_report import write_report
from ruecklauf.proof_result import PICTURES_KEPT, Became, ProofResult, became
from ruecklauf.proving import (
    Case,
    ChannelKind,
    Proven,
    Sent,
    SpeedSamples,
    Traits,
    channel_kind,
    planned_cases,
    prove,
    simulate,
    traits_of,
)
from ruecklauf.sample_letters import issue_sample, posted
from ruecklauf.trouble_spots import trouble_spots
from ruecklauf.truth_check import Fault, Judged, Outcome, Standing, standing
from simulation.channels import PRESETS
from simulation.issued_pdf import find_fields
from simulation.people import Behaviour, MarkTruth, Truth, fill_in
from simulation.repertoire import PLAIN, REPERTOIRE, SPECIAL
from simulation.returns import random_signatory

CLONE = Path(__file__).parents[1]
LIMITS = WorkerLimits(base_s=300.0, memory_bytes=2 << 30)
MADE_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CASES = [
    Case("plain", "clean", 0, 5),
    Case("unsigned", "office-200", 1, 5),
    Case("note", "colour-200", 2, 5),
    Case("plain", "fax-fine", 3, 5),
]


@pytest.fixture(scope="module")
def proof() -> tuple[ProofResult, Gallery, list[Proven]]:
    """Prove four cases on the real letter."""
    result, gallery, samples, kept = ProofResult(issuer().letter, 5), Gallery(), SpeedSamples(), []
    for proven in prove(issuer(), CASES, LIMITS):
        result.add(proven)
        gallery.look_at(proven)
        samples.keep(proven)
        kept.append(proven)
    result.seconds, result.speed = 4.0, samples.measure(LIMITS)
    return result, gallery, kept


def pretended(judged: Judged, case: Case = CASES[0]) -> Proven:
    """A return as if it had been judged so; its file is the letter itself."""
    issued = issue_sample(issuer(), case.rng())
    true = Truth({"A": MarkTruth.MARKED, "B": MarkTruth.EMPTY}, True, {"place": "x", "date": "x", "name": "x"}, ())
    answer = replace(make_return(issued.form.form_id), pages=())
    verdict = Verdict(judged.decision, judged.reasons)
    sent = Sent(issued.pdf, true, Traits("cross", "usual", "medium blue", "cursive"))
    return Proven(case, issued, sent, make_document(b"x", [answer]), (verdict,), judged, Standing.COMPLETE)


class _Page(HTMLParser):
    """Collects the counts of each line of the report's tables, its exhibits, and everything it would load."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.lines: dict[str, list[str]] = {}
        self.exhibits: list[str] = []
        self.sources: list[str] = []
        self.tags: Counter[str] = Counter()
        self.texts: list[str] = []
        self._line: list[str] | None = None
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        self.sources += [str(given[name]) for name in ("src", "href", "srcset", "data") if given.get(name)]
        if "data-line" in given:
            self._line = self.lines.setdefault(str(given["data-line"]), [])
            self._line.clear()
        elif tag == "td" and self._line is not None:
            self._line.append("")
        if "data-case" in given:
            self.exhibits.append(str(given["data-case"]))

    def handle_endtag(self, tag: str) -> None:
        self.tags[f"/{tag}"] += 1
        if tag == "tr":
            self._line = None

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())
        if self._line:
            self._line[-1] += data.strip()

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(text for text in self.texts if text)


def test_the_run_judges_every_case(proof: tuple[ProofResult, Gallery, list[Proven]]) -> None:
    """Each case comes back once, of its own customer, with the truth of what was done; nothing clear is misread."""
    result, _, kept = proof
    assert {proven.case for proven in kept} == set(CASES)
    by_case = {proven.case: proven for proven in kept}
    assert became(by_case[CASES[0]]) is Became.ACCEPTED
    assert by_case[CASES[1]].judged.reasons == (Reason.SIGNATURE_ABSENT,)
    assert by_case[CASES[1]].standing is Standing.LACKING
    assert became(by_case[CASES[2]]) is Became.PERSON
    assert by_case[CASES[2]].standing is Standing.TO_BE_SEEN
    assert (result.recognised, result.wrong) == (4, [])
    assert result.speed is not None
    assert result.speed.files == 2


def test_the_report_says_what_was_counted(proof: tuple[ProofResult, Gallery, list[Proven]]) -> None:
    """Every number of every line of the page equals the result's, bound included."""
    result, gallery, _ = proof
    page = _Page(write_report(result, gallery, MADE_AT))
    lines = {**result.by_conduct, **result.by_channel}
    shown = {name: line for name, line in lines.items() if line.returns}
    assert page.lines.keys() == shown.keys()
    for name, line in shown.items():
        _, returns, _, *counts, bound = page.lines[name]
        assert int(returns) == line.returns
        assert [int(count) for count in counts] == [line.counts[what] for what in Became]
        assert float(re.sub(r"[^\d.]", "", bound)) == pytest.approx(100 * line.wrong_below, abs=0.051)
    assert "No return was decided wrongly." in page.text
    assert f"{result.plain.counts[Became.ACCEPTED]} of 2; rate above" in page.text
    assert "1 of 1" in page.text
    assert page.exhibits == [str(item.case) for item in gallery.work]


def test_the_report_loads_nothing_from_elsewhere(proof: tuple[ProofResult, Gallery, list[Proven]]) -> None:
    """One file: no script, no style sheet, no picture from outside; well-formed, with plots drawn in it."""
    result, _, _ = proof
    gallery = Gallery()
    gallery.look_at(pretended(Judged(Outcome.WRONG, Fault.UNSIGNED, Decision.ACCEPT, ())))
    data = write_report(result, gallery, MADE_AT)
    page = _Page(data)
    assert all(source.startswith(("#", "data:image/webp;base64,")) for source in page.sources)
    assert b"url(" not in data
    assert b"@import" not in data
    assert not page.tags.keys() & {"script", "link", "iframe", "object"}
    for tag in ("section", "div", "table", "svg", "article", "tr", "td", "details"):
        assert page.tags[tag] == page.tags[f"/{tag}"], tag
    assert page.tags["svg"] > 5


def test_a_wrong_reading_is_shown_with_its_picture() -> None:
    """The page counts it, names the case and the fault, and shows the paper."""
    result, gallery = ProofResult(issuer().letter, 5), Gallery()
    wrong = pretended(Judged(Outcome.WRONG, Fault.NOT_MISSING, Decision.INCOMPLETE, (Reason.SIGNATURE_ABSENT,)))
    result.add(wrong)
    gallery.look_at(wrong)
    page = _Page(write_report(result, gallery, MADE_AT))
    assert "1 of 1 return" in page.text
    assert "Called incomplete for something that is there" in page.text
    assert "einer wurde ohne Rückfrage falsch entschieden" in page.text
    assert page.exhibits == [str(wrong.case)]
    with Image.open(BytesIO(gallery.wrong[0].picture_webp)) as picture:
        assert picture.height > picture.width > 500
    assert trouble_spots(wrong) == ("signature",)
    assert result.spots["signature"].troubled == 1


def test_every_return_is_counted_as_exactly_one_thing() -> None:
    """Whatever became of returns, the counts add up; the gallery stops growing, the list of wrong ones does not."""
    result, gallery = ProofResult(issuer().letter, 5), Gallery()
    judged = (
        Judged(Outcome.RIGHT, None, Decision.ACCEPT, ()),
        Judged(Outcome.RIGHT, None, Decision.INCOMPLETE, (Reason.DATE_EMPTY,)),
        Judged(Outcome.FLAGGED, None, Decision.REVIEW, (Reason.PAGE_ADDITIONS,)),
        Judged(Outcome.FLAGGED, None, Decision.REJECT, (Reason.PAGE_NO_CODE,)),
        Judged(Outcome.WRONG, Fault.OTHER_CUSTOMER, Decision.ACCEPT, ()),
    )
    for one in judged:
        result.add(pretended(one))
    assert [result.plain.counts[what] for what in Became] == [1, 1, 1, 1, 1]
    assert result.recognised == 3
    for _ in range(PICTURES_KEPT + 2):
        gallery.look_at(pretended(judged[-1]))
    assert len(gallery.wrong) == PICTURES_KEPT


def test_a_bad_layout_is_in_the_report_with_its_reason() -> None:
    """Each hint stands on the page with its millimetres and why it matters, even before anything was sent around."""
    result = ProofResult(spoiled_letter(), 5)
    page = _Page(write_report(result, Gallery(), MADE_AT))
    assert "Box B, page 1: from the box to the nearest words is 1.0 mm, at least 3.0 mm is needed." in page.text
    assert "runs into the words and looks like striking them out" in page.text
    assert "Signature, page 1: width of the field is 60.0 mm, at least 80.0 mm is needed." in page.text
    assert "from the edge of the paper is 7.0 mm" in page.text
    assert "Nothing was measured." in page.text


def test_options_on_several_pages_are_in_the_report_with_what_to_do() -> None:
    """A layout can hurt without a distance that is too small: then too it says what to change."""
    page = _Page(write_report(ProofResult(issuer("data-backup.v1").letter, 5), Gallery(), MADE_AT))
    assert "The options stand on pages 1 and 2." in page.text
    assert "What to do: shorten the letter or its options, or set body_size_pt smaller" in page.text


def test_the_plan_spreads_over_everything() -> None:
    """Wherever it is stopped, half are plain and all kinds come in turn; the same seed gives the same plan."""
    cases = list(planned_cases(400, 9))
    assert cases == list(planned_cases(400, 9))
    assert cases != list(planned_cases(400, 10))
    assert cases[:90] == list(planned_cases(90, 9))
    plain, special = [case for case in cases if case.is_plain], [case for case in cases if not case.is_plain]
    assert len(plain) == len(special) == 200
    for drawn, everything in (
        ([case.channel for case in plain], PRESETS),
        ([case.channel for case in special], PRESETS),
        ([case.conduct for case in special], {conduct.name for conduct in SPECIAL}),
    ):
        counts = Counter(drawn)
        assert counts.keys() == set(everything)
        assert max(counts.values()) - min(counts.values()) <= 1
    assert len({str(case) for case in cases}) == 400


def test_a_case_is_repeated_by_its_name() -> None:
    """A case says all that is needed to make the same bytes and the same truth again."""
    case = Case.named("struck out:bilevel-200:17:3")
    assert str(case) == "struck out:bilevel-200:17:3"
    letters = [posted(issue_sample(issuer(), case.rng())) for _ in range(2)]
    assert letters[0].pdf == letters[1].pdf
    assert simulate(case, letters[0]) == simulate(case, letters[1])
    with pytest.raises(ValueError, match="no case"):
        Case.named("struck out:carrier pigeon:17:3")


def test_channels_are_held_to_their_measure() -> None:
    """Each kind of channel that has a goal is there, and the damaged ones are held to none."""
    kinds = {name: channel_kind(name) for name in PRESETS}
    assert set(kinds.values()) == set(ChannelKind)
    assert kinds["office-150"] is kinds["folded"] is kinds["jpeg-30"] is ChannelKind.SCAN
    assert kinds["bilevel-light"] is ChannelKind.BILEVEL
    assert kinds["fax-fine"] is ChannelKind.FAX
    assert kinds["photo-steep"] is ChannelKind.PHOTO
    assert {kinds[name] for name in ("office-100", "fax-standard", "fax-bad-line", "cut-edge")} == {ChannelKind.POOR}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ({"plain", "stamp and signature", "receipt stamp", "fax header"}, Standing.COMPLETE),
        ({"unmarked", "unsigned", "field empty"}, Standing.LACKING),
        (
            {conduct.name for conduct in SPECIAL}
            - {"stamp and signature", "receipt stamp", "fax header", "unmarked", "unsigned", "field empty"},
            Standing.TO_BE_SEEN,
        ),
    ],
)
@pytest.mark.parametrize("template", ["remote-support.v1", "data-backup.v1"])
def test_each_conduct_is_what_it_is_said_to_be(names: set[str], wanted: Standing, template: str) -> None:
    """On one page and on two, with two options and with three: the truth follows from the ink that was laid."""
    letter = posted(issue_sample(issuer(template), np.random.default_rng(3)))
    for name in sorted(names):
        rng = np.random.default_rng([4, len(name)])
        acts = REPERTOIRE[name].acts(random_signatory(letter, rng), tuple(find_fields(letter.pdf).options), rng)
        assert standing(fill_in(letter.pdf, Behaviour(acts), rng, dpi=72).truth) is wanted, name


def test_the_bound_is_near_three_in_n() -> None:
    """None wrong in n still allows about 3/n; all wrong allows everything; more trials, a lower bound."""
    for trials in (100, 1000, 10000):
        assert upper_bound_95(0, trials) == pytest.approx(3 / trials, rel=0.02)
    assert upper_bound_95(0, 0) == upper_bound_95(5, 5) == 1.0
    assert upper_bound_95(1, 100) == pytest.approx(0.0466, abs=1e-4)


@contextmanager
def started(*arguments: str | Path, home: Path) -> Iterator[tuple[subprocess.Popen[str], Iterator[bytes]]]:
    """Start the command with a terminal for its progress bar; hand out what it shows there. Kill it in the end."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUECKLAUF", "DJANGO"))}
    environment |= {"PYTHONPATH": str(CLONE), "RUECKLAUF_HOME": str(home), "TERM": "xterm", "COLUMNS": "100"}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ruecklauf", "prove", *map(str, arguments)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=theirs, encoding="utf-8", cwd=CLONE
    )
    os.close(theirs)
    try:
        yield process, _shown(ours)
    finally:
        process.kill()
        process.communicate()


def _shown(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes to this terminal any more
            os.close(terminal)
            return


def test_the_command_proves_without_a_home(tmp_path: Path) -> None:
    """It needs no home and makes none, shows a bar, prints its table and writes the report with the same counts."""
    home, report = tmp_path / "home", tmp_path / "proof.html"
    with started("remote-support", "--count", "4", "--seed", "5", "--report", report, home=home) as (process, terminal):
        shown = b"".join(terminal)
        out, _ = process.communicate(timeout=300)
    assert process.returncode in (0, 1), out
    assert b"Returns" in shown
    rows = {row[0]: row[1:] for row in (line.split("\t") for line in out.splitlines()) if len(row) > 5}
    assert rows["all"][0] == "4"
    assert (process.returncode == 1) == (rows["all"][5] != "0")
    page = _Page(report.read_bytes())
    assert page.lines["plain"][1] == "2"
    specials = [name for name in rows if name in page.lines]
    assert [page.lines[name][3:8] for name in specials] == [rows[name][1:6] for name in specials]
    assert "ruecklauf prove remote-support.v1 --count 4 --seed 5" in page.text
    assert not home.exists()


def test_ctrl_c_reports_what_was_done(tmp_path: Path) -> None:
    """The first Ctrl-C ends the run politely: the report is written and says where it was stopped."""
    report = tmp_path / "proof.html"
    with started("remote-support", "--count", "500", "--report", report, home=tmp_path / "home") as (process, terminal):
        assert any(b"Returns" in shown for shown in terminal)
        process.send_signal(signal.SIGINT)  # the bar is shown: from here on the command listens
        shown = b"".join(terminal)
        out, _ = process.communicate(timeout=300)
    assert process.returncode in (1, 130), out
    assert b"of 500 returns" in shown
    assert "500 were asked for" in _Page(report.read_bytes()).text


def test_nothing_goes_on_when_the_command_is_killed(tmp_path: Path) -> None:
    """The simulating processes end with their parent, even if that could not tell them."""
    with started("remote-support", "--count", "500", home=tmp_path / "home") as (process, terminal):
        assert any(b"Returns" in shown for shown in terminal)
        while len(simulating := _simulating_for(process.pid)) < 2:
            time.sleep(0.2)
        process.kill()
    deadline_s = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in simulating) and time.monotonic() < deadline_s:
        time.sleep(0.2)
    assert not [pid for pid in simulating if Path(f"/proc/{pid}").exists()]


def _simulating_for(parent: int) -> list[int]:
    """Find the simulating processes of a run that have begun to listen to their parent."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    spawned = [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [int(pid) for pid in spawned if len(list(Path(f"/proc/{pid}/task").iterdir())) > 1]


@pytest.mark.parametrize(
    "arguments",
    [["no-such-template"], ["remote-support", "--count", "0"], ["remote-support", "--report", "no/such.html"]],
)
def test_wrong_use_is_told_before_anything_is_done(arguments: list[str], tmp_path: Path) -> None:
    """An unknown template, no returns, a report that has nowhere to go."""
    with started(*arguments, home=tmp_path / "home") as (process, terminal):
        shown = b"".join(terminal)
        process.communicate(timeout=300)
    assert process.returncode == 2, shown


def test_plain_is_every_listed_pen_mark_and_signature() -> None:
    """Plain returns are not neat ones: all shapes, sizes, inks and signatures come, faint and skipping pens too."""
    letter = posted(issue_sample(issuer(), np.random.default_rng(3)))
    seen: Counter[str] = Counter()
    for seed in range(400):
        rng = np.random.default_rng(seed)
        sent_acts = PLAIN.acts(random_signatory(letter, rng), ("A", "B"), rng)
        traits = traits_of(sent_acts)
        seen.update([traits.mark, traits.size, traits.signature, *traits.pen.split()])
    words = "cross tick slash dot scrawl small usual large fine medium broad blue black pencil faint skipping"
    styles = "cursive huge crossing initials written"
    assert all(seen[word] >= 4 for word in f"{words} {styles}".split()), seen
