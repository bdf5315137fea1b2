"""The pictures of returned pages, as the reading made them: nothing else of the archive is shown."""

from __future__ import annotations

import io

from django.http import Http404, HttpRequest, HttpResponse
from PIL import Image

from registry.evidence import picture_of
from review.roles import Role, page

_SMALLER = 5
# Named by its content, so it never changes; but it shows personal data, so only this browser may keep it.
_KEPT = {"Cache-Control": "private, max-age=3600, immutable"}


@page(Role.REVIEW)
def picture(request: HttpRequest, return_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """A page's picture."""
    path = picture_of(int(return_id), sha256)
    if path is None:
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/png", headers=_KEPT)


@page(Role.REVIEW)
def small_picture(request: HttpRequest, return_id: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """A page's picture, small enough for a list of many."""
    path = picture_of(int(return_id), sha256)
    if path is None:
        raise Http404
    data = io.BytesIO()
    with Image.open(path, formats=["PNG"]) as image:
        image.reduce(_SMALLER).save(data, "PNG")
    return HttpResponse(data.getvalue(), content_type="image/png", headers=_KEPT)
