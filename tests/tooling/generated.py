"""Files that are written from others: compared with what they should be, or with --write written anew."""

from __future__ import annotations

from pathlib import Path


def write_or_compare(path: Path, text: str, source: str, arguments: list[str]) -> int:
    """The exit status: 1, with what to do about it, when the file is another and may not be written.

    :param source: what the file has to agree with, to follow the words "is not what".
    """
    if arguments == ["--write"]:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        print(f"{path.name} is not what {source}: run make docs and commit it.")
        return 1
    return 0
