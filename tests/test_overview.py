"""The overview: every form is counted where it stands, the course over time adds up, and the plots show just that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from book_steps import confirm_return
from builders import INCOMPLETE, ISSUED_ON, REVIEW, form_id
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from review_steps import came_back, issue_to, signed_in

from registry import book
from registry.events import rebuild_lists
from registry.models import Standing
from registry.overview import overview
from review.plots import HEIGHT, WIDTH, bar_plot, line_plot
from review.roles import Role
from review.templatetags.review_words import percent

TODAY = datetime.now(UTC).date()


@pytest.mark.django_db
def test_every_customer_is_counted_where_they_stand() -> None:
    """In force, to be confirmed, incomplete, outstanding, ended: together all who were asked, each once."""
    confirm_return(came_back(1, variant="A"))
    confirm_return(came_back(2, variant="B"))
    came_back(3)
    came_back(4, INCOMPLETE)
    issue_to(5)
    issue_to(6)
    book.void(form_id(6), by="Petra", reason="by mistake")
    figures = overview("remote-support", TODAY).figures
    assert figures.asked == 6
    assert (figures.in_force, figures.to_confirm, figures.incomplete, figures.outstanding) == (2, 1, 1, 1)
    assert (figures.ended, figures.overdue, figures.doubtful) == (1, 1, 2)
    assert figures.variants == {"A": 1, "B": 1}
    assert figures.return_rate == pytest.approx(4 / 5)
    assert overview("another", TODAY).figures.asked == 0
    assert overview("another", TODAY).figures.return_rate is None


@pytest.mark.django_db
def test_the_course_counts_up_to_the_end_of_each_week() -> None:
    """What was issued in October is there from its week on; what happened before the first week shown is in it."""
    confirm_return(came_back(1, REVIEW))
    issue_to(2)
    book.record_sent([form_id(2)], on=ISSUED_ON + timedelta(days=14), channel="post", actor="Petra")
    weeks = overview(None, ISSUED_ON + timedelta(days=20)).weeks
    assert weeks[0].monday <= ISSUED_ON < weeks[0].monday + timedelta(days=7)
    assert [week.issued for week in weeks] == [2] * len(weeks)
    assert [week.sent for week in weeks] == [0, 0, 1, 1][: len(weeks)]
    assert [week.confirmed for week in weeks] == sorted(week.confirmed for week in weeks)
    later = overview(None, ISSUED_ON + timedelta(days=400)).weeks
    assert (len(later), later[0].issued, later[-1].returned, later[-1].confirmed) == (26, 2, 1, 1)
    assert (later[-1].doubtful, later[-1].outstanding) == (1, 1)


@pytest.mark.django_db
def test_standings_are_the_same_when_they_are_worked_out_anew() -> None:
    """What is noted step by step is what the events say, for forms in every status."""
    confirm_return(came_back(1))
    came_back(2, INCOMPLETE)
    issue_to(3)
    book.withdraw("K-1", "remote-support", on=TODAY, reason="letter", by="Petra")
    rows = list(Standing.objects.order_by("pk").values())
    rebuild_lists()
    assert list(Standing.objects.order_by("pk").values()) == rows
    assert [row["status"] for row in rows] == ["withdrawn", "incomplete", "issued"]


@pytest.mark.django_db
def test_the_page_says_in_a_table_what_the_plot_shows() -> None:
    """Figures, the plot's labels and the table's newest row agree; whoever has a role may look."""
    confirm_return(came_back(1))
    issue_to(2)
    page = signed_in(Role.ADMINISTER).get("/overview/").content.decode()
    newest = re.findall(r'<td class="number">(\d+)</td>', page)[:6]
    assert newest == ["2", "0", "1", "0", "1", "1"]
    for words in ("2 ausgegeben", "0 verschickt", "1 zurückgekommen", "0 zweifelhaft", "1 bestätigt"):
        assert f">{words}</text>" in page
    assert "Variante A: 1 (100 %)" in page
    assert signed_in(Role.ISSUE, name="ines").get("/overview/?template=none").status_code == 404


@given(
    st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3).map(sorted), min_size=1, max_size=4),
)
def test_a_plot_stays_within_itself_and_its_labels_apart(courses: list[list[int]]) -> None:
    """Whatever the numbers, lines end at their values, within the plot, and no label covers another."""
    plot = line_plot({f"{name}": values for name, values in enumerate(courses)}, ["a", "b", "c"])
    for line, values in zip(plot.lines, courses, strict=True):
        places = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
        assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
        assert line.last == values[-1]
    labels = sorted(line.label_y for line in plot.lines)
    assert all(below - above >= 16 for above, below in pairwise(labels))
    most = max(line.last for line in plot.lines)
    assert plot.across[0].number == 0 <= most <= plot.across[-1].number
    assert plot.left >= 16 + 7 * len(f"{plot.across[-1].number:,}")  # as wide as its number is written
    assert WIDTH - plot.right >= 165 + 9 * len(f"{most:,}")


@pytest.mark.parametrize(("number", "said"), [(1, "1 Kunde"), (12345, "12.345 Kunden")])
def test_thousands_are_grouped_wherever_they_are_counted(number: int, said: str) -> None:
    """Also in a sentence whose words depend on the number; and a small share is not said to be none."""
    begin, end = "{% load i18n review_words %}{% blocktranslate count number=n|grouped %}", "{% endblocktranslate %}"
    template = Template(begin + "{{ number }} customer{% plural %}{{ number }} customers" + end)
    with translation.override("de"):
        assert template.render(Context({"n": number})) == said
        assert percent(0.00074, 2) == "0,07\N{NO-BREAK SPACE}%"


def test_a_plot_of_nothing_is_a_plot() -> None:
    """No forms and no shares are drawn as nothing, and not as an error."""
    assert line_plot({"issued": [0]}, ["01.10."]).lines[0].last == 0
    assert bar_plot({}).bars == ()
    assert [bar.percent for bar in bar_plot({"A": 1, "B": 2}).bars] == [33, 67]
