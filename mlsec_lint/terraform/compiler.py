"""The frame of compilation: code for constants, whole expressions, errors in elements.

Knows no kind of node: `expressions` gives the table of functions that compile them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.source import Span
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.scope import REPETITION, ExhaustedError, refused
from mlsec_lint.terraform.values import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.source import Source
    from mlsec_lint.terraform.scope import Code, Reference, Scope
    from mlsec_lint.value import Value


MAX_DEPTH = 200


class Constant:
    """Code whose value does not depend on anything."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __call__(self, _: Scope) -> Value:
        """The value, whatever the scope."""
        return self.value


class Expression:
    """A compiled expression with the references that it makes anywhere inside."""

    __slots__ = ("_hidden", "code", "node", "references", "span")

    def __init__(
        self,
        node: tree.Expression,
        span: Span,
        code: Code,
        references: list[Reference],
        hidden: set[int],
    ) -> None:
        self._hidden = hidden
        self.node = node
        self.span = span
        self.code = code
        self.references = references

    def exposed(self) -> list[Reference]:
        """The references whose values the result may carry ephemeral parts of."""
        if not self._hidden:
            return self.references
        return [r for i, r in enumerate(self.references) if i not in self._hidden]

    def evaluate(self, scope: Scope) -> Value:
        """The value; an error becomes Unknown("error") and is noted in the scope."""
        if self.references and id(self) not in scope.module.sound:
            self._look_up(scope)
        try:
            return self.code(scope)
        except EvaluationError as error:
            scope.problems.append(error)
            return refused(error, self.span)
        except BoundExceededError as error:
            return bound(error.why, self.span)
        except RecursionError:
            return bound("nested too deeply", self.span)

    def _look_up(self, scope: Scope) -> None:
        """Check all names; an expression without fault is not looked at again."""
        sound = True
        for reference in self.references:
            error = scope.check(reference)
            if error is not None:
                scope.problems.append(error)
            sound = sound and error is None and reference.kind not in REPETITION
        if sound:
            scope.module.sound[id(self)] = self


class Compiler:
    """Turns the nodes of one source into closures.

    `names` are the names that loops around a node have bound.
    """

    __slots__ = ("depth", "hidden", "references", "source", "table")

    def __init__(
        self, source: Source, table: Mapping[type[tree.Node], Callable[..., Code]]
    ) -> None:
        self.source = source
        self.table = table
        self.references: list[Reference] = []
        self.hidden: set[int] = set()
        self.depth = 0

    def compile(self, node: tree.Expression, names: frozenset[str]) -> Code:
        """The code of a node."""
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                return Constant(bound("nested too deeply", self.span(node)))
            return self.table[type(node)](self, node, names)
        finally:
            self.depth -= 1

    def span(self, node: tree.Node) -> Span:
        """The span of a node."""
        return Span(self.source, node.start, node.end)

    def guarded(self, node: tree.Expression, names: frozenset[str]) -> Code:
        """Code that turns an error into a noted Unknown: an element's."""
        code = self.compile(node, names)
        if isinstance(code, Constant):
            return code
        span = self.span(node)

        def guard(scope: Scope) -> Value:
            try:
                return code(scope)
            except EvaluationError as error:
                scope.problems.append(error)
                return refused(error, span)
            except ExhaustedError:
                raise
            except BoundExceededError as error:
                return bound(error.why, span)

        return guard
