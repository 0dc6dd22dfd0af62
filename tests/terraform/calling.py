"""Calls a function from a test: Python data in, Values out."""

from __future__ import annotations

from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import values
from mlsec_lint.terraform.functions import call_function
from mlsec_lint.value import Unknown, Value

SOURCE = Source("main.tf", "x" * 100)
SPAN = Span(SOURCE, 10, 20)


class Folder:
    """A FunctionContext over a dict of files; the module's base is `root`."""

    base = "root"

    def __init__(self, files=None):
        self.files = files or {}

    def read_bytes(self, path):
        return self.files.get(path)

    def outside(self, path):
        return path.startswith(("..", "/"))

    def is_folder(self, path):
        prefix = f"{path}/" if path not in ("", ".") else ""
        return path not in self.files and any(f.startswith(prefix) for f in self.files)

    def list_files(self, path):
        prefix = f"{path}/" if path else ""
        return tuple(
            sorted(f.removeprefix(prefix) for f in self.files if f.startswith(prefix))
        )

    def render_template(self, text, variables, name, span):  # noqa: ARG002
        for variable, value in variables.items():
            text = text.replace("${" + variable + "}", str(value.data))
        return values.string(text, span)


def value(data):
    """A Value of plain data: lists are tuples, dicts are objects."""
    if isinstance(data, Value):
        return data
    if data is None:
        return values.null()
    if isinstance(data, bool):
        return values.boolean(data)
    if isinstance(data, str):
        return values.string(data)
    if isinstance(data, list):
        return values.tuple_value(map(value, data))
    if isinstance(data, dict):
        return values.object_value({k: value(v) for k, v in data.items()})
    if isinstance(data, float):
        return values.number(numbers.parse(repr(data)))
    return values.number(data)


def plain(made):
    """A Value as plain data; unknown parts are "?"."""
    data = made.data
    if isinstance(data, Unknown):
        return "?"
    if isinstance(data, dict):
        return {k: plain(v) for k, v in data.items()}
    if isinstance(data, tuple):
        return [plain(v) for v in data]
    if isinstance(data, numbers.Number):
        return float(str(data))
    return data


def call(name, *args, files=None):
    """The Value of a call with plain data."""
    return call_function(Folder(files), name, tuple(map(value, args)), SPAN)


def result(name, *args, files=None):
    """The plain data of a call."""
    return plain(call(name, *args, files=files))
