"""Files as they were received: they are given out to be saved, and shown by no page of ours."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from registry.received_files import received_file
from review.roles import Role, page


@page(Role.REVIEW)
def received(request: HttpRequest, sha256: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """A file's bytes, unchanged: nothing in them runs, whatever a browser takes them for."""
    file = received_file(sha256)
    if file is None:
        raise Http404
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(file.read(), content_type="application/octet-stream", headers=headers)
