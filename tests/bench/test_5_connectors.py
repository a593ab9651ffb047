# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors: the module connect_connectors beside plain requests to the same worker."""

from __future__ import annotations

import os
import shutil

from tests.bench.connect_connectors import Bench, report, run
from tests.bench.measure import ROUNDS, write
from tests.conftest import short_folder
from tests.pipeline import Pipeline

CONNECTORS = int(os.environ.get("LOGGY_BENCH_CONNECTORS", "100"))
FILE_STREAM = {
    "name": "file-stream",
    "artifacts": [{"maven": ["org.apache.kafka:connect-file:4.3.1"], "transitive": False}],
}


def test_all_connectors_run_when_the_playbook_ends(built: Pipeline) -> None:
    built.playbook("site", connect_plugins_extra=[FILE_STREAM]).expect_success()
    # The worker's user reads the file that the connectors follow.
    folder = short_folder()

    rows = run(Bench(built.connect_url, CONNECTORS, folder), ROUNDS)

    shutil.rmtree(folder)
    print(f"\n{report(rows)}\n", flush=True)
    write("connectors", {"rows": [{"what": what, "connectors": count, "seconds": each} for what, count, each in rows]})
