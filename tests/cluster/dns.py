# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a name server for an address, as little of it as it takes to see that it answers."""

from __future__ import annotations

import socket
import struct

_SECONDS = 1.0
_RECURSION_WANTED = 0x0100
_TYPE_A = _CLASS_IN = 1


def knows(server: str, name: str) -> bool:
    """Whether the server gives an address for the name."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = labels + b"\0" + struct.pack("!HH", _TYPE_A, _CLASS_IN)
    header = struct.pack("!6H", 1, _RECURSION_WANTED, 1, 0, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(_SECONDS)
        try:
            client.connect((server, 53))
            client.send(header + question)
            answer = client.recv(512)
        except OSError:
            return False
    answers: int = struct.unpack("!6H", answer[:12])[3]
    return answers > 0
