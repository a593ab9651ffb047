"""Runs a command beside a real pipeline of its own; the environment has the addresses that contract tests ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.pipeline import Pipeline


def main(command: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="loggy-", dir="/tmp"))
    folder.chmod(0o755)
    pipeline = Pipeline(folder / "state")
    try:
        pipeline.playbook("site").expect_success()
        return subprocess.run(command, env={**os.environ, **addresses(pipeline)}, check=False).returncode
    finally:
        if pipeline.state_dir.exists():
            pipeline.playbook("purge").expect_success()
        shutil.rmtree(folder)


def addresses(pipeline: Pipeline) -> dict[str, str]:
    return {
        "LOGGY_CONNECT_URL": pipeline.connect_url,
        "LOGGY_ELASTICSEARCH_URL": pipeline.elasticsearch_url,
        "LOGGY_FORWARD_ADDRESS": pipeline.forward_address,
        "LOGGY_KAFKA_BOOTSTRAP": pipeline.bootstrap_servers,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
