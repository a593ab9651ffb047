#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays an EFK-style Fluentd's part on the test cluster: sends what containers log to each forward store.

``--dry-run -c FILE`` checks a configuration; ``-c FILE`` runs with it. Of a configuration it understands @include,
whether sections are closed, the forward stores, and the folders of their buffers. It reads it once: another one takes
another pod, as with Fluentd. It has no journal, so that only what is matched as output_tag gets anything.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

LOGS = Path("/var/log/containers")
# Docker's and containerd's names: POD_NAMESPACE_CONTAINER-ID.log
NAME = re.compile(r"(?P<pod>[^_]+)_(?P<namespace>[^_]+)_(?P<container>.+)-[0-9a-f]{64}\.log")
TAG = "output_tag"
Server = tuple[str, int]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("-c", dest="config", type=Path, required=True)
    arguments = parser.parse_args()
    text = included(arguments.config)
    if error := broken(text):
        print(f"config error file={arguments.config} error={error}", flush=True)
        return 1
    if arguments.dry_run:
        return 0
    try:
        make_buffers(text)
    except OSError as error:
        print(f"unexpected error error_class={type(error).__name__} error={str(error)!r}", flush=True)
        return 1
    follow(stores(text))
    return 0


def included(path: Path) -> str:
    """The configuration with what it includes in its place."""
    lines = []
    for line in path.read_text().splitlines():
        if found := re.match(r"\s*@include\s+(\S+)", line):
            lines += [included(one) for one in sorted(path.parent.glob(found[1]))]
        else:
            lines.append(line)
    return "\n".join(lines)


def broken(text: str) -> str:
    """What Fluentd would not start with: a section that is not closed, a store of a kind that there is not."""
    sections: list[str] = []
    for tag in re.findall(r"^\s*<(/?\w+)", text, re.MULTILINE):
        if not tag.startswith("/"):
            sections.append(tag)
        elif not sections or sections.pop() != tag[1:]:
            return f"unmatched </{tag[1:]}>"
    if sections:
        return f"section <{sections[-1]}> is not closed"
    unknown = set(re.findall(r"^\s*@type\s+(\S+)", text, re.MULTILINE)) - {"copy", "forward", "file", "tail", "null"}
    return f"Unknown output plugin '{unknown.pop()}'" if unknown else ""


def make_buffers(text: str) -> None:
    """The folder of a buffer is made at the start only, so that a check finds nothing wrong with one that can't be."""
    for buffer in re.findall(r"<buffer\b.*?>(.*?)</buffer>", text, re.DOTALL):
        if path := re.search(r"^\s*path\s+(\S+)", buffer, re.MULTILINE):
            Path(path[1]).mkdir(parents=True, exist_ok=True)


def stores(text: str) -> list[list[Server]]:
    """The servers of each forward store that gets what containers log."""
    found = []
    matches = "".join(re.findall(rf"<match {TAG}>(.*?)</match>", text, re.DOTALL))
    for store in re.findall(r"<store>(.*?)</store>", matches, re.DOTALL):
        if re.search(r"@type\s+forward", store):
            found.append([server(section) for section in re.findall(r"<server>(.*?)</server>", store, re.DOTALL)])
    return found


def server(section: str) -> Server:
    settings = dict(re.findall(r"^\s*(\w+)\s+(\S+)", section, re.MULTILINE))
    return settings["host"], int(settings["port"])


def follow(to: list[list[Server]]) -> None:
    from forward_client import ForwardClient

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    clients = [ForwardClient(*first, TAG, others=others, patience=600) for first, *others in to]
    own = os.environ.get("HOSTNAME", "")
    # As Fluentd without read_from_head: what was logged before it came is not its affair.
    positions = {path: path.stat().st_size for path in LOGS.glob("*.log")}
    print(f"following containers for {len(clients)} stores", flush=True)
    while True:
        for path in sorted(LOGS.glob("*.log")):
            name = NAME.fullmatch(path.name)
            if name is None or name["pod"] == own:
                continue
            lines, positions[path] = new_lines(path, positions.get(path, 0))
            records = [record(line, name.groupdict()) for line in lines]
            for client in clients if records else ():
                client.send(enumerate(records), chunk_size=100)
        time.sleep(0.2)


def new_lines(path: Path, position: int) -> tuple[list[str], int]:
    try:
        with path.open("rb") as file:
            file.seek(position)
            lines = [line for line in file if line.endswith(b"\n")]
    except FileNotFoundError:
        return [], position
    return [line.decode("utf-8", "replace").rstrip("\n") for line in lines], position + sum(map(len, lines))


def record(line: str, about: dict[str, str]) -> dict[str, object]:
    """TIME STREAM FLAGS TEXT, as containerd writes it; JSON in the text is merged, as EFK's MERGE_JSON_LOG does."""
    at, stream, _flags, text = [*line.split(" ", 3), "", "", "", ""][:4]
    names = {"namespace_name": about["namespace"], "pod_name": about["pod"], "container_name": about["container"]}
    made: dict[str, object] = {"@timestamp": at, "stream": stream, "message": text, "kubernetes": names}
    try:
        merged = json.loads(text)
    except ValueError:
        return made
    return {**made, **merged} if isinstance(merged, dict) else made


if __name__ == "__main__":
    sys.exit(main())
