# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Galaxy says of the archive when it is published."""

from __future__ import annotations

from pathlib import Path

from tests.release.environments import Environment

SETTINGS = Path(__file__).with_name("galaxy-importer.cfg")


def test_galaxy_imports_the_archive_without_a_warning(tools: Environment, archive: Path, tmp_path: Path) -> None:
    imported = tools.run(
        "python", "-m", "galaxy_importer.main", archive, cwd=tmp_path, GALAXY_IMPORTER_CONFIG=str(SETTINGS)
    )
    complaints = [line for line in imported.stdout.splitlines() if line.startswith(("WARNING", "ERROR"))]
    assert complaints == []
    assert imported.returncode == 0, imported.stdout
