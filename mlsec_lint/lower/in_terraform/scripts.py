"""Scripts that Terraform hands to machines: user data, startup scripts, lifecycle hooks.

Nothing is run. A shell script is read as the program of its machine; of cloud-config
the commands and files (cloud-init 25.3 documentation, read 2026-11). What a
provisioner does is counted, since it runs where Terraform runs.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.in_terraform.disks import disks_behind
from mlsec_lint.lower.in_terraform.machines import has_accelerator, workload_of
from mlsec_lint.lower.in_terraform.texts import documents_in, script_in
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.mount_commands import listed_mount
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.unit_files import UNITS, unit_commands
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.secrets import text_secrets
from mlsec_lint.lower.terraform_index import index_of, symbol_of, type_of, values_at
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Span
from mlsec_lint.terraform.embedded import MARK
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.stores import Named
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Source
    from mlsec_lint.terraform.resource import Resource


class Place(NamedTuple):
    """Where scripts stand in a type of resource, and what sort of workload runs them.

    * `commands`: the fields hold documents (YAML or JSON), and these names in them hold
      commands;
    * `machine`: the argument that names the machine that runs them, "" for itself.
    """

    fields: tuple[str, ...]
    sort: str = "vm"
    commands: tuple[str, ...] = ()
    machine: str = ""


_AWS = ("user_data", "user_data_base64")
_AZURE = ("custom_data", "user_data")
_GOOGLE = (
    "metadata_startup_script",
    "metadata.startup-script",
    "metadata.user-data",
    "metadata.shutdown-script",
)
#: By type; arguments as documented for hashicorp/aws 6.x, google 7.x, azurerm 4.x, 2026-11.
PLACES: dict[str, Place] = {
    "aws_instance": Place(_AWS),
    "aws_spot_instance_request": Place(_AWS),
    "aws_launch_template": Place(("user_data",)),
    "aws_launch_configuration": Place(_AWS),
    "aws_sagemaker_notebook_instance_lifecycle_configuration": Place(
        ("on_create", "on_start"), "managed"
    ),
    "aws_sagemaker_studio_lifecycle_config": Place(
        ("studio_lifecycle_config_content",), "managed"
    ),
    "google_compute_instance": Place(_GOOGLE),
    "google_compute_instance_template": Place(_GOOGLE),
    "google_compute_region_instance_template": Place(_GOOGLE),
    "google_notebooks_instance": Place(_GOOGLE[1:], "managed"),
    "google_workbench_instance": Place(
        tuple(f"gce_setup.{name}" for name in _GOOGLE[1:]), "managed"
    ),
    "google_tpu_vm": Place(_GOOGLE[1:]),
    "google_tpu_v2_vm": Place(_GOOGLE[1:]),
    "azurerm_linux_virtual_machine": Place(_AZURE),
    "azurerm_linux_virtual_machine_scale_set": Place(_AZURE),
    "azurerm_orchestrated_virtual_machine_scale_set": Place(
        ("os_profile.custom_data", "user_data_base64")
    ),
    "azurerm_virtual_machine": Place(("os_profile.custom_data",)),
    "azurerm_virtual_machine_extension": Place(
        ("settings", "protected_settings"),
        commands=("commandToExecute", "script"),
        machine="virtual_machine_id",
    ),
    "azurerm_virtual_machine_scale_set_extension": Place(
        ("settings", "protected_settings"),
        commands=("commandToExecute", "script"),
        machine="virtual_machine_scale_set_id",
    ),
    "aws_codebuild_project": Place(
        ("source.buildspec",), "pipeline", commands=("commands",)
    ),
    "aws_ssm_document": Place(("content",), commands=("runCommand",)),
    "aws_imagebuilder_component": Place(("data",), commands=("commands",)),
    "oci_core_instance": Place(("metadata.user_data",)),
    "openstack_compute_instance_v2": Place(("user_data",)),
    "digitalocean_droplet": Place(("user_data",)),
}
_CLOUD_INIT = ("data.cloudinit_config", "data.template_cloudinit_config")
_RENDERED = ".rendered"
_SHELL = regex(r"\s*#![^\n]*\b(?:bash|sh|dash|zsh|ksh)\b")
#: A program of another language, or a document that some other agent reads.
_OTHER = regex(r"\s*(?:#!|<powershell>|<script>|#ps1\b|MIME-Version:)", re.IGNORECASE)
#: Fields that are run as they stand; cloud-init takes only what begins with `#!`.
_BARE = ("startup-script", "startup_script", "shutdown-script", "on_create", "on_start")
_CLOUD_CONFIG = regex(r"\s*(?:## template: jinja\s+)?#cloud-config\b")
_BASE64 = regex(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
_MAX_ENCODED = 100_000
_MAX_PARTS = 100
_MAX_VALUES = 5_000
_MACHINES = (
    "azurerm_linux_virtual_machine",
    "azurerm_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_orchestrated_virtual_machine_scale_set",
)


def lower_scripts(inputs: Inputs, estate: Estate) -> None:
    """Read the scripts of every machine that the Terraform roots declare."""
    configs = Configs(inputs)
    readers: list[_Reader] = []
    for here in index_of(inputs).roots:
        for resource in here.root.resources:
            place = PLACES.get(resource.type) if resource.mode == "managed" else None
            if place is None:
                continue
            reader = _Reader(inputs, estate, here, resource, configs)
            readers.append(reader)
            for field in place.fields:
                for value in values_at(resource.values, field):
                    if place.commands:
                        reader.document(value, place)
                    else:
                        reader.read(value, place.sort, bare=field.endswith(_BARE))
    for reader in readers:  # copies, once all that holds weights is known
        reader.finish()


def _decoded(text: str) -> str:
    """What a text in base64 says; the text itself where it is no such text."""
    if len(text) > _MAX_ENCODED or _BASE64.fullmatch(text) is None:
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except ValueError:
        return text


def _meant(value: Value) -> Symbol | None:
    """What a value refers to; the one thing that would settle it where it is mixed."""
    symbol = symbol_of(value)
    unknown = value.unknown
    if symbol is None and unknown is not None and unknown.name.endswith(_RENDERED):
        return Symbol(unknown.name.removesuffix(_RENDERED), ("rendered",))
    return symbol


class _Reader:
    """Reads the scripts of one resource."""

    def __init__(
        self,
        inputs: Inputs,
        estate: Estate,
        here: RootIndex,
        resource: Resource,
        configs: Configs,
    ) -> None:
        self.inputs = inputs
        self.estate = estate
        self.here = here
        self.resource = resource
        self.configs = configs
        self.runner: Runner | None = None
        self.sort = "vm"
        self.bare = False

    def read(self, value: Value, sort: str, *, bare: bool) -> None:
        """Read a value that holds a script or cloud-config, encoded or not.

        `bare`: a text without `#!` is a shell script too.
        """
        self.sort = sort
        self.bare = bare
        for part in self._parts(value):
            self._part(part)

    def document(self, value: Value, place: Place) -> None:
        """Read the commands in a document, each list of them as one script's lines."""
        self.sort = place.sort
        if place.machine:
            named = given(self.resource.values, place.machine)
            found = self.here.parents(named, _MACHINES)
            self.resource = found[0] if len(found) == 1 else self.resource
        documents = documents_in(value)
        if documents is None:
            self.estate.note([self._unread(value)])
            return
        if documents.source is not None:
            self._used(documents.source)
        self.estate.note(documents.notes)
        waiting = list(documents.values)
        count = 0
        while waiting and count < _MAX_VALUES:
            here = waiting.pop(0)
            count += 1
            waiting.extend(here.elements())
            for name, child in here.items():
                waiting.append(child)
                if name in place.commands:
                    self._recognise("commands in a document")
                    self._commands(child)

    def _commands(self, value: Value) -> None:
        for entry in value.elements() or (value,):
            source = script_source(entry) if isinstance(entry.data, str) else None
            if source is not None:
                self._runner().script(source, {})

    def finish(self) -> None:
        """State what needs all scripts of the scan."""
        if self.runner is not None:
            self.runner.finish()

    def _parts(self, value: Value) -> Iterator[Value]:
        """The value, or the parts of the cloud-init data source that it refers to."""
        data = self.here.resolve(_meant(value))
        if data is None or type_of(data) not in _CLOUD_INIT:
            yield value
            return
        for part in blocks(data.values, "part")[:_MAX_PARTS]:
            content = given(part, "content")
            if content is not None:
                yield content

    def _part(self, value: Value) -> None:
        if value.origin is not None and value.origin[0] == "yaml":
            self._cloud_config(value)
            return
        found = script_in(value)
        if found is None:
            self.estate.note([self._unread(value)])
            return
        source, variables = found
        self._used(source)
        if _CLOUD_CONFIG.match(source.text):
            whole = Value(source.text, Span(source, 0, len(source.text)))
            text_secrets(self.estate, self._runner().scene.holder, whole)
            self._cloud_config(value)
        elif not source.text.strip():
            return
        elif not self._is_shell(source.text):
            self._count("user data that is no shell script")
            whole = Value(source.text, Span(source, 0, len(source.text)))
            whole = whole.replace(data=_decoded(source.text))
            text_secrets(self.estate, self._runner().scene.holder, whole)
        else:
            self._recognise("startup script")
            self._runner().script(source, variables)

    def _is_shell(self, text: str) -> bool:
        if _SHELL.match(text):
            return True
        bare = self.bare or MARK.match(text.lstrip()) is not None
        return bare and _OTHER.match(text) is None

    def _cloud_config(self, value: Value) -> None:
        """`runcmd` and `bootcmd`, and scripts that `write_files` puts on the disk."""
        documents = documents_in(value)
        if documents is None:
            self.estate.note([self._unread(value)])
            return
        self.estate.note(documents.notes)
        self._recognise("cloud-config")
        runner = self._runner()
        for document in documents.values:
            mounts = given(document, "mounts")
            for entry in mounts.elements() if mounts is not None else ():
                listed_mount(runner.scene, entry.elements())
            self._files(document)
            for field in ("bootcmd", "runcmd"):
                listed = given(document, field)
                for entry in listed.elements() if listed is not None else ():
                    words = entry.elements()
                    source = None if words else script_source(entry)
                    if words:
                        runner.command(words, {})
                    elif source is not None:
                        runner.script(source, {})

    def _files(self, document: Value) -> None:
        listed = given(document, "write_files")
        files: dict[str, Value] = {}
        for entry in listed.elements() if listed is not None else ():
            path, content = given(entry, "path"), given(entry, "content")
            if path is not None and content is not None and isinstance(path.data, str):
                files[path.data] = content
                unit = script_source(content) if path.data.endswith(UNITS) else None
                for started in unit_commands(unit) if unit is not None else ():
                    self._runner().script(started, {})
        scene = self._runner().scene
        scene.file = files.get

    def _runner(self) -> Runner:
        if self.runner is None:
            workload = workload_of(self.here, self.estate, self.resource, self.sort)
            near = self.resource.span.path
            scene = Scene(
                self.estate,
                workload,
                workload,
                {},
                accelerator=has_accelerator(workload),
                config=lambda path: self.configs.find(path, near),
                attached=self._disks,
            )
            self.runner = Runner(scene)
        return self.runner

    def _disks(self, device: str) -> list[Named]:
        index, workload = index_of(self.inputs), self._runner().scene.workload
        return disks_behind(
            index, self.here, self.estate, self.resource, workload, device
        )

    def _used(self, source: Source) -> None:
        """A template or script of its own is judged as what its machine runs."""
        path = source.outer(0)[0].path
        texts = self.inputs.texts
        texts[:] = [text for text in texts if text.path != path]

    def _recognise(self, what: str) -> None:
        found = self.inputs.recognised
        found[what] = found.get(what, 0) + 1

    def _count(self, what: str) -> None:
        found = self.inputs.not_analysed
        found[what] = found.get(what, 0) + 1

    def _unread(self, value: Value) -> Note:
        unknown = value.data
        why = f" ({unknown.why})" if isinstance(unknown, Unknown) else ""
        text = f"the script of {self.resource.address} is not known{why}"
        span = value.entry() or self.resource.span
        return Note("template-not-read", text, span.path, span, strict_only=True)
