"""What the role canary applies on a cluster: settings that its program takes, and secrets in its Secret alone."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.settings import Settings, settings_of
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.options import Forward
from ansible_collections.loggy.pipeline.plugins.module_utils.log.options import File

from tests.unit.run_play import run_play_well

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "s3cret-of-elasticsearch"
SHARED: dict[str, Any] = {
    "loggy_platform": "kubernetes",
    "canary_image": "example.com/canary:1",
    "loggy_elasticsearch_urls": ["https://from-here.example.com:9200"],
    "loggy_kafka_bootstrap_servers": ["from-here.example.com:32000"],
    "fluentd_deployed": False,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    # As a command line hands it over.
    "collected": {"fluentd_deployed": True, "canary_port": "9481"},
    "openshift": {"loggy_platform": "openshift"},
    "faster": {"canary_settings": {"interval": 1.0}},
    "kept nowhere": {"canary_storage": "", "canary_pod": {"nodeSelector": {"zone": "a"}}},
    "secured": {
        "connectors_elasticsearch_urls": ["https://from-inside.example.com:9200"],
        "loggy_elasticsearch_connection": {
            "username": "loggy",
            "password": PASSWORD,
            "ca_path": "{{ authority }}",
        },
    },
    "other password": {"loggy_elasticsearch_connection": {"username": "loggy", "password": "another"}},
    "production": {"kafka_profile": "production"},
}
AUTHORITY = "-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("objects")
    # Outside of the role's own tasks, lookups search beside the play.
    (folder / "templates").symlink_to(ROOT / "roles" / "canary" / "templates")
    (folder / "authority.pem").write_text(AUTHORITY, encoding="utf-8")
    content = "{{ ([_canary_secret_object] + _canary_objects) | to_json }}"
    # The one that runs nothing brings the role's variables.
    play = {
        "vars": {"authority": str(folder / "authority.pem")},
        "tasks": [
            {"ansible.builtin.import_role": {"name": "loggy.pipeline.canary"}, "when": False},
            *(
                {
                    "ansible.builtin.copy": {"content": content, "dest": str(folder / name)},
                    "vars": {**SHARED, **VARIANTS[name]},
                }
                for name in VARIANTS
            ),
        ],
    }
    run_play_well(folder, play)
    return {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in VARIANTS}


@pytest.fixture
def in_pod(tmp_path: Path) -> Any:
    """The settings as the program in the pod reads them, with what is mounted there."""

    def read(objects: list[dict[str, Any]]) -> tuple[dict[str, Any], Settings]:
        files = texts(objects)
        for name, text in files.items():
            (tmp_path / "settings").mkdir(exist_ok=True)
            (tmp_path / "settings" / name).write_text(text, encoding="utf-8")
        for volume, mount in zip(pod(objects)["volumes"], container(objects)["volumeMounts"], strict=True):
            assert volume["name"] == mount["name"]
            if mount["mountPath"].startswith("/secrets/"):
                mounted = tmp_path / mount["mountPath"].lstrip("/")
                mounted.mkdir(parents=True)
                for key in ("password", "ca.crt"):
                    (mounted / key).write_text(f"{volume['secret']['secretName']}'s", encoding="utf-8")
        raw = files["settings.json"]
        for place in ("/settings/", "/secrets/"):
            raw = raw.replace(f'"{place}', f'"{tmp_path}{place}')
        return json.loads(files["settings.json"]), settings_of(json.loads(raw))

    return read


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["kind"] == kind]


def texts(objects: list[dict[str, Any]]) -> dict[str, str]:
    (secret,) = of(objects, "Secret")
    return {name: b64decode(value).decode() for name, value in secret["data"].items()}


def template(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (deployment,) = of(objects, "Deployment")
    found: dict[str, Any] = deployment["spec"]["template"]
    return found


def pod(objects: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = template(objects)["spec"]
    return found


def container(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = pod(objects)["containers"]
    assert isinstance(found, dict)
    return found


def digest(objects: list[dict[str, Any]]) -> str:
    return str(template(objects)["metadata"]["annotations"]["loggy.pipeline/settings"])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_program_takes_its_settings(rendered: dict[str, list[dict[str, Any]]], in_pod: Any, name: str) -> None:
    raw, settings = in_pod(rendered[name])
    assert [stop.name for stop in settings.stops] == ["topic", "index"]
    assert (settings.listen_address, str(settings.state_path)) == ("0.0.0.0", "/state/state.json")
    assert settings.listen_port == container(rendered[name])["ports"][0]["containerPort"]
    assert raw["kafka"]["bootstrap_servers"][0].startswith("my-cluster-kafka-bootstrap.loggy.svc:")


def test_without_a_collector_it_sends_by_forward_and_with_one_it_logs(
    rendered: dict[str, list[dict[str, Any]]], in_pod: Any
) -> None:
    _, plain = in_pod(rendered["plain"])
    assert isinstance(plain.sending.to, Forward)
    assert (plain.sending.to.address.host, plain.sending.to.address.port) == ("src-connector.loggy.svc", 24224)
    _, collected = in_pod(rendered["collected"])
    assert collected.sending.to == File(Path("/dev/stdout"), fsync=False)


@pytest.mark.parametrize("name", VARIANTS)
def test_each_object_is_marked_as_ours_and_prometheus_finds_the_pod(
    rendered: dict[str, list[dict[str, Any]]], name: str
) -> None:
    wanted = {
        "app.kubernetes.io/managed-by": "loggy.pipeline",
        "app.kubernetes.io/part-of": "loggy",
        "app.kubernetes.io/component": "canary",
        "app.kubernetes.io/name": "canary",
    }
    for one in [*rendered[name], template(rendered[name])]:
        assert one["metadata"]["labels"] == wanted
    (service,) = of(rendered[name], "Service")
    (deployment,) = of(rendered[name], "Deployment")
    chosen = deployment["spec"]["selector"]["matchLabels"]
    assert service["spec"]["selector"] == chosen
    assert chosen.items() <= wanted.items()
    assert [port["name"] for port in service["spec"]["ports"]] == ["metrics"]
    assert [port["name"] for port in container(rendered[name])["ports"]] == ["metrics"]


def test_other_settings_and_other_secrets_are_another_pod(rendered: dict[str, list[dict[str, Any]]]) -> None:
    names = ["plain", "faster", "collected", "secured", "other password", "production"]
    assert len({digest(rendered[name]) for name in names}) == len(names)
    assert digest(rendered["plain"]) == digest(rendered["openshift"])


def test_a_credential_is_in_the_secret_and_nowhere_else(rendered: dict[str, list[dict[str, Any]]], in_pod: Any) -> None:
    objects = rendered["secured"]
    raw, _ = in_pod(objects)
    assert raw["elasticsearch"] == {
        "urls": ["https://from-inside.example.com:9200"],
        "username": "loggy",
        "password": {"file": "/settings/elasticsearch_password"},
        "ca_path": "/settings/elasticsearch_ca_path",
    }
    held = texts(objects)
    assert (held["elasticsearch_password"], held["elasticsearch_ca_path"]) == (PASSWORD, AUTHORITY)
    others = json.dumps([one for one in objects if one["kind"] != "Secret"])
    assert PASSWORD not in others + held["settings.json"]
    assert "BEGIN CERTIFICATE" not in others


def test_in_production_it_is_who_verifies_by_the_secrets_that_strimzi_has(
    rendered: dict[str, list[dict[str, Any]]], in_pod: Any
) -> None:
    objects = rendered["production"]
    raw, _ = in_pod(objects)
    assert raw["kafka"]["bootstrap_servers"][0].endswith(":9093")
    assert (raw["kafka"]["security_protocol"], raw["kafka"]["username"]) == ("SASL_SSL", "loggy-verify")
    mounted = [volume["secret"]["secretName"] for volume in pod(objects)["volumes"] if "secret" in volume]
    assert mounted == ["loggy-canary", "my-cluster-cluster-ca-cert", "loggy-verify"]
    assert list(texts(objects)) == ["settings.json"]


@pytest.mark.parametrize("name", VARIANTS)
def test_it_has_no_privileges_and_writes_to_its_state_alone(
    rendered: dict[str, list[dict[str, Any]]], name: str
) -> None:
    (deployment,) = of(rendered[name], "Deployment")
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
    assert container(rendered[name])["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    spec = pod(rendered[name])
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["automountServiceAccountToken"] is False
    writable = [mount["mountPath"] for mount in container(rendered[name])["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/state"]
    for probe in ("livenessProbe", "readinessProbe"):
        assert container(rendered[name])[probe]["httpGet"] == {"path": "/healthz", "port": "metrics"}


def test_openshift_chooses_user_and_group(rendered: dict[str, list[dict[str, Any]]]) -> None:
    assert pod(rendered["openshift"])["securityContext"] == {"runAsNonRoot": True}
    assert pod(rendered["plain"])["securityContext"]["fsGroup"] == 65532


def test_the_account_is_kept_on_a_volume_or_with_the_pod(rendered: dict[str, list[dict[str, Any]]]) -> None:
    (claim,) = of(rendered["plain"], "PersistentVolumeClaim")
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "100Mi"}}}
    kept = {"name": "state", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    assert kept in pod(rendered["plain"])["volumes"]
    assert of(rendered["kept nowhere"], "PersistentVolumeClaim") == []
    assert {"name": "state", "emptyDir": {}} in pod(rendered["kept nowhere"])["volumes"]
    assert pod(rendered["kept nowhere"])["nodeSelector"] == {"zone": "a"}
