"""Issuing in the browser: choose a template and customers, see what would become of each row, look, issue.

What joins the stages lives here, in the application; templates and words are the review page's
(docs/decisions/0011-pages-of-the-application.md). A list that is uploaded is hostile: `forms.customers` reads it within
its limits, and what a browser called it is never used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms.customers import MAX_FILE_BYTES, RefusedRow, read_customers
from forms.errors import DoesNotFit, FormsError
from forms.letter_picture import letter_picture
from forms.load_template import available_templates, load_template
from forms.template_mistakes import TemplateMistakes
from registry.anchors import write_anchor
from registry.book import forms_in_the_way
from registry.customer_search import customers_matching, customers_numbered, customers_of, listed
from registry.errors import TemplateChanged
from registry.runs import issued_counts, recent_runs
from review.entry_forms import ListForm, today
from review.roles import Role, page
from review.words import COLUMNS, Words, translated
from ruecklauf.config import TEMPLATES
from ruecklauf.drafts import find_draft, keep_draft, list_of, throw_away
from ruecklauf.generating import GenerateOrder, generate
from ruecklauf.open_config import open_config
from ruecklauf.planned_issue import PlannedIssue, plan_issue, preview_letter

ROWS = 50
ROWS_TO_MEND = 200
"""Rows that get no letter are shown more at a time: whoever mends the list goes through them."""
MOST_ROWS = 10_000
"""Longer lists are for the command line: a browser would wait for a minute."""
LAST_RUNS = 10


@dataclass(frozen=True, slots=True)
class TemplateShown:
    """A template that may be chosen, in its newest version."""

    name: str
    title: str
    version: int
    issued: int
    """Forms of this version so far."""
    mistakes: tuple[str, ...]
    """Why it cannot be used, in the reader's language; empty where it can."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a row, in the reader's language."""

    row: int
    column: Words
    value: str
    reason: str


@page(Role.ISSUE, methods="GET HEAD POST", largest_request=MAX_FILE_BYTES)
def issue(request: HttpRequest) -> HttpResponse:
    """Choose a template and upload a customer list; below stands what was issued lately."""
    if request.method == "POST":
        form = ListForm(request.POST, request.FILES)
        if form.is_valid():
            said = form.cleaned_data
            token = keep_draft(open_config().drafts, said["customers"].read())
            return _to_check(token, said["template"], reissue=said["reissue"])
        return _issue_page(request, form, status=400)
    return _issue_page(request, ListForm(initial={"template": request.GET.get("template", "")}))


@page(Role.ISSUE, methods="GET HEAD POST")
def check_list(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would become of each row of a list; what is posted issues."""
    said = request.POST if request.method == "POST" else request.GET
    draft, template, reissue = _draft(token), said.get("template", ""), "reissue" in said
    try:
        plan = plan_issue(_template(template), draft, reissue=reissue, today=today())
        if len(plan.served) > MOST_ROWS:
            raise _too_long()
        if request.method == "POST" and plan.served:
            return _issue(request, draft, template, reissue=reissue)
    except (FormsError, TemplateChanged) as error:
        messages.error(request, f"{translated(error.what)}: {translated(error.remedy)}.")
        return redirect(f"{reverse('issue')}?{urlencode({'template': template})}")
    return _checked(request, token, template, plan, reissue=reissue)


@page(Role.ISSUE)
def first_letter(request: HttpRequest, token: str) -> HttpResponse:
    """The first letter of a list as a picture, as it would be."""
    try:
        template, customers = _template(request.GET.get("template", "")), read_customers(_draft(token)).customers
        row = next((each for each in customers if str(each.row) == request.GET.get("row", "")), None)
        if row is None:
            raise Http404
        picture = letter_picture(preview_letter(template, row, today()))
    except (FormsError, DoesNotFit) as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/png")


@page(Role.ISSUE, methods="GET HEAD POST")
def pick_customers(request: HttpRequest) -> HttpResponse:
    """Choose customers who are in the book already: ticked ones, or all that a search finds."""
    said = request.POST if request.method == "POST" else request.GET
    template, words = said.get("template", ""), said.get("q", "").strip()
    found = customers_matching(words)
    if request.method == "POST":
        chosen = found if "everyone" in said else customers_numbered(said.getlist("number")[:MOST_ROWS])
        customers = listed(chosen, MOST_ROWS + 1)
        if customers:
            return _to_check(keep_draft(open_config().drafts, list_of(customers)), template, reissue="reissue" in said)
        messages.error(request, _("Nobody was chosen."))
    shown = Paginator(found, ROWS).get_page(said.get("page"))
    context = {
        "q": words,
        "template": template,
        "templates": _templates(),
        "slice": shown,
        "standing": _standing([customer.number for customer in shown], template),
    }
    return render(request, "review/pick_customers.html", context)


@page(Role.ISSUE, methods="POST")
def issue_anew(request: HttpRequest) -> HttpResponse:
    """Go on to issue anew to the customers of the forms that are ticked, which are of one template."""
    numbers, templates = customers_of(request.POST.getlist("form")[:MOST_ROWS])
    if len(templates) != 1:
        messages.error(request, _("Choose customers of one form only."))
        return redirect("to-do")
    draft = list_of(listed(customers_numbered(numbers), MOST_ROWS))
    return _to_check(keep_draft(open_config().drafts, draft), templates.pop(), reissue=True)


def _issue_page(request: HttpRequest, form: ListForm, status: int = 200) -> HttpResponse:
    templates = _templates()
    usable = [each for each in templates if not each.mistakes]
    proposed = next((each.name for each in usable if each.issued or len(usable) == 1), "")
    context = {
        "form": form,
        "templates": templates,
        "chosen": form["template"].value() or proposed,
        "runs": recent_runs(LAST_RUNS),
    }
    return render(request, "review/issue.html", context, status=status)


def _checked(request: HttpRequest, token: str, template: str, plan: PlannedIssue, *, reissue: bool) -> HttpResponse:
    wrong = Paginator(plan.refused, ROWS_TO_MEND).get_page(request.GET.get("wrong"))
    context = {
        "token": token,
        "template": template,
        "title": plan.loaded.template.title,
        "version": plan.loaded.template.version,
        "reissue": reissue,
        "count": len(plan.served),
        "slice": Paginator(plan.served, ROWS).get_page(request.GET.get("page")),
        "first": plan.served[0] if plan.served else None,
        "skipped": Paginator(plan.skipped, ROWS_TO_MEND).get_page(request.GET.get("skipped")),
        "wrong": wrong,
        "mistakes": [_mistake(each) for each in wrong],
        "wrong_rows": len({each.row for each in plan.refused}),
        "ignored": plan.ignored_columns,
    }
    return render(request, "review/check_list.html", context)


def _issue(request: HttpRequest, draft: Path, template: str, *, reissue: bool) -> HttpResponse:
    order = GenerateOrder(
        template=_template(template),
        customers=draft,
        folder=open_config().forms,
        reissue=reissue,
        actor=request.user.get_username(),
        today=today(),
    )
    generated = generate(order, lambda _done, _total: None)
    write_anchor()
    throw_away(draft)
    count = len(generated.issued)
    said = ngettext("%(count)d letter was issued.", "%(count)d letters were issued.", count) % {"count": count}
    messages.success(request, said)
    return redirect("run", generated.batch_id)


def _to_check(token: str, template: str, *, reissue: bool) -> HttpResponse:
    said = {"template": template, **({"reissue": "yes"} if reissue else {})}
    return redirect(f"{reverse('check-list', args=[token])}?{urlencode(said)}")


def _draft(token: str) -> Path:
    draft = find_draft(open_config().drafts, token)
    if draft is None:
        raise Http404
    return draft


def _template(name: str) -> Path:
    """The newest version of a template, by its id alone: nothing that is asked for names a file."""
    versions = {version: path for (id_, version), path in available_templates(TEMPLATES).items() if id_ == name}
    if not versions:
        raise Http404
    return versions[max(versions)]


def _templates() -> list[TemplateShown]:
    counts = issued_counts()
    newest: dict[str, int] = {}
    for id_, version in available_templates(TEMPLATES):
        newest[id_] = max(version, newest.get(id_, 0))
    shown = [_shown(id_, version, counts.get((id_, version), 0)) for id_, version in newest.items()]
    return sorted(shown, key=lambda each: (-each.issued, each.name))


def _shown(name: str, version: int, issued: int) -> TemplateShown:
    try:
        title = load_template(_template(name)).template.title
    except FormsError as error:
        return TemplateShown(name, name, version, issued, tuple(_told(error)))
    return TemplateShown(name, title, version, issued, ())


def _told(error: FormsError) -> Iterator[str]:
    """Say what is wrong with a template: where, what, and what to do."""
    if not isinstance(error, TemplateMistakes):
        yield f"{translated(error.what)} — {translated(error.remedy)}"
        return
    for each in error.mistakes:
        line = _("line %(line)d") % {"line": each.line}
        place = ", ".join(filter(None, (line, each.key)))
        yield f"{place}: {translated(each.what)} — {translated(each.remedy)}"


def _standing(numbers: Sequence[str], template: str) -> Sequence[str]:
    """Those of the customers who would get no further form unless it is issued anew."""
    versions = [version for id_, version in available_templates(TEMPLATES) if id_ == template]
    return tuple(forms_in_the_way(numbers, template, max(versions), reissue=False)) if versions else ()


def _mistake(refused: RefusedRow) -> Mistake:
    return Mistake(refused.row, COLUMNS[refused.column], refused.value, translated(refused.reason))


def _too_long() -> FormsError:
    what = _("the list has more than %(most)d usable rows") % {"most": MOST_ROWS}
    return FormsError(what, _("part it into several lists, or issue it on the command line"))
