"""Programs at a version: images by their tags, packages by their pins, charts.

What the table of advisories knows is stated; every other program is none of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsec_lint.estate.versions import (
    advisories,
    product_of,
    product_of_image,
    version_of,
)
from mlsec_lint.lower.jobs.fetch_things import owned_thing
from mlsec_lint.lower.jobs.fetches import name_of, plain, text
from mlsec_lint.lower.stores import written
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


def state_image_software(
    estate: Estate, owner: Thing, image: Value, words: str = "", command: str = ""
) -> None:
    """The product that an image brings, by its repository and tag.

    `command`: what is started instead of the image's own program, "" for that: another
    program is no server of the product. A digest alone, `latest` and a tag that is filled in later name no version.
    """
    unknown = placeholder(image)
    whole = written(unknown) if unknown is not None else image.text()
    span = image.entry() or owner.span
    if not isinstance(whole, str):
        return
    name, _, digest = whole.strip().partition("@")
    repository, tag = _tagged(name)
    product = product_of_image(repository)
    if product is None:
        return
    if command and product["starts"]:
        if not any(name in command for name in product["starts"]):
            return
    if unknown is not None and version_of(tag) is None:
        version: str | Unknown = unknown._replace(possible=None, parts=())
    elif not tag or version_of(tag) is None:
        why = f"{tag or ('a digest' if digest else 'no tag')} names no version of {product['product']}"
        version = Unknown("environment", why, repository, span=span)
    else:
        version = tag
    state_software(estate, owner, product, version, span, words)


def _tagged(name: str) -> tuple[str, str]:
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return name, ""
    return head, tag


def state_software(
    estate: Estate,
    owner: Thing,
    product: dict[str, Any],
    version: str | Unknown,
    span: Span,
    words: str = "",
) -> Thing:
    """State a product at a version, and which advisories are about it."""
    label = product["product"]
    name = f"{label} of {owner.name}"
    thing = owned_thing(estate, "software", owner, f"software/{label}", name, span)
    thing.state("product", label, span)
    thing.state("role", product["role"], span)
    thing.state("version", version, span)
    found = version_of(version) if isinstance(version, str) else None
    if found is None:
        unknown = version
        if isinstance(unknown, str):
            why = f"{version} names no version of {label}"
            unknown = Unknown("environment", why, span=span)
        thing.state("advisories.none", unknown._replace(possible=None, parts=()), span)
    else:
        rows = advisories(label, found, words.lower())
        thing.state("advisories.none", not rows, span)
        thing.state("advisories", tuple(row.id for row in rows), span)
        if rows:
            best = max(rows, key=lambda row: version_of(row.fixed) or found)
            thing.state("fixed", best.fixed, span)
    estate.link(owner, "contains software", thing, span)
    return thing


class Pins:
    """Pinned packages of a scene, and which programs it starts: both make a server."""

    def __init__(self) -> None:
        self.pinned: list[tuple[dict[str, Any], str, Span]] = []
        self.started: set[str] = set()
        self.words = ""

    def command(self, words: Sequence[Value]) -> None:
        """Look at one command."""
        words = plain(words)
        name = name_of(words)
        if not words:
            return
        self.started.add(name)
        if (
            name.startswith("python")
            and text(words[1] if len(words) > 1 else words[0]) == "-m"
        ):
            module = text(words[2]) if len(words) > 2 else ""
            self.started.add(module.partition(".")[0])
        if len(self.words) < 20_000:
            self.words += " ".join(text(word) for word in words[:64]).lower() + " "
        if "install" not in [text(word) for word in words[:5]]:
            return
        for word in words[1:200]:
            package, equals, version = text(word).partition("==")
            product = product_of("packages", package.partition("[")[0].strip())
            if equals and product is not None and word.span is not None:
                self.pinned.append((product, version.strip(), word.span))

    def state(self, estate: Estate, owner: Thing) -> None:
        """State the pins of those products that the scene starts."""
        for product, version, span in self.pinned:
            if self.started & set(product["starts"]):
                state_software(estate, owner, product, version, span, self.words)
