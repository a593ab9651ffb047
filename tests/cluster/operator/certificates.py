# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure but for chance and the clock: authorities, and the certificates that they sign."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ORGANISATION = "io.strimzi"
_DAYS = 365


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, each as PEM; Kafka takes both in one file."""

    certificate: str
    key: str

    @property
    def keystore(self) -> str:
        return self.key + self.certificate


def authority(name: str) -> Signed:
    return _sign(name, None, ())


def sign(by: Signed, name: str, names: Sequence[str] = ()) -> Signed:
    """:param name: the principal is ``User:CN=<name>,O=io.strimzi``.
    :param names: the hosts and addresses that it is good for.
    """
    return _sign(name, by, names)


def _sign(name: str, by: Signed | None, names: Sequence[str]) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    # Java writes the last one first.
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    issuer = x509.load_pem_x509_certificate(by.certificate.encode()) if by else None
    signing = _private(by) if by else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(is_authority=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
    certificate = builder.sign(signing, hashes.SHA256())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    return Signed(certificate.public_bytes(pem).decode(), private.decode())


def _private(of: Signed) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(of.key.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
