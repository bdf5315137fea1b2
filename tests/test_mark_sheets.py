"""The bench that reads other people's questionnaires reads ones that are drawn here, too."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.mark_sheets import load_table, main, read_sheets

QUESTIONS, OPTIONS = 5, 4


def _draw_sheets(folder: Path) -> Path:
    """Draw eight sheets, each a little off its place, with one cross a question; give the table of their boxes."""
    rng = np.random.default_rng(4)
    (folder / "marks" / "kit_sheets").mkdir(parents=True)
    table = folder / "marks" / "kit_sheets_groundtruth_dev.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("sheet", "question", "option_1to5", "x_px", "y_px", "state", "split"))
        for number in range(8):
            sheet, name = np.full((1000, 1000), 250, np.uint8), f"{number}.png"
            dx, dy = rng.integers(-4, 5, 2)
            for question in range(QUESTIONS):
                marked = int(rng.integers(OPTIONS))
                for option in range(OPTIONS):
                    x, y = 150 + 220 * option + dx, 120 + 180 * question + dy
                    cv2.rectangle(sheet, (x - 16, y - 16), (x + 16, y + 16), (60,), 4)
                    if option == marked:
                        for turn in (-1, 1):
                            cv2.line(sheet, (x - 24, y - 24 * turn), (x + 24, y + 24 * turn), (90,), 5)
                    state = "marked" if option == marked else "empty"
                    rows.writerow((name, question, option, x, y, state, "dev"))
            cv2.imwrite(str(folder / "marks" / "kit_sheets" / name), sheet)
    return table


def test_every_box_of_drawn_sheets_is_read(tmp_path: Path) -> None:
    """The blank is learned from the sheets themselves, and nothing else is known of them."""
    table = _draw_sheets(tmp_path)
    read = read_sheets(table.parent / "kit_sheets", load_table(table))
    assert len(read) == 8 * QUESTIONS * OPTIONS
    assert [box for box in read if not box.is_right] == []


def test_without_material_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody mistakes a measurement that was not made for one that found nothing."""
    main([])
    assert "nothing was measured" in capsys.readouterr().out
