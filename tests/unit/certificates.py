"""Certificates for the tests' TLS servers: a CA, and what it signs for the loopback address."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.operator import certificates


@dataclass(frozen=True)
class Certificates:
    """:param pem: certificate and key of the server, and of a client, in one file."""

    ca: Path
    pem: Path

    def server_context(self, *, wants_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context


def make_certificates(folder: Path) -> Certificates:
    authority = certificates.authority("loggy test CA")
    made = Certificates(folder / "ca.pem", folder / "server.pem")
    made.ca.write_text(authority.certificate, encoding="utf-8")
    made.pem.write_text(certificates.sign(authority, "127.0.0.1", ["127.0.0.1"]).keystore, encoding="utf-8")
    return made
