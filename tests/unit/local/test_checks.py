# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The predicates of local_preflight, each with the line that a user reads."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.local.checks import (
    Holder,
    Java,
    Listener,
    Port,
    choose_java,
    clashes,
    command_problem,
    disk_problem,
    feature_version,
    is_ours,
    java_problem,
    listener_problem,
    memory_problem,
    overlap,
)
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = st.ip_addresses().map(str)
KAFKA = Listener("Kafka", "127.0.0.1", 9092)
JAVA = Holder(123, "java", "kafka", frozenset({50, 1}))
OTHER = Holder(124, "nginx", "www", frozenset({1}))
OLD, GOOD, NEW = Java("/jdk11", "11.0.2", True), Java("/jdk17", "17.0.15", True), Java("/jdk25", "25", True)
RUNTIME = Java("/jre21", "21.0.1", False)


@pytest.mark.parametrize(
    ("port", "problem"),
    [
        (Port(taken=False), ""),
        (Port(taken=True, holders=(JAVA,)), ""),
        (Port(taken=True, holders=(OTHER,)), "port 9092 on 127.0.0.1 (Kafka) is taken by nginx (pid 124, user www)"),
        (
            Port(taken=True, holders=(JAVA, OTHER)),
            "port 9092 on 127.0.0.1 (Kafka) is taken by nginx (pid 124, user www)",
        ),
        (
            Port(taken=True),
            "port 9092 on 127.0.0.1 (Kafka) is taken by a process that this user may not see: "
            "root's 'ss -ltnp' names it",
        ),
        (
            Port(taken=False, unusable="Permission denied"),
            "port 9092 on 127.0.0.1 (Kafka) can't be used: Permission denied",
        ),
    ],
)
def test_a_port_is_free_or_ours_or_a_problem(port: Port, problem: str) -> None:
    assert listener_problem(KAFKA, port, supervisor_pid=50) == problem


def test_without_a_supervisor_every_holder_is_foreign() -> None:
    assert "taken by java (pid 123, user kafka)" in listener_problem(KAFKA, Port(taken=True, holders=(JAVA,)), None)
    assert not is_ours(Port(taken=True, holders=(JAVA,)), None)
    assert not is_ours(Port(taken=True), None)


@given(ADDRESSES, ADDRESSES)
def test_whether_addresses_overlap_does_not_depend_on_their_order(one: str, other: str) -> None:
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one)
    assert overlap(one, "0.0.0.0")
    assert overlap("::", one)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("127.0.0.1", "::1", False),
    ],
)
def test_addresses_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) == expected


def test_two_listeners_on_one_port_are_refused_unless_their_addresses_differ() -> None:
    connect = Listener("Kafka Connect", "0.0.0.0", 9092)
    assert clashes([KAFKA, connect]) == ["port 9092 is declared for Kafka and for Kafka Connect"]
    assert clashes([KAFKA, Listener("Kafka Connect", "127.0.0.2", 9092), Listener("x", "127.0.0.1", 9093)]) == []


@pytest.mark.parametrize(
    ("version", "feature"),
    [("17.0.15", 17), ("17", 17), ("1.8.0_402", 8), ("21-ea", 21), ("25.0.3+9", 25), ("nonsense", 0), ("", 0)],
)
def test_the_feature_version_is_read(version: str, feature: int) -> None:
    assert feature_version(version) == feature


@pytest.mark.parametrize(
    ("seen", "chosen"),
    [([GOOD, NEW], GOOD), ([OLD, RUNTIME, NEW], NEW), ([NEW, GOOD], NEW), ([OLD, RUNTIME], None), ([], None)],
)
def test_the_first_jdk_that_is_new_enough_and_has_a_compiler_is_taken(seen: list[Java], chosen: Java | None) -> None:
    assert choose_java(seen, 17) == chosen
    assert (java_problem(seen, 17, "PATH") == "") == (chosen is not None)


def test_no_jdk_says_what_was_seen_and_what_to_install() -> None:
    assert java_problem([OLD, RUNTIME], 17, "JAVA_HOME, PATH and /usr/lib/jvm") == (
        "there is no JDK 17 or newer (looked at JAVA_HOME, PATH and /usr/lib/jvm; /jdk11 is 11.0.2, /jre21 is 21.0.1 "
        "without a compiler): install one (apt install openjdk-17-jdk-headless, dnf install java-17-openjdk-devel), "
        "or set java_home"
    )
    assert "(looked at PATH; found none)" in java_problem([], 17, "PATH")


def test_disk_and_memory_are_enough_up_to_the_limit() -> None:
    assert disk_problem("/x", 100, 100) == memory_problem(100, 100) == ""
    assert disk_problem("/x", 99, 100) == "/x has 99 MiB of disk left, and 100 MiB are needed"
    assert memory_problem(99, 100) == "99 MiB of memory are available, and 100 MiB are needed"


def test_a_missing_command_names_its_package() -> None:
    assert command_problem("mvn", "/usr/bin/mvn", "maven") == ""
    assert command_problem("mvn", None, "maven") == "there is no command mvn: install the package maven"
    assert command_problem("mvn", None, "") == "there is no command mvn"
