"""Which folders are roots, and the evaluation of each of them."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.terraform import checks
from mlsec_lint.terraform.children import called_folder, installed, is_local, source_of
from mlsec_lint.terraform.configuration import is_configuration_file
from mlsec_lint.terraform.inputs import root_inputs
from mlsec_lint.terraform.literals import flag
from mlsec_lint.terraform.module import Module
from mlsec_lint.terraform.providers import locked_versions
from mlsec_lint.terraform.resource import Root
from mlsec_lint.terraform.run import Files, Run
from mlsec_lint.terraform.variable_files import VariableFiles, stem, titles
from mlsec_lint.terraform.variables import validate
from mlsec_lint.terraform.workspaces import DEFAULT, workspaces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Variants = Mapping[str, Sequence[Sequence[str]]]

    from mlsec_lint.discovery import Tree
    from mlsec_lint.value import Value


def evaluate_roots(tree: Tree, variants: Variants | None = None) -> list[Root]:
    """All Terraform roots of a scan, in order of their paths.

    `variants` maps a root's path ("." for the folder itself) to its variants, each of
    them the tfvars files beside it that are given together, later ones on top. A root
    with variants is evaluated once for each of them.
    """
    files = Files(tree)
    folders = configuration_folders(tree)
    calls = called_by(files, folders)
    called = _called(calls)
    roots = []
    reached: set[str] = set()
    beside = VariableFiles(files, folders)
    for folder in folders:
        if folder in called:
            continue
        for one in _variants(beside, folder, variants):
            root = evaluate(
                files,
                folder,
                named=one.named,
                workspace=one.workspace,
                library=_is_library(folder),
            )
            root.variant = one.title
            roots.append(root)
        reached |= _reached(folder, calls)
    for folder in folders:
        if folder in called and folder not in reached:
            roots.append(evaluate(files, folder, library=_is_library(folder)))
            reached |= _reached(folder, calls)
    if roots:
        roots[0].notes.extend(files.take_notes())
    return sorted(roots, key=lambda root: root.path)


def configuration_folders(tree: Tree) -> list[str]:
    """All folders of a scan that hold configuration, sorted."""
    return sorted(
        {
            posixpath.dirname(file.path)
            for file in tree.files
            if is_configuration_file(posixpath.basename(file.path))
        }
    )


class _Variant(NamedTuple):
    """One way to apply a root: what it is called, the variable files, the workspace."""

    title: str
    named: tuple[str, ...] = ()
    workspace: str = DEFAULT


def _variants(
    beside: VariableFiles, folder: str, variants: Variants | None
) -> Iterator[_Variant]:
    """The variants of a root: those that are given, or else those that are found."""
    for files in (given := (variants or {}).get(folder or ".", ())):
        joined = (posixpath.normpath(posixpath.join(folder, file)) for file in files)
        yield _Variant(",".join(map(posixpath.basename, files)), tuple(joined))
    if given:
        return
    if _is_library(folder):
        yield _Variant("")
        return
    found, notes = beside.variants(folder)
    for note in notes:
        beside.files.notes.setdefault(note.path, []).append(note)
    spaces = workspaces_of(beside.files, folder)
    if found == [()] and spaces:
        yield from (_Variant(name, (), name) for name in spaces)
        return
    for title, named in zip(titles(found, folder), found, strict=True):
        name = stem(named[-1]) if named else DEFAULT
        yield _Variant(title, named, name if name in spaces else DEFAULT)


def called_by(files: Files, folders: list[str]) -> dict[str, set[str]]:
    """Folder to the folders that its local module calls name."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        found[folder] = set()
        for declaration in files.folder(folder).calls.values():
            source = source_of(declaration)
            if source is not None and is_local(source):
                found[folder].add(called_folder(folder, source))
    return found


def _called(calls: Mapping[str, set[str]]) -> set[str]:
    return {
        target
        for here, targets in calls.items()
        for target in targets
        if target != here
    }


def _reached(folder: str, calls: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(calls.get(here, ()))
    return reached


def _is_library(folder: str) -> bool:
    """Whether the folder's place says that it is a module for others."""
    return any("modules" in part for part in folder.split("/")[:-1]) or (
        "modules" in folder.rsplit("/", maxsplit=1)[-1]
    )


def evaluate(
    files: Files,
    folder: str,
    *,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    named: Sequence[str | tuple[str, str]] = (),
    workspace: str = "default",
    library: bool = False,
    values: Mapping[str, Value] | None = None,
) -> Root:
    """One root, evaluated with its own inputs."""
    module = root_module(
        files,
        folder,
        variables=variables,
        environment=environment,
        named=named,
        workspace=workspace,
        library=library,
        values=values,
    )
    return collect(module)


def module_of(
    directory: str,
    variables: Mapping[str, str] | None = None,
    workspace: str = "default",
    environment: Mapping[str, str] | None = None,
    given: Sequence[str | tuple[str, str]] = (),
    within: str = "",
) -> Module:
    """A folder of the file system as a root's module, nothing in it settled yet.

    `within` is the folder that may be read, the directory itself by default: a root
    whose modules lie beside it needs the folder that holds both.
    """
    from mlsec_lint.discovery import Tree

    tree = Tree(within or directory)
    real = os.path.realpath(directory)
    folder = os.path.relpath(real, tree.root)
    module = root_module(
        Files(tree),
        "" if folder == os.curdir else folder.replace(os.sep, "/"),
        variables=variables,
        environment=environment,
        named=given,
        workspace=workspace,
    )
    module.run.working_folder = real.replace(os.sep, "/")
    return module


def root_module(
    files: Files,
    folder: str,
    *,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    named: Sequence[str | tuple[str, str]] = (),
    workspace: str = "default",
    library: bool = False,
    values: Mapping[str, Value] | None = None,
) -> Module:
    """The root's module, nothing in it settled yet."""
    run = Run(files, folder, workspace)
    run.library = library
    run.installed = installed(files, folder)
    run.locked = locked_versions(files, folder)
    given = root_inputs(run, folder, variables, environment, named, values)
    return Module(run, files.folder(folder), "", given=given)


def collect(module: Module) -> Root:
    """Settle everything and gather it."""
    run = module.run
    root = Root(run.root, library=run.library)
    _gather(module, root)
    for name in module.folder.outputs:
        root.outputs[name] = module.settled(("output", name)).value
    root.sensitive_outputs = frozenset(
        name
        for name, declaration in module.folder.outputs.items()
        if flag(declaration.content, "sensitive")
    )
    for name in module.folder.variables:
        root.variables[name] = module.settled(("var", name)).value
    backend = module.folder.backend
    if backend is not None:
        root.backend = module.body(backend, frozenset())
    root.notes.extend(run.files.take_notes(run.visited))
    root.notes.extend(run.notes)
    return root


def _gather(module: Module, root: Root) -> None:
    """All objects of a module and of the modules it calls, in order of declaration."""
    waiting = [module]
    while waiting:
        here = waiting.pop()
        folder = here.folder
        for name in folder.variables:
            here.settled(("var", name))
            validate(here, name)
            checks.arguments(here, folder.variables[name])
        for name in folder.locals:
            here.settled(("local", name))
        for key, declaration in folder.resources.items():
            checks.depends_on(here, declaration.content)
            here.settled(("resource", key))
            root.resources.extend(here.instances.made[key])
        root.providers.extend(here.providers.declared())
        for name, declaration in folder.calls.items():
            checks.depends_on(here, declaration.content)
            here.settled(("call", name))
        for name in folder.outputs:
            here.settled(("output", name))
            checks.arguments(here, folder.outputs[name])
        root.unread_modules.extend(here.children.unread())
        checks.required_version(here)
        waiting.extend(reversed(list(here.children.instances())))
