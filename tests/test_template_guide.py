"""The guide for staff: what docs/templates.md shows is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forms.lay_out import lay_out
from forms.load_template import load_template
from forms.template import Template
from forms.template_mistakes import TemplateMistakes

GUIDE = (Path(__file__).parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(block)


def test_the_example_of_the_guide_is_a_sound_template(tmp_path: Path) -> None:
    """Whoever copies the example into a file of the name given has a form that can be laid out."""
    path = tmp_path / "newsletter.v1.toml"
    path.write_text(_block("toml"), encoding="utf-8")
    loaded = load_template(path)
    assert len(lay_out(loaded.template, loaded.sha256).pages) == 1
    assert loaded.template.letter.paragraphs[1].endswith("Weg Sie Nachrichten von uns erhalten möchten.")


def test_the_example_shows_every_key_there_is(tmp_path: Path) -> None:
    """Staff find every key of a template in the example."""
    path = tmp_path / "newsletter.v1.toml"
    path.write_text(_block("toml"), encoding="utf-8")
    template = load_template(path).template
    assert template.model_fields_set == set(Template.model_fields)
    assert template.sender.model_fields_set == set(type(template.sender).model_fields)
    assert template.notes[0].model_fields_set == set(type(template.notes[0]).model_fields)


def test_the_mistakes_of_the_guide_are_told_as_it_says(tmp_path: Path) -> None:
    """The messages shown in the guide are the program's own, line numbers and all."""
    text = _block("toml").replace("due_days = 14", 'due_days = "14"').replace("heading = ", "headng = ", 1)
    path = tmp_path / "newsletter.v1.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateMistakes) as caught:
        load_template(path)
    assert str(caught.value).replace(str(tmp_path), "templates") == _block("text").rstrip("\n")
