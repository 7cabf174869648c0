#!/usr/bin/env python3
"""From rendered manifests to what `podman play kube` knows: standard input to standard output.

The StatefulSet becomes a Pod, named like its Service, whose name the nodes look up; the Deployment becomes Pods with a
name each. Their specs are as they were, but for: images that stand in for others, the volume claim of the StatefulSet's
template, and ports on loopback in place of the Services.
"""

import argparse
import copy
import json
import os
import sys

import yaml

KEPT = ("ConfigMap", "Secret")


def pod(owner, name):
    template = copy.deepcopy(owner["spec"]["template"])
    labels = template["metadata"]["labels"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": template["spec"]}


def claims(stateful_set, one):
    """The claims that the templates stand for, and the volumes of the Pod that use them."""
    for template in stateful_set["spec"].get("volumeClaimTemplates", []):
        name = template["metadata"]["name"]
        claim = f'{name}-{one["metadata"]["name"]}'
        one["spec"]["volumes"].append({"name": name, "persistentVolumeClaim": {"claimName": claim}})
        yield {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim}, "spec": template["spec"]}


def publish(one, port):
    """Without a port of its own podman would open it on every address."""
    for container in one["spec"]["containers"]:
        for exposed in container["ports"]:
            exposed.update(hostIP="127.0.0.1", hostPort=port)


def pods(document, arguments):
    if document["kind"] == "StatefulSet":
        one = pod(document, document["spec"]["serviceName"])
        yield from claims(document, one)
        publish(one, arguments.store_port)
        yield one
    elif document["kind"] == "Deployment":
        for i, port in enumerate(arguments.port, start=1):
            one = pod(document, f'{document["metadata"]["name"]}-{i}')
            publish(one, port)
            yield one


def set_aside(secret, directory):
    """As `podman secret create` of podman before 4.4 wants it: play kube of that age cannot read what it stored itself."""
    with open(os.path.join(directory, secret["metadata"]["name"]), "w", encoding="utf-8") as file:
        json.dump(secret["data"], file)


def place(document):
    """What others mount comes before them, and Redis before the nodes."""
    order = ("ConfigMap", "Secret", "PersistentVolumeClaim", "Pod")
    return order.index(document["kind"]), "volumes" in document.get("spec", {}) and not has_claim(document)


def has_claim(document):
    return any("persistentVolumeClaim" in volume for volume in document["spec"]["volumes"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", action="append", default=[], metavar="NAME=IMAGE", help="stands in for the image NAME")
    parser.add_argument("--port", action="append", type=int, default=[], help="on loopback; one Pod of the Deployment for each")
    parser.add_argument("--store-port", type=int, required=True, help="on loopback, of the StatefulSet's Pod")
    parser.add_argument("--secrets", metavar="DIRECTORY", help="where Secrets go, a file each, instead of the output")
    arguments = parser.parse_args()
    images = dict(pair.split("=", 1) for pair in arguments.image)

    result = []
    for document in yaml.safe_load_all(sys.stdin):
        document["metadata"].pop("namespace", None)
        if document["kind"] == "Secret" and arguments.secrets:
            set_aside(document, arguments.secrets)
        elif document["kind"] in KEPT:
            result.append(document)
        else:
            result.extend(pods(document, arguments))
    for document in result:
        if document["kind"] == "Pod":
            for container in document["spec"]["containers"]:
                container["image"] = images.get(container["image"], container["image"])
    yaml.safe_dump_all(sorted(result, key=place), sys.stdout, sort_keys=False)


main()
