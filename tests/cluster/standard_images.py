# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images that the cluster itself and most tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.cluster import binaries, maven, paths
from tests.cluster.commands import run, say
from tests.cluster.images import Image, Layer

PAUSE = "localhost/loggy-test/pause:1"
BASE = "localhost/loggy-test/base:1"
KAFKA_VERSION = "4.3.1"
KAFKA = f"localhost/loggy-test/kafka:{KAFKA_VERSION}"
ELASTICSEARCH_VERSION = "8.19.21"
ELASTICSEARCH = f"localhost/loggy-test/elasticsearch:{ELASTICSEARCH_VERSION}"

# Who programs run as in the images that do not need root: in root's group, as operators' images have it.
USER = 1001
GROUP = 0
JAVA_HOME = "/usr/lib/jvm/default-java"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

_SUITE = "bookworm"
_PACKAGES = (
    "ca-certificates",
    "curl",
    "default-jre-headless",
    "openssl",
    "procps",
    "python3",
    "tini",
)
_KAFKA_MODULES = ("kafka_2.13", "connect-runtime", "connect-file", "connect-json", "connect-mirror", "kafka-tools")
_LOG4J = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
_DEBIAN_SECONDS = 900


def pause() -> Image:
    """What holds a pod's namespaces; containerd's settings name it."""
    return Image(PAUSE, [Layer.from_files({"/pause": binaries.PAUSE})], entrypoint=["/pause"], user="65535")


def base() -> Image:
    """Debian with Java and Python, and the user 1001 in root's group."""
    return Image(BASE, [Layer.from_tar(_debian())], entrypoint=["tini", "--"], env=ENVIRONMENT)


def kafka() -> Image:
    """Kafka, Connect and their tools, as jars in /opt/kafka/libs."""
    coordinates = [*(f"org.apache.kafka:{module}:{KAFKA_VERSION}" for module in _KAFKA_MODULES), _LOG4J]
    jars = maven.copy("kafka", coordinates)
    maven.verify(jars, _checksums(paths.ROOT / "roles" / "kafka" / "files" / f"kafka-{KAFKA_VERSION}.sha256"))
    layer = Layer.from_files({"/opt/kafka/libs": jars}, owner=(USER, GROUP))
    return on_base(KAFKA, [layer], workdir="/opt/kafka")


def elasticsearch() -> Image:
    """Elasticsearch in /opt/elasticsearch, for the base's Java."""
    name = "org.elasticsearch.distribution.integ-test-zip:elasticsearch"
    folder = maven.copy("elasticsearch", [f"{name}:{ELASTICSEARCH_VERSION}:zip"], dependencies=False)
    archive = folder / f"elasticsearch-{ELASTICSEARCH_VERSION}.zip"
    maven.verify(folder, {archive.name: _elasticsearch_checksum()})
    layer = Layer.from_zip(archive, "/opt/elasticsearch", owner=(USER, GROUP), without=["jdk"])
    return on_base(ELASTICSEARCH, [layer], workdir="/opt/elasticsearch", ES_JAVA_HOME=JAVA_HOME)


def on_base(name: str, layers: Sequence[Layer], *, workdir: str = "", **environment: str) -> Image:
    """An image of programs that do not need root: what they run is given by the pod."""
    return Image(
        name,
        [*base().layers, *layers],
        entrypoint=["tini", "--"],
        env={**ENVIRONMENT, **environment},
        user=f"{USER}:{GROUP}",
        workdir=workdir,
    )


def _debian() -> Path:
    """The base's files, made with Debian's own tools from the mirror that they prefer."""
    command = [
        "mmdebstrap",
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(_PACKAGES)}",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man")),
        # Java's packages link their manuals there all the same.
        '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
        f'--customize-hook=chroot "$1" useradd --uid {USER} --gid {GROUP} --create-home --home-dir /opt/app app',
        "--skip=output/dev",
        _SUITE,
    ]
    digest = hashlib.sha256(repr(command).encode()).hexdigest()
    archive = paths.IMAGES / f"debian-{digest[:16]}.tar"
    if not archive.exists():
        say("Making the Debian that images are based on")
        archive.parent.mkdir(parents=True, exist_ok=True)
        part = archive.with_suffix(".part.tar")
        run([*command, part], timeout=_DEBIAN_SECONDS)
        part.rename(archive)
    return archive


def _checksums(listed: Path) -> dict[str, str]:
    """:param listed: lines as `sha256sum` writes them."""
    pairs = (line.split() for line in listed.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def _elasticsearch_checksum() -> str:
    """The one that the collection's own role holds it against."""
    variables = yaml.safe_load((paths.ROOT / "roles" / "elasticsearch" / "vars" / "main.yml").read_text())
    return str(variables["_elasticsearch_checksums"][ELASTICSEARCH_VERSION]).removeprefix("sha256:")
