"""What an Azure role lets somebody do: operations, less those that it takes out again.

Azure role-based access control as its documentation has it (learn.microsoft.com,
"Azure role definitions", read 2026-11): within one block of permissions the actions
without the notActions count, blocks add up, names are compared without regard to case,
`*` stands for any characters, and notActions of one role take nothing from another.
The built-in roles are data (policies/data/azure_roles.json); a role that is neither
there nor declared is not known, never empty.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from mlsec_lint.estate import tables
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.azure.grants.answers import Answer, both, either, opposite
from mlsec_lint.lower.azure.grants.conditions import holds
from mlsec_lint.value import Unknown

TABLE = "azure_roles.json"
Pattern = str | Unknown


class Operation(NamedTuple):
    """One thing that can be done: its name, and whether it is one of the data plane."""

    name: str
    data: bool = False


class Block(NamedTuple):
    """One block of permissions; `condition` is "" where there is none."""

    actions: tuple[Pattern, ...] = ()
    not_actions: tuple[Pattern, ...] = ()
    data_actions: tuple[Pattern, ...] = ()
    not_data_actions: tuple[Pattern, ...] = ()
    condition: Pattern = ""


class Role(NamedTuple):
    """A role. `unknown` is set for one of which nobody can tell what it grants.

    `options` are the roles that such a one can be, where that is known.
    """

    name: str
    blocks: tuple[Block, ...] = ()
    unknown: Unknown | None = None
    options: tuple[Any, ...] = ()


def allows(role: Role, operation: Operation) -> Answer:
    """Whether a role lets somebody do something, its conditions taken into account."""
    if role.unknown is not None:
        answers = [allows(option, operation) for option in role.options]
        settled = bool(answers) and all(answer is answers[0] for answer in answers)
        return answers[0] if settled else role.unknown
    return either(_block_allows(block, operation) for block in role.blocks)


def _block_allows(block: Block, operation: Operation) -> Answer:
    given, taken = block.actions, block.not_actions
    if operation.data:
        given, taken = block.data_actions, block.not_data_actions
    answer = both(
        (_named(given, operation.name), opposite(_named(taken, operation.name)))
    )
    if answer is False or block.condition == "":
        return answer
    return both((answer, holds(block.condition, operation.name)))


def _named(patterns: tuple[Pattern, ...], name: str) -> Answer:
    return either(_matches(pattern, name) for pattern in patterns)


def _matches(pattern: Pattern, name: str) -> Answer:
    """Whether a pattern names an operation; `X/*/Y` names `X/Y` too.

    That it does follows from built-in roles: AzureML Data Scientist is given
    `workspaces/*/write` and `workspaces/write` is taken out of it again.
    """
    if isinstance(pattern, Unknown):
        return pattern
    wanted, given = name.lower(), pattern.strip().lower()
    if wildcard(given, wanted):
        return True
    return "/*/" in given and wildcard(given.replace("/*/", "/"), wanted)


def wide_patterns(role: Role) -> tuple[str, ...]:
    """The patterns of a role that are one `*`: everything of the control or data plane."""
    return tuple(
        pattern
        for block in role.blocks
        for pattern in (*block.actions, *block.data_actions)
        if pattern == "*"
    )


@cache
def _by_name() -> dict[str, Role]:
    table = tables.document(TABLE)
    found = {
        name.strip().lower(): Role(
            name, tuple(_block(block) for block in row["blocks"])
        )
        for name, row in table["roles"].items()
    }
    found.update({name.strip().lower(): Role(name) for name in table["others"]})
    return found


def _block(row: dict[str, object]) -> Block:
    def patterns(key: str) -> tuple[str, ...]:
        listed = row.get(key, [])
        assert isinstance(listed, list)
        return tuple(str(pattern) for pattern in listed)

    return Block(
        patterns("actions"),
        patterns("notActions"),
        patterns("dataActions"),
        patterns("notDataActions"),
        str(row.get("condition") or ""),
    )


@cache
def _names_by_id() -> dict[str, str]:
    table = tables.document(TABLE)
    found = {row["id"].lower(): name for name, row in table["roles"].items()}
    found.update({number.lower(): name for name, number in table["others"].items()})
    return found


def built_in(text: str) -> Role | None:
    """The built-in role of a name, an id or the path of an id; None for another text.

    Roles of the table that lead to no weights have no blocks.
    """
    word = text.strip().lower()
    name = _names_by_id().get(word.rpartition("/")[2], word)
    return _by_name().get(name.strip().lower())


def role_of(text: str) -> Role:
    """The built-in role of a name or id; one that is not known where there is none."""
    found = built_in(text)
    if found is not None:
        return found
    edition = tables.edition(TABLE)
    why = f"the role {text} is none of Azure's built-in ones as of {edition.as_of}"
    return Role(text, unknown=Unknown("unsupported", why))
