"""The judge: which findings, where, how severe, and what they say."""

from __future__ import annotations

import pytest
from rule_estates import LISTS, Yard, baseline, policies, requiring, rule, unknown

from mlsec_lint.estate import Thing
from mlsec_lint.finding import Suppression, Verdict
from mlsec_lint.rules.judge import judge
from mlsec_lint.rules.message import called
from mlsec_lint.source import Span
from mlsec_lint.value import Step, Unknown, Value

KEY = "encryption.key.managed_by"
CUSTOMER = rule(
    f"""
    for each: weight store
    require:
      - {KEY}: {{one of: [customer, hsm]}}
    """,
    tail=(
        f'say: "{{store}} is sealed with a key of {{store.{KEY}}}"\n'
        "fix: Use a key of yours.\nwhy: It matters.\n"
    ),
)
PLACE = rule(
    """
    for each: [store, key]
    unknown: U4
    require:
      - place.countries: {inside: allowed-countries}
    """
)


def judged(yard, *rules, held=None, **more):
    return judge(policies(*rules), held or baseline(), yard.estate, **more)


def store(yard, value, *strengths, address="aws_s3_bucket.w", **more):
    thing = yard.thing("store", address, {KEY: value}, **more)
    return yard.weights(thing, *strengths)


def test_a_violation_points_at_the_deciding_fact():
    yard = Yard()
    thing = store(yard, "provider")
    (found,) = judged(yard, CUSTOMER).findings
    assert found.verdict is Verdict.FAIL
    assert found.span == thing.facts[KEY].span
    assert found.header == thing.span
    assert found.message == "aws_s3_bucket.w is sealed with a key of provider"
    assert (found.subject, found.fact) == ("aws_s3_bucket.w", KEY)
    assert found.values == (f"{KEY} = provider",)
    assert [r.words for r in found.because] == ["evidence declared"]
    assert [r.words for r in found.related] == ["aws_s3_bucket.w is declared here"]
    assert (found.severity, found.level, found.fix) == ("high", "SL2", CUSTOMER.fix)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("customer", "met"),
        ("provider", "failed"),
        (unknown(), "undecided"),
        (unknown(possible=("provider", "customer")), "failed"),
        (unknown(possible=("hsm", "customer")), "met"),
    ],
)
def test_counts(value, word):
    yard = Yard()
    store(yard, value)
    result = judged(yard, CUSTOMER)
    assert result.counts["a-rule"].word == word
    assert result.tally(word) == 1


def test_what_holds_no_weights_is_not_judged():
    yard = Yard()
    yard.thing("store", "aws_s3_bucket.logs", {KEY: "provider"})
    result = judged(yard, CUSTOMER)
    assert result.findings == []
    assert result.counts["a-rule"].word == "not applicable"


def test_absent_facts_do_not_apply():
    yard = Yard()
    yard.weights(yard.thing("store", "x"))
    assert judged(yard, CUSTOMER).counts["a-rule"].word == "not applicable"


def test_names_alone_are_one_step_less_severe_and_say_so():
    yard = Yard()
    store(yard, "provider", "named")
    (found,) = judged(yard, CUSTOMER).findings
    assert found.severity == "medium"
    assert found.message.endswith("only its name says that it holds weights")


def test_a_name_beside_better_evidence_changes_nothing():
    yard = Yard()
    store(yard, "provider", "named", "referenced")
    (found,) = judged(yard, CUSTOMER).findings
    assert found.severity == "high"
    assert [r.words for r in found.because] == ["evidence referenced", "evidence named"]


def test_a_name_changes_nothing_where_the_rule_is_for_all():
    yard = Yard()
    store(yard, "provider", "named")
    (found,) = judged(yard, requiring(f"{KEY}: customer")).findings
    assert found.severity == "high"


GPU = rule(
    """
    for each: container
    where:
      - any of:
          - weights.held: true
          - accelerator: true
    require:
      - privileged: false
    """
)


@pytest.mark.parametrize(("gpu", "severity"), [(True, "high"), (False, "medium")])
def test_a_name_counts_only_where_nothing_else_chose_the_thing(gpu, severity):
    yard = Yard()
    thing = yard.thing("container", "x", {"accelerator": gpu, "privileged": True})
    yard.weights(thing, "named")
    (found,) = judged(yard, GPU).findings
    assert found.severity == severity


def test_some_possible_values_violate():
    yard = Yard()
    store(yard, unknown("var.kms", possible=("provider", "customer", "none")))
    (found,) = judged(yard, CUSTOMER).findings
    assert found.verdict is Verdict.FAIL
    assert found.severity == "medium"
    assert found.message == (
        "depending on var.kms, it may be that aws_s3_bucket.w is sealed with a key of "
        "provider or none"
    )
    assert found.settle == ("var.kms",)


def test_a_place_among_the_possible_ones_fails_at_full_severity():
    yard = Yard()
    value = unknown("var.region", possible=(("US",), ("SE",)))
    yard.thing("store", "x", {"place.countries": value})
    (found,) = judged(yard, PLACE).findings
    assert (found.verdict, found.severity) == (Verdict.FAIL, "high")
    assert "may" in found.message
    assert found.data_as_of == "2026-11-01"


def test_the_region_is_shown_with_the_country():
    yard = Yard()
    facts = {"place.region": "eu-north-1", "place.countries": ("SE",)}
    yard.thing("store", "x", facts)
    (found,) = judged(yard, PLACE).findings
    assert found.values == ("place.countries = SE", "place.region = eu-north-1")


@pytest.mark.parametrize(
    ("worth", "severity"),
    [("silent", None), ("note", "info"), ("warning", "medium"), ("error", "high")],
)
def test_what_an_unknown_is_worth(worth, severity):
    yard = Yard()
    store(yard, unknown("var.kms"))
    result = judged(yard, CUSTOMER, held=baseline(worth))
    assert [f.severity for f in result.findings] == ([severity] if severity else [])
    assert result.settle == (("var.kms", 1),)
    assert result.counts["a-rule"].word == "undecided"
    for found in result.findings:
        assert found.verdict is Verdict.UNKNOWN
        assert found.settle == ("var.kms",)
        assert found.message == (
            "cannot tell for aws_s3_bucket.w whether stores are as they should be: "
            "var.kms has no default"
        )


def test_settle_looks_into_templates():
    yard = Yard()
    parts = ("a-", unknown("var.a"), "-", unknown("var.b"))
    store(yard, Unknown("template", "a template with unknown parts", parts=parts))
    (found,) = judged(yard, CUSTOMER).findings
    assert found.settle == ("var.a", "var.b")


def test_settle_is_in_order_of_use():
    yard = Yard()
    for index, name in enumerate(("var.b", "var.a", "var.b")):
        store(yard, unknown(name), address=f"s{index}")
    assert judged(yard, CUSTOMER).settle == (("var.b", 2), ("var.a", 1))


def test_an_unknown_where_makes_the_verdict_unknown():
    for value, verdicts in (("provider", [Verdict.UNKNOWN]), ("customer", [])):
        yard = Yard()
        thing = yard.thing("store", "x", {KEY: value})
        thing.state("weights.held", unknown("var.tag"))
        result = judged(yard, CUSTOMER)
        assert [f.verdict for f in result.findings] == verdicts
        assert [f.settle for f in result.findings] == [("var.tag",)] * len(verdicts)


def test_secret_values_are_never_printed():
    yard = Yard()
    thing = yard.thing("secret", "x")
    thing.state("type", "hf_secret", yard.span(), sensitive=True)
    thing.state("plain", True, yard.span(), sensitive=True)
    tail = 'say: "{secret} {secret.type} {secret.plain}"\nfix: a\nwhy: b\n'
    (found,) = judged(
        yard, rule("for each: secret\nrequire:\n  - plain: false\n", tail=tail)
    ).findings
    assert found.message == "x (secret) (secret)"
    assert found.values == ()
    assert found.sensitive


def test_long_values_are_cut():
    yard = Yard()
    yard.thing("store", "x", {"place.region": "a" * 10_000})
    tail = 'say: "{store.place.region}"\nfix: a\nwhy: b\n'
    made = rule("for each: store\nrequire:\n  - place.region: b\n", tail=tail)
    (found,) = judged(yard, made).findings
    assert len(found.message) < 200


def test_braces_in_values_are_not_filled_in():
    yard = Yard()
    yard.thing("store", "x", {"place.region": "{store.type}", "type": "object"})
    tail = 'say: "{store.place.region}"\nfix: a\nwhy: b\n'
    made = rule("for each: store\nrequire:\n  - place.region: b\n", tail=tail)
    (found,) = judged(yard, made).findings
    assert found.message == "{store.type}"


def test_library_defaults_count_only_when_certain():
    yard = Yard()
    store(yard, unknown(), address="a", library=True)
    store(yard, unknown(possible=("provider", "hsm")), address="b", library=True)
    store(yard, "provider", address="c", library=True)
    result = judged(yard, CUSTOMER)
    assert [f.subject for f in result.findings] == ["c"]
    assert result.counts["a-rule"].undecided == 0
    assert result.settle == ()


def test_defaults_say_whose_they_are():
    yard = Yard()
    thing = yard.weights(yard.thing("store", "x"))
    thing.state(KEY, "provider", default="AWS, since 2023-01-05")
    (found,) = judged(yard, CUSTOMER).findings
    assert found.span == thing.span
    assert found.related == ()
    assert found.values == (f"{KEY} = provider (by default: AWS, since 2023-01-05)",)


def test_the_trail_goes_with_the_finding():
    yard = Yard()
    thing = yard.weights(yard.thing("store", "x"))
    trail = (Step(yard.span(), "the default of var.kms"),)
    thing.state(KEY, "provider", yard.span(), trail=trail)
    assert judged(yard, CUSTOMER).findings[0].trail == trail


POD = rule(
    """
    for each: workload
    require:
      - host.pid: false
      - each has container:
          - privileged: false
          - capabilities.added: {outside: [SYS_ADMIN]}
    """,
    tail=(
        "say:\n  host.pid: '{workload} sees all processes'\n"
        "  privileged: '{container} of {workload} is privileged'\n"
        "  capabilities.added: '{container} has {container.capabilities.added}'\n"
        "fix: a\nwhy: b\n"
    ),
)


def test_each_violated_condition_is_a_finding_of_its_own():
    yard = Yard()
    pod = yard.thing("workload", "Pod/x", {"host.pid": True})
    for name in ("a", "b"):
        facts = {"privileged": name == "b", "capabilities.added": ("SYS_ADMIN", "X")}
        container = yard.thing("container", f"Pod/x#{name}", facts)
        yard.estate.link(pod, "has", container, yard.span(), "containers")
    result = judged(yard, POD)
    assert [f.message for f in result.findings] == [
        "Pod/x sees all processes",
        "Pod/x#a has SYS_ADMIN, X",
        "Pod/x#b of Pod/x is privileged",
        "Pod/x#b has SYS_ADMIN, X",
    ]
    assert result.counts["a-rule"].failed == 1
    last = result.findings[-1]
    assert last.subject == "Pod/x#b"
    assert "Pod/x has Pod/x#b: containers" in [r.words for r in last.related]
    assert len({f.fingerprint() for f in result.findings}) == 4


def test_one_mistake_in_several_instances_is_one_finding():
    yard = Yard()
    span = yard.span(150)
    for index in range(3):
        thing = yard.thing("store", f"module.m[{index}].aws_s3_bucket.w", line=140)
        yard.weights(thing, "named" if index == 0 else "declared")
        thing.state(KEY, "provider", span)
    (found,) = judged(yard, CUSTOMER).findings
    assert found.severity == "high"
    assert found.subject == "module.m[1].aws_s3_bucket.w"
    others = [r.address for r in found.related if r.words.startswith("the same")]
    assert others == ["module.m[0].aws_s3_bucket.w", "module.m[2].aws_s3_bucket.w"]


def test_many_instances_are_counted_not_listed():
    yard = Yard()
    span = yard.span(150)
    for index in range(200):
        thing = yard.thing("store", f"s[{index}]", line=140)
        yard.weights(thing).state(KEY, "provider", span)
    (found,) = judged(yard, CUSTOMER).findings
    assert len(found.related) < 60
    assert found.related[-1].words == "and 149 more"


def test_fail_and_unknown_at_one_place_stay_apart():
    yard = Yard()
    span = yard.span(150)
    for address, value in (("prod", "provider"), ("dev", unknown())):
        thing = yard.weights(yard.thing("store", address, line=140))
        thing.state(KEY, value, span)
    assert {f.verdict for f in judged(yard, CUSTOMER).findings} == {
        Verdict.FAIL,
        Verdict.UNKNOWN,
    }


def test_an_excuse_for_one_address_hides_no_other():
    yard = Yard()
    span = yard.span(150)
    for address in ("a", "b"):
        thing = yard.weights(yard.thing("store", address, line=140))
        thing.state(KEY, "provider", span)
    accepted = Suppression("external", "known")
    result = judged(
        yard, CUSTOMER, excuse=lambda f: accepted if f.subject == "a" else None
    )
    assert {(f.subject, f.suppression) for f in result.findings} == {
        ("a", accepted),
        ("b", None),
    }


def test_several_facts_of_a_name_have_fingerprints_of_their_own():
    yard = Yard()
    thing = yard.thing("store", "x")
    for _ in range(3):
        thing.also("public.principal", True, yard.span())
    found = judged(yard, requiring("public.principal: false")).findings
    assert len({f.fingerprint() for f in found}) == 3


def test_baselines_choose_rules_and_severities():
    yard = Yard()
    store(yard, "provider")
    assert judged(yard, CUSTOMER, held=baseline(level="SL1")).counts == {}
    assert judged(yard, CUSTOMER, held=baseline(level="SL3")).findings
    without = baseline(without=frozenset({"a-rule"}))
    assert judged(yard, CUSTOMER, held=without).findings == []
    extra = baseline(level="SL1", extra=frozenset({"a-rule"}))
    assert judged(yard, CUSTOMER, held=extra).findings
    low = baseline(severity={"a-rule": "low"})
    assert judged(yard, CUSTOMER, held=low).findings[0].severity == "low"


def test_evidence_of_a_process_is_a_note_at_most():
    made = rule(
        "for each: store\nunknown: U6\nrequire:\n  - versioning.enabled: true\n"
    )
    yard = Yard()
    yard.thing("store", "x", {"versioning.enabled": False})
    yard.thing("store", "y", {"versioning.enabled": unknown()})
    found = judged(yard, made, held=baseline("error")).findings
    assert [f.severity for f in found] == ["info", "info"]


def test_findings_are_in_order_of_place():
    yard = Yard()
    things = [yard.weights(yard.thing("store", f"s{i}")) for i in range(5)]
    for line, thing in zip((190, 150, 170, 120, 180), things, strict=True):
        thing.state(KEY, "provider", yard.span(line))
    lines = [f.span.line for f in judged(yard, CUSTOMER).findings]
    assert lines == sorted(lines)


def test_possible_values_may_be_unknown_too():
    yard = Yard()
    inner = unknown()._replace(possible=(Value("provider"), Value(unknown("var.y"))))
    store(yard, inner)
    (found,) = judged(yard, CUSTOMER).findings
    assert "may" in found.message


def test_spans_are_where_they_were_stated():
    yard = Yard()
    thing = store(yard, "provider")
    (found,) = judged(yard, CUSTOMER).findings
    assert isinstance(found.span, Span)
    assert found.span.path == "main.tf"
    assert found.span.line == thing.facts[KEY].span.line
    assert LISTS


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A store is shut", "whether a store is shut:"),
        ("No store is open", "whether no store is open:"),
        ("HSM keys are used", "whether HSM keys are used:"),
    ],
)
def test_titles_inside_a_sentence(title, expected):
    yard = Yard()
    yard.thing("store", "x", {"public.acl": unknown()})
    head = f"id: a-rule\ntitle: {title}\nlevel: SL2\nseverity: high\n"
    made = rule("for each: store\nrequire:\n  - public.acl: false\n", head=head)
    assert expected in judged(yard, made).findings[0].message


@pytest.mark.parametrize(
    ("address", "name", "root", "expected"),
    [
        ("a.b", "a.b", "", "a.b"),
        ('live:module.m["x"].a.b[0]', "a.b", "live", 'module.m["x"].a.b[0]'),
        ("Job/ml/sft#trainer", "container trainer of Job/ml/sft", "", None),
    ],
)
def test_messages_tell_instances_apart(address, name, root, expected):
    thing = Thing("store", address, name, Yard().span(), root=root)
    assert called(thing) == (expected or name)


def test_an_unknown_of_a_named_store_is_one_step_less_severe():
    yard = Yard()
    store(yard, unknown(), "named")
    found = judged(yard, CUSTOMER, held=baseline("error")).findings
    assert [f.severity for f in found] == ["medium"]
    found = judged(yard, CUSTOMER, held=baseline("note")).findings
    assert [f.severity for f in found] == ["info"]
