"""A result as the judge would give it, over small texts kept here."""

from __future__ import annotations

from mlsec_lint.finding import (
    Finding,
    Related,
    Result,
    RuleInfo,
    Summary,
    Suppression,
    Verdict,
)
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step

MAIN = Source(
    "infra/main.tf",
    'module "data" {\n'
    '  source = "./data"\n'
    "}\n"
    "\n"
    'resource "aws_s3_bucket" "weights" {\n'
    '  bucket = "acme-weights"\n'
    "\tacl    = var.acl\n"
    "}\n"
    "\n"
    'resource "aws_s3_bucket_server_side_encryption_configuration" "w" {\n'
    "  bucket = aws_s3_bucket.weights.id\n"
    "  rule {\n"
    "    apply_server_side_encryption_by_default {\n"
    "      kms_master_key_id = var.key\n"
    "    }\n"
    "  }\n"
    "}\n",
)
VARIABLES = Source(
    "infra/variables.tf",
    'variable "acl" {\r\n  default = "public-read"\r\n}\r\nvariable "key" {}\r\n',
    bom=True,
)
JOB = Source(
    "jobs/train 日本.yaml",
    "args:\n"
    "  # 重み 🧪 の保存先\n"
    '  名前: "実験"; output_dir: s3://acme-weights/run7\n'
    "env:\n"
    "  - name: HF_TOKEN\n"
    "    value: hf_AbCdEfGhIjKlMnOpQrStUvWxYz\n"
    "  - name: WANDB_LOG_MODEL\n"
    "    value: end\n"
    "image: train:latest\n",
)


def span(source: Source, text: str, nth: int = 0) -> Span:
    """The nth place of a text in a source."""
    at = -1
    for _ in range(nth + 1):
        at = source.text.index(text, at + 1)
    return Span(source, at, at + len(text))


RULES = (
    RuleInfo(
        id="weights-no-public-access",
        title="Weights are not public",
        level="SL1",
        severity="critical",
        area="weights",
        why="Whoever knows the URL can read a public bucket.\n\nNothing else is needed.",
        fix="Block public access on the bucket and on the account.",
        references=("RAND Weight Storage", "NIST AC-3", "ATLAS M0005"),
    ),
    RuleInfo(
        id="weights-customer-key",
        title="Weights are encrypted at rest with a key the lab controls",
        level="SL2",
        severity="high",
        area="weights",
        why="With a provider-managed key, whoever may read the store may read the weights.",
        fix="Encrypt the store with a KMS key that the lab owns.",
        references=("RAND Weight Storage", "NIST SC-28(1)", "ATLAS M0012"),
    ),
    RuleInfo(
        id="access-secret-in-config",
        title="No secret stands in config",
        level="SL1",
        severity="high",
        area="access",
        why="A secret in a repository is known to everyone who can read it.",
        fix="Read it from a Secret or a vault.",
        references=("NIST IA-5(7)",),
    ),
    RuleInfo(
        id="egress-tracker-artifacts",
        title="Weights do not go to an experiment tracker",
        level="SL2",
        severity="high",
        area="egress",
        why="A tracker keeps copies of what it is given outside the lab.",
        fix="Set WANDB_LOG_MODEL to false.",
        references=(),
        confidence="medium",
    ),
    RuleInfo(
        id="integrity-image-digest",
        title="Images are pinned by digest",
        level="SL2",
        severity="low",
        area="integrity",
        why="A tag can be moved to other contents.",
        fix="Name the image by its digest.",
        references=("SLSA",),
    ),
)

HELD = Related(
    span(JOB, "output_dir: s3://acme-weights/run7"),
    "the training job writes its output to s3://acme-weights",
    "jobs/train 日本.yaml#train",
)


def _finding(rule: RuleInfo, **slots) -> Finding:
    slots = {"verdict": Verdict.FAIL, "severity": rule.severity, **slots}
    return Finding(
        rule=rule.id,
        title=rule.title,
        level=rule.level,
        area=rule.area,
        fix=slots.pop("fix", rule.fix),
        why=rule.why,
        **slots,
    )


def findings() -> list[Finding]:
    public, key, secret, tracker, digest = RULES
    return [
        _finding(
            public,
            message="aws_s3_bucket.weights holds model weights and anyone may read it",
            span=span(MAIN, "acl    = var.acl"),
            subject='module.data.aws_s3_bucket.weights["a"]',
            fact="public.acl",
            because=(HELD,),
            trail=(
                Step(span(VARIABLES, 'default = "public-read"'), "default of var.acl"),
            ),
            values=("var.acl = public-read",),
        ),
        _finding(
            key,
            verdict=Verdict.UNKNOWN,
            message="who manages the key of aws_s3_bucket.weights depends on var.key",
            span=span(MAIN, "kms_master_key_id = var.key"),
            subject="aws_s3_bucket.weights",
            fact="encryption.key.managed_by",
            because=(HELD,),
            related=(
                Related(span(VARIABLES, 'variable "key" {}'), "var.key has no default"),
            ),
            settle=("var.key",),
        ),
        _finding(
            secret,
            message="HF_TOKEN of the training job stands in config",
            span=span(JOB, "value: hf_AbCdEfGhIjKlMnOpQrStUvWxYz"),
            subject="jobs/train 日本.yaml#train",
            fact="secrets.literal",
            sensitive=True,
        ),
        _finding(
            tracker,
            message="weights of s3://acme-weights reach api.wandb.ai",
            span=span(JOB, "value: end"),
            subject="aws_s3_bucket.weights",
            because=(HELD,),
            path={
                "source": "aws_s3_bucket.weights",
                "sink": "service:api.wandb.ai",
                "hops": ["jobs/train 日本.yaml#train"],
            },
            steps=(
                Related(
                    span(MAIN, 'bucket = "acme-weights"'),
                    "the bucket with the weights",
                    "aws_s3_bucket.weights",
                ),
                Related(
                    span(JOB, "output_dir: s3://acme-weights/run7"),
                    "is written by the training job",
                    "jobs/train 日本.yaml#train",
                ),
                Related(
                    span(JOB, "value: end"), "which uploads models to Weights & Biases"
                ),
            ),
        ),
        _finding(
            digest,
            message="the image train:latest has no digest",
            span=span(JOB, "image: train:latest"),
            subject="jobs/train 日本.yaml#train",
            fact="image.digest",
            suppression=Suppression(
                "inSource",
                "built in this repository",
                span(JOB, "image: train:latest"),
                "2026-12-31",
            ),
        ),
        _finding(
            public,
            verdict=Verdict.PASS,
            message="aws_s3_bucket.logs is not public",
            span=span(MAIN, 'resource "aws_s3_bucket" "weights" {'),
            subject="aws_s3_bucket.logs",
            fact="public.acl",
        ),
    ]


def notes() -> list[Note]:
    return [
        Note(
            "syntax-error",
            "Unclosed configuration block: there is no closing brace",
            "infra/main.tf",
            span(MAIN, 'module "data" {'),
            incomplete=True,
        ),
        Note("file-too-large", "12 MB, over the cap of 10 MB", "infra/big.tf.json"),
        Note(
            "module-not-found",
            "the module git::https://x/y was not read",
            "infra/main.tf",
            span(MAIN, 'source = "./data"'),
            incomplete=True,
            strict_only=True,
        ),
    ]


def result() -> Result:
    return Result(
        findings=findings(),
        notes=notes(),
        rules=RULES,
        summary=Summary(
            baseline="SL2",
            files=3,
            bytes=1234,
            excluded={"vendored": 2, "node_modules": 1200},
            recognised={"terraform": 2, "yaml": 1},
            not_analysed={"no reader": 4},
            roots={"terraform": 1, "job": 1},
            things={"store": 2, "workload": 1, "identity": 0},
            checks_met=12,
            checks_failed=3,
            checks_undecided=1,
            checks_not_applicable=4,
            settle=(("var.key", 1),),
            weight_stores=("aws_s3_bucket.weights",),
        ),
        incomplete=True,
    )
