"""Provider configurations: which one a resource uses, passed through module calls."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.literals import literal_text, reference_words
from mlsec_lint.terraform.resource import ProviderUse
from mlsec_lint.terraform.scope import refused

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.configuration import Declaration, Folder
    from mlsec_lint.terraform.module import Module
    from mlsec_lint.terraform.run import Files
    from mlsec_lint.value import Value

SKIP = frozenset(("alias", "version"))
REGISTRY = "registry.terraform.io/"


def requirement(folder: Folder, name: str) -> tuple[str, str]:
    """Source and version constraint of a provider in required_providers, or ""."""
    item = folder.requirements.get(name)
    if item is None:
        return "", ""
    node = item.node.expression
    if not isinstance(node, tree.Object):
        return "", literal_text(node) or ""
    found = {"source": "", "version": ""}
    for key, value in node.items:
        word = key.name if isinstance(key, tree.Variable) else literal_text(key)
        if word in found:
            found[word] = literal_text(value) or ""
    return found["source"], found["version"]


def locked_versions(files: Files, root: str) -> dict[str, str]:
    """Provider source to version, as the dependency lock file of a root has them."""
    path = posixpath.join(root, ".terraform.lock.hcl")
    body = files.body(path) if files.tree.exists(path) else None
    found: dict[str, str] = {}
    for block in body.blocks if body is not None else ():
        version = block.body.attributes.get("version")
        if block.type == "provider" and block.labels and version is not None:
            source = block.labels[0].value.removeprefix(REGISTRY)
            found[source] = literal_text(version.expression) or ""
    return found


class Providers:
    """The provider configurations that one module instance sees."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._uses: dict[tuple[str, str], ProviderUse] = {}

    def evaluate(self, key: tuple[str, str]) -> Value:
        """The provider block as an object."""
        return self.module.body(self.module.folder.providers[key], SKIP)

    def of_resource(self, declaration: Declaration) -> ProviderUse:
        """The configuration that a resource or data source uses."""
        item = declaration.content.attributes.get("provider")
        words = reference_words(item.node.expression) if item is not None else None
        name = declaration.labels[0].split("_", 1)[0]
        alias = ""
        if words is not None:
            name, alias = words[0], words[1] if len(words) > 1 else ""
        return self.use(name, alias)

    def use(self, name: str, alias: str) -> ProviderUse:
        """A configuration by its local name: declared here, passed in or inherited."""
        key = (name, alias)
        known = self._uses.get(key)
        if known is None:
            known = self._find(key)
            if not self.module.is_busy(("provider", key)):
                self._uses[key] = known
        return known

    def _find(self, key: tuple[str, str]) -> ProviderUse:
        module = self.module
        name, alias = key
        source, version = requirement(module.folder, name)
        declared = module.folder.providers.get(key)
        if declared is None and module.call is not None:
            passed = self._passed_in(key)
            if passed is not None:
                return passed._replace(
                    source=source or passed.source, version=version or passed.version
                )
        if declared is None and alias and not module.run.library:
            self._undefined(name, alias)
        values = self._values(declared, key) if declared else None
        full = source or f"hashicorp/{name}"
        constant = declared.content.attributes.get("version") if declared else None
        if constant is not None and not version:
            version = literal_text(constant.node.expression) or ""
        return ProviderUse(
            name,
            alias,
            values,
            declared.header if declared else None,
            source,
            version,
            module.run.locked.get(full.removeprefix(REGISTRY), ""),
        )

    def _values(self, declared: Declaration, key: tuple[str, str]) -> Value:
        """The block's object; one that needs what it is asked for is refused."""
        try:
            return self.module.settled(("provider", key)).value
        except EvaluationError as error:
            self.module.run.problem(error, declared.header)
            return refused(error, declared.header)

    def _undefined(self, name: str, alias: str) -> None:
        """Note a configuration that nobody declares or passes."""
        where = self.module.address or "the root module"
        text = f"{where} uses {name}.{alias}, which is not declared there."
        summary = "Provider configuration not present"
        self.module.run.problem(EvaluationError(summary, text), self._place())

    def _place(self) -> Span | None:
        """Some place of the module: where it is called, or its first resource."""
        if self.module.call is not None:
            return self.module.call.declaration.header
        declared = self.module.folder.resources.values()
        return next((declaration.header for declaration in declared), None)

    def _passed_in(self, key: tuple[str, str]) -> ProviderUse | None:
        """What the call passes under that name; a default one is inherited."""
        call = self.module.call
        assert call is not None
        given = _passes(call.declaration).get(key)
        if given is not None:
            return call.parent.providers.use(*given)
        if key[1] == "":
            return call.parent.providers.use(*key)
        return None

    def passed(self, declaration: Declaration) -> dict[str, ProviderUse]:
        """The configurations that a module call passes, by the name they get there."""
        return {
            f"{name}.{alias}" if alias else name: self.use(*given)
            for (name, alias), given in _passes(declaration).items()
        }

    def declared(self) -> list[ProviderUse]:
        """All configurations that this module declares itself."""
        return [self.use(*key) for key in self.module.folder.providers]


def _passes(declaration: Declaration) -> dict[tuple[str, str], tuple[str, str]]:
    """The `providers` argument of a call: name in the child to name here."""
    item = declaration.content.attributes.get("providers")
    node = item.node.expression if item is not None else None
    found: dict[tuple[str, str], tuple[str, str]] = {}
    if not isinstance(node, tree.Object):
        return found
    for key, value in node.items:
        inner, outer = reference_words(key), reference_words(value)
        if inner and outer:
            found[_pair(inner)] = _pair(outer)
    return found


def _pair(words: tuple[str, ...]) -> tuple[str, str]:
    return words[0], words[1] if len(words) > 1 else ""
