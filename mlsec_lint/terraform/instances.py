"""Resources and data sources: every instance evaluated, and what refers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.source import Span
from mlsec_lint.terraform import attributes, builtin, checks, data_sources, values
from mlsec_lint.terraform.blocks import Bodies
from mlsec_lint.terraform.children import address_key
from mlsec_lint.terraform.configuration import Content, lifecycle_items
from mlsec_lint.terraform.literals import literal_text, reference_words
from mlsec_lint.terraform.repetition import Instance, Repetition, note_doubt, repetition
from mlsec_lint.terraform.resource import Resource
from mlsec_lint.terraform.run import MAX_INSTANCES
from mlsec_lint.terraform.scope import Scope, with_key
from mlsec_lint.terraform.traversal import Open, doubtful
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Source
    from mlsec_lint.terraform.configuration import Declaration
    from mlsec_lint.terraform.module import Module
    from mlsec_lint.terraform.resource import ProviderUse

META = frozenset(
    (
        "count",
        "for_each",
        "provider",
        "depends_on",
        "lifecycle",
        "provisioner",
        "connection",
    )
)
#: What a resource has not to wait for.
ORDER_ONLY = frozenset(
    ("provider", "depends_on", "provisioner", "connection", "lifecycle")
)
ResourceKey = tuple[str, str, str]


class Instances:
    """The resources of one module instance.

    `uncertain` says that the module itself is a symbolic instance.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.uncertain = False
        self.made: dict[ResourceKey, list[Resource]] = {}

    def evaluate(self, key: ResourceKey) -> Value:
        """Evaluate all instances; the value that a reference to the resource gets."""
        module = self.module
        declaration = module.folder.resources[key]
        scope = Scope(module)
        repeated = repetition(module.run.files, declaration.content, scope)
        module.report(scope, declaration.header)
        note_doubt(module.run, ".".join(key[1:]), repeated)
        made: list[Resource] = []
        self.made[key] = made
        for instance in repeated.instances:
            if module.run.instances >= MAX_INSTANCES:
                text = "There are too many resources; the rest was not evaluated."
                module.run.note("bound", text, declaration.header, incomplete=True)
                break
            module.run.instances += 1
            made.append(self._instance(key, declaration, instance))
        return _as_value(self._address(key), made, repeated)

    def _address(self, key: ResourceKey) -> str:
        mode, type_, name = key
        prefix = "" if mode == "managed" else f"{mode}."
        return self.module.within(f"{prefix}{type_}.{name}")

    def _instance(
        self, key: ResourceKey, declaration: Declaration, instance: Instance
    ) -> Resource:
        module = self.module
        mode, type_, name = key
        address = self._address(key) + address_key(instance)
        scope = Scope(module, each=instance.each, count=instance.number)
        provider = module.providers.of_resource(declaration)
        data = self._attributes(key, declaration, scope, Symbol(address), provider)
        value = Value(
            data, declaration.block, key=declaration.header, symbol=data.symbol
        )
        made = Resource(
            address,
            type_,
            name,
            mode,
            module.address,
            value,
            declaration.header,
            declaration.block,
            provider,
            instance.key if instance.certain else "*",
            self._lifecycle(declaration, scope),
            depends_on(declaration.content),
            module.trail,
            repeat_unknown=self.uncertain or not instance.certain,
            library=module.run.library,
        )
        module.report(scope, declaration.header)
        checks.of_resource(module, declaration, scope, value)
        return made

    def _attributes(
        self,
        key: ResourceKey,
        declaration: Declaration,
        scope: Scope,
        symbol: Symbol,
        provider: ProviderUse,
    ) -> Open:
        """What is written in the block, and what follows from it."""
        module = self.module
        mode, type_, _ = key
        kind = "resource" if mode == "managed" else "data"
        bodies = Bodies(module.run.files, kind)
        items = bodies.evaluate(declaration.content, scope, symbol, META)
        if module.run.files.ephemeral:
            checks.ephemeral_use(module, declaration.content, META)
        if mode == "managed" and type_ in builtin.SCHEMAS:
            checks.schema(module, declaration, META)
            return Open(builtin.complete(type_, items, symbol), symbol, closed=True)
        if mode == "data":
            place = declaration.header
            asked = data_sources.Asked(items, provider, module.functions, place)
            items = data_sources.complete(type_, asked)
        computed = attributes.computed(type_, items, provider)
        return Open(items, symbol, kind, computed=computed)

    def _lifecycle(self, declaration: Declaration, scope: Scope) -> Value | None:
        """The lifecycle block as an object; names in it are texts, not references."""
        data: dict[str, Value] = {}
        for name, item in lifecycle_items(declaration.content):
            if name in ("ignore_changes", "replace_triggered_by"):
                value = _names(item.source, item.node.expression)
            else:
                files = self.module.run.files
                expression = files.expression(item.source, item.node.expression)
                value = expression.evaluate(scope)
            data[name] = with_key(value, item.key)
        parts = declaration.content.of_type("lifecycle")
        if not parts:
            return None
        return Value(data, parts[0].span, key=parts[0].header)


def _names(source: Source, node: tree.Expression) -> Value:
    span = Span(source, node.start, node.end)
    if isinstance(node, tree.Tuple):
        return Value(tuple(_names(source, item) for item in node.items), span)
    return values.string(literal_text(node) or span.text, span)


def depends_on(content: Content) -> tuple[str, ...]:
    """The addresses in depends_on, as written."""
    item = content.attributes.get("depends_on")
    if item is None or not isinstance(item.node.expression, tree.Tuple):
        return ()
    words = [reference_words(node) for node in item.node.expression.items]
    return tuple(".".join(found) for found in words if found)


def _as_value(address: str, made: list[Resource], repeated: Repetition) -> Value:
    """The value of a reference to the resource as a whole."""
    if repeated.mode == "" and made:
        return made[0].values
    doubt = repeated.doubt
    if doubt is None and not made and repeated.instances:
        doubt = Unknown("bound", "there are too many resources")
    if doubt is not None:
        only = made[0].values if made and repeated.at_most_one else None
        key = str(repeated.instances[0].key)
        symbol = Symbol(f"{address}[*]")
        unknown = doubtful(doubt, symbol, repeated.mode, only, key)
        return Value(unknown, repeated.span)
    if repeated.mode == "count":
        return Value(tuple(resource.values for resource in made))
    return Value({str(resource.index): resource.values for resource in made})
