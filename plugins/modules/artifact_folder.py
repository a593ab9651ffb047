#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact_folder
short_description: Make folders hold exactly what declared artefacts give
version_added: 0.1.0
description:
  - Fills folders from local paths, downloads, Maven coordinates and Maven projects, all of them with one call.
  - Everything is fetched, verified and unpacked beside the targets first. Only when all of it is good, the folders are
    replaced by renaming. On any failure they stay what they were.
  - A folder holds these files and no others. A file that was changed (by its size and modification time), that is
    missing, or that somebody added is noticed, and the folder is made anew. So let programs write elsewhere.
  - Folders that this module made carry a file C(.artifact_folder.json), which lists what they hold. A folder without
    one that is not empty is refused.
  - An archive that holds an absolute path, a path with C(..), a link that leads outside, or a device is refused.
author:
  - Loggy pipeline authors (@loggy)
requirements:
  - Maven and a JDK, when O(folders[].artifacts[].maven) or O(folders[].artifacts[].project) is not in the cache yet.
attributes:
  check_mode:
    support: full
    description:
      - Says which folders would change, and why. Downloads and builds nothing, so it can't tell whether what it would
        get is good.
  diff_mode:
    support: full
    description:
      - Shows the artefacts and the files with their sha256, before and after. In check mode the files of artefacts that
        would have to be fetched first are not known.
options:
  folders:
    description: The folders to make.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - The folder, an absolute path.
        type: path
        required: true
      artifacts:
        description:
          - What it holds. Each names one of O(folders[].artifacts[].path), O(folders[].artifacts[].url),
            O(folders[].artifacts[].maven) and O(folders[].artifacts[].project).
          - Two artefacts may give a file of the same name only when it is the same file.
          - An empty list gives an empty folder.
        type: list
        elements: dict
        required: true
        suboptions:
          path:
            description:
              - A folder, whose contents are copied but for C(__pycache__), or a jar or archive on the machine where the
                module runs.
            type: path
          url:
            description:
              - Where to download a jar or an archive from, by https, http or file. Its name decides what it is.
              - Needs O(folders[].artifacts[].checksum).
            type: str
          maven:
            description:
              - Coordinates V(group:artifact:version[:packaging[:classifier]]), resolved together by the C(mvn) command
                with the user's own settings and mirrors.
              - The version is one version. A range, V(LATEST) and V(RELEASE) are refused. A snapshot is resolved once.
            type: list
            elements: str
          project:
            description:
              - A Maven project's folder. It is copied to the cache and built there with C(mvn package) and without its
                tests, so the folder itself may be read-only. It must not need files outside of it.
              - It is built again only when a file of it changes. C(target) folders beside a C(pom.xml) do not count,
                and neither do hidden files and folders except C(.mvn).
              - Needs O(folders[].artifacts[].folder).
            type: path
          folder:
            description:
              - The folder, relative to O(folders[].artifacts[].project), whose files are taken after the build.
            type: str
          checksum:
            description:
              - V(sha256:HEX) or V(sha512:HEX) of the file. Required for a URL. Possible for a local file, and for a
                single Maven artefact that comes alone.
            type: str
          checksums:
            description:
              - Path of a list, as C(sha256sum *) prints it, of exactly the files that the Maven coordinates must give.
              - A file that is missing, that is not listed, or that differs is refused.
            type: path
          transitive:
            description:
              - Whether Maven coordinates come with their runtime dependencies. Archives (zip, tar.gz) never do.
            type: bool
            default: true
          exclude:
            description:
              - Dependencies to leave out, as V(group:artifact), either of which may be V(*).
            type: list
            elements: str
            default: []
          strip:
            description: How many leading path components to drop from the names in an archive.
            type: int
            default: 0
          unpack:
            description: Whether to unpack an archive (zip, tar.gz, tgz). A jar is never unpacked.
            type: bool
            default: true
      classes:
        description: Java classes that the folder's jars must hold. A folder that would lack one is not laid down.
        type: list
        elements: str
        default: []
      owner:
        description: User, by name or number, that owns the folder and all in it. Unset, the user that runs the module.
        type: str
      group:
        description: Group, by name or number, of the folder and all in it.
        type: str
      mode:
        description:
          - Mode of the folder itself, octal digits in quotes. Folders in it have V(0755), files V(0644), or V(0755)
            where the archive says that they are executable.
        type: str
        default: "0755"
  cache:
    description:
      - Folder that keeps downloads, resolved artefacts and builds. What is taken from it is verified again.
      - One run at a time uses it. A second one waits for it.
    type: path
    required: true
  exclusive_in:
    description:
      - Folder whose sub-folders are removed when this module made them and they are not in O(folders). Sub-folders that
        it did not make stay.
    type: path
  maven_executable:
    description: The C(mvn) command, a name on E(PATH) or a path.
    type: str
    default: mvn
  maven_repository:
    description: Folder for Maven's own local repository. Unset, it is the user's.
    type: path
  java_home:
    description: The JDK that Maven runs with. Unset, E(JAVA_HOME) or the one that Maven finds.
    type: path
  timeout:
    description:
      - Seconds that one call of Maven may take, that a download may pause, and that another run may keep the cache
        locked.
    type: int
    default: 600
"""

EXAMPLES = r"""
- name: Install Kafka's jars with all their dependencies, each verified
  loggy.pipeline.artifact_folder:
    cache: /var/cache/loggy
    folders:
      - path: /opt/kafka/lib
        artifacts:
          - maven:
              - org.apache.kafka:kafka_2.13:4.3.1
              - org.apache.kafka:connect-runtime:4.3.1
              - org.apache.logging.log4j:log4j-slf4j-impl:2.25.4
            checksums: /opt/checksums/kafka-4.3.1.sha256

- name: Install Elasticsearch from the vendor's archive
  loggy.pipeline.artifact_folder:
    cache: /var/cache/loggy
    folders:
      - path: /opt/elasticsearch
        owner: root
        artifacts:
          - path: /srv/downloads/elasticsearch-8.19.21-linux-x86_64.tar.gz
            checksum: sha512:{{ elasticsearch_sha512 }}
            strip: 1

- name: Hold exactly these Connect plug-ins, one of them built from its sources
  loggy.pipeline.artifact_folder:
    cache: /var/cache/loggy
    exclusive_in: /opt/connect/plugins
    folders:
      - path: /opt/connect/plugins/forward-source
        artifacts:
          - project: /srv/checkout/connect-plugins
            folder: forward-source/target/plugin
      - path: /opt/connect/plugins/file
        artifacts:
          - maven: [org.apache.kafka:connect-file:4.3.1]
            transitive: false
            checksum: sha256:{{ connect_file_sha256 }}
"""

RETURN = r"""
folders:
  description: Each declared folder.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The folder.
      type: str
    changed:
      description: Whether it was made anew, or in check mode would be.
      type: bool
    reason:
      description: Why. Empty when it is as declared.
      type: str
    files:
      description: How many files it holds. Null in check mode, when they would have to be fetched first.
      type: int
    artifacts:
      description: What its files come from.
      type: list
      elements: str
  sample:
    - path: /opt/kafka/lib
      changed: true
      reason: zookeeper-3.8.4.jar is missing
      files: 95
      artifacts: ["org.apache.kafka:kafka_2.13:4.3.1 and 6 more"]
removed:
  description: Folders in O(exclusive_in) that were removed, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [/opt/connect/plugins/old-sink]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.folders import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
