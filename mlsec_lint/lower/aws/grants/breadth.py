"""Facts about how broad the rights of an identity are: wildcards, any bucket, launches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.aws.grants.actions import BY_SERVICE
from mlsec_lint.lower.aws.grants.decide import Decision, Request, decide
from mlsec_lint.lower.aws.grants.match import FOREIGN, MAYBE, NO, NUL, YES
from mlsec_lint.lower.aws.grants.rights import known_of, policies_for, span_of_clause
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.guardrails import Guardrails
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.passing import Launch
    from mlsec_lint.lower.aws.grants.rights import Right
    from mlsec_lint.source import Span

ANY_STORE = "any-store:aws"
_WRITE = "s3:PutObject"
#: An action of each service that no job on weights needs: what a wildcard adds.
_BEYOND = {
    "s3": "s3:PutBucketPolicy",
    "s3express": "s3express:PutBucketPolicy",
    "ecr": "ecr:SetRepositoryPolicy",
    "elasticfilesystem": "elasticfilesystem:PutFileSystemPolicy",
    "ec2": "ec2:ModifySnapshotAttribute",
}


def state_any_store(
    holders: Iterable[Holder], guards: Guardrails, estate: Estate
) -> None:
    """State `writes.any_store` of identities near weights, and their edge to any bucket.

    The question is put for a bucket of another owner whose name no policy can mean: only
    a wildcard covers it, and a condition on the owner of the resource keeps it out.
    """
    for holder in holders:
        for clause, decision in _writing(holder, guards):
            span = span_of_clause(clause, _WRITE, holder)
            certain = decision.answer is YES
            value: bool | Unknown = True
            if not certain:
                value = Unknown("unsupported", decision.why, span=span)
            holder.identity.also("writes.any_store", value, span, trail=clause.trail)
            estate.link(
                holder.identity,
                "may write",
                any_store(estate, span),
                span,
                f"{clause.words} allows {_WRITE} on any bucket",
                certain=certain,
                why="" if certain else decision.why,
            )
        for clause, pattern, decision in _claimable(holder, guards):
            span = span_of_clause(clause, _WRITE, holder)
            certain = decision.answer is YES
            estate.link(
                holder.identity,
                "may write",
                any_store(estate, span),
                span,
                f"{clause.words} allows {_WRITE} on {pattern}, and whoever makes a "
                "bucket of such a name owns it",
                certain=certain,
                why="" if certain else decision.why,
            )
        if "writes.any_store" not in holder.identity.facts:
            words = "no statement lets it write to buckets of any owner"
            holder.identity.state("writes.any_store", value=False, default=words)


def any_store(estate: Estate, span: Span) -> Thing:
    """The destination that stands for every bucket of every account."""
    found = estate.find("destination", ANY_STORE)
    if found is None:
        found = estate.add(
            Thing("destination", ANY_STORE, "any bucket of S3", span, "aws")
        )
        found.state("type", "any-store", span)
    return found


def _writing(holder: Holder, guards: Guardrails) -> Iterator[tuple[Clause, Decision]]:
    for clause in holder.clauses:
        if clause.effect == "Deny" or not _may_mean_any(clause):
            continue
        resource = f"arn:aws:s3:::{FOREIGN}/{FOREIGN}"
        policies = policies_for(holder, None, (clause,), guards)
        # Across accounts the other side must allow too: whoever owns the bucket does.
        request = Request(
            holder.principal,
            _WRITE,
            resource,
            holder.principal.account,
            known_of(holder, FOREIGN),
        )
        decision = decide(request, policies, "union")
        if decision.answer is NO and _hidden(clause):
            certain = decide(_anywhere(holder), policies, "union")
            if certain.answer is not NO:
                why = "the resources of the statement are not known"
                yield clause, Decision(MAYBE, clause, why)
        elif decision.answer is not NO:
            yield clause, decision


def _claimable(
    holder: Holder, guards: Guardrails
) -> Iterator[tuple[Clause, str, Decision]]:
    """Statements for buckets by a part of their name: anybody may make one that fits.

    Names of buckets are one space for all accounts (Amazon S3 user guide, bucket naming
    rules, 2026-11). It is no right to write anywhere, and no finding by itself.
    """
    for clause in holder.clauses:
        if clause.effect == "Deny" or clause.doubt:
            continue
        for pattern in clause.resources:
            bucket = pattern.rpartition(":::")[2].partition("/")[0]
            in_part = bool(bucket.strip("*")) and "*" in bucket
            if ":::" not in pattern or not in_part or NUL in bucket:
                continue
            name = bucket.replace("*", FOREIGN)
            request = Request(
                holder.principal,
                _WRITE,
                f"arn:aws:s3:::{name}/{FOREIGN}",
                holder.principal.account,
                known_of(holder, FOREIGN),
            )
            policies = policies_for(holder, None, (clause,), guards)
            decision = decide(request, policies, "union")
            if decision.answer is not NO:
                yield clause, pattern, decision
                break


def _anywhere(holder: Holder) -> Request:
    known = known_of(holder, FOREIGN)
    resource = "arn:aws:s3:::any/any"
    return Request(holder.principal, _WRITE, resource, holder.principal.account, known)


def _may_mean_any(clause: Clause) -> bool:
    if clause.doubt:
        return False
    patterns = clause.resources
    return bool(clause.not_resources) or any(
        "*" in p or _is_variable(p) for p in patterns
    )


def _hidden(clause: Clause) -> bool:
    """Whether a resource is a whole variable, which may be `*`."""
    return any(_is_variable(pattern) for pattern in clause.resources)


def _is_variable(pattern: str) -> bool:
    return (
        pattern.startswith(f"{NUL}var.")
        and pattern.count(NUL) == 2
        and pattern.endswith(NUL)
    )


def state_broad(rights: Iterable[Right], guards: Guardrails) -> None:
    """State `grants.broad`: one fact per statement that gives weights by a wildcard.

    A wildcard that a boundary, a Deny or the organisation cuts down to the weights
    themselves is none: what it adds is asked for, not how it is written.
    """
    seen: set[tuple[int, int]] = set()
    identities: dict[int, Thing] = {}
    for right in rights:
        identity, clause = right.holder.identity, right.clause
        identities[id(identity)] = identity
        key = (id(identity), id(clause))
        if key in seen or clause.doubt:
            continue
        seen.add(key)
        span = _broad_at(right, guards)
        if span is None:
            continue
        value: bool | Unknown = True
        if (
            right.decision.answer is not YES
            and "some of the objects" not in right.decision.why
        ):
            value = Unknown("unsupported", right.decision.why, span=span)
        identity.also("grants.broad", value, span, trail=clause.trail)
    for identity in identities.values():
        if "grants.broad" not in identity.facts:
            words = "its statements name actions and objects"
            identity.state("grants.broad", value=False, default=words)


def _broad_at(right: Right, guards: Guardrails) -> Span | None:
    """The line of the wildcard of a statement, None where it has none that counts."""
    clause, holder, target = right.clause, right.holder, right.target
    policies = policies_for(holder, None, (clause,), guards)
    known = known_of(holder, target.account)
    account = holder.principal.account

    def allowed(action: str, resource: str) -> bool:
        request = Request(holder.principal, action, resource, account, known)
        return decide(request, policies, "union").answer is not NO

    service = target.service
    beyond = _BEYOND[service]
    if _any_action(clause, service) and allowed(beyond, target.arn):
        return clause.place(right.action) or clause.span
    inner = next(
        (n.inner for n in BY_SERVICE[service] if right.action in n.actions), False
    )
    if _any_resource(clause) and allowed(right.action, _other(target.arn, inner=inner)):
        if clause.managed or not clause.wheres:
            return clause.place(right.action) or clause.span
        for pattern, where in zip(clause.resources, clause.wheres, strict=False):
            if _whole(pattern):
                return where
        return clause.place(right.action) or clause.span
    return None


def _other(arn: str, *, inner: bool) -> str:
    """Another resource of the same sort, whose name no policy means."""
    start = arn.rpartition("/" if "/" in arn else ":")
    return f"{start[0]}{start[1]}{FOREIGN}" + (f"/{FOREIGN}" if inner else "")


def _any_action(clause: Clause, service: str) -> bool:
    if clause.not_actions:
        return True
    return any(a.lower() in ("*", "*:*", f"{service}:*") for a in clause.actions)


def _any_resource(clause: Clause) -> bool:
    return bool(clause.not_resources) or any(_whole(p) for p in clause.resources)


def _whole(pattern: str) -> bool:
    """Whether a pattern is a wildcard for every resource of a service."""
    if pattern == "*":
        return True
    last = pattern.split(":", 5)[-1] if pattern.startswith("arn:") else pattern
    return (
        "*" in last
        and last.replace("repository/", "").replace("file-system/", "").strip("*/")
        == ""
    )


def state_launches(
    found: Iterable[Launch],
    stores: dict[int, set[int]],
    passing: Iterable[Holder],
) -> None:
    """State `launches` of identities that gain weights by starting work as a role.

    `stores` are what each identity reads by itself: who reads all that the role reads
    gains nothing. `passing` are all identities that may pass some role.
    """
    for one in found:
        holder, role = one.holder.identity, one.role.identity
        wanted = stores.get(id(role), set())
        if wanted and wanted <= stores.get(id(holder), set()):
            continue
        value: tuple[str, ...] | Unknown = (role.name,)
        if one.answer is not YES:
            value = Unknown("unsupported", one.why, span=one.span)
        holder.also("launches", value, one.span, trail=one.clause.trail)
    for holding in passing:
        if "launches" not in holding.identity.facts:
            words = "of the roles that reach weights it may start work as none"
            holding.identity.state("launches", (), default=words)
