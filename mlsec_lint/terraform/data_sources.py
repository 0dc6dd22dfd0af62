"""Data sources whose result follows from the configuration alone, in one table.

What a provider would have to ask somebody for is not here: it stays Unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import functions, policy_document, values
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.types import STRING
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.functions.context import FunctionContext
    from mlsec_lint.terraform.resource import ProviderUse

    Compute = Callable[["Asked"], dict[str, Value]]


class Asked(NamedTuple):
    """One instance of a data source: its arguments, its provider, its surroundings."""

    items: dict[str, Value]
    provider: ProviderUse
    functions: FunctionContext
    span: Span

    def argument(self, name: str) -> Value | None:
        """An argument that is set to something else than null."""
        value = self.items.get(name)
        return value if value is not None and value.data is not None else None

    def of_provider(self, *names: str) -> Value | None:
        """An argument of the provider block, or None where it does not set it."""
        block = self.provider.values
        value = block.at(*names) if block is not None else None
        return value if value is not None and value.data is not None else None


def complete(type_: str, asked: Asked) -> dict[str, Value]:
    """The arguments of a data source with the attributes that follow from them."""
    compute = TABLE.get(type_)
    if compute is None:
        return asked.items
    return {**asked.items, **compute(asked)}


def _policy_document(asked: Asked) -> dict[str, Value]:
    def decode(text: Value) -> Value | None:
        if text.origin is not None and text.origin[0] == "json":
            return text.origin[1]
        if text.unknown is not None:
            return None
        try:
            return functions.call_function(
                asked.functions, "jsondecode", [text], text.span
            )
        except EvaluationError:
            return None

    return policy_document.document(asked.items, asked.span, decode)


def _region(asked: Asked) -> dict[str, Value]:
    named = asked.argument("region") or asked.argument("name")
    region = named or asked.of_provider("region")
    if region is None:
        return {}
    return {"name": region, "id": region, "region": region}


# AWS documentation, "Partitions"; hashicorp/aws 5.100.0 names/names.go (2025-06).
PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
    "us-gov-": ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
    "us-iso-": ("aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
    "": ("aws", "amazonaws.com", "com.amazonaws"),
}


def _partition(asked: Asked) -> dict[str, Value]:
    region = asked.of_provider("region")
    if region is None or not isinstance(region.data, str):
        return {}
    found = next(
        row for prefix, row in PARTITIONS.items() if region.data.startswith(prefix)
    )
    names = ("partition", "dns_suffix", "reverse_dns_prefix")
    made = {n: _derived(region, text) for n, text in zip(names, found, strict=True)}
    return {**made, "id": made["partition"]}


def _derived(source: Value, text: str) -> Value:
    return Value(text, source.span, type=STRING, trail=source.trail)


_ACCOUNT = regex(r"arn:[a-z-]+:iam::(\d{12}):role/")


def _caller_identity(asked: Asked) -> dict[str, Value]:
    """The account, where the provider block leaves no other one."""
    allowed = asked.of_provider("allowed_account_ids")
    account: Value | None = None
    if allowed is not None and len(allowed.elements()) == 1:
        account = allowed.elements()[0]
    role = asked.of_provider("assume_role", "role_arn")
    if role is not None and isinstance(role.data, str):
        found = _ACCOUNT.match(role.data)
        account = _derived(role, found.group(1)) if found else account
    return {} if account is None else {"account_id": account, "id": account}


def _default_tags(asked: Asked) -> dict[str, Value]:
    tags = asked.of_provider("default_tags", "tags")
    return {"tags": tags if tags is not None else Value({})}


def _arn(asked: Asked) -> dict[str, Value]:
    arn = asked.argument("arn")
    if arn is None or not isinstance(arn.data, str):
        return {}
    parts = arn.data.split(":", 5)
    if len(parts) < 6:
        return {}
    names = ("partition", "service", "region", "account", "resource")
    return {n: _derived(arn, p) for n, p in zip(names, parts[1:], strict=True)}


def _file(asked: Asked, name: str, attribute: str) -> dict[str, Value]:
    path = asked.argument("filename")
    if path is None or path.unknown is not None:
        return {}
    try:
        content = functions.call_function(asked.functions, name, [path], path.span)
    except EvaluationError:
        return {}
    return {attribute: content}


def _local_file(asked: Asked) -> dict[str, Value]:
    made = _file(asked, "file", "content")
    return {**made, **_file(asked, "filebase64", "content_base64")}


def _sensitive_file(asked: Asked) -> dict[str, Value]:
    made = _local_file(asked)
    return {name: values.mark(value, sensitive=True) for name, value in made.items()}


def _template_file(asked: Asked) -> dict[str, Value]:
    template = asked.argument("template")
    if template is None:
        return {}
    if not isinstance(template.data, str):
        return {"rendered": template}
    given = asked.argument("vars") or Value({})
    try:
        rendered = asked.functions.render_template(
            template.data, given, "", template.span
        )
    except EvaluationError as error:
        unknown = Unknown("error", error.summary, span=error.span)
        rendered = Value(unknown, template.span, type=STRING)
    return {"rendered": rendered}


def _null_data_source(asked: Asked) -> dict[str, Value]:
    inputs = asked.argument("inputs")
    return {} if inputs is None else {"outputs": inputs}


def _google_client(asked: Asked) -> dict[str, Value]:
    names = ("project", "region", "zone")
    found = {name: asked.of_provider(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _google_project(asked: Asked) -> dict[str, Value]:
    project = asked.argument("project_id") or asked.of_provider("project")
    return {} if project is None else {"project_id": project}


def _google_policy(asked: Asked) -> dict[str, Value]:
    """The bindings as a document; how the provider orders its text is not stated."""
    bindings = asked.items.get("binding")
    if bindings is None:
        return {}
    structure = Value({"bindings": bindings}, asked.span)
    why = "the provider writes this text"
    unknown = Unknown("data", why, span=asked.span)
    made = Value(unknown, asked.span, type=STRING, origin=("json", structure))
    return {"policy_data": made}


def _azure_client(asked: Asked) -> dict[str, Value]:
    names = ("subscription_id", "tenant_id", "client_id")
    found = {name: asked.of_provider(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


TABLE: dict[str, Compute] = {
    "aws_arn": _arn,
    "aws_caller_identity": _caller_identity,
    "aws_default_tags": _default_tags,
    "aws_iam_policy_document": _policy_document,
    "aws_partition": _partition,
    "aws_region": _region,
    "azurerm_client_config": _azure_client,
    "google_client_config": _google_client,
    "google_iam_policy": _google_policy,
    "google_project": _google_project,
    "local_file": _local_file,
    "local_sensitive_file": _sensitive_file,
    "null_data_source": _null_data_source,
    "template_file": _template_file,
}
