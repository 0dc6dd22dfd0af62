"""file, templatefile and their kin, fileset, and functions on paths.

Files are read through the FunctionContext only: never outside the scanned folder. What
lies outside, or under a home folder, is unknown and not an error, for Terraform may
find it there. Facts from Terraform 1.11 (lang/funcs/filesystem.go) and
bmatcuk/doublestar 1.1.
"""

from __future__ import annotations

import base64
import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.functions.digests import base64_digest, hex_digest
from mlsec_lint.terraform.functions.globs import BadPatternError, matching
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import BOOL, DYNAMIC, STRING, Type, type_of
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_PATH = Parameter("path", STRING, unknown=True, marked=True)
_SET_OF_STRING = types.set_of(STRING)


class _File:
    """Where a path argument leads, and what is there."""

    __slots__ = ("call", "given", "path")

    def __init__(self, given: str, call: Call) -> None:
        self.given = given
        self.call = call
        self.path = resolve(call.context.base, given)

    @property
    def hidden(self) -> bool:
        """Whether we must not look there."""
        return self.path is None or self.call.context.outside(self.path)

    def unknown(self, returns: Type) -> Value:
        why = f"{self.call.name}({values.quote(self.given)}) is outside the scanned folder"
        reason = Unknown("environment", why, span=self.call.span)
        return values.not_null(values.unknown(returns, reason))

    def read(self, argument: int | None = None) -> bytes:
        """The content; CallError where there is no such file."""
        assert self.path is not None, "hidden files are not read"
        content = self.call.context.read_bytes(self.path)
        if content is not None:
            return content
        if self.call.context.is_folder(self.path):
            message = f"failed to read file: read {self.given}: is a directory"
            raise CallError(message, argument)
        raise CallError(
            f"no file exists at {values.quote(self.given)}; this function works only "
            "with files that are distributed as part of the configuration source code, "
            "so if this file will be created by a resource in this configuration you "
            "must instead obtain this result from an attribute of that resource",
            argument,
        )


def resolve(base: str, path: str) -> str | None:
    """The normal path relative to the scanned folder, or None for a home folder.

    An absolute path stays absolute, one that leads out begins with `..`.
    """
    if path.startswith("~"):
        return None
    return posixpath.normpath(posixpath.join(base, path))


def _text(content: bytes, given: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise CallError(
            f"contents of {values.quote(given)} are not valid UTF-8; use the filebase64 "
            "function to obtain the Base64 encoded contents or the other file functions "
            "(e.g. filemd5, filesha256) to obtain file hashing results instead"
        ) from None


def _file(args: Args, call: Call) -> Value:
    path = args[0]
    if isinstance(path.data, Unknown):
        return values.mark(unknown_of(args, call.returns), sensitive=path.sensitive)
    here = _File(path.data, call)
    if here.hidden:
        return here.unknown(STRING)
    text = _text(here.read(0), path.data)
    assert here.path is not None, "the file was read"
    source = Source(here.path, text.removeprefix("\ufeff"), bom=text[:1] == "\ufeff")
    made = values.string(text, Span(source, 0, len(source.text)))
    if call.span is not None:
        made = made.replace(trail=(Step(call.span, f"read by {call.name}()"),))
    return values.mark(made, sensitive=path.sensitive)


def _reading(
    name: str, function: Callable[[bytes], str], *, marked: bool = False
) -> Function:
    """A function of a file's bytes; the argument is at fault only for filebase64."""

    def run(args: Args, call: Call) -> Value:
        path = args[0]
        if isinstance(path.data, Unknown):
            return values.mark(unknown_of(args, call.returns), sensitive=path.sensitive)
        here = _File(path.data, call)
        if here.hidden:
            return here.unknown(STRING)
        made = values.string(function(here.read(0 if marked else None)))
        return values.mark(made, sensitive=path.sensitive)

    parameter = _PATH if marked else Parameter("path", STRING)
    return Function(name, (parameter,), STRING, run)


def _file_exists(args: Args, call: Call) -> Value:
    path = args[0]
    if isinstance(path.data, Unknown):
        return values.mark(unknown_of(args, call.returns), sensitive=path.sensitive)
    here = _File(path.data, call)
    if here.hidden:
        return here.unknown(BOOL)
    assert here.path is not None, "the path is not hidden"
    if call.context.is_folder(here.path):
        raise CallError(f"{values.quote(here.path)} is a directory, not a file")
    made = values.boolean(call.context.read_bytes(here.path) is not None)
    return values.mark(made, sensitive=path.sensitive)


def _file_set(args: Args, call: Call) -> Value:
    sensitive = any(arg.sensitive for arg in args)
    if any(isinstance(arg.data, Unknown) for arg in args):
        return values.mark(unknown_of(args, call.returns), sensitive=sensitive)
    folder, pattern = args[0].data, args[1].data
    base = call.context.base
    start = posixpath.normpath(posixpath.join(base, folder))
    # Terraform joins and cleans before it matches, so that `..` in a pattern climbs.
    whole = posixpath.normpath(posixpath.join(start, pattern))
    root = _fixed_part(whole)
    if call.context.outside(root):
        return _File(posixpath.join(folder, pattern), call).unknown(_SET_OF_STRING)
    try:
        match = matching(whole)
    except BadPatternError:
        shown = values.quote(whole)
        message = f"failed to glob pattern {shown}: syntax error in pattern"
        raise CallError(message) from None
    found = [
        values.string(posixpath.relpath(name, start or "."))
        for name in _listed(call, root)
        if match(name)
    ]
    return values.mark(values.set_value(found, STRING), sensitive=sensitive)


def _fixed_part(pattern: str) -> str:
    """The folder below which a pattern can match anything."""
    kept: list[str] = []
    parts = pattern.split("/")
    for part in parts[:-1]:
        if any(c in part for c in "*?[{\\"):
            break
        kept.append(part)
    return "/".join(kept) or ("/" if pattern.startswith("/") else "")


def _listed(call: Call, root: str) -> list[str]:
    if not call.context.is_folder(root):
        return []
    return [posixpath.join(root, name) for name in call.context.list_files(root)]


def _template_file(args: Args, call: Call) -> Value:
    path, variables = args
    sensitive = path.sensitive or values.any_sensitive(variables)
    if isinstance(path.data, Unknown) or isinstance(variables.data, Unknown):
        return values.mark(unknown_of(args, DYNAMIC), sensitive=sensitive)
    here = _File(path.data, call)
    if here.hidden:
        return here.unknown(DYNAMIC)
    text = _text(here.read(), path.data)
    assert here.path is not None, "the file was read"
    made = _render(text, variables, here.path, call)
    return values.mark(made, sensitive=sensitive)


def _template_string(args: Args, call: Call) -> Value:
    text, variables = args
    made = _render(text.data, variables, "", call, text.span)
    try:
        return convert(made, STRING)
    except ConversionError as error:
        raise CallError(f"invalid template result: {error.message}") from None


def _render(
    text: str, variables: Value, name: str, call: Call, span: Span | None = None
) -> Value:
    if type_of(variables).kind not in ("map", "object"):
        raise CallError("invalid vars value: must be a map", 1)
    for variable in variables.data:
        if not _is_identifier(variable):
            shown = values.quote(variable)
            message = (
                f"invalid template variable name {shown}: must start with a letter, "
                "followed by zero or more letters, digits, and underscores"
            )
            raise CallError(message, 1)
    plain = values.without_marks(variables)
    made = call.context.render_template(text, plain, name, span or call.span)
    if made.data is None:
        raise CallError("the result of the template is null")
    return made


def _is_identifier(name: str) -> bool:
    return name[:1] != "-" and name.replace("-", "_").isidentifier()


def _basename(args: Args, _call: Call) -> Value:
    path: str = args[0].data
    if not path:
        return values.string(".")
    return values.string(path.rstrip("/").rpartition("/")[2] or "/")


def _dirname(args: Args, _call: Call) -> Value:
    path: str = args[0].data
    folder = path[: path.rfind("/") + 1]
    return values.string(_clean(folder) if folder else ".")


def _absolute_path(args: Args, call: Call) -> Value:
    path: str = args[0].data
    if path.startswith("/"):
        return values.string(_clean(path))
    return _environment(call, "working folder")


def _clean(path: str) -> str:
    """filepath.Clean: unlike normpath it keeps no second slash at the start."""
    made = posixpath.normpath(path)
    return made[1:] if made.startswith("//") else made


def _expand_path(args: Args, call: Call) -> Value:
    path: str = args[0].data
    if path[:1] != "~":
        return values.string(path)
    if len(path) > 1 and path[1] not in "/\\":
        raise CallError("cannot expand user-specific home dir")
    return _environment(call, "home folder")


def _environment(call: Call, what: str) -> Value:
    why = f"{call.name}() depends on the {what} of whoever runs Terraform"
    return values.unknown(STRING, Unknown("environment", why, span=call.span))


_NAME = Parameter("path", STRING)

FUNCTIONS = (
    Function("file", (_PATH,), STRING, _file),
    _reading(
        "filebase64", lambda content: base64.b64encode(content).decode(), marked=True
    ),
    _reading("filemd5", hex_digest("md5")),
    _reading("filesha1", hex_digest("sha1")),
    _reading("filesha256", hex_digest("sha256")),
    _reading("filesha512", hex_digest("sha512")),
    _reading("filebase64sha256", base64_digest("sha256")),
    _reading("filebase64sha512", base64_digest("sha512")),
    Function("fileexists", (_PATH,), BOOL, _file_exists),
    Function(
        "fileset",
        (_PATH, Parameter("pattern", STRING, unknown=True, marked=True)),
        _SET_OF_STRING,
        _file_set,
    ),
    Function(
        "templatefile",
        (_PATH, Parameter("vars", DYNAMIC, unknown=True, marked=True)),
        DYNAMIC,
        _template_file,
        bounds=None,
    ),
    Function(
        "templatestring",
        (Parameter("template", STRING), Parameter("vars", DYNAMIC)),
        STRING,
        _template_string,
    ),
    Function("basename", (_NAME,), STRING, _basename),
    Function("dirname", (_NAME,), STRING, _dirname),
    Function("abspath", (_NAME,), STRING, _absolute_path),
    Function("pathexpand", (_NAME,), STRING, _expand_path),
)
