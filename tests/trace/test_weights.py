"""Which things hold weights: evidence, its order, where it flows and where it stops."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from clouds import estate_of, shown, told

from mlsec_lint.estate import Estate, Thing, Word
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.source import Source, Span
from mlsec_lint.trace import trace
from mlsec_lint.trace.weights import speaks_for_weights

SPAN = Span(Source("f", "somewhere"), 0, 4)


class Declared(NamedTuple):
    match: str
    holds: str
    span: Span = SPAN


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("corp-checkpoints", "checkpoints"),
        ("llmCkpts", "llm"),
        ("model_registry", "model"),
        ("prod-weights-2026", "weights"),
        ("safetensors", "safetensors"),
        ("corp-model-logs", ""),
        ("models-access-logs", ""),
        ("terraform-state-models", ""),
        ("remodeling", ""),
        ("supermodels", ""),
        ("modellogs", ""),
        ("corp-model-tokens", ""),
        ("model-feedback", ""),
        ("lightweight", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_words_in_names(text, word):
    assert speaks_for_weights(text) == word


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("s3://b", "s3://b", True),
        ("s3://b", "s3://bb", False),
        ("s3://*", "s3://b", True),
        ('module.*.aws_s3_bucket.w["*"]', 'module.a.aws_s3_bucket.w["x"]', True),
        ("*a*b*", "xxaxxbxx", True),
        ("*a*b*", "xxbxxaxx", False),
        ("a*a", "a", False),
        ("*" * 50 + "!", "a" * 5000, False),
    ],
)
def test_patterns_of_declared_assets(pattern, text, expected):
    assert wildcard(pattern, text) is expected


def store(estate, address, *words, kind="store", **facts):
    made = estate.add(Thing(kind, address, address, SPAN, names={address}))
    if kind == "store":
        made.state("type", "object")
    for name, value in facts.items():
        made.state(name.replace("_", "."), value)
    made.words.extend(Word(word, "its name", SPAN) for word in words)
    return made


def evidence(thing):
    fact = thing.fact("weights.evidence")
    return None if fact is None else fact.value


def test_declared_outranks_named_and_all_of_it_is_kept():
    estate = Estate()
    bucket = store(estate, "b", "corp-checkpoints")
    bucket.holds_weights("declared", "its tag says so", SPAN)

    trace(estate)

    assert evidence(bucket) == "declared"
    assert [piece.strength for piece in bucket.evidence] == ["declared", "named"]


def test_log_buckets_are_not_weight_stores():
    estate = Estate()
    logs = store(estate, "a", "corp-model-logs")
    target = store(estate, "b", "corp-models", receives_logs=True)
    tagged = store(estate, "c", "corp-models", holds_declared="data")

    trace(estate)

    assert [evidence(t) for t in (logs, target, tagged)] == [None, None, None]
    assert logs.fact("weights.held") is None


@pytest.mark.parametrize(
    ("name", "certain", "told"),
    [
        ("llm-crawl", True, None),
        ("llm-crawl", False, "named"),
        ("llm-weights", True, "named"),
    ],
)
def test_data_that_a_job_takes_outranks_a_loose_word(name, certain, told):
    estate = Estate()
    bucket = store(estate, "b", name)
    job = store(estate, "j", kind="workload")
    why = "" if certain else "an input decides"
    estate.link(job, "takes data from", bucket, SPAN, certain=certain, why=why)

    trace(estate)

    assert evidence(bucket) == told


@pytest.mark.parametrize(
    ("words", "certain", "told"),
    [
        ("tar is given blob://store/vision-datasets/dogs", False, None),
        ("tar is given blob://store/datasets/model", False, "referenced"),
        ("tar is given blob://store/x", False, "referenced"),
        ("tar is given blob://store/vision-datasets/dogs", True, "referenced"),
    ],
)
def test_a_doubtful_use_of_a_folder_of_data_is_none_of_weights(words, certain, told):
    estate = Estate()
    bucket = store(estate, "b")
    bucket.holds_weights("referenced", "a job writes checkpoints there", SPAN)
    job = store(estate, "j", kind="workload")
    why = "" if certain else "what tar does with it is not known"
    estate.link(job, "writes", bucket, SPAN, words, certain=certain, why=why)

    trace(estate)

    assert evidence(job) == told


def test_a_reference_outranks_a_log_name():
    estate = Estate()
    logs = store(estate, "a", "corp-model-logs")
    logs.holds_weights("referenced", "a job writes checkpoints there", SPAN)

    trace(estate)

    assert evidence(logs) == "referenced"


def test_copies_inherit_and_so_do_keys():
    estate = Estate()
    bucket = store(estate, "b")
    bucket.holds_weights("declared", "tag", SPAN)
    copy = store(estate, "c", kind="copy")
    far, key = store(estate, "far"), store(estate, "k", kind="key")
    other = store(estate, "other")
    estate.link(bucket, "is copied by", copy, SPAN)
    estate.link(copy, "copies to", far, SPAN)
    estate.link(far, "is encrypted with", key, SPAN)

    trace(estate)

    assert evidence(copy) == "copied"
    assert evidence(far) == "copied"
    assert evidence(key) == "copied"
    assert evidence(other) is None


def test_a_key_does_not_make_other_stores_hold_weights():
    estate = Estate()
    bucket, plain = store(estate, "b"), store(estate, "p")
    bucket.holds_weights("declared", "tag", SPAN)
    key = store(estate, "k", kind="key")
    for made in (bucket, plain):
        estate.link(made, "is encrypted with", key, SPAN)

    trace(estate)

    assert evidence(key) == "referenced"
    assert evidence(plain) is None


def test_the_source_of_a_copy_does_not_inherit_from_its_target():
    estate = Estate()
    source, target = store(estate, "s"), store(estate, "t")
    target.holds_weights("declared", "tag", SPAN)
    copy = store(estate, "c", kind="copy")
    estate.link(source, "is copied by", copy, SPAN)
    estate.link(copy, "copies to", target, SPAN)

    trace(estate)

    assert evidence(source) is None


def test_readers_and_writers_handle_weights_but_their_data_does_not():
    estate = Estate()
    weights, data = store(estate, "w"), store(estate, "d")
    weights.holds_weights("declared", "tag", SPAN)
    workload = store(estate, "job", kind="workload")
    container = store(estate, "job/c", kind="container")
    program = store(estate, "job/p", kind="program")
    estate.link(workload, "has", container, SPAN)
    estate.link(container, "runs", program, SPAN)
    estate.link(program, "reads", weights, SPAN, "loads the base model from")
    estate.link(program, "reads", data, SPAN, "reads its dataset from")

    trace(estate)

    for made in (workload, container, program):
        assert evidence(made) == "referenced"
    assert evidence(data) is None


def test_what_a_weight_program_writes_weights_to_holds_weights():
    estate = Estate()
    program = store(estate, "p", kind="program")
    program.holds_weights("referenced", "it trains a model", SPAN)
    out, logs = store(estate, "out"), store(estate, "logs")
    estate.link(program, "writes", out, SPAN, "writes checkpoints to")
    estate.link(program, "writes", logs, SPAN, "writes logs to")

    trace(estate)

    assert evidence(out) == "referenced"
    assert evidence(logs) is None


def test_mounts_show_what_lies_behind_them():
    estate = Estate()
    volume = store(estate, "pvc")
    volume.holds_weights("declared", "label", SPAN)
    mount, scratch = store(estate, "m", kind="mount"), store(estate, "s", kind="mount")
    scratch.state("type", "empty-disk")
    scratch.state("path", "/ckpt")
    quiet = store(estate, "q", kind="mount")
    quiet.state("type", "empty-disk")
    quiet.state("path", "/var/log/models-logs")
    workload = store(estate, "pod", kind="workload")
    for made in (mount, scratch, quiet):
        estate.link(workload, "mounts", made, SPAN)
    estate.link(mount, "is backed by", volume, SPAN)

    trace(estate)

    assert evidence(mount) == evidence(workload) == "referenced"
    assert evidence(scratch) == "named"
    assert evidence(quiet) is None


def test_a_name_stays_a_name_through_copies():
    estate = Estate()
    bucket = store(estate, "b", "checkpoints")
    copy = store(estate, "c", kind="copy")
    estate.link(bucket, "is copied by", copy, SPAN)

    trace(estate)

    assert evidence(copy) == "named"


def test_assumptions():
    def made():
        estate = Estate()
        named = store(estate, "n", "checkpoints")
        plain = store(estate, "p")
        declared = store(estate, "d")
        declared.holds_weights("declared", "tag", SPAN)
        gpu = store(estate, "job", kind="workload", accelerator=True)
        cpu = store(estate, "web", kind="workload", accelerator=False)
        role = store(estate, "role", kind="identity", sort="role")
        forge = store(estate, "forge", kind="identity", sort="ci")
        image = store(estate, "image", kind="image")
        return estate, (named, plain, declared, gpu, cpu, role, forge, image)

    estate, things = made()
    trace(estate, assume="declared")
    assert [evidence(t) for t in things[:5]] == [None, None, "declared", None, None]
    assert not any(map(evidence, things[5:]))
    estate, things = made()
    trace(estate, assume="all")
    expected = ["named", "assumed", "declared", "assumed", "assumed", "assumed"]
    assert [evidence(t) for t in things] == [*expected, None, None]


def test_the_config_file_decides():
    estate = Estate()
    named = store(estate, "aws_s3_bucket.models", "corp-models")
    public = store(estate, "s3://published-models", "published-models")
    plain = store(estate, "aws_s3_bucket.vault")
    assets = (
        Declared("aws_s3_bucket.models", "none"),
        Declared("s3://published-*", "public"),
        Declared("*.vault", "weights"),
    )

    trace(estate, assets=assets)

    assert named.fact("weights.held").value is False
    assert public.fact("weights.held").value is False
    assert evidence(plain) == "declared"


def test_models_that_their_owners_publish_are_no_secrets():
    estate = Estate()
    job = estate.add(Thing("workload", "job", "job", SPAN))
    stores = {}
    for name, verb, declared in (
        ("gs://kfserving-examples", "reads", False),
        ("gs://seldon-models", "writes", False),
        ("gs://big_vision", "reads", True),
        ("gs://kfserving-examples-of-the-lab", "reads", False),
        ("s3://jumpstart-cache-prod-us-east-1", "reads", False),
    ):
        stores[name] = made = store(estate, name)
        made.state("declared", declared)
        made.holds_weights("referenced", "job uses it", SPAN)
        estate.link(job, verb, made, SPAN)

    trace(estate)

    held = [name for name, made in stores.items() if made.fact("weights.held").value]
    assert held == [
        "gs://seldon-models",
        "gs://big_vision",
        "gs://kfserving-examples-of-the-lab",
    ]


def test_a_declaration_beats_the_list_of_public_stores():
    estate = Estate()
    public = store(estate, "gs://kfserving-examples")
    trace(estate, assets=(Declared("gs://kfserving-examples", "weights"),))
    assert evidence(public) == "declared"


TERRAFORM = """
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = {
      owner = "research"
    }
  }
}
resource "aws_s3_bucket" "vault" {
  bucket = "corp-v"
  tags = {
    "mlsec/holds" = "weights"
  }
}
resource "aws_s3_bucket" "data" {
  bucket = "corp-models-in"
  tags = {
    mlsec_holds = "data"
  }
}
resource "aws_s3_bucket" "trail" {
  bucket = "corp-models-t"
}
resource "aws_cloudtrail" "t" {
  name           = "t"
  s3_bucket_name = aws_s3_bucket.trail.id
}
resource "aws_s3_bucket" "purpose" {
  bucket = "corp-p"
  tags = {
    purpose = "llm checkpoints"
  }
}
"""


def test_tags_of_terraform_resources(tmp_path):
    estate = estate_of(tmp_path, TERRAFORM)

    assert told(estate, "aws_s3_bucket.vault", "weights.evidence") == ["declared"]
    assert shown(estate, "aws_s3_bucket.vault", "weights.held") == [
        '"mlsec/holds" = "weights"'
    ]
    assert told(estate, "aws_s3_bucket.data", "weights.held") == []
    assert told(estate, "aws_s3_bucket.trail", "weights.held") == []
    assert told(estate, "aws_s3_bucket.purpose", "weights.evidence") == ["named"]
