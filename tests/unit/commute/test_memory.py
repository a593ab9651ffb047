"""The memory of a million neighbours, from the first sighting to the result; clients and buffers are not in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

RUN = """
import time
from pathlib import Path
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account, Starts
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.result import stop_results
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.verdict import Limits, Seen

NEIGHBOURS, START = 1_000_000, 1_795_372_200_000_000
starts = Starts(NEIGHBOURS + 1)
for seq in range(NEIGHBOURS + 1):
    starts.note(seq, START + seq * 10)
accounts = {}
for position, name in enumerate(("application", "aggregator", "topic", "index")):
    account = accounts[name] = Account(NEIGHBOURS, starts, ordered=name != "index")
    for seq in range(NEIGHBOURS + 1):
        account.see(seq, starts.us[seq] + position * 50_000 + seq * 7919 % 40_000, (seq % 3, "p"))
        if position > 1:
            account.coordinates.note(seq, Coordinate("t", seq % 3, seq, START // 1000 + seq))
began = time.process_time()
unproven = accounts["index"].coordinates.unproven(accounts["topic"].coordinates)
seen = [Seen(name, "file", missing=one.missing, out_of_order=one.out_of_order) for name, one in accounts.items()]
results = stop_results(seen, accounts, {}, Limits(), START)
assert [one["latency"]["from_start"]["count"] for one in results] == [NEIGHBOURS + 1] * 4
assert len(unproven) == 0
# Not ru_maxrss: that is never less than what the process that started this one had.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024, round(time.process_time() - began, 1))
"""


def test_accounts_and_result_of_a_million_at_four_stops_take_less_than_200_mebibytes() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "collections")}

    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, text=True, capture_output=True, timeout=300, check=True
    )

    mebibytes, seconds = map(float, done.stdout.split())
    print(f"{mebibytes:.0f} MiB, {seconds} s of CPU to make the result")
    assert 0 < mebibytes < 200
    assert seconds < 30
