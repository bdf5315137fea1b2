"""What holds for every answer and every session, whatever the page."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "font")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, nothing inline, nobody's frame."""

SIGNED_IN_AT = "signed_in_at"


def strict_headers(get_response: Handler) -> Handler:
    """Tell the browser to run and load nothing but our own files, and to keep pages with personal data to itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def session_limits(get_response: Handler) -> Handler:
    """End a session that is older than a working day allows, however busy it is; idle ones end by their cookie's age.

    A user who was disabled is nobody to Django's own back end, so their sessions end by themselves.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            began = request.session.setdefault(SIGNED_IN_AT, time.time())
            if time.time() - began > settings.SESSION_LONGEST_S:
                logout(request)
        return get_response(request)

    return answer
