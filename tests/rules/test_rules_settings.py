"""Baselines and the config file: what they take, and where errors stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rule_estates import policies, requiring, rule

from mlsec_lint.rules.baseline import NamedList, check_lists, read_baseline
from mlsec_lint.rules.check import check_policies, check_schema
from mlsec_lint.rules.config import Config, config_of, read_config
from mlsec_lint.source import Source

POLICIES = Path(__file__).resolve().parents[2] / "policies"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "baselines" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, name: str):
    return read_baseline(name, [folder, POLICIES])


def errors_of(folder: Path, name: str) -> list[str]:
    found, errors = read(folder, name)
    assert found is None
    assert errors
    return [str(error) for error in errors]


def test_a_baseline_extends_another():
    one, two, three, four = (
        read_baseline(f"SL{n}", [POLICIES])[0] for n in (1, 2, 3, 4)
    )
    assert one.lists["allowed-countries"].anything
    assert two.lists == one.lists
    assert "US" in three.lists["allowed-countries"].members
    assert {"CN", "HK", "MO"} <= set(one.lists["denied-countries"].members)
    assert one.lists["denied-countries"].as_of
    assert [b.unknown for b in (one, two, three, four)] == [
        "silent",
        "note",
        "warning",
        "error",
    ]
    assert set(one.cannot_see) < set(two.cannot_see) < set(four.cannot_see)


def test_own_baseline(tmp_path):
    write(
        tmp_path,
        "ours",
        "id: ours\nextends: SL2\nunknown: error\nwith: [b-rule]\nwithout: [c-rule]\n"
        "severity: {a-rule: low}\nlists:\n"
        "  denied-countries: {add: [SE], remove: [CN]}\n"
        "  allowed-countries: [NO, US]\n"
        "  own: {groups: [five_eyes], add: [SE]}\n",
    )
    found, errors = read(tmp_path, "ours")
    assert errors == []
    assert (found.id, found.level, found.unknown) == ("ours", "SL2", "error")
    denied = found.lists["denied-countries"].members
    assert "SE" in denied
    assert "HK" in denied
    assert "CN" not in denied
    assert found.lists["allowed-countries"] == NamedList(("NO", "US"))
    assert set(found.lists["own"].members) == {"US", "GB", "CA", "AU", "NZ", "SE"}
    assert found.severity == {"a-rule": "low"}
    assert found.extra == {"b-rule"}
    assert found.without == {"c-rule"}
    assert read_baseline(str(tmp_path / "baselines" / "ours.yaml"), [POLICIES])[0]


def test_a_child_takes_back_what_its_parent_left_out(tmp_path):
    write(tmp_path, "p", "id: p\nextends: SL2\nwithout: [a-rule]\nwith: [b-rule]\n")
    write(tmp_path, "c", "id: c\nextends: p\nwith: [a-rule]\nwithout: [b-rule]\n")
    found, _ = read(tmp_path, "c")
    assert (found.extra, found.without) == ({"a-rule"}, {"b-rule"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level: SL2\n", ":1:1: a baseline needs 'id'"),
        ("id: x\nlevle: SL2\n", ":2:1: no such key 'levle'; did you mean 'level'?"),
        ("id: x\nlevel: SL5\n", ":2:8: `level` cannot be 'SL5'"),
        ("id: x\nunknown: pass\n", ":2:10: `unknown` cannot be 'pass'"),
        ("id: x\nseverity: {a: bad}\n", ":2:15: a severity cannot be 'bad'"),
        ("id: x\nlists: {a-countries: [no]}\n", "'no' is no ISO 3166-1 alpha-2 code"),
        ("id: x\nlists: {a: everything}\n", "cannot be 'everything'"),
        ("id: x\nlists: {a: {groups: [five_eye]}}\n", "did you mean 'five_eyes'?"),
        ("id: x\nlists: {a: {plus: [b]}}\n", "no such key 'plus'"),
        ("id: x\nextends: SL9\n", "no baseline 'SL9'"),
        ("id: x\nextends: x\n", "extends itself"),
        ("id: [", "not YAML"),
    ],
)
def test_baseline_errors(tmp_path, text, expected):
    path = write(tmp_path, "x", text)
    assert any(expected in error for error in errors_of(tmp_path, "x"))
    only_reader = ("not YAML", "extends", "no baseline", "five_eyes")
    if not any(words in expected for words in only_reader):
        assert check_schema(path, "baseline")


def test_baselines_are_not_looked_for_elsewhere(tmp_path):
    write(tmp_path, "x", "id: x\n")
    assert "no baseline" in errors_of(tmp_path, "../baselines/x")[0]
    assert "no baseline" in errors_of(tmp_path, "missing.yaml")[0]


def test_rules_that_ask_a_missing_list_are_errors():
    held, _ = read_baseline("SL2", [POLICIES])
    asking = requiring("place.countries: {inside: alowed-countries}")
    (error,) = check_lists(held, policies(asking))
    assert "did you mean 'allowed-countries'?" in error.text
    nested = rule(
        """
        for each: store
        require:
          - any of:
              - each is copied by copy:
                  - place.countries: {not: {inside: nowhere}}
        """
    )
    assert len(check_lists(held, policies(nested))) == 1


def test_overrides_of_no_rule_are_errors(tmp_path):
    write(tmp_path, "x", "id: x\nextends: SL2\nseverity: {a-ruel: low}\nwith: [zzz]\n")
    held, _ = read(tmp_path, "x")
    errors = check_lists(held, policies(requiring("public.acl: false")))
    assert ["did you mean 'a-rule'?" in e.text for e in errors] == [True, False]


CONFIG = """\
baseline: SL3
assets:
  - address: aws_s3_bucket.evals
    holds: none
    reason: test sets only
  - uri: s3://frontier-*
    holds: weights
lists:
  allowed-countries: {add: [NO]}
internal hosts: ["*.acme.example"]
exceptions:
  - rule: weights-immutable
    address: module.legacy.*
    reason: moves out by spring
    until: 2027-03-01
exclude: third_party/**
tfvars:
  infra/live: [prod.tfvars, [common.tfvars, dev.tfvars]]
"""


def config(text: str):
    return read_config(Source(".mlsec-lint.yaml", text))


def test_config(tmp_path):
    found, errors = config(CONFIG)
    assert errors == []
    assert found.baseline == "SL3"
    assert [(a.match, a.holds, a.reason) for a in found.assets] == [
        ("aws_s3_bucket.evals", "none", "test sets only"),
        ("s3://frontier-*", "weights", ""),
    ]
    assert found.assets[0].span.line == 3
    assert found.exclude == ("third_party/**",)
    assert found.tfvars == {
        "infra/live": (("prod.tfvars",), ("common.tfvars", "dev.tfvars"))
    }
    held, _ = read_baseline("SL3", [POLICIES])
    lists = found.over(held).lists
    assert "NO" in lists["allowed-countries"].members
    assert "US" in lists["allowed-countries"].members
    assert lists["internal-hosts"].members == ("*.acme.example",)
    path = tmp_path / ".mlsec-lint.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    assert config_of(tmp_path)[0].baseline == "SL3"
    assert check_schema(path, "config") == []


def test_no_config_is_the_default_one(tmp_path):
    assert config_of(tmp_path) == (Config(), [])
    assert config("")[1] == []
    assert config("# nothing yet\n")[1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("baselin: SL2\n", "1:1: no such key 'baselin'; did you mean 'baseline'?"),
        ("assets: [{address: a}]\n", "1:10: an asset needs 'holds'"),
        ("assets: [{holds: none}]\n", "an asset has an `address` or a `uri`"),
        (
            "assets: [{address: a, uri: b, holds: none}]\n",
            "an asset has an `address` or a `uri`",
        ),
        ("assets: [{address: a, holds: model}]\n", "`holds` cannot be 'model'"),
        ("exceptions: [{rule: a, address: b}]\n", "an exception needs 'reason'"),
        (
            "exceptions: [{rule: a, address: b, reason: c, until: soon}]\n",
            "`until` is no date YYYY-MM-DD: 'soon'",
        ),
        ("lists: {a-countries: [Norway]}\n", "'Norway' is no ISO 3166-1 alpha-2"),
        ("tfvars: [a]\n", "`tfvars` must be a mapping"),
        ("tfvars: {a: b}\n", "the variants of 'a' must be a list"),
        ("exclude: {a: b}\n", "`exclude` must be a list"),
        ("- a\n", "the config must be a mapping"),
    ],
)
def test_config_errors(text, expected, tmp_path):
    found, errors = config(text)
    assert any(expected in str(error) for error in errors), errors
    assert found == Config()
    path = tmp_path / ".mlsec-lint.yaml"
    path.write_text(text, encoding="utf-8")
    assert check_schema(path, "config")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("baseline: SL1\n", encoding="utf-8")
    inside = tmp_path / "repo"
    inside.mkdir()
    os.symlink(outside, inside / ".mlsec-lint.yaml")
    found, errors = config_of(inside)
    assert found == Config()
    assert "leads out of the scanned folder" in errors[0].text


def test_hostile_configs_do_no_harm():
    bomb = "a: &a [x]\n" + "".join(
        f"b{i}: &b{i} [*{'a' if i == 0 else f'b{i - 1}'}, *a]\n" for i in range(60)
    )
    for text in (bomb, "[" * 300_000, "a: " + "x" * 2_000_000, "\x00", "? " * 99_999):
        found, errors = config(text)
        assert errors
        assert found == Config()


def test_check_policies_sees_everything(tmp_path):
    folder = tmp_path / "weights" / "a-rule"
    folder.mkdir(parents=True)
    (folder / "rule.yaml").write_text("id: a-rule\n", encoding="utf-8")
    write(tmp_path, "x", "id: x\nlevel: SL5\n")
    errors = [str(error) for error in check_policies([tmp_path])]
    assert any("rule.yaml:1:1: a rule needs" in e for e in errors)
    assert any("rule.yaml:1:1: by the schema:" in e for e in errors)
    assert any("x.yaml:2:8: `level`" in e for e in errors)
    assert any("x.yaml:2:8: by the schema" in e for e in errors)


def test_check_policies_knows_the_rules_and_lists_that_ship(tmp_path):
    folder = tmp_path / "weights" / "own-rule"
    folder.mkdir(parents=True)
    text = (POLICIES / "region/region-deny-list/rule.yaml").read_text(encoding="utf-8")
    text = text.replace("id: region-deny-list", "id: own-rule")
    (folder / "rule.yaml").write_text(text, encoding="utf-8")
    write(tmp_path, "x", "id: x\nextends: SL2\nseverity: {weights-immutable: high}\n")
    assert check_policies([tmp_path]) == []
    text = text.replace("outside: denied-countries", "outside: denied-contries")
    (folder / "rule.yaml").write_text(text, encoding="utf-8")
    errors = [error.text for error in check_policies([tmp_path])]
    assert errors
    assert all("did you mean 'denied-countries'?" in error for error in errors)


@pytest.mark.parametrize("name", ["a." * 3_000, "x\0y", "\ud800"])
@pytest.mark.parametrize("ending", ["", ".yaml"])
def test_a_name_that_no_file_can_have_is_no_baseline(name, ending):
    found, errors = read_baseline(name + ending, [POLICIES])

    assert found is None
    assert len(errors) == 1
