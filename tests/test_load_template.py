"""Loading templates: the two that come with the program, and everything that staff can get wrong in one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.errors import FormsError
from forms.lay_out import lay_out
from forms.load_template import TemplateNotFound, find_template, load_template
from forms.template import Template
from forms.template_mistakes import Mistake, TemplateMistakes

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
LETTER = ROOT / "tests" / "data" / "letter-remote-support.de.txt"
SOUND = (TEMPLATES / "data-backup.v1.toml").read_text(encoding="utf-8")


def _mistakes(folder: Path, text: str | bytes, name: str = "data-backup.v1.toml") -> tuple[Mistake, ...]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TemplateMistakes) as caught:
        load_template(path)
    assert isinstance(caught.value, FormsError)
    assert caught.value.code == "template.mistakes"
    return caught.value.mistakes


def _changed(old: str, new: str, text: str = SOUND) -> str:
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def _line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def _letter_words(template: Template) -> str:
    """The template's words in the order of the letter."""
    letter, choice, fields = template.letter, template.choice, template.fields
    parts = [letter.subject, letter.salutation, *letter.paragraphs]
    for option in choice.options:
        parts += [option.heading, *option.paragraphs]
    parts += [f"{note.lead} {note.text}" for note in template.notes]
    parts.append(f"{fields.place.label} / {fields.date.label} / {fields.name.label}: _____")
    parts.append(f"{template.signature.label}: _____")
    parts += [template.return_to.request, *template.return_to.lines]
    return " ".join(" ".join(parts).split())


def test_the_remote_support_template_is_the_letter_word_for_word() -> None:
    """Every word, umlaut and punctuation mark of the letter stands in the template, in its order, and nothing else."""
    template = load_template(TEMPLATES / "remote-support.v1.toml").template
    assert _letter_words(template) == " ".join(LETTER.read_text(encoding="utf-8").split())


def test_a_loaded_template_carries_the_digest_of_its_bytes() -> None:
    """The digest that freezes an issued template is that of the file as it lies on the disk."""
    path = TEMPLATES / "remote-support.v1.toml"
    loaded = load_template(path)
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.path == path


def test_the_second_template_takes_three_options_and_two_pages() -> None:
    """Another consent, in English, with three options and two pages, loads and is laid out by the same code."""
    loaded = load_template(TEMPLATES / "data-backup.v1.toml")
    letter = lay_out(loaded.template, loaded.sha256)
    assert [option.option for option in letter.options] == ["A", "B", "C"]
    assert letter.options[2].decides == {"location": "Frankfurt and Helsinki", "retention_days": "365"}
    assert len(letter.pages) == 2


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.toml")), ids=lambda path: path.name)
def test_every_template_that_comes_along_is_sound(path: Path) -> None:
    """No file in templates/ has a mistake."""
    assert load_template(path).template.id in path.name


def test_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    """A file saved by a Windows editor loads as the same template."""
    path = tmp_path / "data-backup.v1.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert load_template(path).template == load_template(TEMPLATES / "data-backup.v1.toml").template


def test_a_text_over_several_lines_is_one_line_of_words(tmp_path: Path) -> None:
    """Line breaks and indents inside a text become single spaces, so staff may break long lines as they like."""
    path = tmp_path / "data-backup.v1.toml"
    path.write_text(_changed('"Dear Sir or Madam,"', '"""Dear Sir\n   or  Madam,\n"""'), encoding="utf-8")
    assert load_template(path).template.letter.salutation == "Dear Sir or Madam,"


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    """Eight mistakes of eight kinds give eight lines, each with file, line, key, what is wrong and what to do."""
    text = _changed("due_days = 21", 'due_days = "21"')
    text = _changed('language = "en"', 'language = "fr"', text)
    text = _changed('city = "Berlin"\n', "", text)
    text = _changed('heading = "Option A', 'headng = "Option A', text)
    text = _changed('value = "C"', 'value = "A"', text)
    text = _changed('retention_days = "365"', 'retention_years = "1"', text)
    text = _changed("Helsinki, both", "Helsinki 漢, both", text)
    text = _changed("{page} of {pages}", "{page}", text)
    mistakes = _mistakes(tmp_path, text)
    assert [(mistake.line, mistake.key) for mistake in mistakes] == [
        (_line(text, "language ="), "language"),
        (_line(text, "due_days ="), "due_days"),
        (_line(text, "[sender]"), "sender.city"),
        (_line(text, "headng"), "choice.options[0].headng"),
        (_line(text, 'heading = "Option C') - 1, "choice.options[2].value"),
        (_line(text, "漢"), "choice.options[2].paragraphs[0]"),
        (_line(text, "retention_years"), "choice.options[2].decides"),
        (_line(text, "page = "), "words.page"),
    ]
    assert all(mistake.what and mistake.remedy for mistake in mistakes)


def test_a_mistake_reads_as_one_line(tmp_path: Path) -> None:
    """The message names file, line and key the way editors and people find them."""
    text = _changed("due_days = 21", "due_days = 400")
    (mistake,) = _mistakes(tmp_path, text)
    path = tmp_path / "data-backup.v1.toml"
    line = _line(text, "due_days")
    assert str(mistake) == f"{path}:{line}: due_days: is 400, but must be at most 365 — write a smaller number"
    assert str(TemplateMistakes([mistake, mistake])) == f"{mistake}\n{mistake}"


@pytest.mark.parametrize(
    ("old", "new", "key", "what", "remedy"),
    [
        ("due_days = 21", "due_days = 0", "due_days", "at least 1", "larger"),
        ("due_days = 21", "due_days = 2.5", "due_days", "must be a whole number", "decimal point"),
        ("due_days = 21", "due_days = true", "due_days", "is true or false", "without quotes"),
        ("due_days = 21", "due_days = 2026-11-23", "due_days", "is a date or time", "without quotes"),
        ("body_size_pt = 10", "body_size_pt = nan", "body_size_pt", "nan", "number"),
        ('brand = "bmssoft"', 'brand = " "', "sender.brand", "is empty", "write the text"),
        ('colour = "#17365d"', 'colour = "blue"', "sender.colour", "“blue”", "six digits"),
        ('value = "B"', 'value = "b"', "choice.options[1].value", "“b”", "capital letter"),
        (
            'retention_days = "365"',
            "retention_days = 365",
            "choice.options[2].decides.retention_days",
            "text",
            "quotes",
        ),
        ("[sender]", "[[sender]]", "sender", "is a list", "single brackets: [sender]"),
        ("[words]", "[wordz]", "wordz", "no such key", "did you mean “words”?"),
        ("[office]", "[office]\ncoffee_mm = [1, 1]", "office.coffee_mm", "no such key", "receipt_stamp_mm"),
        ("[125, 30, 195, 60]", "[125, 30, 195]", "office.receipt_stamp_mm", "not four numbers", "[125, 30, 195, 60]"),
        ("[125, 30, 195, 60]", "[195, 30, 125, 60]", "office.receipt_stamp_mm", "rectangle", "top left corner"),
        ('label = "Place"', 'label = "Place"\nrequired = "yes"', "fields.place.required", "true or false", "small"),
        ('"Choose {heading}"', '"Choose"', "words.option_tooltip", "{heading}", "{heading}"),
        ('salutation = "', 'salutation = "\\u0007', "letter.salutation", "U+0007", "replace"),
        ('id = "data-backup"', 'id = "Data Backup"', "id", "“Data Backup”", "small letters"),
        ("version = 1\n", "version = 2\n", "id", "data-backup.v2.toml", "rename the file"),
    ],
)
def test_each_kind_of_mistake_has_its_place_and_its_remedy(
    tmp_path: Path, old: str, new: str, key: str, what: str, remedy: str
) -> None:
    """Ranges, types, forms, unknown keys and our own rules are told with key and remedy."""
    text = _changed(old, new)
    mistakes = _mistakes(tmp_path, text)
    assert len(mistakes) == 1
    assert mistakes[0].key == key
    assert what in mistakes[0].what
    assert remedy in mistakes[0].remedy
    assert mistakes[0].line <= text.count("\n")


def test_missing_tables_and_short_lists_are_told(tmp_path: Path) -> None:
    """A file with nothing in it names every key and table that it needs, all on the first line."""
    mistakes = _mistakes(tmp_path, "")
    assert {mistake.key for mistake in mistakes} >= {"id", "version", "sender", "choice", "fields", "words"}
    assert {mistake.line for mistake in mistakes} == {1}
    assert any(mistake.remedy == "add a line [sender] and its keys beneath" for mistake in mistakes)


def test_an_option_that_lacks_a_key_points_to_its_own_heading(tmp_path: Path) -> None:
    """Of three tables with the same heading, the one that lacks the key is named."""
    text = _changed('heading = "Option B - Additional encrypted copy in Germany, kept for 30 days"\n', "")
    (mistake,) = _mistakes(tmp_path, text)
    assert mistake.key == "choice.options[1].heading"
    assert mistake.line == _line(text, 'value = "B"') - 1


def test_the_column_of_a_character_that_cannot_be_drawn_is_named(tmp_path: Path) -> None:
    """The character is found on its own line of a text over several lines."""
    text = _changed('"Dear Sir or Madam,"', '"""Dear Sir\nor 𝄞 Madam,"""')
    (mistake,) = _mistakes(tmp_path, text)
    assert mistake.line == _line(text, "𝄞")
    assert "in column 4" in mistake.what


@pytest.mark.parametrize(
    ("old", "new", "what", "remedy"),
    [
        ('language = "en"', 'language = "en', "Illegal character", "close the text"),
        ('language = "en"', "language en", "Expected '='", "key = value"),
        ('language = "en"', "language = en", "Invalid value", "in quotes"),
        ('language = "en"', 'language = "a\\e"', "Unescaped", "backslash"),
        ('language = "en"', 'language = "en"\nlanguage = "de"', "overwrite", "stands twice"),
        ("[letter]", "[sender]", "declare", "stands twice"),
        ("[letter]", "[größe]", "Expected ']'", "plain letters"),
        ('language = "en"', 'language = "e"n"', "Expected newline", "quote"),
    ],
)
def test_a_syntax_error_has_its_line_and_a_remedy(tmp_path: Path, old: str, new: str, what: str, remedy: str) -> None:
    """What tomllib says is told with its line and with advice in plain words."""
    text = _changed(old, new)
    (mistake,) = _mistakes(tmp_path, text)
    assert what in mistake.what
    assert remedy in mistake.remedy
    changed_lines = range(_line(SOUND, old), _line(SOUND, old) + 2)
    assert mistake.line in changed_lines


def test_a_list_left_open_is_told_at_the_end(tmp_path: Path) -> None:
    """Where the parser runs off the end of the file, the last line is named."""
    (mistake,) = _mistakes(tmp_path, 'id = "x"\nlist = [\n"a",\n')
    assert mistake.line == 3
    assert "close the list with ]" in mistake.remedy


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """A file saved in the Windows encoding names the line of the first letter concerned, and how to save it."""
    text = _changed("[letter]", "# für\n[letter]")
    (mistake,) = _mistakes(tmp_path, text.encode("cp1252", errors="replace"))
    assert mistake.line == _line(text, "für") or mistake.line == _line(text, "·")
    assert "UTF-8" in mistake.remedy


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x" * 1_000_001])
def test_absurd_files_are_refused_with_a_reason(tmp_path: Path, text: str) -> None:
    """Nesting without end, numbers without end and files without end give a mistake and no crash."""
    assert len(_mistakes(tmp_path, text)) == 1


def test_a_template_is_found_by_id_version_or_path(tmp_path: Path) -> None:
    """An id means its newest version, counted as a number; id.v2 means that version; a path is taken as it is."""
    for name in ("a.v2.toml", "a.v10.toml", "b.v1.toml", "notes.toml"):
        (tmp_path / name).touch()
    assert find_template("a", tmp_path).name == "a.v10.toml"
    assert find_template("a.v2", tmp_path).name == "a.v2.toml"
    assert find_template("b.v1.toml", tmp_path).name == "b.v1.toml"
    assert find_template(str(tmp_path / "notes.toml"), tmp_path / "elsewhere").name == "notes.toml"


@pytest.mark.parametrize("name", ["remote-suport", "remote-support.v9", "../remote-support", "", "*"])
def test_an_unknown_template_lists_what_there_is(name: str) -> None:
    """Whatever the name, the answer lists the templates that can be chosen."""
    with pytest.raises(TemplateNotFound, match=r"data-backup\.v1, remote-support\.v1"):
        find_template(name, TEMPLATES)


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    """No templates at all, or a file that cannot be opened, gives a clear error."""
    with pytest.raises(TemplateNotFound, match="no template is there"):
        find_template("a", tmp_path / "missing")
    with pytest.raises(TemplateNotFound, match="cannot be opened"):
        load_template(tmp_path / "a.v1.toml")


_FRAGMENTS = [
    "",
    "[]",
    "{}",
    '"',
    "5",
    "true",
    "nan",
    "2026-11-23",
    "[[[]]]",
    "[1, nan, 3, 4]",
    "]",
    "=",
    "#",
    "\\",
    "[x]",
]


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 140), st.sampled_from(_FRAGMENTS), st.booleans()), min_size=1, max_size=3))
def test_no_slip_of_the_keyboard_goes_untold(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[int, str, bool]]
) -> None:
    """Lines replaced and values overwritten at random give a sound template or mistakes with lines, never a crash."""
    lines = SOUND.split("\n")
    for number, fragment, only_the_value in slips:
        index = number % len(lines)
        key = lines[index].partition("=")[0] + "= " if only_the_value else ""
        lines[index] = key + fragment
    path = tmp_path_factory.mktemp("slips") / "data-backup.v1.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    mistakes = _mistakes_or_none(path)
    assert mistakes is None or mistakes
    assert all(1 <= mistake.line <= len(lines) and mistake.what and mistake.remedy for mistake in mistakes or ())


def _mistakes_or_none(path: Path) -> tuple[Mistake, ...] | None:
    try:
        load_template(path)
    except TemplateMistakes as error:
        return error.mistakes
    return None
