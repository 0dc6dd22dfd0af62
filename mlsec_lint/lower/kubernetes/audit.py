"""Audit logs of clusters that their operators run themselves: API servers and policies.

An API server writes an audit log where it is given a file or a webhook for it, by the
rules of a policy; without a policy it records nothing (Kubernetes v1.34, Auditing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.launch import program_name
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, FactValue
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_SERVER = "kube-apiserver"
_TARGETS = ("--audit-log-path", "--audit-webhook-config-file")
#: What narrows a rule of a policy: one without any of these is for all requests.
_NARROWED = (
    "users",
    "userGroups",
    "verbs",
    "resources",
    "namespaces",
    "nonResourceURLs",
)
#: Requests by which people get at weights, of the group "".
_TELLING = frozenset({"pods/exec", "pods/attach", "pods/portforward", "pods", "*"})


def lower_kubernetes_audit(inputs: Inputs, estate: Estate) -> None:
    """A cluster for each API server and each audit policy, with `audit.logged`."""
    objects = inputs.objects
    for pod in objects.pods if objects is not None else ():
        for _, container in pod.template.containers:
            words = _words(container)
            if words and program_name(words[0]) == _SERVER:
                _server(estate, pod, words)
    for manifest in inputs.manifests:
        group = text_of(given(manifest.value, "apiVersion"))
        if manifest.kind == "Policy" and group.startswith("audit.k8s.io/"):
            _policy(estate, manifest)


def _words(container: Value) -> list[Value]:
    return [
        settled(word)
        for name in ("command", "args")
        if (listed := given(container, name)) is not None
        for word in listed.elements()
    ]


def _server(estate: Estate, pod: Pod, words: list[Value]) -> None:
    cluster = _cluster(estate, pod.manifest, pod.workload.span)
    span = words[0].entry() or pod.workload.span
    logged: FactValue = False
    for word in words[1:]:
        text, unknown = word.text(), None
        if isinstance(text, Unknown):  # of `--audit-log-path=<path>` the flag is known
            unknown = text
            text = text.parts[0] if text.parts else ""
        flag = text.partition("=")[0] if isinstance(text, str) else ""
        if flag in _TARGETS:
            logged, span = True, word.entry() or span
            break
        if unknown is not None and not flag.startswith("--"):
            logged = unknown._replace(possible=None, parts=())
    cluster.state("audit.logged", logged, span)


def _policy(estate: Estate, manifest: Manifest) -> None:
    """Whether what people do in pods is recorded: the first rule that fits decides."""
    cluster = _cluster(estate, manifest, manifest.span)
    rules = given(manifest.value, "rules")
    for rule in rules.elements() if rules is not None else ():
        if not _is_about_pods(rule):
            continue
        level = given(rule, "level")
        if level is None:
            continue
        found = settled(level)
        unknown = found.unknown
        value = text_of(level) != "None" if unknown is None else unknown
        cluster.state("audit.logged", value, level.entry() or manifest.span)
        return
    cluster.state("audit.logged", value=False, span=manifest.span)


def _is_about_pods(rule: Value) -> bool:
    """Whether a rule is for all requests, or for those to pods by whoever makes them."""
    given_names = [name for name in _NARROWED if given(rule, name) is not None]
    if not given_names:
        return True
    resources = given(rule, "resources")
    if given_names != ["resources"] or resources is None:
        return False
    for entry in resources.elements():
        names = given(entry, "resources")
        listed = names.elements() if names is not None else ()
        core = text_of(given(entry, "group")) in ("", "*")
        if core and (not listed or any(text_of(n) in _TELLING for n in listed)):
            return True
    return False


def _cluster(estate: Estate, manifest: Manifest, span: Span) -> Thing:
    name = f"cluster of {manifest.kind}/{manifest.name or manifest.span.path}"
    address = estate.free("cluster", name)
    made = Thing(
        "cluster", address, name, span, "kubernetes", manifest.root, manifest.library
    )
    return estate.add(made)
