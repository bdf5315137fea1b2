"""How small may a picture of our page be so that it can still be read? `python -m bench.smallest_pages [--letters N]`.

Letters are drawn as pictures whose longer side has ever fewer pixels, sharp and as a mail program shrinks a photo (JPEG
of quality 50). Printed is the share of them on which a page code is read. What is smaller than the last size at which
any is read holds no return; `intake.footer_pictures` rests on it.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from bench.sample_forms import issue_sample
from intake.find_codes import find_codes
from intake.pictures import Grey, page_picture

SIZES_PX = (900, 700, 500, 450, 420, 400, 380, 360, 340, 320, 300, 280)
_QUALITY = 50
_DRAWN_AT = 300 / 72


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--letters", type=int, default=40, help="how many letters are drawn")
    count: int = parser.parse_args(arguments).letters
    rng = np.random.default_rng(1)
    pages = [_drawn(issue_sample(rng).pdf) for _ in range(count)]
    print(f"{'longer side':>12}{'sharp':>9}{'JPEG':>9}")
    for size_px in SIZES_PX:
        small = [_shrunk(page, size_px) for page in pages]
        sharp = sum(_is_read(np.asarray(page)) for page in small) / len(pages)
        photo = sum(_is_read(_as_jpeg(page)) for page in small) / len(pages)
        print(f"{size_px:>9} px{sharp:>9.0%}{photo:>9.0%}", flush=True)
    return 0


def _drawn(pdf: bytes) -> Image.Image:
    document = pdfium.PdfDocument(pdf)
    try:
        picture: Image.Image = document[0].render(scale=_DRAWN_AT, grayscale=True).to_pil()
        return picture.convert("L")
    finally:
        document.close()


def _shrunk(page: Image.Image, longer_px: int) -> Image.Image:
    factor = longer_px / max(page.size)
    return page.resize((round(page.width * factor), round(page.height * factor)), Image.Resampling.LANCZOS)


def _as_jpeg(page: Image.Image) -> Grey:
    data = io.BytesIO()
    page.save(data, "JPEG", quality=_QUALITY)
    return np.asarray(Image.open(data).convert("L"))


def _is_read(grey: Grey) -> bool:
    return bool(find_codes(page_picture(grey, 0, 0)))


if __name__ == "__main__":
    sys.exit(main())
