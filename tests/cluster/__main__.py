# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.cluster up|down|wipe`"""

from __future__ import annotations

import argparse
import sys

from tests.cluster import binaries, images, machine, node, standard_images
from tests.cluster.commands import say
from tests.cluster.errors import ClusterError
from tests.cluster.operator import image as operator_image


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=node.__doc__)
    actions = {"build": _build, "up": _up, "down": node.down, "wipe": node.wipe}
    parser.add_argument(
        "action", choices=actions, help="build: only what takes long; wipe: down, and forget all that the cluster knows"
    )
    try:
        actions[parser.parse_args().action]()
    except ClusterError as error:
        say(f"No cluster: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted")
        return 130
    return 0


def _build() -> None:
    """What the first `up` would take minutes for. It starts nothing."""
    machine.install_packages()
    binaries.build()
    for image in (standard_images.kafka(), standard_images.elasticsearch(), operator_image.operator()):
        images.build(image)


def _up() -> None:
    """Prints the kubeconfig's path, alone, to standard output."""
    node.up()
    if not node.is_given():
        for make in (standard_images.kafka, standard_images.elasticsearch):
            node.load(images.build(make()))
    print(node.kubeconfig())


if __name__ == "__main__":
    sys.exit(main())
