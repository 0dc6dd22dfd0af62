"""What the README shows is what the program prints, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.cli import COMMANDS
from mlsec_lint.commands.scan import build_parser, plain_scan
from mlsec_lint.report import render_as
from mlsec_lint.rules.config import read_config
from mlsec_lint.rules.read import read_policies
from mlsec_lint.source import Source

if TYPE_CHECKING:
    import pytest

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"
SHOWN = re.compile(
    r"<!-- finding: ([\w-]+)(?: to ([\w.-]+))? -->\n```\n(.*?)```\n", re.DOTALL
)


def printed(rule: str, sink: str | None) -> str:
    """The lab's first finding of a rule, to a sink, as `scan examples/lab` prints it."""
    result = plain_scan(str(PROJECT / "examples/lab"))
    text = render_as("text", result, width=100, prefix="examples/lab")
    goes = rf".*\n?.*goes to\s+{re.escape(sink)}" if sink else ""
    start = re.search(rf"^\w+\[{rule}\]{goes}", text, re.MULTILINE)
    assert start is not None, rule
    return text[start.start() :].split("\n\n")[0] + "\n"


def test_findings_are_shown_as_printed(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    rules = [match[1] for match in SHOWN.finditer(text)]
    if request.config.getoption("--accept"):
        text = SHOWN.sub(lambda m: m[0].replace(m[3], printed(m[1], m[2])), text)
        README.write_text(text, encoding="utf-8")

    assert rules
    for match in SHOWN.finditer(text):
        assert match[3] == printed(match[1], match[2])


def test_every_command_is_named() -> None:
    text = README.read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"mlsec-lint {name}" not in text] == []


def test_options_that_the_readme_names_exist() -> None:
    known = set(build_parser()._option_string_actions) | {"--version", "--accept"}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README.read_text()))
    foreign = {"--editable", "--quiet", "--body-file", "--edit-last"}
    foreign |= {"--create-if-none"}

    assert named - foreign - known == set()


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []


def test_the_config_shown_is_read_without_an_error() -> None:
    text = README.read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(baseline:.*?)```", text, re.DOTALL)
    config, errors = read_config(Source("README.md", block))

    assert errors == []
    assert config.baseline == "SL2"
    assert len(config.assets) == len(config.exceptions) == 1


def test_the_rule_shown_is_read_without_an_error(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(id:.*?)```", text, re.DOTALL)
    folder = tmp_path / "weights" / "weights-customer-key"
    folder.mkdir(parents=True)
    (folder / "rule.yaml").write_text(block, encoding="utf-8")
    policies, errors = read_policies([tmp_path])

    assert errors == []
    assert [rule.id for rule in policies.rules] == ["weights-customer-key"]
