"""SARIF: valid, within GitHub's limits, and with the meaning that we promise."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import report_sample as sample

from mlsec_lint.finding import Related
from mlsec_lint.report import sarif
from mlsec_lint.report.linehash import LineHashes
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Step

SCHEMA = json.loads(
    Path(__file__).with_name("schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def log_of(result, **options):
    return json.loads(sarif.render(result, **options))


def run_of(result, **options):
    return log_of(result, **options)["runs"][0]


@pytest.mark.parametrize("exit_code", [None, 0, 1, 3])
def test_valid_by_the_schema(result, exit_code):
    log = log_of(result, exit_code=exit_code, automation="x", prefix="lab")
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    assert log["runs"][0]["invocations"][0].get("exitCode") == exit_code


def test_the_schema_refuses_nonsense(result):
    log = log_of(result)
    log["runs"][0]["results"][0]["kind"] = "maybe"
    assert list(VALIDATOR.iter_errors(log))


def test_kinds_and_levels(result):
    results = run_of(result)["results"]
    assert [(r["ruleId"], r["kind"], r["level"]) for r in results] == [
        ("weights-no-public-access", "fail", "error"),
        ("undecided:weights-customer-key", "open", "none"),
        ("access-secret-in-config", "fail", "error"),
        ("egress-tracker-artifacts", "fail", "error"),
        ("integrity-image-digest", "fail", "note"),
    ]


def test_undecided_results_have_no_security_severity(result):
    """GitHub ignores `kind`: only a descriptor of its own keeps an alert quiet."""
    run = run_of(result)
    rules = run["tool"]["driver"]["rules"]
    for found in run["results"]:
        rule = rules[found["ruleIndex"]]
        assert rule["id"] == found["ruleId"]
        assert ("security-severity" in rule["properties"]) == (found["kind"] == "fail")


@pytest.mark.parametrize(
    ("severity", "level", "low", "high"),
    [
        ("critical", "error", 9.0, 10.0),
        ("high", "error", 7.0, 8.9),
        ("medium", "warning", 4.0, 6.9),
        ("low", "note", 0.1, 3.9),
        ("info", "note", None, None),
    ],
)
def test_severities_fall_into_githubs_bands(severity, level, low, high, result):
    result.rules = (replace(sample.RULES[0], severity=severity),)
    result.findings = [replace(result.findings[0], severity=severity)]
    run = run_of(result)
    rule = run["tool"]["driver"]["rules"][0]
    assert run["results"][0]["level"] == level
    assert rule["defaultConfiguration"]["level"] == level
    score = rule["properties"].get("security-severity")
    assert (score is None) == (low is None)
    assert score is None or low <= float(score) <= high


def test_every_rule_is_listed_with_results_or_not(result):
    result.findings = result.findings[1:2]
    ids = [rule["id"] for rule in run_of(result)["tool"]["driver"]["rules"]]
    assert ids == [
        "weights-no-public-access",
        "weights-customer-key",
        "undecided:weights-customer-key",
        "access-secret-in-config",
        "egress-tracker-artifacts",
        "integrity-image-digest",
    ]


def test_a_rule_that_is_not_listed_gets_a_descriptor_all_the_same(result):
    result.rules = ()
    run = run_of(result)
    for found in run["results"]:
        rule = run["tool"]["driver"]["rules"][found["ruleIndex"]]
        assert rule["id"] == found["ruleId"]


def test_githubs_required_properties_and_limits(result):
    long = "very long. " * 500
    result.rules = tuple(
        replace(r, why=long, title=long, references=tuple(map(str, range(50))))
        for r in result.rules
    )
    here = result.findings[0].because[0]
    result.findings[0].because = (here,) * 3_000
    result.findings[3].steps = (here._replace(words=long),) * 12_000
    result.findings[0].message = "x" * 100_000
    run = run_of(result)
    for rule in run["tool"]["driver"]["rules"]:
        assert len(rule["properties"]["tags"]) <= 10
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["name"]) <= 255
        assert rule["help"]["text"]
    for found in run["results"]:
        assert len(found["locations"]) == 1
        region = found["locations"][0]["physicalLocation"]["region"]
        assert region.keys() >= {"startLine", "startColumn", "endLine", "endColumn"}
        assert len(found.get("relatedLocations", [])) <= 100
        for flow in found.get("codeFlows", []):
            assert len(flow["threadFlows"][0]["locations"]) <= 1_000
    assert len(run["results"][0]["message"]["text"]) < 40_000


def test_more_results_than_github_takes(result, monkeypatch):
    assert sarif.MAX_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MAX_RESULTS", 10)
    result.findings = [result.findings[0]] * 12
    run = run_of(result)
    assert len(run["results"]) == 10
    assert run["properties"]["resultsLeftOut"] == 2


def test_every_link_leads_to_a_related_location(result):
    for found in run_of(result)["results"]:
        links = {int(n) for n in re.findall(r"\]\((\d+)\)", found["message"]["text"])}
        assert links == {place["id"] for place in found.get("relatedLocations", [])}


def test_a_stranger_cannot_plant_a_link(result):
    evil = "[click](https://evil.example) [x](1)"
    first = result.findings[0]
    result.findings = [
        replace(
            first,
            message=evil,
            values=(evil,),
            trail=(Step(first.span, evil),),
            because=(Related(first.span, evil),),
        )
    ]
    text = run_of(result)["results"][0]["message"]["text"]
    targets = re.findall(r"\]\(([^)]*)\)", text)
    assert targets == ["1", "2"]


def test_the_narrowest_region(result):
    """GitHub shows an alert in a pull request only if all its lines are in the diff."""
    block = Span(sample.MAIN, sample.MAIN.text.index("resource"), len(sample.MAIN.text))
    result.findings = [replace(result.findings[0], span=block)]
    place = run_of(result)["results"][0]["locations"][0]["physicalLocation"]
    line = 'resource "aws_s3_bucket" "weights" {'
    assert place["region"] == {
        "startLine": 5,
        "startColumn": 1,
        "endLine": 5,
        "endColumn": len(line) + 1,
        "snippet": {"text": line},
    }
    assert place["contextRegion"]["startLine"] == 4
    assert place["contextRegion"]["endLine"] >= 17  # the whole block is its context


def test_region_and_context_agree_with_the_file(result):
    for found in run_of(result)["results"]:
        for place in found["locations"]:
            physical = place["physicalLocation"]
            region, context = physical["region"], physical["contextRegion"]
            lines = context["snippet"]["text"].split("\n")
            line = lines[region["startLine"] - context["startLine"]]
            shown = line[region["startColumn"] - 1 : region["endColumn"] - 1]
            assert shown == region["snippet"]["text"]
            assert context["endColumn"] == len(lines[-1]) + 1
            assert len(lines) == context["endLine"] - context["startLine"] + 1


def test_paths_become_code_flows(result):
    found = run_of(result)["results"][3]
    steps = found["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [s["importance"] for s in steps] == ["essential", "important", "essential"]
    assert [
        s["location"].get("logicalLocations", [{}])[0].get("fullyQualifiedName")
        for s in steps
    ] == ["aws_s3_bucket.weights", "jobs/train 日本.yaml#train", None]
    assert found["properties"]["path"] == {
        "source": "aws_s3_bucket.weights",
        "sink": "service:api.wandb.ai",
        "hops": ["jobs/train 日本.yaml#train"],
    }


def test_run_properties(result):
    properties = run_of(result)["properties"]
    assert properties["weight_stores"] == ["aws_s3_bucket.weights"]
    assert properties["baseline"] == "SL2"
    assert properties["summary"]["checksUndecided"] == 1
    result.summary.weight_stores = ()
    assert run_of(result)["properties"]["weight_stores"] == []


def test_notes_become_notifications(result):
    run = run_of(result)
    invocation = run["invocations"][0]
    descriptors = run["tool"]["driver"]["notifications"]
    notes = invocation["toolExecutionNotifications"]
    assert not invocation["executionSuccessful"]
    assert [(n["descriptor"]["id"], n["level"]) for n in notes] == [
        ("syntax-error", "error"),
        ("file-too-large", "note"),
        ("module-not-found", "warning"),
    ]
    for note in notes:
        assert (
            descriptors[note["descriptor"]["index"]]["id"] == note["descriptor"]["id"]
        )
        assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    result.incomplete = False
    assert run_of(result)["invocations"][0]["executionSuccessful"]


def test_suppressed_results_stay_with_their_reason(result):
    suppression = run_of(result)["results"][4]["suppressions"][0]
    assert suppression["kind"] == "inSource"
    assert suppression["justification"] == "built in this repository (until 2026-12-31)"
    assert "status" not in suppression  # OASIS' schema calls it `state`


def test_uris_are_encoded_and_relative(result):
    text = sarif.render(result, prefix="lab")
    uris = set(re.findall(r'"uri": "([^"]*)"', text)) - {"."}
    assert uris == {
        "lab/infra/main.tf",
        "lab/infra/variables.tf",
        "lab/infra/big.tf.json",
        "lab/jobs/train%20%E6%97%A5%E6%9C%AC.yaml",
    }
    result.root = "/home/somebody/secret-project"
    assert "somebody" not in sarif.render(result)


def test_fingerprints_hold_when_lines_move(result):
    def prints(findings):
        result.findings = findings
        return [
            r["partialFingerprints"]["mlsecLint/v1"] for r in run_of(result)["results"]
        ]

    before = prints(sample.findings())
    moved = Source(sample.MAIN.path, "# a new line\n" * 3 + sample.MAIN.text)
    shift = len(moved.text) - len(sample.MAIN.text)
    after = prints(
        [
            replace(f, span=Span(moved, f.span.start + shift, f.span.end + shift))
            if f.span.source is sample.MAIN
            else f
            for f in sample.findings()
        ]
    )
    assert before == after
    assert len(set(before)) == len(before)


def test_findings_that_share_a_fingerprint_or_a_line_stay_apart(result):
    first = result.findings[0]
    result.findings = [first, replace(first), replace(first, subject="other")]
    prints = [r["partialFingerprints"] for r in run_of(result)["results"]]
    assert len({p["mlsecLint/v1"] for p in prints}) == 3
    assert prints[1]["mlsecLint/v1"] == prints[0]["mlsecLint/v1"] + ":2"
    assert len({p["primaryLocationLineHash"] for p in prints}) == 3


#: Texts and the hashes that github/codeql-action's own tests expect of them.
GITHUB_HASHES = [
    ("", ["c129715d7a2bc9a3:1"]),
    (
        " a\nb\n  \t\tc\n d",
        [
            "271789c17abda88f:1",
            "54703d4cd895b18:1",
            "180aee12dab6264:1",
            "a23a3dc5e078b07b:1",
        ],
    ),
    (
        " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
        [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
    (
        "Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("text", "hashes"), GITHUB_HASHES)
def test_line_hashes_are_githubs(text, hashes):
    lines = LineHashes()
    source = Source("x", text)
    assert [lines.of(source, n + 1) for n in range(len(hashes))] == hashes
    assert lines.of(source, len(hashes) + 1) == ""


def test_line_hashes_count_utf16_units_and_the_byte_order_mark():
    """Computed with a transcription of the action's loop, character by character."""
    text = "重み 🧪\n" * 3 + "x" * 200 + "🧪\n"
    for bom in (False, True):
        source = Source("x", text, bom=bom)
        lines = LineHashes()
        got = [lines.of(source, n) for n in range(1, 6)]
        assert got == _rolling(("\ufeff" if bom else "") + text)


def _rolling(text):
    units = memoryview(text.encode("utf-16-le")).cast("H").tolist()
    stream = [u for u in units if u not in {9, 32}] + [65535]
    starts = [0] + [i + 1 for i, u in enumerate(stream) if u == 10]
    seen, out = {}, []
    for start in starts:
        value = 0
        for unit in (stream[start:] + [0] * 100)[:100]:
            value = (value * 37 + unit) % (1 << 64)
        seen[value] = seen.get(value, 0) + 1
        out.append(f"{value:x}:{seen[value]}")
    return out


def test_a_lone_carriage_return_has_no_hash():
    assert LineHashes().of(Source("x", "a\rb\nc"), 1) == ""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (
            'infra/live:module.a["x:y"].aws_s3_bucket.w["a/b"]',
            'module.a["x:y"].aws_s3_bucket.w["a/b"]',
        ),
        ("u:data.aws_s3_bucket.w", "data.aws_s3_bucket.w"),
        ('aws_s3_bucket.w["a/b_c.d"]', 'aws_s3_bucket.w["a/b_c.d"]'),
        ("s3://bucket", "bucket"),
        ("ClusterRole//system:node", "system:node"),
        ("jobs/train.yaml#train", "train.yaml#train"),
    ],
)
def test_the_short_name_of_a_resource_leaves_its_root_out(result, address, name):
    result.findings[0].subject = address
    location = run_of(result)["results"][0]["locations"][0]
    (logical,) = location["logicalLocations"]
    assert (logical["fullyQualifiedName"], logical["name"]) == (address, name)
