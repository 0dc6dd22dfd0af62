"""Tags and labels of Terraform resources: what they declare about weights.

The declaration is `mlsec/holds: weights`. Clouds whose keys may not hold a slash take
`mlsec-holds`, `mlsec_holds` or `mlsec:holds`. Words in names and tags are weaker
evidence and are judged in trace/weights.py; here they are only handed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Word
from mlsec_lint.lower.reading import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

DECLARING_KEYS = ("mlsec/holds", "mlsec-holds", "mlsec_holds", "mlsec:holds")
_OWN = ("tags", "labels", "user_labels", "resource_labels", "freeform_tags")
_PROVIDER = (("default_tags", "tags"), ("default_labels",))


def tags_of(resource: Resource) -> Iterator[tuple[str, Value]]:
    """Tags and labels in force: the resource's own, then the provider's default ones."""
    seen: set[str] = set()
    maps = [given(resource.values, name) for name in _OWN]
    maps += [given(resource.provider.values, *path) for path in _PROVIDER]
    for tags in maps:
        for key, value in tags.items() if tags is not None else ():
            if key not in seen:
                seen.add(key)
                yield key, value


def put_tags(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State what tags and names say: declarations, and words to look at later."""
    for key, value in tags_of(resource):
        text = here.text_of(value)
        if text is None:
            continue
        span = value.entry() or resource.span
        lowered = key.lower()
        if isinstance(text, Unknown):
            if lowered in DECLARING_KEYS:
                thing.state("holds.declared", text, span, trail=value.trail)
            continue
        if lowered in DECLARING_KEYS:
            if text.strip().lower() == "weights":
                thing.holds_weights("declared", f"its tag {key} says so", span)
            else:
                thing.state("holds.declared", text.strip().lower(), span)
        elif not lowered.startswith(("mlsec/", "mlsec-", "mlsec_", "mlsec:")):
            thing.words.append(Word(text, f"its tag {key}", span))
    for name in ("bucket", "name", "bucket_prefix"):
        given_name = given(resource.values, name)
        text = here.text_of(given_name)
        if given_name is not None and isinstance(text, str):
            span = given_name.entry() or resource.span
            thing.words.append(Word(text, "its name", span))
    thing.words.append(Word(resource.name, "its Terraform name", resource.span))
