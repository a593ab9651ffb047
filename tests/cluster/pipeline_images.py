# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the pipeline's own on the test cluster: Connect with the collection's plug-ins, and a collector."""

from __future__ import annotations

from pathlib import Path

import msgpack

from tests.cluster import paths, standard_images
from tests.cluster.commands import run
from tests.cluster.images import Image, Layer

CONNECT = "localhost/loggy-test/connect"
COLLECTOR = "localhost/loggy-test/collector:1"
PLUGINS = ("forward-source", "elasticsearch-sink")
_FOLDER = Path(__file__).resolve().parent / "collector"


def connect(tag: str = "1") -> Image:
    """Kafka Connect, with the plug-ins in /opt/kafka/plugins, where Strimzi's images have them.

    :param tag: another one is another image, as after a change of a plug-in.
    """
    built = {f"/opt/kafka/plugins/{name}": plugin(name) for name in PLUGINS}
    version = Layer.from_texts({"/opt/kafka/plugins/.tag": tag})
    layers = [*standard_images.kafka().layers, Layer.from_files(built), version]
    kafka = standard_images.kafka()
    return Image(f"{CONNECT}:{tag}", layers, entrypoint=kafka.entrypoint, env=kafka.env, user=kafka.user)


def plugin(name: str) -> Path:
    """The folder of a plug-in's jars, built from this checkout."""
    folder = paths.ROOT / "connect-plugins" / name / "target" / "plugin"
    if not folder.is_dir():
        run(["mvn", "-B", "-q", "-f", str(paths.ROOT / "connect-plugins" / "pom.xml"), "-DskipTests", "package"])
    return folder


def collector() -> Image:
    """Runs as root, as Fluentd does that reads the node's files."""
    files = {
        "/usr/local/bin/fluentd": _FOLDER / "fluentd.py",
        "/usr/local/bin/forward_client.py": paths.ROOT / "tests" / "forward_client.py",
        "/usr/local/lib/python3.11/dist-packages/msgpack": Path(msgpack.__file__).parent,
    }
    image = standard_images.on_base(COLLECTOR, [Layer.from_files(files)])
    return Image(image.name, image.layers, entrypoint=image.entrypoint, env=image.env)
