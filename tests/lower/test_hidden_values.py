"""Property: taking one value of a rule's own case away never turns its verdict round.

Each argument of each Terraform case of the rules below is replaced by a variable without
a default. A fact may become unknown by that, and then nothing is decided; it may not
become the opposite of what it was.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlsec_lint.lower import lower
from mlsec_lint.scan import read
from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

WEIGHTS = Path(__file__).resolve().parents[2] / "policies" / "weights"
RULES = (
    "weights-hsm-key",
    "weights-key-separation",
    "weights-deletion-protection",
    "weights-volume-encrypted",
    "weights-volume-sharing",
    "weights-snapshot-not-shared",
    "weights-confidential-compute",
)
#: Facts of these rules, with the value that breaks them; None: any other value flips.
BREAKING = {
    "hsm.protected": False,
    "material.imported": True,
    "decrypt.broad": True,
    "seals.other_data": True,
    "deletion.guarded": False,
    "deletion.recoverable": False,
    "deletion.window_days": None,
    "encryption.key.managed_by": None,
    "encryption.at_host": False,
    "share.open": True,
    "shared.public": True,
    "shared.accounts": None,
    "export.public": True,
    "sharing.blocked": False,
    "confidential": False,
}
ARGUMENT = re.compile(
    r"^(\s+[\w\"/]+\s*=\s*)(?:\[.*\]|\{.*\}|[^\[{(]+?)(,?)\s*(?:#.*)?$"
)
#: What has to be written out, or only names the thing for people.
LEFT = re.compile(
    r"^\s*(?:prevent_destroy|source|version|type|sensitive|for_each|bucket|description)\b"
)
CASES = [
    pytest.param(path, id=f"{rule}/{path.parent.parent.name}/{path.parent.name}")
    for rule in RULES
    for path in sorted((WEIGHTS / rule).glob("*/*/main.tf"))
]


def verdicts(folder, text):
    """What each fact of each thing comes to; `unknown` where that is not decided."""
    folder.joinpath("main.tf").write_text(text, encoding="utf-8")
    estate = lower(read(str(folder)).inputs)
    trace(estate, assume="all")
    return {
        (thing.kind, thing.address, fact): verdict(fact, thing.all_facts(fact))
        for thing in estate.things.values()
        for fact in BREAKING
        if thing.all_facts(fact)
    }


def verdict(fact, stated):
    known = {f.value for f in stated if not isinstance(f.value, Unknown)}
    unknown = len(known) < len({repr(f.value) for f in stated})
    broken = BREAKING[fact]
    if broken is None:
        return "unknown" if unknown else tuple(sorted(map(str, known)))
    if broken in known:
        return "broken"
    return "unknown" if unknown else "met"


def hidden(text):
    """The text with each argument hidden in turn, and the line that is."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = ARGUMENT.match(line)
        if match is None or LEFT.match(line) or line.rstrip()[-1] in "[{(":
            continue
        changed = [*lines]
        changed[number] = f"{match[1]}var.hidden{match[2]}"
        yield line.strip(), "\n".join(changed) + '\nvariable "hidden" {}\n'


@pytest.mark.parametrize("path", CASES)
def test_a_hidden_value_decides_nothing(tmp_path, path):
    text = path.read_text(encoding="utf-8")
    before = verdicts(tmp_path, text)
    turned = [
        (line, key, before[key], now)
        for line, changed in hidden(text)
        for key, now in verdicts(tmp_path, changed).items()
        if key in before and "unknown" not in (before[key], now) and now != before[key]
    ]
    assert before
    assert turned == []
