"""Load what reading needs only now and then, so that whoever is forked from a process that imported this has it.

Libraries put some of their modules off until they are first called, and the text engine its model; a worker, which
reads one document and ends, would load them every time.
"""

from __future__ import annotations

from contextlib import suppress

import numpy.ma  # noqa: F401 - medians need it
from PIL import Image

from forms.own_page import OWN_STYLES
from intake.exchanged_characters import draw_characters
from intake.text_recognition import recognizer

Image.init()
draw_characters((style.font, style.size_pt) for style in OWN_STYLES)
with suppress(RuntimeError):  # who needs the engine tries again, and says so
    recognizer()
