"""The command line: every command, by the module that holds it."""

from ruecklauf import (
    book_commands,
    demo_commands,
    intake_commands,
    issuing_commands,
    keeping_commands,
    proving_commands,
    serve_commands,
)
from ruecklauf.cli_app import app

__all__ = [
    "app",
    "book_commands",
    "demo_commands",
    "intake_commands",
    "issuing_commands",
    "keeping_commands",
    "proving_commands",
    "serve_commands",
]
