"""Refuses what must not be in any tracked file: package registries by name, and paths of somebody's own machine.

A registry is the choice of whoever runs the project: its clients are configured outside of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Registries are told by how they name their hosts; example.com and its like are nobody's.
REGISTRY = re.compile(
    r"\b(?:(?:repo\d*|registry(?:-\d+)?|proxy|files|deb|security|index|static|central|ftp)\.(?!example\b)[a-z0-9-]+"
    r"(?:\.[a-z0-9-]+)*|pypi|crates|npmjs|mvnrepository)\.(?:org|com|net|io)\b"
)
MACHINE = re.compile(r"(?:^|[^\w.}<>-])/(?:work|farm|home|Users)/[\w.]")
LICENCES = re.compile(r"^(?:LICENSE$|LICENSES/)")


def main() -> int:
    findings = [finding for path in tracked() for finding in findings_in(path)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = [name for name in listed.split("\0") if name and not LICENCES.match(name)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def findings_in(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, start=1):
        for what, pattern in (("a registry's host", REGISTRY), ("a path of one machine", MACHINE)):
            found = pattern.search(line)
            if found:
                yield f"{path.relative_to(ROOT)}:{number}: {what}: {found.group().strip()}"


if __name__ == "__main__":
    sys.exit(main())
