# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of whatever sends events. They pair with the options files of module_utils log and forward."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  run:
    description:
      - The run id that every event carries, 1 to 64 characters out of C(0-9), C(a-z) and C(_).
      - Left out, it is a new random one. A run id that was used before makes the two runs one, with every event twice.
    type: str
  producer:
    description:
      - How the sender names itself in each event. The default is the name of the host that the task runs on.
    type: str
  rate:
    description:
      - Events per second; V(0) sends as fast as the destination takes them.
      - Each event is due at its own time since the start, so that no delay adds up. After a halt the events that
        are due meanwhile go at once.
    type: float
    default: 0
  file:
    description:
      - Appends the events to a file, one JSON object on a line, as an application does whose log the aggregator tails.
      - In a pod, the path V(/proc/1/fd/1) is the standard output that the cluster collects.
    type: dict
    suboptions:
      path:
        description:
          - The file. It is made when it is missing, and so are the folders above it.
        type: path
        required: true
      fsync:
        description:
          - Whether each part of at most 1000 lines is on the disk before it counts as acknowledged. Otherwise it counts
            when the operating system has it, which a crash of the machine may lose.
        type: bool
        default: false
  forward:
    description:
      - Sends the events over the forward protocol, version 1, to an aggregator or to the forward source connector.
      - Events travel in chunks. Each chunk asks for an acknowledgement, and goes again under the same chunk id when the
        connection breaks before it came.
      - An address that does not answer at the start is refused at once. From then on the sender reconnects.
    type: dict
    suboptions:
      host:
        description:
          - The receiver's host.
        type: str
        default: 127.0.0.1
      other_hosts:
        description:
          - Hosts that are tried after O(forward.host), in their order, for each connection. The first that takes it
            gets the events. Of several Kafka Connect workers only the one that has the source connector's task listens.
        type: list
        elements: str
        default: []
      port:
        description:
          - The receiver's port.
        type: int
        default: 24224
      tag:
        description:
          - The tag of all events. A source connector may make the topic's name of it.
        type: str
        default: output_tag
      shared_key:
        description:
          - The key that both ends must know, for a receiver that asks for one. Both ends prove that they know it, and
            nothing is sent to one that does not.
        type: str
      username:
        description:
          - User, for a receiver that asks for one beside the key.
        type: str
      password:
        description:
          - The user's password.
        type: str
      hostname:
        description:
          - The host name that the sender gives in the handshake. The default is this host's own name.
        type: str
      tls:
        description:
          - Whether the connection is encrypted.
        type: bool
        default: false
      ca_path:
        description:
          - PEM file, or folder of hashed files, with the CA certificates to trust. Unset, the system's are trusted.
        type: path
      client_cert:
        description:
          - PEM file with the certificate that the receiver is shown.
        type: path
      client_key:
        description:
          - PEM file with the key of O(forward.client_cert), when it is not in the same file.
        type: path
      tls_hostname:
        description:
          - The name that the receiver's certificate must have. The default is the host that is connected to.
        type: str
      validate_certs:
        description:
          - Whether the receiver's certificate and name are verified.
        type: bool
        default: true
      compress:
        description:
          - Whether chunks are compressed with gzip.
        type: bool
        default: false
      chunk_events:
        description:
          - How many events a chunk has at most. At a low O(rate) chunks are smaller, since no event waits for the next.
        type: int
        default: 1000
      in_flight:
        description:
          - How many chunks may wait for their acknowledgement at one time. Sending halts while there are so many.
        type: int
        default: 8
      timeout:
        description:
          - Seconds that connecting, or one answer of the handshake, may take.
        type: float
        default: 10
      ack_timeout:
        description:
          - Seconds after which a chunk without acknowledgement is sent again over a new connection.
        type: float
        default: 20
      deadline:
        description:
          - Seconds after which a chunk without acknowledgement, resends included, fails the task.
        type: float
        default: 60
"""
