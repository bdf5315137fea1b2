"""The German catalogue of the review page: every string is in it, and nothing else."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.explanations import EXPLANATIONS

CLONE = Path(__file__).parent.parent
CATALOGUE = CLONE / "review" / "locale" / "de" / "LC_MESSAGES" / "django.po"
_ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr|msgstr\[\d\]) ((?:".*"\n)+)', re.MULTILINE)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

Entries = dict[tuple[str, ...], tuple[str, ...]]


def entries(path: Path) -> Entries:
    """What stands in a catalogue: each string (with its plural, where it has one), and its German forms."""
    found: Entries = {}
    for block in path.read_text("utf-8").strip().split("\n\n"):
        parts = [
            (key, "".join(map(ast.literal_eval, value.splitlines()))) for key, value in _ENTRY.findall(f"{block}\n")
        ]
        english = tuple(text for key, text in parts if key.startswith("msgid"))
        found[english] = tuple(text for key, text in parts if key.startswith("msgstr"))
    found.pop(("",), None)  # the catalogue's own head
    return found


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    """Every string that is to be translated, as Django finds them in code and templates; explanations; messages."""
    folder = tmp_path_factory.mktemp("used") / "review"
    shutil.copytree(CLONE / "review", folder, ignore=shutil.ignore_patterns("locale"))
    for path in (CLONE / "ruecklauf").glob("*_pages.py"):
        shutil.copy(path, folder / f"of_the_application_{path.name}")
    (folder / "locale").mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(CLONE),
        "DJANGO_SETTINGS_MODULE": "ruecklauf.settings",
        "RUECKLAUF_HOME": str(folder.parent / "home"),
    }
    command = [sys.executable, "-P", "-m", "django", "makemessages", "-l", "de", "--no-location", "-e", "html,py"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    explained = {(text,) for each in EXPLANATIONS.values() for text in (each.meaning, each.to_do)}
    return set(entries(folder / "locale" / "de" / "LC_MESSAGES" / "django.po")) | explained | set(_messages())


def _messages() -> Iterator[tuple[str, ...]]:
    """What issuing says about templates, lists and customers: the patterns of its messages, each a literal."""
    for path in (*sorted((CLONE / "forms").glob("*.py")), CLONE / "registry" / "errors.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                yield (ast.literal_eval(node.args[0]),)


def test_every_string_is_translated_and_nothing_else_is(used: set[tuple[str, ...]]) -> None:
    """The catalogue holds just what the pages say."""
    assert set(entries(CATALOGUE)) == used
    assert all(german and all(german) for german in entries(CATALOGUE).values())


def test_what_is_filled_in_is_the_same_in_german() -> None:
    """No translation forgets or invents a name or a number."""
    for english, german in entries(CATALOGUE).items():
        for form in german:
            assert sorted(_PLACEHOLDER.findall(form)) == sorted(_PLACEHOLDER.findall(english[-1])), english


def test_the_compiled_catalogue_is_the_written_one(tmp_path: Path) -> None:
    """What is in use says what stands in the file that people edit."""
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", compiled, CATALOGUE], check=True, capture_output=True)
    assert compiled.read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()
