"""The collection's archive, the same bytes from the same commit: built by ansible-galaxy, then put into one order.

ansible-galaxy lists files as the file system does, and keeps the times at which they and the archive were written.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In the place of whatever version it is: what execution-environment.yml takes.
NEWEST = "loggy-pipeline.tar.gz"


def main(arguments: list[str]) -> int:
    target = Path(arguments[0]) if arguments else ROOT / "build" / "dist"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        checkout = Path(scratch) / "checkout"
        copy_tracked(checkout)
        built = build(checkout, Path(scratch))
        content = in_order(built, time_of_commit())
    path = target / built.name
    path.write_bytes(content)
    shutil.copyfile(path, target / NEWEST)
    digest = hashlib.sha256(content).hexdigest()
    (target / "SHA256SUMS").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    print(f"{digest}  {path}")
    return 0


def copy_tracked(target: Path) -> None:
    """Of the checkout, what git knows, as it is now: what else lies around is nobody's business."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def build(checkout: Path, target: Path) -> Path:
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    command = [galaxy, "collection", "build", checkout, "--output-path", target]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(target.glob("*.tar.gz"))


def time_of_commit() -> int:
    """SOURCE_DATE_EPOCH, as reproducible builds have it; without it the time of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def in_order(archive: Path, time: int) -> bytes:
    """The archive with its files in the order of their names, and one time for all."""
    with tarfile.open(archive) as tar:
        entries = {entry.name: (entry, tar.extractfile(entry) if entry.isfile() else None) for entry in tar}
        contents = {name: file.read() for name, (_entry, file) in entries.items() if file}
    files = json.loads(contents["FILES.json"])
    files["files"].sort(key=lambda entry: entry["name"])
    contents["FILES.json"] = json.dumps(files, indent=True).encode()
    manifest = json.loads(contents["MANIFEST.json"])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = json.dumps(manifest, indent=True).encode()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=time) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        first = ["MANIFEST.json", "FILES.json"]
        for name in first + sorted(set(entries) - set(first)):
            entry = entries[name][0]
            entry.mtime = time
            entry.pax_headers = {}
            if name in contents:
                entry.size = len(contents[name])
                tar.addfile(entry, io.BytesIO(contents[name]))
            else:
                tar.addfile(entry)
    return packed.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
