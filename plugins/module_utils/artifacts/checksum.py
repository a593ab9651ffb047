# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares files with the checksums declared for them. Reads files; changes none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import InvalidInput
from .declaration import Checksum

_SUM_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](?:\./)?([^/]+)")


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def verify(path: Path, checksum: Checksum, what: str, *, known: str = "") -> None:
    """:param what: names the artefact to the reader; :param known: the file's sha256, where that was read already."""
    found = known if known and checksum.algorithm == "sha256" else file_digest(path, checksum.algorithm)
    if found != checksum.value:
        raise InvalidInput(
            f"The checksum of {what} is wrong: declared {checksum}, found {checksum.algorithm}:{found}.",
            advice="Nothing was changed. Correct the checksum if the file is the one you want; else do not trust it.",
        )


def parse_sums(text: str, where: str) -> dict[str, str]:
    """File name -> sha256, from what ``sha256sum *`` prints."""
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _SUM_LINE.fullmatch(line.rstrip())
        if not match:
            raise InvalidInput(f"Line {number} of {where} is not '<sha256>  <file name>', as sha256sum prints it.")
        if match[2] in sums:
            raise InvalidInput(f"Line {number} of {where} names {match[2]} a second time.")
        sums[match[2]] = match[1].lower()
    if not sums:
        raise InvalidInput(f"{where} lists no file.")
    return sums


def compare_sums(declared: Mapping[str, str], found: Mapping[str, str], what: str) -> None:
    """:raises InvalidInput: with one line for each file that is missing, not listed, or different."""
    problems = [
        *(f"{name} is listed, and did not come" for name in sorted(declared.keys() - found.keys())),
        *(f"{name} came, and is not listed" for name in sorted(found.keys() - declared.keys())),
        *(
            f"{name} is sha256:{found[name]}, listed is sha256:{declared[name]}"
            for name in sorted(declared.keys() & found.keys())
            if declared[name] != found[name]
        ),
    ]
    if problems:
        raise InvalidInput(
            f"The files of {what} are not those of the checksum list: {problems[0]}"
            + "".join(f"\n  {problem}" for problem in problems[1:])
            + "\nNothing was changed. Make the list anew (sha256sum) only if you trust what came."
        )
