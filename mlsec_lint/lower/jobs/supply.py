"""What the commands of a scene bring in from outside, stated on its workload.

Joins the plain readers (`fetches`, `remote_scripts`, `transports`, `endpoint_things`) to
a scene: which of its words count, each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.endpoint_things import (
    command_endpoints,
    environment_endpoints,
)
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import fetched
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.software import Pins
from mlsec_lint.lower.jobs.transports import of_command, of_environment, state_channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.lower.jobs.shell_commands import Script
    from mlsec_lint.source import Source
    from mlsec_lint.value import Value


class Supply:
    """Collects what one scene's scripts say; `finish` states what needs all of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.environment: dict[str, Value] = dict(scene.environment)
        self.pins = Pins()

    def script(self, script: Script) -> None:
        """What a script fetches and runs, and what it exports."""
        first = "/initContainers/" in self.scene.holder.address
        for fetch in remote_scripts(script.commands, elsewhere=first):
            state_fetch(self.scene.estate, self.scene.workload, fetch)
        self.environment.update(script.log)
        for command in script.commands:
            self.environment.update(command.assignments)

    def command(self, words: Sequence[Value]) -> None:
        """What one command fetches, and over which connections."""
        estate, workload = self.scene.estate, self.scene.workload
        for fetch in fetched(words):
            state_fetch(estate, workload, fetch, files=self._listed)
        for channel in of_command(words):
            state_channel(estate, workload, channel)
        self.pins.command(words)
        command_endpoints(self.scene, words)

    def _listed(self, word: Value) -> Source | None:
        found = self.scene.listed(word)
        return found if found is not None else self.scene.sourced(word)

    def finish(self) -> None:
        """What the environment says, once all scripts have exported theirs."""
        for channel in of_environment(self.environment):
            state_channel(self.scene.estate, self.scene.workload, channel)
        environment_endpoints(self.scene, self.environment)
        self.pins.state(self.scene.estate, self.scene.workload)
