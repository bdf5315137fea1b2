"""The pictures of received pages, as the reading made them: nothing else of the archive is shown."""

from __future__ import annotations

import io
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from PIL import Image

from registry.blank_pictures import blank_picture
from registry.evidence import picture_of
from registry.unplaced import stray_picture
from review.roles import Role, page

_SMALLER = 5
# Named by its content, so it never changes; but it shows personal data, so only this browser may keep it.
_KEPT = {"Cache-Control": "private, max-age=3600, immutable"}


@page(Role.REVIEW)
def picture(request: HttpRequest, return_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The picture of a return's page."""
    return _shown(picture_of(int(return_id), sha256))


@page(Role.REVIEW)
def small_picture(request: HttpRequest, return_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The picture of a return's page, small enough for a list of many."""
    return _shown_small(picture_of(int(return_id), sha256))


@page(Role.REVIEW)
def blank(request: HttpRequest, return_id: str, form_page: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The page as it was issued to this customer, to be laid beside the one that came back."""
    data = blank_picture(int(return_id), int(form_page))
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="image/png", headers=_KEPT)


@page(Role.REVIEW)
def stray(request: HttpRequest, page_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The picture of a page that belongs to no form."""
    return _shown(stray_picture(int(page_id), sha256))


@page(Role.REVIEW)
def small_stray(request: HttpRequest, page_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The picture of a page that belongs to no form, small enough for a list of many."""
    return _shown_small(stray_picture(int(page_id), sha256))


def _shown(path: Path | None) -> HttpResponse:
    if path is None:
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/png", headers=_KEPT)


def _shown_small(path: Path | None) -> HttpResponse:
    if path is None:
        raise Http404
    data = io.BytesIO()
    with Image.open(path, formats=["PNG"]) as image:
        image.reduce(_SMALLER).save(data, "PNG")
    return HttpResponse(data.getvalue(), content_type="image/png", headers=_KEPT)
