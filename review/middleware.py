"""What holds for every answer and every session, whatever the page."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from review.roles import LARGEST_REQUEST

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

SHORT_FORM = 1 << 20
"""Bytes; nothing but short forms is sent to most pages."""
_AROUND_A_FILE = 100_000
"""Bytes that a browser sends around a file, at most."""
SIGNED_IN_AT = "signed_in_at"
POLLED = "X-Polled"
"""A header of requests that a page sends by itself, every few seconds."""
LAST_SEEN = "last_seen"
_NOTED_WITHIN = 20
"""Parts of the idle time, of which the last may be missing."""


def strict_headers(get_response: Handler) -> Handler:
    """Tell the browser to run and load nothing but our own files, and to keep pages with personal data to itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def chosen_language(get_response: Handler) -> Handler:
    """Speak the language that was chosen by the switch, else ours: what the browser prefers is not asked."""
    known = {code for code, _ in settings.LANGUAGES}

    def answer(request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    return answer


def session_limits(get_response: Handler) -> Handler:
    """End a session that is older than a working day allows, however busy it is, and one that is idle for too long.

    When somebody was last seen is written down now and then, not with every picture of a page: a write waits for the
    disk, and for the watcher. A page that asks again by itself is nobody who was seen. A user who was disabled is
    nobody to Django's own back end: their sessions end by it.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now, session = time.time(), request.session
            seen = session.get(LAST_SEEN, 0)
            if now - session.setdefault(SIGNED_IN_AT, now) > settings.SESSION_LONGEST_S:
                logout(request)
            elif POLLED not in request.headers and now - seen > settings.SESSION_COOKIE_AGE / _NOTED_WITHIN:
                session[LAST_SEEN] = now  # saving it gives the session its full idle time again
        return get_response(request)

    return answer


class BodyLimits:
    """Refuses what is too large for the page that it is sent to, before it is taken in; strangers send no files."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, _args: tuple[object, ...], _kwargs: dict[str, object]
    ) -> HttpResponseBase | None:
        """Look at what the request says of its length; the server takes in no more than that."""
        largest = getattr(view, LARGEST_REQUEST, 0) if request.user.is_authenticated else 0
        limit = max(SHORT_FORM, (largest() if callable(largest) else largest) + _AROUND_A_FILE)
        if int(request.META.get("CONTENT_LENGTH") or 0) <= limit:
            return None
        return render(request, "review/too_large.html", {"most_mb": limit // 1_000_000}, status=413)
