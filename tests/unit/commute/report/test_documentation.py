"""docs/reports.md: its pictures are there and small enough to be read with the text."""

from __future__ import annotations

import re
import struct
from pathlib import Path

DOCS = Path(__file__).resolve().parents[4] / "docs"


def test_pictures_of_a_good_and_a_bad_run_are_there_and_not_large() -> None:
    pictures = re.findall(r"!\[([^]]*)\]\((images/[a-z-]+\.png)\)", (DOCS / "reports.md").read_text())
    assert len(pictures) == 2
    for words, name in pictures:
        data = (DOCS / name).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">I", data[16:20])[0] >= 1200
        assert len(data) < 300_000
        assert len(words) > 40
