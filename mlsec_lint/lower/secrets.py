"""Credentials that stand in plain text: by their own form, or by the name they stand under.

Entropy alone is never enough, and a placeholder is none. Values are never kept: a
secret thing says what sort it is and where it stands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.links import state_links
from mlsec_lint.lower.scalars import settled
from mlsec_lint.parse.placeholder import placeholder_name
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlsec_lint.estate import Estate
    from mlsec_lint.value import Step, Value

#: Forms of tokens, from the issuers' documentation and secret-scanning pattern lists, 2026-11.
#: Each with the words one of which every such token has.
_FORMS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (kind, words, re.compile(rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9_-])"))
    for kind, words, pattern in (
        ("hugging-face-token", ("hf_", "api_org_"), r"(?:hf_|api_org_)[A-Za-z0-9]{30,}"),
        ("aws-access-key", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
        ("github-token", ("gh", "github_pat_"),
         r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}"),
        ("gitlab-token", ("glpat-",), r"glpat-[A-Za-z0-9_-]{20,}"),
        ("anthropic-key", ("sk-ant-",), r"sk-ant-[A-Za-z0-9_-]{32,}"),
        ("openai-key", ("sk-",), r"sk-(?!ant-)(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}"),
        ("nvidia-key", ("nvapi-",), r"nvapi-[A-Za-z0-9_-]{40,}"),
        ("google-key", ("AIza", "ya29."), r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{30,}"),
        ("slack-token", ("xox",), r"xox[abprs]-[A-Za-z0-9-]{20,}"),
        ("wandb-key", ("wandb_v1_",), r"wandb_v1_[A-Za-z0-9_]{40,}"),
        ("replicate-token", ("r8_",), r"r8_[A-Za-z0-9]{36,}"),
        ("azure-signature", ("sig=",), r"sig=[A-Za-z0-9%+/]{40,}(?:%3D|=)?"),
        ("azure-account-key", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{80,}={0,2}"),
    )
)  # fmt: skip
_PREFIX = regex(r"hf_|nvapi-|sk-|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|AIza|xox")
_AWS_SECRET = regex(r"[A-Za-z0-9/+=]{40}")
_PRIVATE_KEY = regex(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")

#: Names under which credentials stand, and what sort they are.
_NAMES: dict[str, str] = {
    "HF_TOKEN": "hugging-face-token", "HUGGING_FACE_HUB_TOKEN": "hugging-face-token",
    "HUGGINGFACE_HUB_TOKEN": "hugging-face-token", "HUGGINGFACE_TOKEN": "hugging-face-token",
    "HUGGINGFACEHUB_API_TOKEN": "hugging-face-token", "HF_API_TOKEN": "hugging-face-token",
    "HF_HUB_TOKEN": "hugging-face-token", "HUB_TOKEN": "hugging-face-token",
    "HF_ACCESS_TOKEN": "hugging-face-token", "HF_API_KEY": "hugging-face-token",
    "WANDB_API_KEY": "wandb-key", "WANDB_KEY": "wandb-key", "WANDB_TOKEN": "wandb-key",
    "COMET_API_KEY": "comet-key", "NEPTUNE_API_TOKEN": "neptune-token",
    "CLEARML_API_ACCESS_KEY": "clearml-key", "CLEARML_API_SECRET_KEY": "clearml-key",
    "SWANLAB_API_KEY": "swanlab-key", "DAGSHUB_USER_TOKEN": "dagshub-token",
    "MLFLOW_TRACKING_TOKEN": "mlflow-token", "MLFLOW_TRACKING_PASSWORD": "mlflow-password",
    "AWS_SECRET_ACCESS_KEY": "aws-secret-key", "AWS_SESSION_TOKEN": "aws-session-token",
    "AZURE_CLIENT_SECRET": "azure-client-secret", "AZURE_STORAGE_KEY": "azure-account-key",
    "AZURE_STORAGE_CONNECTION_STRING": "azure-account-key",
    "AZURE_STORAGE_SAS_TOKEN": "azure-signature", "NGC_API_KEY": "nvidia-key",
    "NVIDIA_API_KEY": "nvidia-key", "OPENAI_API_KEY": "openai-key",
    "ANTHROPIC_API_KEY": "anthropic-key", "GITHUB_TOKEN": "github-token",
    "GH_TOKEN": "github-token", "GITLAB_TOKEN": "gitlab-token",
    "MODELSCOPE_API_TOKEN": "modelscope-token", "MS_HUB_TOKEN": "modelscope-token",
    "VLLM_API_KEY": "api-key", "ACCOUNT_KEY": "azure-account-key", "SAS_TOKEN": "azure-signature",
}  # fmt: skip
_ENDING = regex(
    r"(?:^|_)(?:API_?KEY|APIKEY|ACCESS_?TOKEN|AUTH_?TOKEN|API_?TOKEN|SECRET_?KEY"
    r"|SECRET_ACCESS_KEY|CLIENT_SECRET|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_KEY|TOKEN"
    r"|SECRET|ENCRYPTION_KEY|SIGNING_KEY|CREDENTIALS?)$"
)
_NO_CREDENTIAL = regex(
    r"(?:^|_)(?:PAD|EOS|BOS|UNK|MASK|SEP|CLS|IMAGE|VIDEO|AUDIO|SPECIAL|MAX|MIN|NUM|STOP"
    r"|PUBLIC|PRIMARY|SORT|PARTITION|COUNT|PER|NEXT|BOI|EOI|START|END)_(?:\w*_)?(?:TOKENS?|KEY)$"
    r"|(?:^|_)USE_|_?TOKENIZER|TOKEN_(?:PATH|FILE)|SECRET_NAME|(?:^|_)EXISTING_SECRET"
    r"|(?:^|_)IMAGE_PULL_SECRETS?$|CSRF|(?:^|_)TLS_SECRET$|AUTH_SECRET_NAME"
    r"|(?:^|_)PULL_?SECRET$|AUTOMOUNT"
)
_EMPTY_WORDS = frozenset(
    {
        "", "none", "null", "nil", "empty", "dummy", "fake", "test", "testing", "token",
        "true", "false", "changeme", "change-me", "secret", "password", "example", "sample",
        "placeholder", "redacted", "removed", "hidden", "unset", "todo", "no-key", "nokey",
        "not-needed", "notneeded", "na", "n/a", "-", "xxx", "default", "token-abc123",
        "sk-xxx", "sk-1234", "testuser", "test1234", "local", "anything", "ignored", "offline", "disabled", "auto",
    }
)  # fmt: skip
_MASKED = regex(
    r"(.)\1{5,}|(..)\2{3,}|[*•]{3,}|x{3,}|X{3,}|\.{3,}|…|redact|mask", re.IGNORECASE
)
_SAMPLE = regex(
    r"your|<[^>]*>|\[[^\]]*\]|insert|replace|change[-_ ]?me|placeholder|example|dummy|here$"
    r"|1234567|abcdef|fake|EXAMPLE",
    re.IGNORECASE,
)
_REFERENCE = regex(
    r"\$\(|\$\{|\$[A-Za-z_]|\{\{|^(?:arn|projects|vault|op|ref|secretref|ssm|kms|file|env)[:+/]"
    r"|^ENC\[|^/|^https?://[^@]*$|^!"
)


#: Longer texts are not remembered.
_MOST_KNOWN = 20_000


class Found(NamedTuple):
    """A credential: its sort, whether it stands in plain text, the characters to point at.

    `trail`: how it came there, where it was written elsewhere.
    """

    type: str
    plain: bool | Unknown
    span: Span
    trail: tuple[Step, ...] = ()


@lru_cache(maxsize=4096)
def credential_name(name: str) -> str:
    """The sort of credential that stands under a name; "" for names of other things."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    plain = plain.upper().strip("_")
    if plain in _NAMES:
        return _NAMES[plain]
    if _NO_CREDENTIAL.search(plain):
        return ""
    for known, kind in _NAMES.items():
        if plain.endswith("_" + known):
            return kind
    match = _ENDING.search(plain)
    if match is None:
        return ""
    return "password" if "PASS" in match[0] else "token"


def plain_secret(text: str) -> bool:
    """Whether a text under a credential's name is one, and no placeholder or reference."""
    text = text.strip().strip("\"'")
    if len(text) < 6 or len(text) > 4096 or text.lower() in _EMPTY_WORDS:
        return False
    if any(c.isspace() for c in text) or text.isdigit() or _PREFIX.match(text):
        return False  # a known prefix without the known form marks a sample
    if placeholder_name(text, loose=True) is not None or _REFERENCE.search(text):
        return False
    return not (_MASKED.search(text) or _SAMPLE.search(text))


def is_sample(text: str) -> bool:
    """Whether a text says of itself that a reader puts something else in its place."""
    return len(text) <= 4096 and _SAMPLE.search(text) is not None


def _holds_any(text: str, words: Iterable[str]) -> bool:
    for word in words:  # noqa: SIM110 (asked for every text: a generator is slower)
        if word in text:
            return True
    return False


@lru_cache(maxsize=1024)
def _form(text: str) -> tuple[str, int, int] | None:
    """A token of a known form in a text, sample tokens left out."""
    for kind, words, pattern in _FORMS:
        if not _holds_any(text, words):
            continue
        for match in pattern.finditer(text):
            if not _MASKED.search(match[0]) and not _SAMPLE.search(match[0]):
                return kind, match.start(), match.end()
    key = _PRIVATE_KEY.search(text)
    return None if key is None else ("private-key", key.start(), key.end())


def secret_under(name: str, value: Value) -> Found | None:
    """The credential that stands (or is referred to) under a name; None for none."""
    span = value.entry() or value.span
    if span is None:
        return None
    kind = credential_name(name)
    if isinstance(value.data, Unknown):
        plain = _of_unknown(value.data)
        return Found(kind, plain, span, value.trail) if kind else None
    text = value.text()
    if not isinstance(text, str):
        return None
    by_form = _form(text) if len(text) < 100_000 else None
    if by_form is not None:
        return Found(by_form[0], True, span, value.trail)  # noqa: FBT003
    if not kind:
        return None
    plain = plain_secret(text)
    if plain and kind == "aws-secret-key" and not _AWS_SECRET.fullmatch(text.strip()):
        kind = "password"  # of a store that speaks S3: AWS makes none of that form
    return Found(kind, plain, span, value.trail)


def _of_unknown(unknown: Unknown) -> bool | Unknown:
    """A reference to a secret store or a placeholder is no plain text."""
    if unknown.kind in ("placeholder", "template", "environment", "resource", "data"):
        return False  # what is made or looked up elsewhere does not stand in config
    return unknown


def has_form(value: Value) -> bool:
    """Whether a text holds a token of a known form."""
    return next(secrets_in(value), None) is not None


def script_secrets(
    estate: Estate,
    holder: Thing,
    variables: Mapping[str, Value],
    given: Mapping[str, Value],
) -> None:
    """State the credentials that a script sets: by name; tokens of a form are found apart."""
    for name, value in variables.items():
        if value is given.get(name) or has_form(value):
            continue
        found = secret_under(name, value.replace(key=None))
        if found is not None:
            state_secret(estate, holder, found, holder.address, name)


def text_secrets(estate: Estate, holder: Thing, value: Value) -> None:
    """State the tokens of a known form anywhere in a text, in comments too, and links."""
    state_links(estate, holder, value)
    for found in secrets_in(value):
        state_secret(estate, holder, found, holder.address, found.type)


def secrets_in(value: Value) -> Iterator[Found]:
    """Tokens of a known form anywhere in a text (a script, an argument)."""
    text = value.data
    span = value.span
    if not isinstance(text, str) or span is None or len(text) > 1_000_000:
        return
    # Objects of one chart hold the same texts, which are all kept until the scan ends.
    for kind, token in (
        _tokens_once(text) if len(text) <= _MOST_KNOWN else _tokens(text)
    ):
        at = span.source.text.find(token, span.start, span.end)
        where = span if at < 0 else Span(span.source, at, at + len(token))
        yield Found(kind, True, where)  # noqa: FBT003


def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    """The sort and text of each token of a known form, sample tokens left out."""
    return tuple(
        (kind, match[0])
        for kind, words, pattern in _FORMS
        if _holds_any(text, words)
        for match in pattern.finditer(text)
        if not _MASKED.search(match[0]) and not _SAMPLE.search(match[0])
    )


_tokens_once = lru_cache(maxsize=1024)(_tokens)


def state_secret(
    estate: Estate, holder: Thing | None, found: Found, owner: str, name: str
) -> Thing:
    """Make a secret a thing that its holder carries. Its value is not kept."""
    stem = f"{owner}/secrets/{name}"
    known = estate.find("secret", stem)
    if known is not None and known.span == found.span:
        return known
    address = estate.free("secret", stem)
    thing = Thing("secret", address, f"{name} of {owner}", found.span)
    estate.add(thing)
    if holder is not None:
        thing.provider, thing.root = holder.provider, holder.root
        thing.library = holder.library
    thing.state("type", found.type, found.span)
    trail = found.trail
    thing.state("plain", found.plain, found.span, trail=trail, sensitive=True)
    if holder is not None:
        estate.link(holder, "carries", thing, found.span)
    return thing


def state_field(
    estate: Estate, holder: Thing, value: Value | None, sort: str, label: str
) -> None:
    """The secret of a field that holds a credential of a sort, whatever its value is."""
    span = value.entry() if value is not None else None
    if value is None or span is None or value.data == "":
        return
    text = settled(value).text()
    plain = plain_secret(text) if isinstance(text, str) else False
    found = Found(sort, plain, span, value.trail)
    state_secret(estate, holder, found, holder.address, label)
