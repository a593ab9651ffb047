# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of ``local_files``: folders and small files as they should be, all of them in one task.

It looks at everything before it touches anything, and replaces a file as a whole.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result

_ENTRY: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "str"},
    "mode": {"type": "str", "required": True},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "folders": {"type": "list", "elements": "dict", "default": [], "options": _ENTRY},
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            **_ENTRY,
            "content": {"type": "str", "required": True},
            "keep": {"type": "bool", "default": False},
        },
    },
}
_MODE = re.compile(r"0?[0-7]{3,4}")


@dataclass(frozen=True)
class Wanted:
    """:param content: None for a folder.
    :param owner: a user's name, "" to leave it as it is.
    :param keep: a content that is there stays.
    """

    path: Path
    content: bytes | None
    owner: str
    mode: int
    keep: bool = False


@dataclass(frozen=True)
class Found:
    """:param content: None for a folder."""

    content: bytes | None
    owner: str
    mode: int


@dataclass(frozen=True)
class Change:
    """:param found: None when there is nothing yet.
    :param what: of created, content, owner and mode, those that change.
    """

    wanted: Wanted
    found: Found | None
    what: tuple[str, ...]


def run(params: Mapping[str, Any], context: Context) -> Result:
    entries = [_wanted(entry) for entry in (*params["folders"], *params["files"])]
    changes = [change for wanted in entries if (change := plan(wanted, look(wanted)))]
    if not context.check_mode:
        users = {change: _uid(change.wanted) for change in changes}
        for change, uid in users.items():
            apply(change, uid)
    return {
        "changed": bool(changes),
        "changes": [{"path": str(change.wanted.path), "what": list(change.what)} for change in changes],
        "diff": [_diff(change) for change in changes],
    }


def plan(wanted: Wanted, found: Found | None) -> Change | None:
    """What has to change; None when nothing has."""
    if found is None:
        return Change(wanted, None, ("created",))
    differs = {
        "content": not wanted.keep and found.content != wanted.content,
        "owner": bool(wanted.owner) and found.owner != wanted.owner,
        "mode": found.mode != wanted.mode,
    }
    what = tuple(name for name, does in differs.items() if does)
    return Change(wanted, found, what) if what else None


def look(wanted: Wanted) -> Found | None:
    try:
        is_folder = wanted.path.is_dir()
        if is_folder != (wanted.content is None) and wanted.path.exists():
            there, asked = ("a folder", "a file") if is_folder else ("no folder", "a folder")
            raise InvalidInput(f"{wanted.path} is to be {asked} and is {there}.", advice="Move it out of the way.")
        status = wanted.path.stat()
        content = None if is_folder else wanted.path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidInput(f"Could not look at {wanted.path}: {error.strerror}.") from error
    return Found(content, _name_of(status.st_uid), stat.S_IMODE(status.st_mode))


def apply(change: Change, uid: int) -> None:
    """:param uid: of the owner, -1 to leave it as it is."""
    wanted = change.wanted
    try:
        if wanted.content is None:
            for missing in reversed([above for above in wanted.path.parents if not above.exists()]):
                missing.mkdir()
                _own(missing, uid, wanted.mode)
            wanted.path.mkdir(exist_ok=True)
            _own(wanted.path, uid, wanted.mode)
        elif change.found is None or "content" in change.what:
            _write(wanted, wanted.content, uid)
        else:
            _own(wanted.path, uid, wanted.mode)
    except OSError as error:
        raise InvalidInput(f"Could not make {wanted.path} as it should be: {error.strerror}.") from error


def _write(wanted: Wanted, content: bytes, uid: int) -> None:
    """Owner and mode are right before the file has its name: nobody reads what is not for them in between."""
    handle, name = tempfile.mkstemp(dir=wanted.path.parent, prefix=f".{wanted.path.name}.")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        _own(partial, uid, wanted.mode)
        # A link stays a link, to the file that is replaced.
        partial.replace(wanted.path.resolve())
    finally:
        partial.unlink(missing_ok=True)


def _own(path: Path, uid: int, mode: int) -> None:
    os.chown(path, uid, -1)
    # After the owner: a change of owner takes the set-user-ID bit away.
    path.chmod(mode)


def _uid(wanted: Wanted) -> int:
    if not wanted.owner:
        return -1
    try:
        return pwd.getpwnam(wanted.owner).pw_uid
    except KeyError as error:
        raise InvalidInput(f"{wanted.path} is to belong to {wanted.owner}, and there is no such user.") from error


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _wanted(entry: Mapping[str, Any]) -> Wanted:
    path, content = Path(entry["path"]), entry.get("content")
    if not path.is_absolute():
        raise InvalidInput(f"{path} is no absolute path.")
    if not _MODE.fullmatch(entry["mode"]):
        raise InvalidInput(f"The mode of {path} is {entry['mode']}; it has three or four octal digits, as '0644'.")
    owner = entry["owner"] or ""
    bytes_of = None if content is None else content.encode()
    return Wanted(path, bytes_of, owner, int(entry["mode"], 8), entry.get("keep", False))


def _diff(change: Change) -> dict[str, Any]:
    """As Ansible prints it: the text where that changes, else owner and mode."""
    wanted, found = change.wanted, change.found
    headers = {"before_header": str(wanted.path), "after_header": str(wanted.path)}
    if wanted.content is not None and (found is None or "content" in change.what):
        before = "" if found is None or found.content is None else found.content.decode("utf-8", "replace")
        return {**headers, "before": before, "after": wanted.content.decode()}
    after = {"owner": wanted.owner or (found.owner if found else None), "mode": f"{wanted.mode:04o}"}
    before_it = {"owner": found.owner, "mode": f"{found.mode:04o}"} if found else {}
    return {**headers, "before": before_it, "after": {name: value for name, value in after.items() if value}}


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run)
