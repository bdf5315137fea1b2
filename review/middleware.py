"""What holds for every answer and every session, whatever the page."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

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
    disk, and for the watcher. A user who was disabled is nobody to Django's own back end: their sessions end by it.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now, session = time.time(), request.session
            seen = session.get(LAST_SEEN, 0)
            if now - session.setdefault(SIGNED_IN_AT, now) > settings.SESSION_LONGEST_S:
                logout(request)
            elif now - seen > settings.SESSION_COOKIE_AGE / _NOTED_WITHIN:
                session[LAST_SEEN] = now  # saving it gives the session its full idle time again
        return get_response(request)

    return answer
