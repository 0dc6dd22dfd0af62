"""What a function may ask of the outside: the files beside the module, the renderer.

The evaluator of expressions implements `FunctionContext`, one per module:

* `try` and `can` are *not* in the table of functions with ordinary semantics: their
  arguments must not be evaluated before the call. The evaluator recognises the names
  (`functions.LAZY`) and evaluates the arguments itself, one by one, catching
  `EvaluationError`, then gives the outcomes to `functions.lazy.try_results` and
  `functions.lazy.can_result`.
* `templatefile(path, vars)` reads the text through `read_bytes`, and
  `templatestring(template, vars)` takes the text itself; both call
  `render_template`. Inside a template the file functions and `templatefile` itself
  are called with the same context; recursion is bounded by the evaluator, which raises
  `EvaluationError("Error in function call", "cannot recursively call templatefile ...")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


class FunctionContext(Protocol):
    """The read-only world of one module's function calls.

    Paths are relative to the scanned folder, posix, normalised (no `.`/`..`), or
    absolute when they leave it.
    """

    @property
    def base(self) -> str:
        """The folder that relative paths are resolved against, "" for the scanned one.

        Terraform resolves them against the root module's working folder, never the
        module's own.
        """

    def read_bytes(self, path: str) -> bytes | None:
        """The content of a file in the scanned folder, or None.

        None where there is no such file, where it is a folder, or where it lies (also
        by a symlink) outside; see `outside`.
        """

    def outside(self, path: str) -> bool:
        """Whether the path leads out of the scanned folder, so that we must not look.

        The result is Unknown then: Terraform may well find a file there.
        """

    def is_folder(self, path: str) -> bool:
        """Whether a folder of that path is in the scanned folder."""

    def list_files(self, path: str) -> tuple[str, ...]:
        """All regular files below a folder of the scanned folder, relative to it.

        Sorted, posix separators, symlinks that lead outside left out.
        """

    def render_template(
        self, text: str, variables: Value, name: str, span: Span | None
    ) -> Value:
        """The template's value with the object's attributes as its only variables.

        `name` is the file's path for a templatefile (its Source is made by the
        evaluator, so that spans point into it), or "" for a templatestring, whose text
        stands at `span` where that is known. Raises EvaluationError.
        """
