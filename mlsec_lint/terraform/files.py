"""What a module's functions may see: files of the scanned folder, and the templates."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.parser import parse_template
from mlsec_lint.source import Source, Span
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.expressions import compile_expression
from mlsec_lint.terraform.scope import Scope, Settled

if TYPE_CHECKING:
    from mlsec_lint.terraform.compiler import Expression
    from mlsec_lint.terraform.run import Run
    from mlsec_lint.terraform.scope import Reference
    from mlsec_lint.value import Value

MAX_TEMPLATE_DEPTH = 16
MAX_LISTED = 20_000
# What parsing a template may cost, in parts of values.
RENDERING = 2_000


class ModuleFiles:
    """The FunctionContext of one root: relative paths start at the root's folder."""

    def __init__(self, run: Run, depth: int = 0) -> None:
        self.run = run
        self.depth = depth

    @property
    def base(self) -> str:
        """The folder that relative paths are resolved against."""
        return self.run.root

    def read_bytes(self, path: str) -> bytes | None:
        """The content of a file in the scanned folder, or None."""
        tree = self.run.files.tree
        if self.outside(path) or not tree.exists(path):
            return None
        return tree.bytes(path)

    def outside(self, path: str) -> bool:
        """Whether the path leads out of the scanned folder."""
        return self.run.files.tree.realpath(path) is None

    def is_folder(self, path: str) -> bool:
        """Whether a folder of that path is in the scanned folder."""
        return self.run.files.tree.is_folder(path)

    def list_files(self, path: str) -> tuple[str, ...]:
        """All regular files below a folder, sorted, relative to it."""
        tree = self.run.files.tree
        found: list[str] = []
        waiting = [""]
        seen: set[str] = set()
        while waiting and len(found) < MAX_LISTED:
            folder = waiting.pop()
            real = tree.realpath(posixpath.join(path, folder))
            if real is None or real in seen:
                continue
            seen.add(real)
            for name in tree.listing(real):
                inner = posixpath.join(folder, name)
                full = posixpath.join(path, inner)
                if tree.is_folder(full):
                    waiting.append(inner)
                elif tree.exists(full):
                    found.append(inner)
        return tuple(sorted(found))

    def render_template(
        self, text: str, variables: Value, name: str, span: Span | None
    ) -> Value:
        """The template's value with the object's attributes as its only variables."""
        if self.depth >= MAX_TEMPLATE_DEPTH:
            words = "maximum recursion depth reached while rendering templates."
            raise EvaluationError("Error in function call", words, span)
        self.run.spend(RENDERING + len(text) // 8)
        source = self._source(text, name, span)
        node, notes = parse_template(source)
        if notes:
            raise EvaluationError("Error in function call", notes[0].text, span)
        names = dict(variables.items())
        expression = compile_expression(source, node, frozenset(names))
        for reference in expression.references:
            raise _missing(reference)
        scope = Scope(_TemplateModule(ModuleFiles(self.run, self.depth + 1)), names)
        value = expression.code(scope)
        if scope.problems:
            raise scope.problems[0]
        if value.origin is None or value.origin[0] != "template":
            return value
        return value.replace(origin=("templatefile", value.origin[1]))

    def _source(self, text: str, name: str, span: Span | None) -> Source:
        if name:
            found = self.run.files.tree.source(name)
            if found is not None and found.text == text:
                return found
            return Source(name, text)
        path = span.source.path if span is not None else "<template>"
        return Source(path, text)


def _missing(reference: Reference) -> EvaluationError:
    root = reference.span.text.split(".", 1)[0].split("[", 1)[0]
    words = f'vars map does not contain key "{root}", referenced at {reference.span.path}:{reference.span.line}.'
    return EvaluationError("Error in function call", words, reference.span)


class _TemplateModule:
    """The surroundings of a template file: its variables and nothing else."""

    def __init__(self, functions: ModuleFiles) -> None:
        self.functions = functions
        self.seen: dict[int, Value] = {}
        self.sound: dict[int, Expression | Reference] = {}

    def spend(self, parts: int) -> None:
        """Count work of the run that renders the template."""
        self.functions.run.spend(parts)

    def declares_provider(self, _: str) -> bool:
        """A template requires nothing."""
        return False

    def is_ephemeral(self, _: Reference) -> bool:
        """A template has no references."""
        return False

    def check(self, reference: Reference) -> EvaluationError | None:
        """A template has no references."""
        return _missing(reference)

    def resolve(self, reference: Reference) -> Settled:
        """A template has no references."""
        raise _missing(reference)


class ConstantModule:
    """The surroundings of a constant: neither references nor functions."""

    def __init__(self, functions: ModuleFiles) -> None:
        self.functions = functions
        self.seen: dict[int, Value] = {}
        self.sound: dict[int, Expression | Reference] = {}

    def spend(self, parts: int) -> None:
        """Count work of the run that reads the constant."""
        self.functions.run.spend(parts)

    def declares_provider(self, _: str) -> bool:
        """Constants call nothing."""
        return False

    def is_ephemeral(self, _: Reference) -> bool:
        """Constants refer to nothing."""
        return False

    def check(self, reference: Reference) -> EvaluationError | None:
        """Constants refer to nothing."""
        return EvaluationError(
            "Variables not allowed", "Variables may not be used here.", reference.span
        )

    def resolve(self, reference: Reference) -> Settled:
        """Constants refer to nothing."""
        error = self.check(reference)
        assert error is not None
        raise error
