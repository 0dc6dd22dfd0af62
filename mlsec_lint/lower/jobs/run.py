"""Commands and scripts of a scene: programs, uploads and moves stated one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.argument_variables import variable_words
from mlsec_lint.lower.jobs.arguments import Arguments, Setting, arguments, flatten
from mlsec_lint.lower.jobs.carriers import carried
from mlsec_lint.lower.jobs.command_words import (
    names_model,
    span_of,
    with_pairs,
    with_prefix,
)
from mlsec_lint.lower.jobs.dialects import dialect_of, tells_training
from mlsec_lint.lower.jobs.downloads import model_files
from mlsec_lint.lower.jobs.fetches import downloaded_to, plain, shown
from mlsec_lint.lower.jobs.hugging_face import DIALECT as HUGGING_FACE
from mlsec_lint.lower.jobs.hugging_face import PUSH, REPOSITORY
from mlsec_lint.lower.jobs.inline_python import (
    cut_out,
    inline_python,
    python_program,
    reads_python,
)
from mlsec_lint.lower.jobs.interpolation import interpolated
from mlsec_lint.lower.jobs.launch import (
    SHELLS,
    WRAPPERS,
    Launch,
    entrypoint_command,
    image_program,
    is_program,
    launched,
    program_name,
    text,
    unwrap,
)
from mlsec_lint.lower.jobs.login_servers import state_login_server
from mlsec_lint.lower.jobs.mentions import Mention, mentioned, state_mentions
from mlsec_lint.lower.jobs.mount_commands import state_mounts
from mlsec_lint.lower.jobs.moves import state_move
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.revisions import state_environment_revision
from mlsec_lint.lower.jobs.serving import (
    SERVING,
    state_registry,
    state_serving,
    unfolded,
)
from mlsec_lint.lower.jobs.settings import (
    Dialect,
    apply_settings,
    matches,
    weights_setting,
)
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_values import alternatives, embedded_script
from mlsec_lint.lower.jobs.started_containers import (
    ContainerRun,
    contained_scene,
    container_environment,
    container_run,
    share_weights,
    started,
)
from mlsec_lint.lower.jobs.supply import Supply
from mlsec_lint.lower.jobs.trackers import state_trackers
from mlsec_lint.lower.jobs.transfers import Transfer, transfer
from mlsec_lint.lower.jobs.tunnels import state_tunnel
from mlsec_lint.lower.jobs.unit_files import unit_commands, writes_unit
from mlsec_lint.lower.jobs.weight_words import weight_role
from mlsec_lint.lower.secrets import script_secrets, text_secrets
from mlsec_lint.source import Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.lower.jobs.shell_commands import Command, Script
    from mlsec_lint.source import Source

_MAX_NESTED = 4
#: A command line of any program: what its flags say, whatever the program.
_ANY = HUGGING_FACE._replace(trainer=False, form="command-line")
#: Flags that by themselves show a Hugging Face training program.
_TRAINER_FLAGS = frozenset(
    {
        "per_device_train_batch_size", "num_train_epochs", "gradient_accumulation_steps",
        "gradient_checkpointing", "model_name_or_path", "save_strategy", "report_to",
        "lr_scheduler_type",
    }
)  # fmt: skip
#: Flags that beside `--save` show Megatron-LM (megatron/training/arguments.py, 2026-11).
_MEGATRON_FLAGS = frozenset(
    {
        "save_interval", "train_iters", "tensor_model_parallel_size", "micro_batch_size",
        "pipeline_model_parallel_size", "global_batch_size", "num_layers",
    }
)  # fmt: skip
#: Names whose flags are worth a program thing even where nobody knows the program.
_TELLING = frozenset({"trust_remote_code", *PUSH, *REPOSITORY}) - {"repo_id"}
#: What a program that converts weights reads.
_CONVERTED = frozenset({"input_dir", "input", "input_path", "input_dirs", "source"})
#: Flags that name a config file.
_CONFIG_FLAGS = frozenset(
    {"config", "config_file", "config_path", "cfg", "c", "recipe"}
)


class Runner:
    """Reads the commands of one scene; `finish` states what needs all of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.moves: list[tuple[Transfer, Span, Mapping[str, Value], bool]] = []
        self.programs = 0
        self.texts: list[str] = []
        self.contained: list[tuple[Runner, ContainerRun]] = []
        self.mentions: list[Mention] = []
        self.supply = Supply(scene)

    def script(
        self, source: Source, environment: Mapping[str, Value], *, branch: bool = False
    ) -> None:
        """Read a shell script that the scene runs."""
        whole = Value(source.text, Span(source, 0, len(source.text)))
        text_secrets(self.scene.estate, self.scene.holder, whole)
        self._script(source, environment, branch=branch, depth=0)

    def read(self, script: Script, *, branch: bool = False) -> None:
        """State what a script that is read already does."""
        source = script.source
        whole = Value(source.text, Span(source, 0, len(source.text)))
        text_secrets(self.scene.estate, self.scene.holder, whole)
        self._read(script, branch=branch, depth=0)

    def command(self, words: Sequence[Value], environment: Mapping[str, Value]) -> None:
        """Read one command given as words (a container's command and args)."""
        for word in words:
            text_secrets(self.scene.estate, self.scene.holder, word)
        self._words(words, environment, branch=False, depth=0)

    def finish(self) -> None:
        """State the moves, once all paths of weights are known."""
        for inner, run in self.contained:
            share_weights(self.scene, inner.scene, run)
        for inner, run in self.contained:
            share_weights(self.scene, inner.scene, run)
            inner.finish()
        self.contained = []
        for move, span, environment, branch in self.moves:
            state_move(self.scene, move, span, environment, branch=branch)
            service, texts = move.service, self.texts
            state_tunnel(self.scene, service, span, environment, texts, branch=branch)
        self.moves = []
        state_mentions(self.scene, self.mentions)
        self.mentions = []
        self.supply.finish()

    # -- commands -------------------------------------------------------------

    def _script(
        self,
        source: Source,
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        script = read_script(source, environment, files=self.scene.sourced)
        self._read(script, branch=branch, depth=depth)

    def _read(self, script: Script, *, branch: bool, depth: int) -> None:
        estate, holder = self.scene.estate, self.scene.holder
        estate.note(script.notes)
        self.texts.append(script.source.text)
        for source in script.sourced:
            whole = Value(source.text, Span(source, 0, len(source.text)))
            text_secrets(estate, holder, whole)
        script_secrets(estate, holder, script.variables, script.base)
        for command in script.commands:
            state_mounts(self.scene, command, unwrap(command.words))
        for command in script.commands:
            assigned = dict(command.assignments)
            script_secrets(estate, holder, assigned, script.base)
            self._command(script, command, branch=branch, depth=depth)
        self.supply.script(script)

    def _command(
        self, script: Script, command: Command, *, branch: bool, depth: int
    ) -> None:
        environment = script.environment(command)
        branch = branch or command.branch
        if command.heredoc is not None and reads_python(command.words):
            source = cut_out(command.heredoc)
            python_program(self.scene, source, environment, branch=branch)
        if command.heredoc is not None and writes_unit(command.heredoc.text):
            known = {} if command.quoted else {**script.variables, **environment}
            if depth < _MAX_NESTED:
                for started in unit_commands(cut_out(command.heredoc)):
                    self._script(started, known, branch=branch, depth=depth + 1)
        self._words(command.words, environment, branch=branch, depth=depth)

    def _words(
        self,
        words: Sequence[Value],
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        environment = with_prefix(words, environment)
        self.supply.command(words)
        if len(words) == 2 and program_name(words[0]) == "eval":
            self._evaluated(words[1], environment, branch=branch, depth=depth)
            return
        if self._carried(plain(words), environment, branch=branch, depth=depth):
            return
        inner = unwrap(words)
        if not inner:
            return
        if program_name(plain(words)[0]) in WRAPPERS:
            self.supply.command(inner)
        state_login_server(self.scene, inner, branch=branch)
        self._downloaded(inner)
        state_registry(self.scene, inner)
        if program_name(inner[0]) in SHELLS:
            self.mentions += mentioned(inner)
            self._shell(inner, environment, branch=branch, depth=depth)
            return
        code = inline_python(inner)
        source = script_source(code) if code is not None else None
        if source is not None:
            python_program(self.scene, source, environment, branch=branch)
            return
        moves = transfer(inner)
        if moves:
            span = span_of(inner)
            if span is not None:
                self.moves.extend((move, span, environment, branch) for move in moves)
            return
        if text(inner[0]).endswith((".sh", ".bash")):
            self.mentions += mentioned(inner)
            self._file(inner[0], environment, branch=branch, depth=depth)
            return
        launch = launched(inner)
        self.mentions += mentioned(inner, launch, accelerator=self.scene.accelerator)
        if launch is not None:
            self.launch(launch, inner[0], environment, branch=branch)

    def _carried(
        self,
        words: Sequence[Value],
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> bool:
        """What `ssh`, `xargs`, a container and the like run; False where there is none."""
        if depth >= _MAX_NESTED:
            return False
        contained = container_run(words)
        if contained is not None:
            inner = Runner(contained_scene(self.scene, contained))
            self.contained.append((inner, contained))
            given = container_environment(contained, environment)
            inner._started(contained, given, branch=branch, depth=depth + 1)
            return True
        found = carried(words)
        for one in found:
            source = script_source(one.script) if one.script is not None else None
            if source is not None:
                self._script(source, environment, branch=branch, depth=depth + 1)
            elif one.words:
                self._words(one.words, environment, branch=branch, depth=depth + 1)
        return bool(found)

    def _started(
        self,
        run: ContainerRun,
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        """What a container starts: its words, or the program of its image."""
        form = image_program(shown(run.image))
        words = entrypoint_command(shown(run.image), started(run)) or started(run)
        if words and (not form or is_program(words[0])):
            self._words(words, environment, branch=branch, depth=depth)
        elif form:
            self.bare_arguments(words or [run.image], environment, form)
        self.ambient(environment, run.span)

    def _downloaded(self, words: Sequence[Value]) -> None:
        """`hf download ORG/NAME --local-dir DIR`, `wget URL`: a model lies there."""
        hub = downloaded_to(words)
        targets = model_files(words) if hub is None else [hub]
        for target in targets:
            if target.span is None or not is_path(target):
                continue
            said = f"downloads a model to {shown(target)}"
            self.scene.weights_at(target, "writes", said, target.span, None)

    def _shell(
        self,
        words: Sequence[Value],
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        """`bash -c SCRIPT`: the script in the word is read with its positions."""
        for at in range(1, len(words)):
            flag = text(words[at])
            if flag.startswith("-") and flag.endswith("c") and at + 1 < len(words):
                source = script_source(words[at + 1])
                if source is not None and depth < _MAX_NESTED:
                    self._script(source, environment, branch=branch, depth=depth + 1)
                return
            if not flag.startswith("-"):
                self._file(words[at], environment, branch=branch, depth=depth)
                return

    def _evaluated(
        self,
        word: Value,
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        """`eval "$COMMAND"`: the word is a script."""
        source = script_source(word)
        if source is not None and depth < _MAX_NESTED:
            self._script(source, environment, branch=branch, depth=depth + 1)

    def _file(
        self,
        word: Value,
        environment: Mapping[str, Value],
        *,
        branch: bool,
        depth: int,
    ) -> None:
        """A script that a ConfigMap brings into the scene."""
        value = self.scene.file(text(word))
        source = script_source(value) if value is not None else None
        if source is not None and depth < _MAX_NESTED:
            self._script(source, environment, branch=branch, depth=depth + 1)

    # -- programs -------------------------------------------------------------

    def launch(
        self,
        launch: Launch,
        word: Value,
        environment: Mapping[str, Value],
        *,
        branch: bool = False,
    ) -> None:
        """State a program that the scene starts, where it says anything."""
        span = word.span
        if span is None:
            return
        found = arguments(launch.words)
        settings = [*self._configured(launch, found), *found.settings]
        if launch.role == "serve":
            more = variable_words(environment, launch.form, script_source)
            if more:
                found = arguments([*launch.words, *more])
            settings = unfolded(found.settings)
            found = found._replace(settings=settings)
            self.programs += 1
            program = self.scene.program(launch.form, span)
            apply_settings(
                self.scene,
                program,
                SERVING,
                settings,
                environment,
                operands=found.operands,
            )
            state_serving(self.scene, program, launch, found, environment)
            return
        names = {setting.name for setting in settings}
        trainer = sum(s.name in _TRAINER_FLAGS for s in settings) >= 2
        trainer = trainer or ("save" in names and bool(names & _MEGATRON_FLAGS))
        convert = launch.role == "convert"
        train = launch.role == "train" or trainer or convert or tells_training(settings)
        written = any(names_model(s) for s in settings)
        telling = train or written or any(matches(s, _TELLING) for s in settings)
        generic = launch.role == "run" and self.scene.accelerator
        if not (telling or generic or launch.role == "evaluate"):
            return
        self.programs += 1
        program = self.scene.program(launch.form, span)
        dialect = dialect_of(launch.form, settings, _ANY)
        dialect = dialect._replace(form=launch.form, trainer=dialect.trainer or trainer)
        if convert:
            dialect = dialect._replace(reads=dialect.reads | _CONVERTED)
        if not train:  # paths are judged by their names below, and only on accelerators
            dialect = dialect._replace(writes=frozenset(), reads=frozenset())
        apply_settings(
            self.scene, program, dialect, settings, environment, branch=branch
        )
        if train or written or self.scene.accelerator:
            reading = launch.role == "evaluate" and not trainer
            self._named_weights(program, dialect, settings, reading=reading)

    def _configured(self, launch: Launch, found: Arguments) -> list[Setting]:
        """The settings of config files that the command line names."""
        if launch.role == "serve":
            return []
        names = [text(word) for word in found.operands[:4]]
        names += [
            setting.value.data
            for setting in found.settings
            if setting.last in _CONFIG_FLAGS and isinstance(setting.value.data, str)
        ]
        settings: list[Setting] = []
        for name in names:
            if name.endswith((".yaml", ".yml", ".json")):
                value = self.scene.config(name)
                if value is not None:
                    settings.extend(interpolated(flatten(value)))
        return settings

    def _named_weights(
        self,
        program: Thing,
        dialect: Dialect,
        settings: Sequence[Setting],
        *,
        reading: bool,
    ) -> None:
        """Flags whose names speak of weights, for programs that no table knows."""
        for setting in with_pairs(settings):
            if matches(setting, dialect.reads | dialect.writes):
                continue
            verb = weight_role(setting.name)
            if not verb or (reading and verb == "writes"):
                continue
            if is_path(setting.value) or alternatives(setting.value):
                words = f"{verb} weights {'to' if verb == 'writes' else 'from'}"
                weights_setting(self.scene, program, setting, verb, words)

    def bare_arguments(
        self, words: Sequence[Value], environment: Mapping[str, Value], form: str
    ) -> None:
        """Arguments of an image's own entrypoint: a server's, or nobody knows whose."""
        if not words or words[0].span is None:
            return
        role = "serve" if form else "run"
        launch = Launch(form or "entrypoint", role, "", words)
        entrypoint = Value("the image's entrypoint", words[0].span)
        self.mentions += mentioned([entrypoint, *words])
        self.launch(launch, words[0], environment)

    def ambient(self, environment: Mapping[str, Value], span: Span) -> None:
        """What the environment alone says, where no program was recognised.

        A tracker's key or artifact switch is there for a program that the image runs.
        """
        if self.programs:
            return
        state_environment_revision(self.scene, environment)
        told = any(
            name.startswith(
                ("WANDB_", "MLFLOW_", "COMET_", "CLEARML_", "NEPTUNE_", "SWANLAB_",
                 "HF_MLFLOW", "DAGSHUB_", "TRACKIO_", "HF_DAGSHUB", "HF_DVCLIVE", "TORCH_FORCE")
            )
            for name in environment
        )  # fmt: skip
        if told:
            program = self.scene.program("image", span)
            state_trackers(self.scene, program, (), environment)


def script_source(value: Value) -> Source | None:
    """The script in a value: of a shell word, or of a scalar of a file."""
    from mlsec_lint.parse.embedded import embedded
    from mlsec_lint.terraform.embedded import embedded_source

    if value.origin is not None and value.origin[0] == "pieces":
        return embedded_script(value)
    if value.type is None:
        return embedded_script(value)
    if isinstance(value.type, str):
        return embedded(value)
    return embedded_source(value)  # of an expression: a heredoc, a template, a file
