#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays Fluentd's part where no Fluentd can be installed: it understands of a configuration what the role writes.

``--dry-run -c FILE`` checks it; ``-c FILE`` tails the application's logs, notes the events that carry a run in the file
of the second store, and forwards every event with acknowledgement. It keeps its position as Fluentd's pos_file does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

from forward_client import ForwardClient


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("-c", dest="config", type=Path, required=True)
    arguments = parser.parse_args()
    text = arguments.config.read_text()
    if error := broken(text):
        print(f"config error file={arguments.config} error={error}")
        return 1
    if not arguments.dry_run:
        follow(text)
    return 0


def broken(text: str) -> str:
    """The first section that is not closed, as Fluentd would find it."""
    sections: list[str] = []
    for tag in re.findall(r"^\s*<(/?\w+)", text, re.MULTILINE):
        if not tag.startswith("/"):
            sections.append(tag)
        elif not sections or sections.pop() != tag[1:]:
            return f"unmatched </{tag[1:]}>"
    return f"section <{sections[-1]}> is not closed" if sections else ""


def follow(text: str) -> None:
    def value(name: str, after: str) -> str:
        return re.search(rf"{name} (\S+)", text[text.index(after) :]).group(1)

    position_file = Path(value("pos_file", "@type tail"))
    positions = json.loads(position_file.read_text()) if position_file.exists() else {}
    seen = Path(value("path", "@id loggy_seen") + ".0.log")
    client = ForwardClient(value("host", "<server>"), int(value("port", "<server>")), value("tag", "@type tail"))
    pattern = Path(value("path", "@type tail"))
    while True:
        for path in map(str, sorted(pattern.parent.glob(pattern.name))):
            lines = new_lines(path, positions.get(path, 0))
            if lines:
                events = [json.loads(line) for line in lines]
                with seen.open("a") as file:
                    file.writelines(json.dumps(event) + "\n" for event in events if "run" in event.get("loggy", {}))
                client.send(enumerate(events), chunk_size=100)
                positions[path] = positions.get(path, 0) + sum(map(len, lines))
                position_file.write_text(json.dumps(positions))
        time.sleep(0.1)


def new_lines(path: str, position: int) -> list[bytes]:
    with Path(path).open("rb") as file:
        file.seek(position)
        return [line for line in file if line.endswith(b"\n")]


if __name__ == "__main__":
    sys.exit(main())
