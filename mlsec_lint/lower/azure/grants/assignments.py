"""Azure role assignments of a root: who gets which role, where, by which line.

Read: azurerm_role_assignment, azurerm_role_definition, azurerm_pim_active_role_assignment
and azurerm_pim_eligible_role_assignment. What denies, Azure Policy, is no grant and is not
read. azurerm_lighthouse_assignment gives another tenant's principals roles in a
subscription or group; azapi_resource makes role assignments as the API takes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.azure.grants.placing import scope_of
from mlsec_lint.lower.azure.grants.principals import Named, principals
from mlsec_lint.lower.azure.grants.roles import Block, Pattern, Role, role_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.azure.grants.scopes import Scope
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_DEFINITION = ("azurerm_role_definition", "data.azurerm_role_definition")
_ASSIGNMENT = "azurerm_role_assignment"
_ACTIVE = "azurerm_pim_active_role_assignment"
_ELIGIBLE = "azurerm_pim_eligible_role_assignment"
_LIGHTHOUSE = "azurerm_lighthouse_assignment"
#: The provider that makes resources of any type, and the type that is meant here.
_ANY_TYPE, _ROLE_TYPE = "azapi_resource", "microsoft.authorization/roleassignments@"
_OFFER = "azurerm_lighthouse_definition"


class Grant(NamedTuple):
    """A role that somebody has somewhere.

    * `identity`: who; `role`: what; `scope`: where;
    * `span`: the line that names the role; `where`: that of the scope;
    * `unknown`: why it may not be so at all (who it is, whether the resource exists);
    * `eligible`: it has to be activated first (privileged identity management).
    """

    identity: Thing
    role: Role
    scope: Scope
    span: Span
    where: Span
    unknown: Unknown | None = None
    eligible: bool = False


def grants_of(index: TerraformIndex, estate: Estate) -> list[Grant]:
    """Every grant of the scan, in the order of roots and declarations."""
    found: list[Grant] = []
    for here in index.roots:
        for kind in (_ASSIGNMENT, _ACTIVE, _ELIGIBLE):
            for resource in here.of(kind):
                found += _assignment(here, estate, resource)
        for resource in here.of(_LIGHTHOUSE):
            found += _lighthouse(here, estate, resource)
        for resource in here.of(_ANY_TYPE):
            found += _by_azapi(here, estate, resource)
    return found


def _assignment(here: RootIndex, estate: Estate, resource: Resource) -> Iterator[Grant]:
    scope = given(resource.values, "scope")
    who = given(resource.values, "principal_id")
    role, span = _role(here, resource)
    if scope is None or who is None:
        return
    condition = given(resource.values, "condition")
    role = _conditioned(here, role, condition)
    delegated = given(resource.values, "delegated_managed_identity_resource_id")
    for named in principals(here, estate, who, resource):
        if delegated is not None:
            _of_another_tenant(named.identity, resource, span_of(delegated, resource))
        yield Grant(
            named.identity,
            role,
            scope_of(here, scope),
            span,
            span_of(scope, resource),
            _whether(resource, named),
            eligible=resource.type == _ELIGIBLE,
        )


def _of_another_tenant(identity: Thing, resource: Resource, span: Span) -> None:
    """A delegated identity lives in a tenant that is managed from another one."""
    why = f"of which tenant the identity of {resource.address} is is not in the scan"
    unknown = Unknown("resource", why, span=span)
    identity.also("outside.account", unknown, span)
    if identity.fact("foreign") is None:
        identity.state("foreign", unknown, span)


def _by_azapi(here: RootIndex, estate: Estate, resource: Resource) -> Iterator[Grant]:
    """A role assignment that the azapi provider makes: its body as the API takes it."""
    kind = here.text_of(given(resource.values, "type"))
    scope = given(resource.values, "parent_id")
    body = given(resource.values, "body")
    if not isinstance(kind, str) or not kind.lower().startswith(_ROLE_TYPE):
        return
    if body is not None and body.origin is not None and body.origin[0] == "json":
        body = body.origin[1]
    properties = given(body, "properties")
    who = given(properties, "principalId")
    role = given(properties, "roleDefinitionId")
    if scope is None or who is None or role is None:
        return
    where = scope_of(here, scope)
    at, line = span_of(scope, resource), span_of(role, resource)
    found = _conditioned(here, role_named(here, role), given(properties, "condition"))
    for named in principals(here, estate, who, resource):
        doubt = _whether(resource, named)
        yield Grant(named.identity, found, where, line, at, doubt)


def _whether(resource: Resource, named: Named) -> Unknown | None:
    if named.unknown is not None:
        return named.unknown
    if resource.repeat_unknown:
        why = f"whether {resource.address} exists is not known"
        return Unknown("variable", why, span=resource.span)
    return None


def _role(here: RootIndex, resource: Resource) -> tuple[Role, Span]:
    """The role that an assignment names, and the line that does."""
    for name in ("role_definition_id", "role_definition_name"):
        value = given(resource.values, name)
        if value is not None:
            return role_named(here, value), span_of(value, resource)
    why = f"which role {resource.address} gives is not known"
    unknown = Unknown("error", why, span=resource.span)
    return Role("a role", unknown=unknown), resource.span


def role_named(here: RootIndex, value: Value) -> Role:
    """The role of a name, an id or a reference to a definition."""
    found = here.parents(value, _DEFINITION)
    if len(found) == 1:
        return _definition(here, found[0])
    text = here.text_of(value)
    if isinstance(text, str):
        return _by_text(here, text)
    unknown = text if isinstance(text, Unknown) else Unknown("error", "no role")
    last = unknown.parts[-1] if unknown.parts else ""
    if isinstance(last, str) and "/roledefinitions/" in last.lower():
        return role_of(last)  # only the subscription of the id is not known
    return _one_of(here, unknown)


def _one_of(here: RootIndex, unknown: Unknown) -> Role:
    """A role that nobody can tell, with those that it can be where they are known."""
    options: list[Role] = []
    for value in unknown.possible or ():
        text = here.text_of(value)
        if not isinstance(text, str):
            options = []
            break
        options.append(_by_text(here, text))
    return Role("a role", (), unknown._replace(possible=None), tuple(options))


def _by_text(here: RootIndex, text: str) -> Role:
    for resource in here.of(_DEFINITION[0]):
        name = here.attribute(resource, "name")
        if isinstance(name, str) and name.lower() == text.lower():
            return _definition(here, resource)
    return role_of(text)


def _definition(here: RootIndex, resource: Resource) -> Role:
    """A role that config defines, or that a data source looks up by its name."""
    name = here.attribute(resource, "name")
    if resource.mode == "data":
        number = here.text_of(given(resource.values, "role_definition_id"))
        for text in (name, number):
            if isinstance(text, str):
                return _by_text(here, text)
        why = f"which role {resource.address} looks up is not known"
        return Role("a role", unknown=Unknown("data", why, span=resource.span))
    label = name if isinstance(name, str) else resource.address
    whole = given(resource.values, "permissions")
    if whole is not None and whole.unknown is not None:
        return Role(label, unknown=whole.unknown._replace(possible=None))
    found = blocks(resource.values, "permissions")
    return Role(label, tuple(_block(here, block) for block in found))


def _block(here: RootIndex, block: Value) -> Block:
    return Block(
        _patterns(here, block, "actions"),
        _patterns(here, block, "not_actions"),
        _patterns(here, block, "data_actions"),
        _patterns(here, block, "not_data_actions"),
    )


def _patterns(here: RootIndex, block: Value, name: str) -> tuple[Pattern, ...]:
    whole = given(block, name)
    if whole is None:
        return ()
    if whole.unknown is not None:
        return (whole.unknown._replace(possible=None),)
    texts = (here.text_of(value) for value in values_at(block, name))
    return tuple(
        text._replace(possible=None) if isinstance(text, Unknown) else text
        for text in texts
        if text is not None
    )


def _conditioned(here: RootIndex, role: Role, condition: Value | None) -> Role:
    """The role under the condition of its assignment, each block for itself."""
    text = here.text_of(condition)
    if text is None or text == "":
        return role
    if isinstance(text, Unknown):
        text = text._replace(possible=None)
    options = tuple(_under_condition(option, text) for option in role.options)
    return _under_condition(role._replace(options=options), text)


def _under_condition(role: Role, text: Pattern) -> Role:
    return role._replace(blocks=tuple(_under(block, text) for block in role.blocks))


def _under(block: Block, text: Pattern) -> Block:
    if block.condition == "":
        return block._replace(condition=text)
    if isinstance(block.condition, Unknown) or isinstance(text, Unknown):
        unknown = block.condition if isinstance(block.condition, Unknown) else text
        return block._replace(condition=unknown)
    return block._replace(condition=f"({block.condition}) AND ({text})")


def _lighthouse(here: RootIndex, estate: Estate, resource: Resource) -> Iterator[Grant]:
    """What an offer gives to the principals of the tenant that manages."""
    scope = given(resource.values, "scope")
    offer = given(resource.values, "lighthouse_definition_id")
    offers = here.parents(offer, (_OFFER,))
    if not offers and scope is not None:
        why = f"what {resource.address} gives, and to whom, is not in the scan"
        unknown = Unknown("resource", why, span=resource.span)
        identity = _tenant(here, estate, None, resource)
        at = span_of(offer, resource) if offer is not None else resource.span
        role = Role("a role", unknown=unknown)
        yield Grant(identity, role, scope_of(here, scope), at, at)
    for definition in offers:
        tenant = given(definition.values, "managing_tenant_id")
        for block in blocks(definition.values, "authorization"):
            value = given(block, "role_definition_id")
            if value is None or scope is None:
                continue
            identity = _tenant(here, estate, tenant, definition)
            span = span_of(value, definition)
            where = span_of(scope, resource)
            role = role_named(here, value)
            found = scope_of(here, scope)
            yield Grant(identity, role, found, span, where)


def _tenant(
    here: RootIndex, estate: Estate, value: Value | None, owner: Resource
) -> Thing:
    """Another tenant, as the one whoever in it acts through."""
    text = here.text_of(value)
    name = text.lower() if isinstance(text, str) else "unknown"
    span = span_of(value, owner) if value is not None else owner.span
    thing = Thing("identity", f"account:{name}", f"the tenant {name}", span, "azure")
    thing = estate.add(thing)
    thing.state("sort", "account", span)
    whose: str | Unknown = name
    if isinstance(text, Unknown):
        whose = text._replace(possible=None)
    elif text is None:
        why = f"which tenant {owner.address} lets in is not in the scan"
        whose = Unknown("resource", why, span=owner.span)
    thing.state("account", whose, span)
    thing.state("outside.account", whose, span)
    return thing
