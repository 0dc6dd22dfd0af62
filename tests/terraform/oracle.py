"""Compares the evaluator with what Terraform 1.11.4 answered (tests/oracle/terraform).

Every comparison is `agree`, `precise` (we know something that Terraform does not, and
nothing that contradicts it) or `wrong`. Our extra knowledge (symbols, structure,
possible values) is not looked at.
"""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from mlsec_lint.terraform import console, evaluate_root

# Their result is what the machine says (functions.json calls them impure).
MACHINE = ("fn/abspath", "fn/pathexpand")
ORACLE = Path(__file__).parent.parent / "oracle" / "terraform"


class Outcome(NamedTuple):
    group: str
    id: str
    verdict: str  # "agree" | "precise" | "wrong"
    why: str = ""


def expressions() -> list[dict[str, Any]]:
    with (ORACLE / "expressions.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def evaluate(case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Lay the case out in an empty folder and evaluate its expression there."""
    if case["context"]:
        (folder / "ctx.tf").write_text(case["context"], encoding="utf-8", newline="")
    for name, content in (case.get("files") or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            path.write_bytes(base64.b64decode(content["base64"]))
        else:
            path.write_text(content, encoding="utf-8", newline="")
    return console.evaluate(str(folder), case["expr"]).to_json()


def judge_expression(case: dict[str, Any]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        got = evaluate(case, Path(folder))
        text = json.dumps(got).replace(str(Path(folder).resolve()), "<CWD>")
        got = json.loads(text)
    verdict, why = _compare_expression(case, got)
    return Outcome(case["group"], case["id"], verdict, why)


def _compare_expression(case: dict[str, Any], got: dict[str, Any]) -> tuple[str, str]:
    if case.get("error"):
        summaries = [d["summary"] for d in case["diagnostics"]]
        if got.get("error"):
            return "agree", ""
        return "wrong", f"{summaries} expected, got {short(got)}"
    if case.get("not_serialisable"):
        fine = (
            got.get("not_serialisable") and got["console_text"] == case["console_text"]
        )
        return (
            ("agree", "") if fine else ("wrong", f"not serialisable, got {short(got)}")
        )
    if got.get("error"):
        return "wrong", f"expected {short(case['expected'])}, got {got['diagnostics']}"
    if case["group"] in MACHINE and got["unknown"] is True:
        return "agree", "what the machine decides is unknown to us by design"
    if case["group"] == "fn/base64gzip":
        inflated = [inflate(each["value"]) for each in (case["expected"], got)]
        return ("agree", "") if inflated[0] == inflated[1] else ("wrong", "inflated")
    return compare(case["expected"], got)


def compare(expected: dict[str, Any], got: dict[str, Any]) -> tuple[str, str]:
    """Values, masks and types of an expression or output."""
    if got.get("not_serialisable"):
        return "wrong", "not serialisable"
    less = less_known(expected["unknown"], got["unknown"])
    words = f"expected {short(expected)}, got {short(got)}"
    if less:
        return "wrong", f"less is known: {words}"
    same = equal(expected["value"], expected["unknown"], got["value"])
    if not same:
        return "wrong", words
    precise = got["unknown"] != expected["unknown"]
    if not precise and "type" in expected and got.get("type") != expected["type"]:
        return "wrong", f"type: {words}"
    if not precise and "type_text" in expected:
        if got.get("type_text") != expected["type_text"]:
            return "wrong", f"type: {words}"
    if not precise and got["sensitive"] != expected["sensitive"]:
        return "wrong", f"sensitive: {words}"
    return ("precise", words) if precise else ("agree", "")


def inflate(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))


def step(mask: Any, key: Any) -> Any:
    """The mask of a part."""
    if isinstance(mask, bool):
        return mask
    if isinstance(mask, dict):
        return mask.get(key, False)
    return mask[key] if isinstance(key, int) and key < len(mask) else False


def less_known(expected: Any, got: Any) -> bool:
    """Whether something that Terraform knows is unknown to us."""
    if expected is True:
        return False
    if got is True:
        return True
    if isinstance(got, dict):
        return any(less_known(step(expected, key), got[key]) for key in got)
    if isinstance(got, list):
        return any(less_known(step(expected, i), part) for i, part in enumerate(got))
    return False


def equal(expected: Any, unknown: Any, got: Any) -> bool:
    """Whether the parts that Terraform knows are the same."""
    if unknown is True:
        return True
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return False
        hidden = unknown if isinstance(unknown, dict) else {}
        names = expected.keys() | got.keys()
        return all(
            step(hidden, name) is True
            or (
                name in expected
                and name in got
                and equal(expected[name], step(unknown, name), got[name])
            )
            for name in names
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(expected) == len(got)
            and all(
                equal(part, step(unknown, i), got[i]) for i, part in enumerate(expected)
            )
        )
    return (type(expected) is type(got) and expected == got) or (
        _is_number(expected) and _is_number(got) and expected == got
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]


# Whole configurations


def modules() -> list[Path]:
    return sorted(path for path in (ORACLE / "modules").iterdir() if path.is_dir())


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def inputs(case: dict[str, Any]) -> dict[str, Any]:
    """Arguments and environment of `terraform plan` as our parameters."""
    given: list[str | tuple[str, str]] = []
    arguments = iter(case["args"])
    for argument in arguments:
        option, _, rest = argument.partition("=")
        rest = rest or next(arguments)
        if option == "-var-file":
            given.append(rest)
        else:
            name, _, text = rest.partition("=")
            given.append((name, text))
    environment = {
        name.removeprefix("TF_VAR_"): text
        for name, text in (case["env"] or {}).items()
        if name.startswith("TF_VAR_")
    }
    return {
        "given": given,
        "environment": environment,
        "workspace": case["workspace"] or "default",
    }


def judge_module(folder: Path) -> list[Outcome]:
    """One outcome for each resource and output of a configuration, and for errors."""
    case, expected = read(folder / "case.json"), read(folder / "expected.json")
    result = evaluate_root(str(folder / "config"), **inputs(case))
    made: list[Outcome] = []
    name = folder.name
    if not expected["ok"]:
        if case["unknown_vars"]:
            expected = expected.get("as_unknown") or expected
        if not expected["ok"]:
            verdict = "agree" if result.errors or _unread(result) else "wrong"
            return [Outcome("modules", name, verdict, "an error was expected")]
    elif result.errors:
        texts = [note.text for note in result.notes]
        made.append(Outcome("modules", name, "wrong", f"no error expected: {texts}"))
    got = result.to_json()
    addresses = got["resources"].keys() | expected["resources"].keys()
    for address in sorted(addresses):
        want = expected["resources"].get(address)
        have = got["resources"].get(address)
        if want is None or have is None:
            made.append(Outcome("modules", f"{name} {address}", "wrong", "missing"))
            continue
        made.append(_judge_resource(f"{name} {address}", want, have))
    for output in sorted(got["outputs"].keys() | expected["outputs"].keys()):
        if output not in got["outputs"] or output not in expected["outputs"]:
            made.append(Outcome("modules", f"{name} {output}", "wrong", "missing"))
            continue
        want = {
            "type_text": got["outputs"][output].get("type_text"),
            **expected["outputs"][output],
        }
        if "type" in want:
            del want["type_text"]
        verdict, why = compare(want, got["outputs"][output])
        made.append(Outcome("modules", f"{name} output.{output}", verdict, why))
    return made or [Outcome("modules", name, "agree")]


def _unread(result: Any) -> bool:
    return any(
        note.kind
        in (
            "module-not-read",
            "module-not-found",
            "variable-without-value",
            "bound",
            "syntax-error",
        )
        for note in result.notes
    )


def _judge_resource(name: str, want: dict[str, Any], have: dict[str, Any]) -> Outcome:
    worst = Outcome("modules", name, "agree")
    for argument in ("input", "triggers_replace"):
        if argument not in want:
            continue
        verdict, why = compare(
            _argument(want[argument], want, argument),
            _argument(have["values"].get(argument), have, argument),
        )
        if verdict != "agree" and worst.verdict != "wrong":
            worst = Outcome("modules", name, verdict, f"{argument}: {why}")
    return worst


def _argument(value: Any, holder: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "value": value,
        "unknown": step(holder["unknown"], name),
        "sensitive": step(holder["sensitive"], name),
    }


# Real AWS configurations


def aws_cases() -> list[Path]:
    return sorted(path for path in (ORACLE / "aws").iterdir() if path.is_dir())


def judge_aws(folder: Path) -> list[Outcome]:
    """The outcome for one configuration: each configured argument and output."""
    import aws_oracle

    case, expected = read(folder / "case.json"), read(folder / "expected.json")
    result = evaluate_root(str(folder / "config"), **inputs(case))
    if not expected["ok"]:
        verdict = "agree" if result.errors else "wrong"
        return [Outcome("aws", folder.name, verdict, "an error was expected")]
    found = list(
        aws_oracle.differences(
            expected, result.to_json(), read(ORACLE / "aws/schema.json")
        )
    )
    if expected.get("deferred_known"):
        found = [difference for difference in found if difference.kind != "precise"]
    if not found and result.errors:
        texts = [note.text for note in result.notes]
        return [Outcome("aws", folder.name, "wrong", f"no error expected: {texts}")]
    if not found:
        return [Outcome("aws", folder.name, "agree")]
    why = "\n    ".join(short(list(difference)) for difference in found)
    return [Outcome("aws", folder.name, "wrong", why)]
