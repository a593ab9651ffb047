# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a folder's jars hold the Java classes that it is there for. Reads the jars' tables of contents only."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from ..errors import InvalidInput


def check_classes(shown_as: Path, root: Path, classes: Iterable[str]) -> None:
    """:param root: where the folder's files are now; :param classes: names with dots.
    :raises InvalidInput: naming every class that no jar holds.
    """
    wanted = {f"{name.replace('.', '/')}.class": name for name in classes}
    if not wanted:
        return
    jars = sorted(root.rglob("*.jar"))
    held = {entry for jar in jars for entry in _contents(jar)}
    missing = [name for entry, name in wanted.items() if entry not in held]
    if missing:
        raise InvalidInput(
            f"{shown_as} would not have the class {', '.join(missing)}: none of its {len(jars)} jars holds it.",
            advice="Nothing was replaced. Check the artefacts, or the classes asked for.",
        )


def _contents(jar: Path) -> list[str]:
    try:
        with zipfile.ZipFile(jar) as archive:
            return archive.namelist()
    except zipfile.BadZipFile as error:
        raise InvalidInput(f"{jar.name} is no jar: {error}.", advice="Nothing was replaced.") from error
