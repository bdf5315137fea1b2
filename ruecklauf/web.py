"""The web entry: what a WSGI server serves, and the server that `ruecklauf serve` starts."""

from __future__ import annotations

import os
from ipaddress import ip_address

from django.core.wsgi import get_wsgi_application

from ruecklauf.config import Config
from ruecklauf.errors import WrongUse

_THREADS = 8
_LARGEST_UPLOAD = 512 << 20

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ruecklauf.settings")
application = get_wsgi_application()


def check_address(config: Config, host: str) -> None:
    """Refuse to be reached from other machines without a proxy that speaks TLS; raises `WrongUse`."""
    if config.deployed or host == "localhost" or _is_loopback(host):
        return
    raise WrongUse(
        f"{host} can be reached from other machines, and passwords would cross the network in the clear",
        "put a proxy that speaks TLS before it and write deployed = true into ruecklauf.toml, as docs/serving.md tells",
    )


def serve(host: str, port: int) -> None:
    """Serve the pages until interrupted; raises `OSError` where the port is taken."""
    from waitress import serve as serve_with_waitress

    serve_with_waitress(
        application, host=host, port=port, threads=_THREADS, max_request_body_size=_LARGEST_UPLOAD, ident=None
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
