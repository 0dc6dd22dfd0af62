"""Who can read a store: walks over estates made by hand."""

from __future__ import annotations

import pytest

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.source import Source, Span
from mlsec_lint.trace.access import readers
from mlsec_lint.trace.reader_facts import ends, trace_access
from mlsec_lint.trace.settings import Settings
from mlsec_lint.value import Unknown

LINES = Source("grants.tf", "".join(f"statement {n}\n" for n in range(200)))


class Made:
    """An estate made by hand: things by name, a line of its own for each edge."""

    def __init__(self) -> None:
        self.estate = Estate()
        self.lines = 0

    def span(self) -> Span:
        self.lines += 1
        start = LINES.line_starts()[self.lines - 1]
        return Span(LINES, start, start + 9)

    def thing(self, kind: str, address: str, **facts: object) -> Thing:
        found = self.estate.find(kind, address)
        if found is None:
            made = Thing(kind, address, address, self.span(), provider="aws")
            found = self.estate.add(made)
        for name, value in facts.items():
            found.state(name.replace("__", "."), value)  # type: ignore[arg-type]
        return found

    def store(self, address: str = "s3", **facts: object) -> Thing:
        store = self.thing("store", address, weights__held=True, **facts)
        store.holds_weights("referenced", "a job writes to it", store.span)
        return store

    def who(self, address: str, sort: str = "role", **facts: object) -> Thing:
        return self.thing("identity", address, sort=sort, **facts)

    def link(self, source: Thing, verb: str, target: Thing, *, why: str = "") -> None:
        self.estate.link(source, verb, target, self.span(), certain=not why, why=why)

    def told(self, store: Thing) -> dict[str, tuple[str, str, list[str], str]]:
        """Of each reader: sort, behind, addresses of hops, the doubt."""
        return {
            r.identity.address: (
                r.sort,
                r.behind,
                [hop.address for hop in r.hops],
                "" if r.unknown is None else r.unknown.why,
            )
            for r in readers(self.estate, store)
        }


def test_a_right_is_read_backwards_over_trusts() -> None:
    made = Made()
    store, role = made.store(), made.who("role")
    ci, boss = made.who("ci:forge", "ci"), made.who("boss", "user")
    made.link(role, "may read", store)
    made.link(ci, "becomes", role)
    made.link(boss, "may launch as", role)
    assert made.told(store) == {
        "role": ("role", "ci", ["role"], ""),
        "ci:forge": ("ci", "ci", ["role", "ci:forge"], ""),
        "boss": ("user", "person", ["role", "boss"], ""),
    }


def test_the_shortest_certain_way_is_told_and_an_uncertain_one_only_without_it() -> (
    None
):
    made = Made()
    store = made.store()
    chain = [made.who(f"role{n}") for n in range(3)]
    made.link(chain[0], "may read", store)
    made.link(chain[1], "becomes", chain[0])
    made.link(chain[2], "becomes", chain[1])
    made.link(chain[2], "may read", store, why="var.x is not known")
    perhaps = made.who("perhaps")
    made.link(perhaps, "may read", store, why="var.y is not known")
    told = made.told(store)
    assert told["role2"] == ("role", "nobody", ["role0", "role1", "role2"], "")
    assert told["perhaps"][3] == "var.y is not known"


def test_who_may_open_a_store_reads_it_and_the_hop_says_how() -> None:
    made = Made()
    store, admin = made.store(), made.who("admin")
    made.link(admin, "may open", store)
    (reader,) = readers(made.estate, store)
    assert "change who reads it" in reader.hops[0].words


def cluster(made: Made) -> tuple[Thing, Thing, Thing]:
    """A job in a namespace, its account, and a role that the account may become."""
    space = made.thing("namespace", "Namespace/ml")
    job = made.thing("workload", "Job/ml/train")
    account = made.who("ServiceAccount/ml/trainer", "kubernetes-account")
    made.link(space, "contains", job)
    made.link(space, "contains", account)
    made.link(job, "runs as", account)
    return space, job, account


def bind(made: Made, name: str, verb: str, space: Thing, who: Thing) -> None:
    binding = made.thing("binding", f"RoleBinding/ml/{name}")
    made.link(binding, verb, space)
    made.link(binding, "binds", who)


def test_bindings_lead_to_the_accounts_of_a_namespace() -> None:
    made = Made()
    store, role = made.store(), made.who("role")
    space, _, account = cluster(made)
    made.link(role, "may read", store)
    made.link(account, "becomes", role)
    for verb in ("lets run in", "lets become accounts of", "lets enter"):
        name = verb.split()[1]
        bind(made, name, verb, space, made.who(f"Group/{name}", "kubernetes-subject"))
    bind(made, "see", "lets read secrets of", space, made.who("User/see", "user"))
    told = made.told(store)
    account_hops = ["role", "ServiceAccount/ml/trainer"]
    assert told["ServiceAccount/ml/trainer"][1:] == ("workload", account_hops, "")
    assert told["role"][1] == "workload"
    for name in ("run", "become"):
        hops = [*account_hops, f"RoleBinding/ml/{name}", f"Group/{name}"]
        assert told[f"Group/{name}"] == ("kubernetes-subject", "person", hops, "")
    entered = [
        *account_hops, "Job/ml/train", "RoleBinding/ml/enter", "Group/enter",
    ]  # fmt: skip
    assert told["Group/enter"][2:] == (entered, "")
    assert "Secret keeps a token" in told["User/see"][3]


def test_what_mounts_a_claim_reads_without_a_right_of_its_account() -> None:
    made = Made()
    store = made.store("bucket", type="object")
    claim = made.thing("store", "Claim/ml/weights", type="claim")
    mount = made.thing("mount", "Job/ml/train:weights")
    space, job, account = cluster(made)
    made.link(claim, "is backed by", store)
    made.link(mount, "is backed by", claim)
    made.link(job, "mounts", mount)
    bind(made, "run", "lets run in", space, made.who("Group/dev", "kubernetes-subject"))
    made.link(made.who("other"), "becomes", account)
    told = made.told(store)
    assert told[account.address][2] == [
        claim.address, mount.address, job.address, account.address,
    ]  # fmt: skip
    assert told["Group/dev"][2][-3:] == [job.address, "RoleBinding/ml/run", "Group/dev"]
    assert "other" not in told, "the account alone does not give the bytes of a volume"


def test_a_uri_in_a_job_tells_that_its_identity_reads() -> None:
    made = Made()
    store, job, role = made.store(), made.thing("workload", "job"), made.who("role")
    made.link(job, "reads", store)
    made.link(job, "runs as", role)
    made.link(made.who("dev", "user"), "becomes", role)
    told = made.told(store)
    assert told["role"] == ("role", "workload", ["job", "role"], "")
    assert "only a workload's config says" in told["dev"][3]


def test_what_only_config_shows_is_in_doubt_for_those_who_may_run_there_too() -> None:
    made = Made()
    store = made.store(type="object")
    space, job, account = cluster(made)
    made.link(job, "reads", store)
    bind(made, "run", "lets run in", space, made.who("Group/dev", "kubernetes-subject"))
    told = made.told(store)
    assert told[account.address][3] == ""
    assert "only a workload's config says" in told["Group/dev"][3]


def test_a_workload_without_an_identity_reads_as_itself() -> None:
    made = Made()
    store, job = made.store(), made.thing("workload", "train.sbatch#train")
    made.link(job, "reads", store)
    made.link(made.who("ops", "user"), "may enter", job)
    told = made.told(store)
    assert told[job.address] == ("workload", "workload", [job.address], "")
    assert told["ops"] == ("user", "person", [job.address, "ops"], "")


def test_a_neighbour_in_the_account_is_no_reader_of_a_container() -> None:
    made = Made()
    account = made.thing("store", "account", type="object")
    one = made.store("one", type="object")
    two = made.thing("store", "two", type="object")
    made.link(one, "is backed by", account)
    made.link(two, "is backed by", account)
    made.link(made.who("of-account"), "may read", account)
    made.link(made.who("of-two"), "may read", two)
    assert list(made.told(one)) == ["of-account"]
    assert list(made.told(account)) == ["of-account", "of-two"]


def test_pods_may_take_the_identity_of_their_machines() -> None:
    made = Made()
    store, node_role = made.store(), made.who("node-role")
    made.link(node_role, "may read", store)
    nodes, eks = made.thing("workload", "nodes"), made.thing("cluster", "eks")
    made.link(nodes, "runs as", node_role)
    made.link(eks, "has nodes", nodes)
    _, job, account = cluster(made)
    made.link(job, "runs on", eks)
    assert account.address not in made.told(store), "nothing states the guard"
    eks.state("metadata.guarded", Unknown("variable", "var.hops has no default"))
    assert made.told(store)[account.address][3] == "var.hops has no default"
    eks.state("metadata.guarded", value=False)
    assert made.told(store)[account.address][3] == ""
    eks.state("metadata.guarded", value=True)
    assert account.address not in made.told(store)


def test_everyone_reads_what_is_public_unless_a_block_is_in_force() -> None:
    made = Made()
    store = made.store(public__acl=True, public__blocked=False)
    assert made.told(store) == {"everyone": ("everyone", "everyone", ["everyone"], "")}
    store.state("public.blocked", Unknown("variable", "var.block"))
    assert made.told(store)["everyone"][3] == "var.block"
    store.state("public.blocked", value=True)
    assert made.told(store) == {}


def test_cycles_end() -> None:
    made = Made()
    store, a, b = made.store(), made.who("a"), made.who("b")
    made.link(a, "may read", store)
    made.link(b, "becomes", a)
    made.link(a, "becomes", b)
    made.link(a, "becomes", a)
    assert list(made.told(store)) == ["a", "b"]


def traced(made: Made) -> None:
    trace_access(made.estate, Settings())


def test_identities_near_weights_hold_them_with_their_evidence() -> None:
    made = Made()
    store, reader, writer = made.store(), made.who("reader"), made.who("writer")
    far, maybe, apart = made.who("far"), made.who("maybe"), made.who("apart")
    made.link(reader, "may read", store)
    made.link(writer, "may write", store)
    made.link(far, "becomes", reader)
    made.link(maybe, "becomes", reader, why="var.subject")
    traced(made)
    for who in (reader, writer, far):
        assert who.facts["weights.held"].value is True
        assert who.facts["weights.evidence"].value == "referenced"
    assert "may read" in reader.evidence[0].words
    assert "may write" in writer.evidence[0].words
    assert "act as or through reader" in far.evidence[0].words
    assert isinstance(maybe.facts["weights.held"].value, Unknown)
    assert "weights.held" not in apart.facts


def test_the_facts_of_a_store_point_at_the_grants() -> None:
    made = Made()
    store, role = made.store(), made.who("role")
    alice, outside = made.who("alice", "user"), made.who("account:222", "account")
    made.link(role, "may read", store)
    made.link(alice, "may read", store)
    grant = made.lines
    made.link(outside, "becomes", role)
    made.link(made.who("mystery", "unknown"), "may read", store, why="var.members")
    made.link(made.who("bob", "user"), "may read", store, why="var.bob")
    traced(made)
    count = store.facts["readers.count"].value
    assert isinstance(count, Unknown), "bob may be one more; the role is a mask"
    assert count.possible is not None
    assert [option.data for option in count.possible] == [3, 4]
    people = store.all_facts("readers.people")
    assert people[0].value == ("alice",)
    assert people[0].span.line == grant
    assert isinstance(people[1].value, Unknown)
    assert store.facts["readers.accounts"].value == ("account:222",)
    unknown = store.facts["readers.unknown"].value
    assert isinstance(unknown, Unknown), "what he may is not known, nor who he is"


def test_a_role_counts_beside_its_account_where_something_runs_as_it() -> None:
    made = Made()
    store, role, account = made.store(), made.who("role"), made.who("account")
    made.link(role, "may read", store)
    made.link(account, "becomes", role)
    counted = ends(made.estate, readers(made.estate, store))
    assert [one.identity.address for one in counted] == ["account"]
    made.link(made.thing("workload", "vm"), "runs as", role)
    assert len(ends(made.estate, readers(made.estate, store))) == 2


def test_a_claim_in_a_store_of_weights_states_nothing_a_second_time() -> None:
    made = Made()
    bucket, claim = made.store("bucket"), made.store("claim")
    made.link(claim, "is backed by", bucket)
    made.link(made.who("role"), "may read", bucket)
    traced(made)
    assert bucket.facts["readers.count"].value == 1
    assert "readers.count" not in claim.facts


def test_the_rights_of_a_node_do_not_read_what_its_pods_mount() -> None:
    made = Made()
    claim = made.store("Claim/ml/weights", type="claim")
    job, node = made.thing("workload", "job"), made.who("node-role")
    account = made.who("ServiceAccount/ml/trainer", "kubernetes-account")
    made.link(job, "reads", claim)
    made.link(job, "runs as", account)
    made.link(job, "runs as", node)
    made.link(made.who("dev", "user"), "becomes", node)
    assert list(made.told(claim)) == [account.address]


def test_two_doubts_are_told_and_not_counted() -> None:
    made = Made()
    store, role, far = made.store(), made.who("role"), made.who("far", "user")
    made.link(role, "may read", store, why="var.a")
    made.link(far, "becomes", role, why="var.b")
    traced(made)
    assert set(made.told(store)) == {"role", "far"}
    count = store.facts["readers.count"].value
    assert isinstance(count, Unknown)
    assert count.possible is not None
    assert [option.data for option in count.possible] == [0, 1]
    assert "weights.held" not in far.facts


def test_programs_that_may_meet_in_a_cluster_are_told_and_not_counted() -> None:
    made = Made()
    store, role = made.store(), made.who("role")
    space, _, account = cluster(made)
    space.root = "train"
    made.link(role, "may read", store)
    made.link(account, "becomes", role)
    binding = made.thing("binding", "operator/ClusterRoleBinding/all")
    binding.root = "operator"
    made.link(binding, "lets run in", space, why="whether both are in one cluster")
    made.link(binding, "binds", made.who("operator", "kubernetes-account"))
    traced(made)
    assert "operator" in made.told(store)
    assert store.facts["readers.count"].value == 1


@pytest.mark.parametrize(
    ("name", "behind"),
    [
        ("Group/research", "person"),
        ("User/ada@osprey.example", "person"),
        ("User/system:kube-scheduler", "service"),
        ("Group/system:serviceaccounts:train", "workload"),
        ("User/system:serviceaccount:ci:runner", "workload"),
        ("Group/system:authenticated", "everyone"),
    ],
)
def test_what_stands_behind_subjects_of_a_cluster(name: str, behind: str) -> None:
    made = Made()
    store = made.store()
    made.link(made.who(name, "kubernetes-subject"), "may read", store)
    assert made.told(store)[name][1] == behind


def test_what_stands_behind_an_identity_is_the_worst_that_acts_as_it() -> None:
    made = Made()
    store, role = made.store(), made.who("role")
    made.link(role, "may read", store)
    assert made.told(store)["role"][1] == "nobody"
    made.link(made.thing("workload", "vm"), "runs as", role)
    assert made.told(store)["role"][1] == "workload"
    sso = made.who("sso", person=True)
    made.link(made.who("ada", "user"), "becomes", sso)
    made.link(sso, "may read", store)
    assert made.told(store)["sso"][1] == "person"
    mystery = made.who("mystery", "unknown")
    made.link(mystery, "may read", store)
    assert made.told(store)["mystery"][1] == "unknown"


def test_a_group_of_a_cluster_is_who_counts_as_it_where_that_is_known() -> None:
    made = Made()
    store, group = made.store(), made.who("Group/deployers", "kubernetes-subject")
    role = made.who("deployer")
    made.link(group, "may read", store)
    made.link(role, "counts as", group)
    made.link(made.who("ci:forge", "ci"), "becomes", role)
    assert {told[1] for told in made.told(store).values()} == {"ci"}
