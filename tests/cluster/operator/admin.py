# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This operator's own way to the brokers: by their own listener, which every cluster has, with its own certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.cluster.operator import trust
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.listeners import REPLICATION_PORT
from tests.cluster.operator.status import Refused

_REQUEST_MS = 15_000


@contextmanager
def admin_client(api: Api, kafka: Object, name: str) -> Iterator[KafkaAdminClient]:
    """:param name: of the operator that asks."""
    cluster, namespace = kafka["metadata"]["name"], kafka["metadata"]["namespace"]
    admin = None
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=f"{cluster}-kafka-bootstrap.{namespace}.svc:{REPLICATION_PORT}",
            client_id=name,
            request_timeout_ms=_REQUEST_MS,
            security_protocol="SSL",
            ssl_context=_context(api, namespace, cluster),
        )
        yield admin
    except KafkaError as error:
        raise Refused("KafkaError", f"{type(error).__name__}: {error}") from error
    finally:
        if admin is not None:
            admin.close()


def _context(api: Api, namespace: str, cluster: str) -> ssl.SSLContext:
    authority = trust.data(api, namespace, trust.authority_secret(cluster, "cluster-ca"))["ca.crt"]
    own = trust.data(api, namespace, trust.operator_secret(cluster))[trust.KEYSTORE]
    context = ssl.create_default_context(cadata=authority)
    # It is loaded from files only.
    with TemporaryDirectory() as folder:
        keystore = Path(folder) / trust.KEYSTORE
        keystore.touch(mode=0o600)
        keystore.write_text(own, encoding="utf-8")
        context.load_cert_chain(keystore)
    return context
