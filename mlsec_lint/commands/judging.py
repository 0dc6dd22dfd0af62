"""What every command that judges needs: policies, baseline and config, or UsageError."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.commands import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mlsec_lint.discovery import Past
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.config import Config
    from mlsec_lint.rules.grammar import Policies
    from mlsec_lint.rules.strict import PolicyError


class Terms(NamedTuple):
    """The terms of a judgement. `baseline` is without the config's lists."""

    policies: Policies
    baseline: Baseline
    config: Config


def builtin_policies() -> Path:
    """The folder of the policies that ship: in the installed package, else beside it."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def terms(
    root: str,
    *,
    baseline: str = "",
    config: str = "",
    policies: Sequence[str] = (),
    past: Past | None = None,
) -> Terms:
    """Read policies, config and baseline. UsageError with every error in any of them.

    The baseline is the option's, else the config's, else SL2. `policies` are further
    folders; a `config` of "" is the file in the root, where there is one. That one may
    be a stranger's: a baseline file that it names lies in the root too. With `past`,
    config and baseline files of the root are taken as that commit has them.
    """
    from mlsec_lint import discovery
    from mlsec_lint.rules.baseline import DEFAULT, check_lists, read_baseline
    from mlsec_lint.rules.config import (
        FILE_NAME,
        Config,
        config_of,
        load_config,
        read_config,
    )
    from mlsec_lint.rules.read import read_policies

    for folder in policies:
        if not Path(folder).is_dir():
            raise UsageError(f"--policies {folder}: there is no such folder")
    folders = [builtin_policies(), *map(Path, policies)]
    read, errors = read_policies(folders)
    home = None if baseline or config else discovery.Tree(root).source
    inside = _inside(root, config) if config else FILE_NAME
    if past is not None and inside is not None:
        home = past.source
        stated = past.source(inside)
        if stated is None and config:
            raise UsageError(f"--config {config}: {past.ref} has no such file")
        chosen, wrong = read_config(stated) if stated else (Config(), [])
    elif config and not Path(config).is_file():
        raise UsageError(f"--config {config}: there is no such file")
    else:
        chosen, wrong = load_config(config) if config else config_of(root)
    errors += wrong
    if baseline and past is not None:
        own = _inside(root, baseline) if Path(baseline).is_file() else None
        baseline, home = (own, past.source) if own else (baseline, None)
    # The user's own baselines come first, so that one of theirs may replace ours.
    found, wrong = read_baseline(
        baseline or chosen.baseline or DEFAULT, list(reversed(folders)), home
    )
    errors += wrong
    if found is not None:
        errors += check_lists(chosen.over(found), read)
        errors += _misspelt(config or FILE_NAME, "list", chosen.lists, found.lists)
        errors += _misspelt(config or FILE_NAME, "limit", chosen.limits, found.limits)
    refuse(errors)
    assert found is not None
    return Terms(read, found, chosen)


def _misspelt(
    path: str, what: str, named: Iterable[str], known: Collection[str]
) -> Iterator[PolicyError]:
    """A list of the config that is close to one of the baseline, and none of them.

    It would change nothing, and the scan would go by a list that the user replaced.
    """
    from mlsec_lint.rules.strict import PolicyError, did_you_mean

    for name in named:
        hint = "" if name in known else did_you_mean(name, known)
        if hint:
            yield PolicyError(path, 1, 1, f"no {what} is called {name!r}{hint}")


def _inside(root: str, path: str) -> str | None:
    """A file's path relative to the root, None where it lies outside of it."""
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    inside = relative.replace(os.sep, "/")
    return None if inside.split("/")[0] == os.pardir else inside


def trusted(root: str, ref: str) -> Past | None:
    """The folder as of `--trusted-config REF`, None without one. UsageError for no REF."""
    from mlsec_lint.discovery import HistoryError, Past

    if not ref:
        return None
    try:
        return Past(root, ref)
    except HistoryError as error:
        words = f"--trusted-config {ref}: {error}; is the commit fetched?"
        raise UsageError(words) from None


def refuse(errors: Iterable[PolicyError]) -> None:
    """UsageError that lists the errors, one a line; nothing when there are none."""
    lines = [str(error) for error in errors]
    if lines:
        raise UsageError("\n  ".join(lines))


def only(
    policies: Policies, baseline: Baseline, names: Sequence[str]
) -> tuple[Policies, Baseline]:
    """The terms with these rules alone, whatever their level. UsageError for no rule."""
    from dataclasses import replace

    from mlsec_lint.rules.strict import did_you_mean

    wanted = []
    for name in names:
        rule = policies.find(name)
        if rule is None:
            hint = did_you_mean(name, [r.id for r in policies.rules])
            raise UsageError(f"--rule {name}: no such rule{hint}")
        wanted.append(rule)
    ids = frozenset(rule.id for rule in wanted)
    kept = tuple(rule for rule in policies.rules if rule.id in ids)
    return (
        replace(policies, rules=kept),
        replace(baseline, extra=baseline.extra | ids, without=baseline.without - ids),
    )
