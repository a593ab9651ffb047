# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconciliation of a `Kafka` with its node pools."""

from __future__ import annotations

from collections.abc import Sequence

from tests.cluster.operator import brokers, listeners, nodes, pods, trust
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.nodes import Node
from tests.cluster.operator.objects import LABEL, LOG4J, Component
from tests.cluster.operator.settings import KAFKA_VERSION
from tests.cluster.operator.status import is_news


def reconcile(api: Api, kafka: Object) -> Object:
    """:returns: what is told when it is ready, but for the condition."""
    name, namespace = kafka["metadata"]["name"], kafka["metadata"]["namespace"]
    component = Component(kafka, f"{name}-kafka", "kafka")
    pools = [
        {**pool, "kind": "KafkaNodePool"}
        for pool in sorted(
            api.list("KafkaNodePool", namespace, cluster=name), key=lambda item: item["metadata"]["name"]
        )
        if "deletionTimestamp" not in pool["metadata"]
    ]
    brokers.check(kafka, pools)
    every = nodes.nodes(kafka, pools)
    for pool in pools:
        _tell_pool(api, pool, [node for node in every if node.pool is pool], brokers.cluster_id(kafka))
    some = [node for node in every if node.is_broker]
    declared = kafka["spec"]["kafka"]["listeners"]
    applied = [api.apply(service) for service in listeners.services(component, declared, some)]
    _remove_others(api, component, applied)
    given = {item["metadata"]["name"]: item["spec"]["ports"][0].get("nodePort") for item in applied}
    address = _node_address(api) if any(item["type"] == "nodeport" for item in declared) else ""
    advertised = listeners.advertised(component, declared, some, given, address)
    authority = trust.authority(api, component, "cluster-ca")
    trust.authority(api, component, "clients-ca")
    trust.operator_certificate(api, component, authority)
    wanted: dict[str, list[Object]] = {f"{name}-{pool['metadata']['name']}": [] for pool in pools}
    for node in every:
        config = brokers.server_properties(kafka, node, every, component, advertised)
        api.apply(component.config_map(node.pod, {"server.properties": config, "log4j2.properties": LOG4J}))
        names = listeners.certificate_names(component, declared, node)
        certificate = trust.node_certificate(api, component, node.pod, authority, names)
        for claim in nodes.claims(component, node):
            api.apply(claim)
        pod = brokers.broker_pod(kafka, node, component, [config, certificate])
        wanted[f"{name}-{node.pool['metadata']['name']}"].append(pod)
    pods.sync(api, component, wanted)
    _remove_surplus(api, component, every, pools)
    return {
        "clusterId": brokers.cluster_id(kafka),
        "kafkaVersion": KAFKA_VERSION,
        "kafkaMetadataVersion": kafka["spec"]["kafka"].get("metadataVersion") or f"{KAFKA_VERSION[:3]}-IV0",
        "operatorLastSuccessfulVersion": "1.2.0",
        "kafkaNodePools": [{"name": pool["metadata"]["name"]} for pool in pools],
        "listeners": [listeners.told(component, item, given, address, authority.certificate) for item in declared],
        "conditions": brokers.warnings(every),
    }


def _tell_pool(api: Api, pool: Object, mine: Sequence[Node], identity: str) -> None:
    told: Object = {
        "observedGeneration": pool["metadata"]["generation"],
        "nodeIds": [node.number for node in mine],
        "roles": pool["spec"]["roles"],
        "replicas": len(mine),
        "clusterId": identity,
        "labelSelector": f"{LABEL}cluster={mine[0].cluster},{LABEL}pool-name={pool['metadata']['name']}"
        if mine
        else "",
    }
    if is_news(pool, told):
        api.patch(pool, {"status": told}, "status")


def _node_address(api: Api) -> str:
    """Of the only node."""
    addresses = api.list("Node")[0]["status"]["addresses"]
    return str(next(item["address"] for item in addresses if item["type"] == "InternalIP"))


def _remove_others(api: Api, component: Component, kept: Sequence[Object]) -> None:
    """Services of listeners and brokers that are no more."""
    names = {item["metadata"]["name"] for item in kept}
    for found in api.list("Service", component.namespace, cluster=component.cluster, name=component.name):
        if found["metadata"]["name"] not in names:
            api.delete("Service", component.namespace, found["metadata"]["name"])


def _remove_surplus(api: Api, component: Component, every: Sequence[Node], pools: Sequence[Object]) -> None:
    """What is left of brokers and pools that are no more, once their pods are gone."""
    namespace, labels = component.namespace, {"cluster": component.cluster, "name": component.name}
    sets = {f"{component.cluster}-{pool['metadata']['name']}" for pool in pools}
    kept = {node.pod for node in every}
    for found in api.list("StrimziPodSet", namespace, **labels):
        if found["metadata"]["name"] not in sets:
            api.delete("StrimziPodSet", namespace, found["metadata"]["name"])
    for found in api.list("ConfigMap", namespace, **labels):
        if found["metadata"]["name"] not in kept:
            api.delete("ConfigMap", namespace, found["metadata"]["name"])
    trust.remove_nodes(api, component, kept)
    wanted = {claim["metadata"]["name"] for node in every for claim in nodes.claims(component, node)}
    for found in api.list("PersistentVolumeClaim", namespace, **labels):
        is_to_go = found["metadata"].get("annotations", {}).get(f"{LABEL}delete-claim") == "true"
        if is_to_go and found["metadata"]["name"] not in wanted:
            api.delete("PersistentVolumeClaim", namespace, found["metadata"]["name"])
