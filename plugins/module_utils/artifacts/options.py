# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of artifact_folder: their specification, and the only place that reads them."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import InvalidInput
from .checksum import parse_sums
from .declaration import (
    Artifact,
    Checksum,
    Coordinate,
    Folder,
    LocalPath,
    Maven,
    MavenCommand,
    Project,
    Request,
    Url,
    check_exclusion,
    is_archive,
)

_ARTIFACT_SPEC = {
    "path": {"type": "path"},
    "url": {"type": "str"},
    "maven": {"type": "list", "elements": "str"},
    "project": {"type": "path"},
    "folder": {"type": "str"},
    "checksum": {"type": "str"},
    "checksums": {"type": "path"},
    "transitive": {"type": "bool", "default": True},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "strip": {"type": "int", "default": 0},
    "unpack": {"type": "bool", "default": True},
}
_KINDS = ("path", "url", "maven", "project")
ARGUMENT_SPEC = {
    "folders": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "path", "required": True},
            "artifacts": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": _ARTIFACT_SPEC,
                "mutually_exclusive": [_KINDS],
                "required_one_of": [_KINDS],
                "required_together": [("project", "folder")],
                "required_by": {"url": ("checksum",), "checksums": ("maven",)},
            },
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "mode": {"type": "str", "default": "0755"},
            "classes": {"type": "list", "elements": "str", "default": []},
        },
    },
    "cache": {"type": "path", "required": True},
    "exclusive_in": {"type": "path"},
    "maven_executable": {"type": "str", "default": "mvn"},
    "maven_repository": {"type": "path"},
    "java_home": {"type": "path"},
    "timeout": {"type": "int", "default": 600},
}


def read_request(params: Mapping[str, Any]) -> Request:
    request = Request(
        tuple(_folder(item) for item in params["folders"]),
        _absolute(params["cache"], "cache"),
        _absolute(params["exclusive_in"], "exclusive_in") if params["exclusive_in"] else None,
        MavenCommand(
            params["maven_executable"],
            params["java_home"] or "",
            params["maven_repository"] or "",
            _positive(params["timeout"], "timeout"),
        ),
    )
    _check_apart([*(folder.path for folder in request.folders), request.cache])
    return request


def _folder(params: Mapping[str, Any]) -> Folder:
    path = _absolute(params["path"], "folders.path")
    if path.is_symlink():
        raise InvalidInput(f"{path} is a link.", advice="Name the folder that it leads to.")
    return Folder(
        path,
        tuple(_artifact(item) for item in params["artifacts"]),
        _number(params["owner"], "user", lambda name: pwd.getpwnam(name).pw_uid),
        _number(params["group"], "group", lambda name: grp.getgrnam(name).gr_gid),
        _mode(params["mode"]),
        tuple(params["classes"]),
    )


def _artifact(params: Mapping[str, Any]) -> Artifact:
    checksum = Checksum.parse(params["checksum"]) if params["checksum"] else None
    layout = (_positive(params["strip"], "strip", least=0), params["unpack"])
    if params["path"]:
        path = _absolute(params["path"], "path")
        if path.is_dir() and checksum is not None:
            raise InvalidInput(f"{path} is a folder, and has no checksum.", advice="Leave checksum out.")
        return LocalPath(path, checksum, *_known_kind(path.name, *layout, is_folder=path.is_dir()))
    if params["url"]:
        return _url(params["url"], checksum, *layout)
    if params["maven"]:
        return _maven(params, checksum, *layout)
    if params["maven"] is not None:
        raise InvalidInput("An artefact's maven list is empty.", advice="Name a coordinate, or leave the artefact out.")
    folder = PurePosixPath(params["folder"])
    if folder.is_absolute() or ".." in folder.parts:
        raise InvalidInput(f"The folder {params['folder']!r} is not inside the project {params['project']}.")
    if checksum is not None:
        raise InvalidInput(f"The project {params['project']} is built here, and has no checksum.")
    return Project(_absolute(params["project"], "project"), folder)


def _url(url: str, checksum: Checksum | None, strip: int, unpack: bool) -> Url:
    # The argument specification asks for it; an empty string passes there.
    if checksum is None:
        raise InvalidInput("An artefact by url needs its checksum.", advice="Give sha256:... or sha512:...")
    artifact = Url(url, checksum, strip, unpack)
    if not url.startswith(("https://", "http://", "file://")):
        raise InvalidInput(f"The URL {artifact} is not http, https or file.")
    _known_kind(artifact.name, strip, unpack)
    return artifact


def _maven(params: Mapping[str, Any], checksum: Checksum | None, strip: int, unpack: bool) -> Maven:
    coordinates = tuple(Coordinate.parse(text) for text in params["maven"])
    exclude = tuple(check_exclusion(text) for text in params["exclude"])
    sums = None
    if params["checksums"]:
        sums = _sums(_absolute(params["checksums"], "checksums"))
    maven = Maven(coordinates, params["transitive"], exclude, checksum, sums, strip, unpack)
    comes_alone = len(coordinates) == 1 and (coordinates[0].is_archive or not maven.transitive)
    if checksum is not None and not comes_alone:
        raise InvalidInput(
            f"One checksum can't hold for {maven}, which is several files.",
            advice="Give checksums (a list as sha256sum prints it), or one coordinate with transitive: false.",
        )
    return maven


def _sums(path: Path) -> tuple[tuple[str, str], ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"The checksum list {path} can't be read: {error}.",
            advice="Make it with 'sha256sum *' from files that you trust, or leave checksums out.",
        ) from error
    return tuple(sorted(parse_sums(text, str(path)).items()))


def _known_kind(name: str, strip: int, unpack: bool, *, is_folder: bool = False) -> tuple[int, bool]:
    if unpack and not is_folder and not is_archive(name) and not name.endswith(".jar"):
        raise InvalidInput(
            f"What {name!r} is can't be told from its name: it ends in none of .jar, .zip, .tar.gz, .tgz.",
            advice="With unpack: false it is taken as it is.",
        )
    return strip, unpack


def _absolute(text: str, option: str) -> Path:
    path = Path(text)
    if not path.is_absolute() or ".." in path.parts:
        raise InvalidInput(f"{option} is {text!r}, which is no absolute path.", advice="Start it with /, without '..'.")
    return path


def _positive(value: int, option: str, least: int = 1) -> int:
    if value < least:
        raise InvalidInput(f"{option} is {value}; the least is {least}.")
    return value


def _number(text: str | None, kind: str, look_up: Callable[[str], int]) -> int | None:
    if text is None or text == "":
        return None
    if text.isdecimal():
        return int(text)
    try:
        return look_up(text)
    except KeyError as error:
        raise InvalidInput(
            f"There is no {kind} {text!r} on this machine.", advice=f"Create the {kind} first."
        ) from error


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777 or mode & 0o700 != 0o700:
        raise InvalidInput(f"The mode {text!r} is not octal digits that let the owner in.", advice='Quote it: "0755".')
    return mode


def _check_apart(paths: list[Path]) -> None:
    for index, path in enumerate(paths):
        for other in paths[index + 1 :]:
            if path == other or path.is_relative_to(other) or other.is_relative_to(path):
                raise InvalidInput(f"{path} and {other} are the same folder, or one is inside the other.")
