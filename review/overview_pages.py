"""The overview: how many forms went out and came back, what was chosen, and how often the machine is wrong."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from registry.blind_sample import machine_error_rate
from registry.overview import overview as count
from registry.overview import templates_issued
from review.entry_forms import today
from review.plots import bar_plot, line_plot
from review.roles import EVERY_ROLE, page
from review.words import Words

COURSES: dict[str, Words] = {
    "issued": _("issued"),
    "sent": _("sent"),
    "returned": _("come back"),
    "doubtful": _("doubtful"),
    "confirmed": _("confirmed"),
}


@page(*EVERY_ROLE)
def overview(request: HttpRequest) -> HttpResponse:
    """Show figures and plots of the template that is asked for, or of all."""
    templates, template = templates_issued(), request.GET.get("template") or None
    if template is not None and template not in templates:
        raise Http404
    found = count(template, today())
    courses = {name: [getattr(week, name) for week in found.weeks] for name in COURSES}
    context = {
        "templates": templates,
        "template": template,
        "figures": found.figures,
        "percent": None if found.figures.return_rate is None else round(100 * found.figures.return_rate),
        "weeks": found.weeks,
        "course": line_plot(courses, [f"{week.monday:%d.%m.}" for week in found.weeks]),
        "words": COURSES,
        "variants": bar_plot(found.figures.variants),
        "errors": machine_error_rate(),
    }
    return render(request, "review/overview.html", context)
