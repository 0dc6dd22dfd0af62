"""Roles and bindings: what a rule gives, by Kubernetes' own matching, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value
from network_model import CALM

from mlsec_lint.lower.kubernetes.rbac.roles import Grant, Right, gives, known_rights
from mlsec_lint.trace import trace

POD = """
    apiVersion: v1
    kind: Pod
    metadata: {name: sft, namespace: ml}
    spec:
      serviceAccountName: trainer
      containers:
        - name: c
          image: x
          args: [--output_dir, "s3://lab-runs/checkpoints"]
          resources: {limits: {nvidia.com/gpu: 8}}
    """


def role(rules, name="r", kind="ClusterRole", more=""):
    space = ", namespace: ml" if kind == "Role" else ""
    return f"""
    apiVersion: rbac.authorization.k8s.io/v1
    kind: {kind}
    metadata: {{name: {name}{space}{more}}}
    rules: {rules}
    """


def binding(
    kind="RoleBinding", role="r", role_kind="ClusterRole", subject=None, space="ml"
):
    subject = subject or "{kind: Group, name: researchers}"
    where = f", namespace: {space}" if kind == "RoleBinding" else ""
    return f"""
    apiVersion: rbac.authorization.k8s.io/v1
    kind: {kind}
    metadata: {{name: b{where}}}
    subjects: [{subject}]
    roleRef: {{kind: {role_kind}, name: {role}}}
    """


def matched(rule, verb, group, resource) -> bool:
    """RBAC's matching as the API server has it (VerbMatches, ResourceMatches, ...)."""
    _, _, sub = resource.partition("/")
    return (
        ("*" in rule.verbs or verb in rule.verbs)
        and ("*" in rule.groups or group in rule.groups)
        and any(
            one in ("*", resource) or (sub and one == f"*/{sub}")
            for one in rule.resources
        )
    )


TEXTS = st.lists(st.sampled_from(["get", "create", "patch", "*"]), max_size=2)
GROUPS = st.lists(st.sampled_from(["", "apps", "batch", "*"]), max_size=2)
RESOURCES = st.lists(
    st.sampled_from(["pods", "pods/exec", "*/exec", "pods/*", "secrets", "jobs", "*"]),
    max_size=2,
)


@CALM
@given(GROUPS, RESOURCES, TEXTS)
def test_a_right_is_given_where_some_request_of_it_passes(groups, resources, verbs):
    grant = Grant(tuple(groups), tuple(resources), tuple(verbs))
    for right in known_rights():
        expected = any(
            matched(grant, verb, group, resource)
            for verb in right.verbs
            for group in right.groups
            for resource in right.resources
        )
        assert gives(grant, right) == expected, right


def test_a_rule_with_names_gives_nothing_on_other_objects():
    right = Right("secrets", True, ("",), ("secrets",), ("get",), False, "read secrets")
    assert gives(Grant(("",), ("secrets",), ("get",)), right)
    assert not gives(Grant(("",), ("secrets",), ("get",), ("one",)), right)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('[{apiGroups: [""], resources: [pods], verbs: [get, list]}]', ()),
        ('[{apiGroups: [""], resources: [pods], verbs: [create]}]', ("run",)),
        ('[{apiGroups: [""], resources: [pods/exec], verbs: [create]}]', ("enter",)),
        ('[{apiGroups: [""], resources: [secrets], verbs: [list]}]', ("secrets",)),
        ('[{apiGroups: [""], resources: [nodes/proxy], verbs: [get]}]', ()),
        ('[{apiGroups: [""], resources: [users], verbs: [impersonate]}]', ()),
        ('[{nonResourceURLs: ["*"], verbs: ["*"]}]', ()),
        ('[{apiGroups: ["*"], resources: ["*"], verbs: [watch]}]', ("secrets",)),
        ('[{apiGroups: [""], resources: [pods], verbs: ["${VERB}"]}]', "?"),
        (
            '[{apiGroups: [""], resources: [pods], verbs: ["${VERB}", create]}]',
            ("run",),
        ),
    ],
)
def test_rights_of_a_binding_in_a_namespace(tmp_path, rules, expected):
    estate = estate_of(
        tmp_path, all__yaml=POD + "---" + role(rules) + "---" + binding()
    )
    assert value(only(estate, "binding"), "rights") == expected


def test_rights_on_the_whole_cluster_need_a_cluster_role_binding(tmp_path):
    rules = '[{apiGroups: [""], resources: [nodes/proxy], verbs: [get]}]'
    text = POD + "---" + role(rules) + "---" + binding("ClusterRoleBinding")
    estate = estate_of(tmp_path, all__yaml=text)
    found = only(estate, "binding")
    assert value(found, "rights") == ("enter",)
    assert targets(estate, found, "lets enter") == ["Namespace/ml"]


def test_roles_that_collect_each_other_are_read_once(tmp_path):
    collected = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: %s, labels: {of: %s}}
    aggregationRule: {clusterRoleSelectors: [{matchLabels: {of: %s}}]}
    """
    rules = '[{apiGroups: [""], resources: [pods], verbs: [create]}]'
    text = (
        POD + "---" + collected % ("r", "a", "b") + "---" + collected % ("s", "b", "a")
    )
    text += "---" + role(rules, name="t", more=", labels: {of: b}") + "---" + binding()
    found = only(estate_of(tmp_path, all__yaml=text), "binding")
    assert value(found, "rights") == ("run",)


def test_a_built_in_role_takes_what_is_aggregated_to_it(tmp_path):
    rules = '[{apiGroups: [""], resources: [secrets], verbs: [get]}]'
    label = ', labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}'
    text = (
        POD + "---" + role(rules, name="x", more=label) + "---" + binding(role="view")
    )
    found = only(estate_of(tmp_path, all__yaml=text), "binding")
    assert value(found, "rights") == ("secrets",)


@pytest.mark.parametrize(
    ("subject", "people"),
    [
        ("{kind: Group, name: researchers}", True),
        ("{kind: User, name: ada}", True),
        ("{kind: ServiceAccount, name: operator, namespace: ops}", False),
        ("{kind: Group, name: 'system:nodes'}", False),
        ("{kind: Group, name: '${GROUP}'}", True),
        ("{kind: Group, name: 'system:authenticated'}", True),
    ],
)
def test_people_are_users_and_groups_that_are_no_parts_of_the_cluster(
    tmp_path, subject, people
):
    text = POD + "---" + binding(role="edit", subject=subject)
    assert (
        value(only(estate_of(tmp_path, all__yaml=text), "binding"), "subjects.people")
        == people
    )


@pytest.mark.parametrize(
    ("space", "held"), [("ml", True), ("web", None), ("${SPACE}", "?")]
)
def test_a_binding_is_about_weights_in_the_namespaces_that_it_covers(
    tmp_path, space, held
):
    text = POD + "---" + binding(role="edit", space=f"'{space}'")
    estate = estate_of(tmp_path, all__yaml=text)
    trace(estate)
    found = only(estate, "binding")
    assert value(found, "weights.held") == held
    assert value(only(estate, "namespace"), "weights.held") is True


def test_many_bindings_and_namespaces_do_not_multiply(tmp_path):
    one = "\n---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: n%d}, spec: {containers: [{name: c, image: x}]}}"
    two = "\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b%d}, subjects: [{kind: Group, name: g}], roleRef: {kind: ClusterRole, name: edit}}"
    text = "".join(one % n + two % n for n in range(700))
    estate = estate_of(tmp_path, all__yaml=text)
    assert [note.kind for note in estate.notes if "bindings" in note.text] == ["bound"]
