"""The web entry: what a WSGI server serves, and the server that `ruecklauf serve` starts."""

from __future__ import annotations

import os
import signal
from ipaddress import ip_address
from typing import Any

from django.core.wsgi import get_wsgi_application
from waitress.server import BaseWSGIServer, create_server

from forms.customers import MAX_FILE_BYTES
from ruecklauf.config import Config
from ruecklauf.errors import WrongUse

_THREADS = 8
_AROUND_A_FILE = 1 << 20
"""Bytes that a browser sends around a file, at most."""

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


def make_server(config: Config, host: str, port: int) -> BaseWSGIServer:
    """Bind the address; the server that is returned answers once it runs. Raises `OSError` where the port is taken."""
    return create_server(
        application,
        host=host,
        port=port,
        threads=_THREADS,
        max_request_body_size=max(config.file_limit_mb << 20, MAX_FILE_BYTES) + _AROUND_A_FILE,
        ident=None,
        **(_behind(config.proxy) if config.deployed else {}),
    )


def address_of(server: BaseWSGIServer) -> str:
    """Where the server's pages are."""
    host, port = (
        server.effective_listen[0]
        if hasattr(server, "effective_listen")
        else (server.effective_host, server.effective_port)
    )
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _behind(proxy: str) -> dict[str, Any]:
    """What waitress believes of a proxy; such headers from anybody else it removes."""
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def run(server: BaseWSGIServer) -> None:
    """Serve until Ctrl-C or SIGTERM, also where a shell has started us in the background and turned Ctrl-C off."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    server.run()
