"""The README and the house: its commands work as shown, every command is described, every module is in the layers."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import typer.main

from ruecklauf.command_line import app
from simulation.channels import PRESETS
from simulation.marks import MarkShape
from simulation.people import Behaviour, Mark, Sign
from simulation.returns import PostedLetter, random_signatory, send, written_fields
from simulation.signatures import SignatureStyle

CLONE = Path(__file__).resolve().parent.parent
README = (CLONE / "README.md").read_text(encoding="utf-8")
PLACE_IN_README = "/home/anna/ruecklauf"
"""Where the README pretends that the clone lies."""

_CUSTOMERS = re.compile(r"```csv\n(.*?)```", re.DOTALL)
_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_STYLING = re.compile(r"\x1b\[[0-9;]*m")
_FORM_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{16}\b")
_VARYING = (
    (re.compile("\ufeff"), ""),  # Excel's mark at the head of a CSV file: nobody sees it
    (_FORM_ID, "0" * 16),
    (re.compile(r"\b[0-9a-f]{64}\b"), "0" * 64),
    (re.compile(r"\b\d\d\.\d\d\.\d{4}\b"), "01.01.2000"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?)?"), "2000-01-01"),
    (re.compile(r"\b[01]\.\d+\b"), "0.5"),
)
"""What differs from run to run, each with what stands for it when the README is compared with the truth."""


_NO_PRODUCT = ("tests", "output", "build")
"""Folders of the clone that hold no module of the product."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command in the README and what it shows."""

    command: str
    shown: str


def readme_steps() -> Iterator[Step]:
    """Yield the README's commands in their order; a shown `$` begins each."""
    for block in _CONSOLE.findall(README):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield Step(command, shown)


def run_in(folder: Path, command: str) -> str:
    """Run a shell command as the README means it and return its standard output, which is a terminal.

    Only `watch` is piped: on a terminal it redraws a table.
    """
    environment = {**os.environ, "RUECKLAUF_HOME": str(folder / "output"), "COLUMNS": "118", "TERM": "xterm"}
    environment["PYTHONPATH"] = str(CLONE)
    if command.startswith("./run watch"):
        command += " | cat"
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-eo", "pipefail", "-c", command], cwd=folder, env=environment, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    shown = b"".join(_until_closed(ours))
    os.close(ours)
    _, complaints = process.communicate(timeout=240)
    assert process.returncode == 0, (command, shown.decode(), complaints.decode())
    return _STYLING.sub("", shown.decode("utf-8").replace("\r\n", "\n"))


def _until_closed(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes to this terminal any more
            return


def without_varying(text: str, folder: Path) -> str:
    """Replace what differs from run to run, and spaces at the ends of lines."""
    text = text.replace(str(folder), PLACE_IN_README)
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def make_office(folder: Path) -> None:
    """Put into the folder what the README takes for granted: the program and a customer list."""
    run = folder / "run"
    run.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ruecklauf "$@"\n', encoding="utf-8")
    run.chmod(0o700)
    (customers,) = _CUSTOMERS.findall(README)
    (folder / "customers.csv").write_text(customers, encoding="utf-8")


def scan_returns(folder: Path) -> None:
    """Let two customers answer: the first marks A and signs, the second marks B and forgets to sign."""
    rng = np.random.default_rng(8)
    letters = [
        PostedLetter(path.name, path.read_bytes(), datetime.now(ZoneInfo("Europe/Berlin")).date())
        for path in sorted((folder / "output" / "forms").glob("*.pdf"))[:2]
    ]
    first, second = (replace(random_signatory(letter, rng), signs_on=letter.issued_on) for letter in letters)
    marked_a = (Mark("A", MarkShape.CROSS, first.pen), *written_fields(first, rng))
    marked_b = (Mark("B", MarkShape.CROSS, second.pen), *written_fields(second, rng))
    signed = Sign(first.name, SignatureStyle.SCRAWL, first.pen)
    behaviours = [Behaviour((*marked_a, signed)), Behaviour(marked_b)]
    stack = send("stack", "Two in one stack.", letters, behaviours, PRESETS["office-300"], rng)
    (folder / "scan.pdf").write_bytes(stack.data)


def test_commands_in_the_readme_do_and_show_what_it_says(tmp_path: Path) -> None:
    """Whoever types the README's everyday commands in order sees what the README shows."""
    make_office(tmp_path)
    ids: dict[str, str] = {}
    for step in readme_steps():
        if "scan.pdf" in step.command and not (tmp_path / "scan.pdf").exists():
            scan_returns(tmp_path)
        command = step.command
        for ours, theirs in ids.items():
            command = command.replace(ours, theirs)
        shown = run_in(tmp_path, command)
        assert without_varying(shown, tmp_path) == without_varying(step.shown, tmp_path), step.command
        ids |= dict(zip(_FORM_ID.findall(step.shown), _FORM_ID.findall(shown), strict=True))


@pytest.mark.parametrize("name", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_in_the_readme(name: str) -> None:
    """No command is known only to those who read the code."""
    assert f"`{name}`" in README


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_in_the_readme_lead_somewhere(link: str) -> None:
    """Every page and picture that the README refers to is there."""
    assert (CLONE / link).exists()


def test_every_module_is_in_the_layers() -> None:
    """Import-linter sees every package of the clone, and setuptools installs every one of the product."""
    project = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
    folders = [
        path for path in CLONE.iterdir() if path.is_dir() and path.name not in _NO_PRODUCT and path.name[0] != "."
    ]
    modules = [module.relative_to(CLONE) for folder in folders for module in folder.rglob("*.py")]
    packages = {".".join(module.parent.parts) for module in modules}
    assert {package.partition(".")[0] for package in packages} == set(project["tool"]["importlinter"]["root_packages"])
    assert packages - {"bench"} == set(project["tool"]["setuptools"]["packages"])
