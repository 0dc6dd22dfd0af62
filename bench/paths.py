"""What finding the ways out costs as an estate grows: repositories, and estates alone.

    python bench/paths.py                        scan 1,000 and 10,000 things
    python bench/paths.py --things 1000 100000   scan as many things as that
    python bench/paths.py --estate               the tracer alone, 100,000 things
    python bench/paths.py --write FOLDER N       write a repository of about N things

A repository is Terraform roots of a thousand teams each, and manifests: a team has a
bucket, a role, an account, a namespace with a fence and a job; a hundred teams share a
cluster with its subnet and NAT gateway. Every hundredth team has no fence: those are the
planted ways out, and no other may be found. Each measurement is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing

#: About so many things come from a team: with namespaces, containers, channels, policies.
PER_TEAM = 11
TEAMS_PER_CLUSTER = 100
#: A root holds no more instances of resources than a scan takes from one.
TEAMS_PER_ROOT = 1000

NETWORK = """\
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "lab" {
  cidr_block = "10.0.0.0/8"
}
resource "aws_internet_gateway" "lab" {
  vpc_id = aws_vpc.lab.id
}
resource "aws_nat_gateway" "lab" {
  subnet_id = aws_subnet.edge.id
}
resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.lab.id
  cidr_block = "10.255.0.0/24"
}
resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.lab.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.lab.id
  }
}
resource "aws_iam_role" "node" {
  name = "node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"""

CLUSTER = """\
resource "aws_subnet" "nodes{c}" {{
  vpc_id     = aws_vpc.lab.id
  cidr_block = "10.{high}.{low}.0/24"
}}
resource "aws_route_table_association" "nodes{c}" {{
  subnet_id      = aws_subnet.nodes{c}.id
  route_table_id = aws_route_table.nodes.id
}}
resource "aws_eks_cluster" "c{c}" {{
  name     = "c{c}"
  role_arn = "arn:aws:iam::111122223333:role/control"
  vpc_config {{
    subnet_ids             = [aws_subnet.nodes{c}.id]
    endpoint_public_access = false
  }}
}}
resource "aws_eks_node_group" "c{c}" {{
  cluster_name  = aws_eks_cluster.c{c}.name
  node_role_arn = aws_iam_role.node.arn
  subnet_ids    = [aws_subnet.nodes{c}.id]
}}
resource "aws_eks_addon" "c{c}" {{
  cluster_name         = aws_eks_cluster.c{c}.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({{ enableNetworkPolicy = "true" }})
}}
"""

TEAM = """\
resource "aws_s3_bucket" "team{n}" {{
  bucket = "lab-team{n}"
}}
resource "aws_iam_role" "team{n}" {{
  name = "team{n}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"], Principal = {{ Service = "pods.eks.amazonaws.com" }} }}]
  }})
}}
resource "aws_iam_role_policy" "team{n}" {{
  role = aws_iam_role.team{n}.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "${{aws_s3_bucket.team{n}.arn}}/*" }}]
  }})
}}
resource "aws_eks_pod_identity_association" "team{n}" {{
  cluster_name    = aws_eks_cluster.c{c}.name
  namespace       = "team{n}"
  service_account = "trainer"
  role_arn        = aws_iam_role.team{n}.arn
}}
"""

OBJECTS = """\
apiVersion: v1
kind: Namespace
metadata: {{name: team{n}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: trainer, namespace: team{n}}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: train, namespace: team{n}}}
spec:
  template:
    metadata: {{labels: {{app: train}}}}
    spec:
      serviceAccountName: trainer
      containers:
        - name: torch
          image: registry.example/train@sha256:{digest}
          command: [torchrun, train.py]
          args: ["--output_dir=s3://lab-team{n}/ckpt"]
          resources: {{limits: {{nvidia.com/gpu: 8}}}}
"""

FENCE = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: fence, namespace: team{n}}}
spec:
  podSelector: {{}}
  policyTypes: [Ingress, Egress]
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def generate(folder: Path, things: int) -> int:
    """Write a repository of about so many things; gives how many ways out it has."""
    planted = 0
    for n in range(max(1, things // PER_TEAM)):
        root = folder / f"infra/part{n // TEAMS_PER_ROOT}"
        if n % TEAMS_PER_ROOT == 0:
            write(root / "network.tf", NETWORK)
        c = n // TEAMS_PER_CLUSTER
        if n % TEAMS_PER_CLUSTER == 0:
            text = CLUSTER.format(c=c, high=c // 256, low=c % 256)
            write(root / f"cluster{c}.tf", text)
        write(root / f"team{n}.tf", TEAM.format(n=n, c=c))
        objects = OBJECTS.format(n=n, digest=f"{n:064x}")
        if n % TEAMS_PER_CLUSTER == TEAMS_PER_CLUSTER // 2:
            planted += 1
        else:
            objects += FENCE.format(n=n)
        write(folder / f"apps/c{c}/team{n}.yaml", objects)
    return planted


def hand_made(things: int) -> tuple[Estate, int]:
    """An estate of so many things and three times as many edges; and its ways out.

    Stores are read by roles that pods take; roles take each other in chains; one pod in
    a hundred may upload to an outside host.
    """
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.source import Source, Span

    span = Span(Source("made.tf", "x"), 0, 1)
    estate = Estate()

    def made(kind: str, name: str, **facts: bool | str) -> Thing:
        thing = Thing(kind, name, name, span, "aws", names={name})
        for fact, value in facts.items():
            thing.state(fact, value)
        return estate.add(thing)

    teams = things // 5
    roles: list[Thing] = []
    pods: list[Thing] = []
    planted = 0
    for n in range(teams):
        store = made("store", f"store{n}", type="object")
        store.holds_weights("declared", "it says so", span)
        store.state("weights.held", value=True)
        role = made("identity", f"role{n}", sort="role")
        account = made("identity", f"account{n}", sort="service-account")
        pod = made("workload", f"pod{n}", type="pod")
        host = made("destination", f"host{n}.example", type="host")
        estate.link(role, "may read", store, span)
        estate.link(role, "may write", store, span)
        estate.link(account, "becomes", role, span)
        estate.link(pod, "runs as", account, span)
        for back in (1, 7, 50):
            if n >= back and n % 20:
                estate.link(
                    role, "becomes", roles[n - back], span, certain=False, why="?"
                )
        if n % 100 == 50:
            estate.link(pod, "may connect to", host, span)
            planted += 1
        for back in range(1, 9):
            if n >= back:
                estate.link(pod, "contains", pods[n - back], span)
        roles.append(role)
        pods.append(pod)
    return estate, planted


def scan_child(folder: str) -> dict[str, float]:
    """What a scan does, step by step."""
    from mlsec_lint.lower import lower, lower_later
    from mlsec_lint.scan import read
    from mlsec_lint.trace import FIRST, TRACES
    from mlsec_lint.trace.settings import Settings

    numbers: dict[str, float] = {}
    at = time.process_time()

    def lap(name: str) -> None:
        nonlocal at
        now = time.process_time()
        numbers[name] = round(now - at, 2)
        at = now

    reading = read(folder)
    lap("read")
    estate = lower(reading.inputs)
    lap("lower")
    settings = Settings()
    for step in FIRST:
        step(estate, settings)
    lap("first")
    lower_later(reading.inputs, estate)
    lap("later")
    for step in TRACES:
        step(estate, settings)
        if step.__name__ == "trace_paths":
            lap("paths")
        else:
            lap("trace")
    numbers["things"] = len(estate.things)
    numbers["edges"] = sum(1 for _ in estate.edges())
    found = {path.source.address for path in estate.paths if path.unknown is None}
    numbers["stores with ways out"] = len(found)
    return numbers


def estate_child(things: int) -> dict[str, float]:
    """The tracer of paths alone."""
    from mlsec_lint.trace.paths import trace_paths
    from mlsec_lint.trace.settings import Settings

    estate, planted = hand_made(things)
    started = time.process_time()
    trace_paths(estate, Settings())
    spent = time.process_time() - started
    return {
        "paths": round(spent, 2),
        "things": len(estate.things),
        "edges": sum(1 for _ in estate.edges()),
        "found": len(estate.paths),
        "planted": planted,
    }


def child(kind: str, argument: str) -> None:
    from mlsec_lint.cli import collect_patiently

    collect_patiently()
    started = time.process_time()
    numbers = scan_child(argument) if kind == "scan" else estate_child(int(argument))
    numbers["seconds"] = round(time.process_time() - started, 2)
    numbers["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(numbers))


def measure(kind: str, argument: str) -> dict[str, float]:
    here = Path(__file__)
    environment = {**os.environ, "PYTHONPATH": str(here.parent.parent)}
    command = [sys.executable, str(here), "--child", kind, argument]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    numbers: dict[str, float] = json.loads(done.stdout)
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--things", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--estate", action="store_true", help="the tracer alone")
    parser.add_argument("--write", nargs=2, metavar=("FOLDER", "N"))
    parser.add_argument("--child", nargs=2, metavar=("KIND", "ARGUMENT"))
    options = parser.parse_args()
    if options.child:
        child(*options.child)
    elif options.write:
        generate(Path(options.write[0]), int(options.write[1]))
    elif options.estate:
        for things in (1_000, 10_000, 100_000):
            print(things, measure("estate", str(things)), flush=True)
    else:
        for things in options.things:
            with tempfile.TemporaryDirectory() as folder:
                planted = generate(Path(folder), things)
                numbers = measure("scan", folder)
                print(f"{things} asked, {planted} planted: {numbers}", flush=True)


if __name__ == "__main__":
    main()
