"""Ways out of weight stores: what is one, what closes it, and how much is told."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_yard import Yard, unknown


def reader(yard: Yard, sort: str = "user", address: str = "aws_iam_user.u") -> None:
    yard.link(yard.identity(address, sort), "may read", yard.store())


def test_a_person_with_a_grant():
    yard = Yard()
    reader(yard)
    [path] = yard.paths()
    assert (path.end, path.by, path.entry) == ("person", "grant", "aws_iam_user.u")
    assert [hop.address for hop in path.hops] == ["aws_iam_user.u"]
    [edge] = yard.estate.edges_to(path.source)
    assert path.hops[0].span == edge.span  # the line that grants
    assert path.unknown is None


def test_a_store_without_weights_has_no_paths():
    yard = Yard()
    store = yard.thing(
        "store", "aws_s3_bucket.logs", type="object", weights__held=False
    )
    yard.link(yard.identity("aws_iam_user.u", "user"), "may read", store)
    assert yard.paths() == []


def test_one_doubt_is_possible_two_are_counted():
    yard = Yard()
    store = yard.store()
    role, other = (yard.identity(f"aws_iam_role.{n}", "role") for n in "ab")
    user = yard.identity("aws_iam_user.u", "user")
    yard.link(role, "may read", store, "its actions are not known")
    yard.link(user, "becomes", role)
    yard.link(other, "may read", store, "its actions are not known")
    admin = yard.identity("aws_iam_user.admin", "user")
    yard.link(admin, "becomes", other, "its trust is not known")
    [path] = yard.paths()
    assert path.unknown is not None
    assert path.unknown.why == "its actions are not known"
    assert path.entry == "aws_iam_user.u"
    [note] = [n for n in yard.estate.notes if n.kind == "paths-in-doubt"]
    assert note.text.startswith("1 ways")


def test_a_certain_way_beats_a_shorter_one_in_doubt():
    yard = Yard()
    store = yard.store()
    user, role = yard.identity("aws_iam_user.u", "user"), yard.identity("r", "role")
    yard.link(user, "may read", store, "its actions are not known")
    yard.link(role, "may read", store)
    yard.link(user, "becomes", role)
    assert yard.shown() == ["aws_s3_bucket.w -> person [grant]: r, aws_iam_user.u"]


def test_routes_are_told_apart_by_their_entry_and_five_at_most():
    yard = Yard()
    store, role = yard.store(), yard.identity("role", "role")
    yard.link(role, "may read", store)
    for number in range(8):
        yard.link(yard.identity(f"user{number}", "user"), "becomes", role)
    yard.link(yard.identity("near", "user"), "may read", store)
    paths = yard.paths()
    assert [p.entry for p in paths] == ["near", "user0", "user1", "user2", "user3"]
    assert paths[0].others == ("user4", "user5", "user6", "user7")
    assert all(p.others == () for p in paths[1:])


def test_each_identity_that_strangers_may_take_is_an_entry():
    yard = Yard()
    store, ci = (
        yard.store(),
        yard.identity("ci:git.example", "ci", issuer="git.example"),
    )
    for name in ("one", "two"):
        role = yard.identity(name, "role", trust__ci__scope="organisation")
        yard.link(role, "may read", store)
        yard.link(ci, "becomes", role)
    assert [(p.end, p.entry) for p in yard.paths()] == [
        ("service:git.example", "one"),
        ("service:git.example", "two"),
    ]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("subject", None),
        ("repository", None),
        ("pull-requests", False),
        ("organisation", False),
        ("everyone", False),
        (unknown(), True),
    ],
)
def test_a_narrow_trust_in_a_ci_system_is_a_control(scope, expected):
    yard = Yard()
    role = yard.identity("role", "role", trust__ci__scope=scope)
    yard.link(role, "may read", yard.store())
    yard.link(yard.identity("ci:git.example", "ci"), "becomes", role)
    paths = yard.paths()
    assert [p.unknown is not None for p in paths] == (
        [] if expected is None else [expected]
    )


def bound(yard: Yard, verb: str = "lets run in", subject: str = "Group/people") -> None:
    """A service account that reads, in a namespace in which a binding counts."""
    account = yard.identity("ServiceAccount/ml/t", "kubernetes-account")
    yard.link(account, "may read", yard.store())
    space = yard.thing("namespace", "Namespace/ml")
    yard.link(space, "contains", account)
    binding = yard.thing("binding", "RoleBinding/ml/b")
    yard.link(binding, verb, space)
    sort = "kubernetes-subject" if "Group" in subject else "kubernetes-account"
    yard.link(binding, "binds", yard.identity(subject, sort))


def test_who_may_create_pods_takes_the_accounts_of_the_namespace():
    yard = Yard()
    bound(yard)
    [path] = yard.paths()
    assert (path.end, path.by) == ("person", "launch")
    assert [hop.address for hop in path.hops] == [
        "ServiceAccount/ml/t",
        "RoleBinding/ml/b",
        "Group/people",
    ]


def test_entering_pods_does_not_take_accounts_that_run_nothing():
    yard = Yard()
    bound(yard, "lets enter")
    assert yard.paths() == []


def test_components_of_the_cluster_are_no_people():
    yard = Yard()
    bound(yard, subject="Group/system:nodes")
    assert yard.paths() == []


def test_a_group_that_the_scan_resolves_is_told_by_who_is_in_it():
    yard = Yard()
    bound(yard)
    role = yard.identity("deployer", "role", trust__ci__scope="organisation")
    group = yard.estate.find("identity", "Group/people")
    assert group is not None
    yard.link(role, "counts as", group)
    yard.link(yard.identity("ci:git.example", "ci"), "becomes", role)
    [path] = yard.paths()
    assert (path.end, path.entry, path.by) == ("service:git.example", "deployer", "ci")


def test_connections_of_a_controller_are_no_way_of_people():
    yard = Yard()
    bound(yard, subject="ServiceAccount/ops/controller")
    account = yard.estate.find("identity", "ServiceAccount/ops/controller")
    assert account is not None
    pod = yard.thing("workload", "Deployment/ops/controller", "kubernetes", type="pod")
    yard.link(pod, "runs as", account)
    assert yard.paths() == []


def test_a_notebook_ends_at_a_person_by_mount_or_by_identity():
    yard = Yard()
    store = yard.store()
    for number, name in enumerate(("Notebook/a/n", "Notebook/b/n")):
        book = yard.thing(
            "workload", name, "kubernetes", type="pod", session__notebook=True
        )
        if number:
            mount = yard.thing("mount", f"{name}/volumes/v", "kubernetes", type="claim")
            yard.link(book, "mounts", mount)
            yard.link(mount, "is backed by", store)
        else:
            role = yard.identity("role", "role")
            yard.link(role, "may read", store)
            yard.link(book, "runs as", role)
    people = [p for p in yard.paths() if p.sink == "person"]
    assert {p.entry for p in people} == {"Notebook/a/n", "Notebook/b/n"}
    assert {p.by for p in people} == {"interactive"}
    assert all(
        hop.thing is None or hop.thing.kind != "mount" for p in people for hop in p.hops
    )


def copy_of(yard: Yard, **facts: object):
    copy = yard.thing("copy", "plan.rule[0]", type="backup", **facts)
    yard.link(yard.store(place__countries=("US",)), "is copied by", copy)


def test_a_copy_goes_to_its_account_and_to_its_country():
    yard = Yard()
    copy_of(yard, account="444455556666", place__countries=("HK",))
    assert [(p.end, p.by) for p in yard.paths()] == [
        ("account:444455556666", "backup"),
        ("place:HK", "backup"),
    ]


def test_a_copy_in_the_same_country_is_no_way_out():
    yard = Yard()
    copy_of(yard, place__countries=("US",))
    assert yard.paths() == []


def test_a_public_store_is_told_once():
    yard = Yard()
    store = yard.store(public__principal=True)
    everyone = yard.identity("everyone", "everyone")
    yard.link(everyone, "may read", store)
    assert [(p.end, p.by) for p in yard.paths()] == [("internet", "public")]


def test_a_block_closes_what_names_everyone():
    yard = Yard()
    store = yard.store(public__principal=True, public__blocked=True)
    yard.link(yard.identity("everyone", "everyone"), "may read", store)
    assert yard.paths() == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/mnt", True),
        ("/", True),
        ("/mnt/nvme/scratch", True),
        ("/mnt/nvme/scratch/run7/", True),
        ("/mnt/nvme/scra", False),
        ("/var/log", False),
    ],
)
def test_a_pod_sees_the_directory_of_a_node_above_it_and_within_it(path, expected):
    yard = Yard()
    yard.store("hostPath:/mnt/nvme/scratch", type="node-disk", path="/mnt/nvme/scratch")
    facts = {"type": "pod", "every_node": True, "session__enabled": True}
    agent = yard.thing("workload", "DaemonSet/ops/agent", "kubernetes", **facts)
    mount = yard.thing("mount", "DaemonSet/ops/agent/v", "kubernetes", type="host")
    mount.state("host.path", path, yard.span())
    yard.link(agent, "mounts", mount)
    found = [p for p in yard.paths() if p.unknown is None]
    assert [(p.end, p.by) for p in found] == (
        [("person", "node-disk")] if expected else []
    )


def test_a_pod_on_some_node_may_be_on_another():
    yard = Yard()
    yard.store("hostPath:/mnt", type="node-disk", path="/mnt")
    facts = {"type": "pod", "session__notebook": True}
    book = yard.thing("workload", "Notebook/ml/n", "kubernetes", **facts)
    mount = yard.thing("mount", "Notebook/ml/n/v", "kubernetes", type="host")
    mount.state("host.path", "/mnt", yard.span())
    yard.link(book, "mounts", mount)
    [path] = [p for p in yard.paths() if p.sink == "person"]
    assert path.unknown is not None


def test_things_that_may_not_exist_are_one_doubt_together():
    yard = Yard()
    store = yard.store()
    one, two = (yard.identity(f"module.x.aws_iam_role.{n}[*]", "role") for n in "ab")
    yard.link(one, "may read", store)
    yard.link(two, "becomes", one)
    yard.link(yard.identity("aws_iam_user.u", "user"), "becomes", two)
    [path] = yard.paths()
    assert path.unknown is not None
    assert "exists" in path.unknown.why


def test_of_what_one_unknown_makes_possible_one_way_to_a_sink_is_told():
    yard = Yard()
    role = yard.identity("role", "role")
    yard.link(role, "may read", yard.store(), "its actions are not known")
    for number in range(7):
        yard.link(yard.identity(f"user{number}", "user"), "becomes", role)
    [path] = yard.paths()
    assert path.entry == "user0"
    assert len(path.others) == 6


def test_workloads_of_whose_network_nothing_is_known_have_one_possible_way():
    yard = Yard()
    store = yard.store()
    for number in range(4):
        job = yard.thing("workload", f"job{number}", "sky", type="job-file")
        yard.link(job, "reads", store)
    [path] = yard.paths()
    assert (path.end, path.by, len(path.others)) == ("internet", "network", 3)
    assert path.unknown is not None


def test_circles_end():
    yard = Yard()
    one, two = yard.identity("one", "role"), yard.identity("two", "role")
    yard.link(one, "may read", yard.store())
    yard.link(one, "becomes", two)
    yard.link(two, "becomes", one)
    assert yard.paths() == []


EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=30
)


def estate_of(edges: list[tuple[int, int, bool]], readers: list[bool]) -> Yard:
    """Two stores, ten identities of which every third is a person, and who becomes whom."""
    yard = Yard()
    stores = [yard.store(f"store{n}") for n in range(2)]
    people = [
        yard.identity(f"id{n}", "user" if n % 3 == 0 else "role") for n in range(10)
    ]
    for number, certain in enumerate(readers):
        doubt = "" if certain else "its actions are not known"
        yard.link(people[(number * 7 + 1) % 10], "may read", stores[number % 2], doubt)
    for source, target, certain in edges:
        if source != target:
            doubt = "" if certain else f"trust {source} of {target} is not known"
            yard.link(people[source], "becomes", people[target], doubt)
    return yard


def ends(yard: Yard, *, certain: bool = True) -> set[tuple[str, str]]:
    found = set()
    for path in yard.paths():
        if not certain or path.unknown is None:
            found |= {(path.source.address, e) for e in (path.entry, *path.others)}
    return found


@settings(max_examples=150, deadline=None)
@given(EDGES, st.lists(st.booleans(), max_size=4), st.integers(0, 29))
def test_laws_of_certainty(edges, readers, which):
    """A certain path has certain hops; doubt takes paths away and adds no certain one."""
    yard = estate_of(edges, readers)
    certain = ends(yard)
    for path in yard.estate.paths:
        doubts = [hop for hop in path.hops if hop.unknown is not None]
        assert len(doubts) == (path.unknown is not None)
    if edges:
        source, target, _ = edges[which % len(edges)]
        doubtful = [e if e[:2] != (source, target) else (*e[:2], False) for e in edges]
        assert ends(estate_of(doubtful, readers)) <= certain
        without = [e for e in edges if e[:2] != (source, target)]
        assert ends(estate_of(without, readers)) <= certain
    assert estate_of(edges, readers).shown() == yard.shown()


def test_many_stores_with_one_busy_role_cost_no_more_than_their_edges():
    """1,000 stores that one role reads, which 400 users may take."""
    yard = Yard()
    role = yard.identity("role", "role")
    for number in range(400):
        yard.link(yard.identity(f"user{number}", "user"), "becomes", role)
    for number in range(1_000):
        yard.link(role, "may read", yard.store(f"store{number}"))
    start = time.perf_counter()
    paths = yard.paths()
    assert len(paths) == 5_000
    assert time.perf_counter() - start < 20


def test_an_account_of_somebody_else_ends_there():
    yard = Yard()
    who = yard.identity("x@partner.example", "service-account")
    who.state("account", "partner", who.span)
    who.state("foreign", value=True, span=who.span)
    yard.link(who, "may read", yard.store())
    [path] = yard.paths()
    assert (path.end, path.by, path.unknown) == ("account:partner", "grant", None)


def test_somebody_who_may_be_the_labs_is_a_possible_way():
    yard = Yard()
    who = yard.identity("user:x@partner.example", "user")
    who.state("foreign", unknown("whose that is is not known"), who.span)
    yard.link(who, "may read", yard.store())
    ends = {(path.end, path.unknown is None) for path in yard.paths()}
    assert ends == {
        ("person", True),
        ("account:unknown(user:x@partner.example)", False),
    }
