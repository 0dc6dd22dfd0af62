"""ServiceAccounts as identities, and bindings of roles to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.scalars import given, name_of, settled, text_of
from mlsec_lint.lower.stores import are_variants
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_EVERYONE = frozenset(
    {"system:anonymous", "system:unauthenticated", "system:authenticated"}
)
#: Roles that Kubernetes itself binds to everyone, for discovery. v1.34 documentation.
_DISCOVERY = frozenset(
    {
        "system:discovery",
        "system:basic-user",
        "system:public-info-viewer",
        "system:service-account-issuer-discovery",
    }
)
_ARN_COLONS = 5
#: Annotations that tie a ServiceAccount to a cloud identity.
CLOUD_IDENTITY = (
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
)


def run_as(estate: Estate, pod: Pod, objects: Objects) -> None:
    """The identity a workload acts as: its service account, `default` where unnamed."""
    value = given(pod.template.spec, "serviceAccountName") or given(
        pod.template.spec, "serviceAccount"
    )
    namespace = namespace_of(pod.manifest)
    if value is None:
        span = pod.workload.span
        identity = _account(estate, namespace, "default", span, pod.manifest, objects)
        words = "names no service account: the namespace's default"
        estate.link(pod.workload, "runs as", identity, span, words)
        return
    span = value.entry() or pod.workload.span
    unknown = settled(value).unknown
    name = text_of(value) if unknown is None else str(value.data)
    if unknown is not None and not isinstance(value.data, str):
        found = objects.find("ServiceAccount", name_of(value), pod.manifest)
        if found is not None:  # both are named by the same reference
            account = lower_account(estate, found)
            estate.link(pod.workload, "runs as", account, span)
        return
    named = objects.of_clusters("ServiceAccount", name, pod.manifest)
    if len(named) > 1:
        why = f"{len(named)} clusters have a service account {namespace}/{name}"
        for one in named:
            account = lower_account(estate, one)
            estate.link(pod.workload, "runs as", account, span, certain=False, why=why)
        return
    identity = _account(estate, namespace, name, span, pod.manifest, objects)
    estate.link(
        pod.workload,
        "runs as",
        identity,
        span,
        certain=unknown is None,
        why=unknown.why if unknown is not None else "",
    )


def _account(
    estate: Estate,
    namespace: str,
    name: str,
    span: Span,
    near: Manifest,
    objects: Objects,
) -> Thing:
    found = objects.find("ServiceAccount", name, near)
    if found is not None:
        return lower_account(estate, found)
    address = f"ServiceAccount/{namespace}/{name}"
    known = estate.find("identity", address)
    if known is not None:
        return known
    thing = Thing("identity", address, address, span, provider="kubernetes")
    thing.state("declared", name == "default")  # every namespace has one of that name
    return is_account(estate.add(thing))


def is_account(identity: Thing) -> Thing:
    """The identity, said to be a service account of Kubernetes."""
    if "sort" not in identity.facts:
        identity.state("sort", "kubernetes-account")
    return identity


def lower_account(estate: Estate, manifest: Manifest) -> Thing:
    """A ServiceAccount as identity, and the cloud identity that it may become."""
    address = (
        manifest.address or f"ServiceAccount/{namespace_of(manifest)}/{manifest.name}"
    )
    known = estate.find("identity", address)
    if known is not None and known.span == manifest.span:
        return known
    if known is not None and known.root == manifest.root:
        return known
    thing = Thing(
        "identity",
        address
        if known is None
        else f"{manifest.root or manifest.span.path}:{address}",
        f"ServiceAccount/{namespace_of(manifest)}/{manifest.name}",
        manifest.span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )
    identity = is_account(estate.add(thing))
    annotations = given(manifest.value, "metadata", "annotations")
    for name in CLOUD_IDENTITY:
        value = given(annotations, name)
        if value is not None:
            _cloud(estate, identity, value)
    return identity


def _cloud(estate: Estate, identity: Thing, value: Value) -> None:
    """An edge to the cloud identity that an annotation names, by symbol or by name."""
    span = value.entry() or identity.span
    settled_value = settled(value, loose=True)
    symbols = [settled_value.symbol]
    if isinstance(settled_value.data, Unknown):
        symbols.append(settled_value.data.symbol)
    for symbol in symbols:
        if symbol is not None:
            found = estate.find("identity", symbol.address)
            if found is not None:
                estate.link(identity, "becomes", found, span)
                return
    text = settled_value.text()
    if not isinstance(text, str) or not text.strip():
        return
    name = text.strip()
    declared = named_identities(estate, name)
    for thing in declared:
        certain = len(declared) == 1 or are_variants(declared)
        why = "" if certain else f"{len(declared)} identities are called {name}"
        estate.link(identity, "becomes", thing, span, certain=certain, why=why)
    if not declared:
        other = Thing("identity", name, name, span, names={name})
        estate.link(identity, "becomes", estate.add(other), span)


def named_identities(estate: Estate, text: str) -> list[Thing]:
    """The declared identities that go by a name, an ARN, an e-mail or an id.

    A role of an account that config does not tell answers to the end of its ARN.
    """
    found = estate.named(text, "identity")
    if found or ":role/" not in text:
        return found
    account = text.split(":")[4] if text.count(":") >= _ARN_COLONS else ""
    name = text.rpartition("/")[2]
    return [t for t in estate.named(f"role/{name}", "identity") if _may_be(t, account)]


def _may_be(role: Thing, account: str) -> bool:
    """Whether a declared role may be of an account: not where its ARN tells another."""
    arns = [n for n in role.names if n.startswith("arn:") and ":role/" in n]
    return not arns or any(arn.split(":")[4] == account for arn in arns)


def lower_binding(estate: Estate, manifest: Manifest) -> None:
    """A RoleBinding or ClusterRoleBinding: whether it binds everyone."""
    namespace = "" if manifest.kind == "ClusterRoleBinding" else namespace_of(manifest)
    own = f"{manifest.kind}/{namespace}/{manifest.name}".replace("//", "/")
    address = manifest.address or own
    if estate.find("binding", address) is not None:
        address = f"{manifest.root or manifest.span.path}:{address}"
    thing = Thing(
        "binding",
        address,
        own,
        manifest.span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )
    binding = estate.add(thing)
    if binding is not thing:
        return
    role = given(manifest.value, "roleRef", "name")
    role_name = text_of(role)
    if role is not None and role_name:
        binding.state("role", role_name, role.entry())
    stated = False
    subjects = given(manifest.value, "subjects")
    for subject in subjects.elements() if subjects is not None else ():
        stated = _subject(estate, binding, subject, role_name, manifest) or stated
    if not stated:
        whole = subjects.unknown if subjects is not None else None
        value = whole if whole is not None else False
        binding.state("public.principal", value, manifest.span)


def _subject(
    estate: Estate, binding: Thing, subject: Value, role: str, manifest: Manifest
) -> bool:
    """State what one subject makes of the binding; False where it is a single one."""
    name = given(subject, "name")
    if name is None or name.span is None:
        return False
    span = name.entry() or name.span
    unknown = settled(name).unknown
    if unknown is not None:
        if text_of(subject.get("kind")) == "ServiceAccount":
            return False
        start = unknown.parts[0] if unknown.parts else ""
        if isinstance(start, str) and not any(e.startswith(start) for e in _EVERYONE):
            return False
        binding.also("public.principal", unknown, span, trail=name.trail)
        return True
    text = text_of(name)
    if text_of(subject.get("kind")) == "ServiceAccount":
        where = text_of(given(subject, "namespace")) or namespace_of(manifest)
        account = f"ServiceAccount/{where}/{text}"
        found = estate.find("identity", account)
        if found is None:
            made = Thing("identity", account, account, span, provider="kubernetes")
            found = is_account(estate.add(made))
        estate.link(binding, "binds", found, span)
        return False
    if text in _EVERYONE or text == "system:serviceaccounts":
        public = text in _EVERYONE and role not in _DISCOVERY
        binding.also("public.principal", public, span, trail=name.trail)
        return True
    return False
