"""Azure ML files beside single jobs: pipelines of components, endpoints, computes, places."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value, values

SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest"
KEY = "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fG" * 2 + "=="


def thing(estate, kind, end):
    return only_of([t for t in estate.of(kind) if t.address.endswith(end)])


def only_of(found):
    assert len(found) == 1, [t.address for t in found]
    return found[0]


PIPELINE = {
    "p__yml": f"""\
    {SCHEMA}/pipelineJob.schema.json
    type: pipeline
    settings: {{default_compute: "azureml:gpu-big", default_datastore: "azureml:lake"}}
    inputs:
      start: {{type: mlflow_model, path: "azureml://registries/azureml-meta/models/Llama/versions/4"}}
    jobs:
      tune:
        type: command
        component: file:./tune.yml
        inputs: {{base: "${{{{parent.inputs.start}}}}"}}
      judge:
        type: command
        component: azureml:judge@latest
        compute: azureml:cpu
        inputs: {{model: "${{{{parent.jobs.tune.outputs.model_output}}}}"}}
      ready:
        component: azureml://registries/azureml/components/model_evaluation/labels/latest
      fixed:
        component: azureml://registries/azureml/components/model_evaluation/versions/0.3
      inner:
        component: sub/inner.yml
    """,
    "tune__yml": f"""\
    {SCHEMA}/commandComponent.schema.json
    name: tune
    type: command
    inputs: {{base: {{type: mlflow_model}}, rate: {{type: number, default: 1}}}}
    outputs: {{model_output: {{type: uri_folder}}, eval_data: {{type: uri_folder}}}}
    environment: azureml:train:3
    command: torchrun t.py --output_dir ${{{{outputs.model_output}}}} --trust_remote_code
    """,
    "judge__yml": f"""\
    {SCHEMA}/commandComponent.schema.json
    name: judge
    type: command
    inputs: {{model: {{type: uri_folder}}}}
    environment: azureml://registries/azureml/environments/sklearn/labels/latest
    command: python judge.py
    """,
    "env__yml": f"""\
    {SCHEMA}/environment.schema.json
    name: train
    image: lab.azurecr.io/train:7
    """,
    "sub/inner__yml": f"""\
    {SCHEMA}/pipelineComponent.schema.json
    type: pipeline
    jobs:
      last: {{type: command, component: ../judge.yml}}
    """,
}


def test_components_are_read_where_a_pipeline_runs_them(tmp_path):
    estate = estate_of(tmp_path, **PIPELINE)
    labels = [w.address for w in estate.of("workload")]
    assert labels == [
        "p.yml#tune", "p.yml#judge", "p.yml#ready", "p.yml#fixed", "p.yml#inner/last"
    ]  # fmt: skip
    tune = estate.find("workload", "p.yml#tune")
    assert value(tune, "accelerator") is True
    assert set(targets(estate, tune, "writes")) == {"azureml://datastores/lake"}
    fetched = [values(f, "type", "what", "pinned") for f in estate.of("fetch")]
    assert ("model", "azureml://registries/azureml-meta/models/Llama", True) in fetched
    code = "azureml://registries/azureml/components/model_evaluation"
    assert [f for f in fetched if f[0] == "code"] == [
        ("code", code, False),
        ("code", code, True),
    ]
    images = {
        c.address.partition("#")[2]: values(c, "image.reference", "image.pinned")
        for c in estate.of("container")
    }
    assert images["tune/containers/job"] == ("lab.azurecr.io/train:7", False)
    assert images["judge/containers/job"][1] is False
    assert only(estate, "program").span.path == "tune.yml"


def test_a_component_that_nothing_runs_is_read_by_itself(tmp_path):
    estate = estate_of(tmp_path, tune__yml=PIPELINE["tune__yml"])
    workload = only(estate, "workload")
    assert targets(estate, workload, "writes")[0] == (
        "azureml://datastores/workspaceblobstore"
    )


def test_a_circle_of_pipelines_ends(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yml=f"""\
        {SCHEMA}/pipelineComponent.schema.json
        jobs: {{a: {{component: ./p.yml}}, b: {{component: ./p.yml}}}}
        """,
    )
    assert list(estate.of("workload")) == []


@pytest.mark.parametrize(
    ("reference", "store", "fetched"),
    [
        ("azureml:sft:12", "azureml://models/sft", None),
        ("azureml:sft@latest", "azureml://models/sft", None),
        ("azureml:/subscriptions/s/resourceGroups/g/providers/M/workspaces/w/models/sft/versions/1",
         "azureml://models/sft", None),
        ("azureml://registries/lab/models/sft/versions/1",
         "azureml://registries/lab/models/sft", None),
        ("azureml://registries/HuggingFace/models/bert/versions/17", None, True),
        ("azureml://registries/HuggingFace/models/bert/labels/latest", None, False),
        ("azureml://registries/HuggingFace/models/bert", None, False),
        ("azureml://datastores/w/paths/m", "azureml://datastores/w", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inline", [False, True])
def test_models_of_deployments(tmp_path, reference, store, fetched, inline):
    model = f"{{path: '{reference}'}}" if inline else reference
    estate = estate_of(
        tmp_path,
        d__yml=f"""\
        {SCHEMA}/managedOnlineDeployment.schema.json
        name: blue
        endpoint_name: chat
        model: {model}
        instance_type: Standard_NC24ads_A100_v4
        """,
    )
    workload = only(estate, "workload")
    assert workload.evidence
    assert values(workload, "type", "accelerator") == ("managed", True)
    assert targets(estate, workload, "reads") == ([store] if store else [])
    pins = [value(f, "pinned") for f in estate.of("fetch")]
    assert pins == ([] if fetched is None else [fetched])


def test_a_version_from_a_variable_may_be_pinned(tmp_path):
    estate = estate_of(
        tmp_path,
        d__yml=f"""\
        {SCHEMA}/managedOnlineDeployment.schema.json
        name: blue
        model: azureml://registries/azureml/models/phi/versions/${{VERSION}}
        """,
    )
    assert value(only(estate, "fetch"), "pinned") == "?"


@pytest.mark.parametrize(
    ("lines", "exposure", "by", "anonymous"),
    [
        ("auth_mode: key", "internet", "key", "nobody"),
        ("auth_mode: aad_token\npublic_network_access: disabled", "network",
         "directory", "nobody"),
        ("auth_mode: AMLToken\npublic_network_access: Enabled", "internet", "token",
         "nobody"),
        ("description: x", "internet", "key", "nobody"),
    ],
)  # fmt: skip
def test_endpoints(tmp_path, lines, exposure, by, anonymous):
    text = f"{SCHEMA}/managedOnlineEndpoint.schema.json\nname: chat\n{lines}\n"
    deployment = (
        f"{SCHEMA}/managedOnlineDeployment.schema.json\nname: blue\n"
        "endpoint_name: chat\nmodel: azureml:m:1\n"
    )
    estate = estate_of(tmp_path, e__yml=text, d__yml=deployment)
    service = only(estate, "service")
    facts = ("surface", "exposure", "authenticated.by", "anonymous.from")
    assert values(service, *facts) == ("model", exposure, by, anonymous)
    assert targets(estate, service, "exposes") == ["d.yml#blue"]


def test_a_mode_of_login_that_nobody_knows(tmp_path):
    text = f"{SCHEMA}/managedOnlineEndpoint.schema.json\nname: c\nauth_mode: none\n"
    service = only(estate_of(tmp_path, e__yml=text), "service")
    assert value(service, "anonymous.from") == "?"


@pytest.mark.parametrize(
    ("own", "workspace", "expected"),
    [
        ("egress_public_network_access: disabled", "", True),
        (
            "egress_public_network_access: enabled",
            "allow_only_approved_outbound",
            False,
        ),
        ("name: x", "allow_only_approved_outbound", True),
        ("name: x", "allow_internet_outbound", False),
        ("name: x", "", "?"),
    ],
)
def test_the_way_out_of_deployments_and_computes(tmp_path, own, workspace, expected):
    files = {
        "d__yml": f"{SCHEMA}/managedOnlineDeployment.schema.json\nendpoint_name: e\n"
        f"model: azureml:m:1\n{own}\n"
    }
    if workspace:
        files["w__yml"] = (
            f"name: w\nlocation: eastus\nmanaged_network: {{isolation_mode: {workspace}}}\n"
        )
    deployment = only(estate_of(tmp_path, **files), "workload")
    assert value(deployment, "network.isolated") == expected


def test_workspaces_registries_and_models(tmp_path):
    estate = estate_of(
        tmp_path,
        w__yml=f"""\
        {SCHEMA}/workspace.schema.json
        name: lab
        location: East US
        public_network_access: Disabled
        customer_managed_key: {{key_vault: /x, key_uri: "https://v/keys/k"}}
        """,
        open__yml=f"{SCHEMA}/workspace.schema.json\nname: open\nhbi_workspace: true\n",
        r__yml="""\
        name: shared
        location: eastus
        replication_locations: [{location: eastus}, {location: westeurope}]
        """,
        m__yml=f"{SCHEMA}/model.schema.json\nname: sft\npath: ./m\ntype: custom_model\n",
    )
    facts = ("registry.private", "encryption.key.managed_by", "place.region")
    lab = thing(estate, "store", "#lab")
    assert values(lab, *facts) == (True, "customer", "eastus")
    opened = thing(estate, "store", "#open")
    assert values(opened, *facts[:2]) == (False, "provider")
    assert opened.fact("registry.private").default
    assert value(only(estate, "copy"), "place.region") == "westeurope"
    model = estate.find("store", "azureml://models/sft")
    assert value(model, "declared") is True
    assert model.evidence


def test_computes_are_what_jobs_run_on(tmp_path):
    estate = estate_of(
        tmp_path,
        c__yml=f"""\
        {SCHEMA}/amlCompute.schema.json
        name: GPU
        type: amlcompute
        size: Standard_ND96asr_v4
        location: westeurope
        ssh_public_access_enabled: true
        ssh_settings: {{admin_username: a, admin_password: "kX9vT2mQ8w"}}
        enable_node_public_ip: false
        network_settings: {{vnet_name: v, subnet: s}}
        """,
        i__yml=f"{SCHEMA}/computeInstance.schema.json\nname: desk\ntype: computeinstance\n",
        j__yml=f"{SCHEMA}/commandJob.schema.json\ncommand: python t.py\ncompute: azureml:gpu\n",
    )
    compute = thing(estate, "workload", "#GPU")
    facts = ("accelerator", "network.isolated", "address.public", "session.enabled")
    assert values(compute, *facts) == (True, True, False, True)
    assert values(compute, "admin.open", "place.region") == (True, "westeurope")
    assert values(only(estate, "secret"), "type", "plain") == ("password", True)
    desk = thing(estate, "workload", "#desk")
    assert values(desk, "session.notebook", "address.public") == (True, True)
    job = estate.find("workload", "j.yml#j")
    assert targets(estate, job, "is run by") == [compute.address]


def test_datastores_and_connections_with_keys(tmp_path):
    estate = estate_of(
        tmp_path,
        share__yml=f"""\
        {SCHEMA}/azureFile.schema.json
        name: files
        type: azure_file
        account_name: acct
        file_share_name: weights
        credentials: {{account_key: "{KEY}"}}
        """,
        c__yml=f"""\
        name: s3
        type: s3
        target: bucket
        credentials: {{type: access_key, access_key_id: a, secret_access_key: "{KEY[:40]}"}}
        """,
        feed__yml=f"""\
        name: feed
        type: python_feed
        target: https://x
        credentials: {{type: pat, pat: "{KEY[:30]}"}}
        """,
        j__yml=f"""\
        {SCHEMA}/commandJob.schema.json
        command: python t.py
        outputs: {{model: {{type: mlflow_model, path: azureml://datastores/files/paths/x}}}}
        """,
    )
    share = "https://acct.file.core.windows.net/weights"
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == [share]
    assert value(estate.find("store", share), "auth.identity_only") is False
    found = {values(s, "type", "plain") for s in estate.of("secret")}
    assert ("azure-account-key", True) in found
    assert len([s for s in estate.of("secret") if value(s, "plain") is True]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "name: x\ntype: s3\ntarget: y\n",  # no credentials: any program's config
        "name: x\ntype: amlcomputer\n",
        "location: x\nreplication_locations: [a, b]\n",
        "managed_network: {isolation_mode: x}\n",
    ],
)
def test_files_of_other_tools(tmp_path, text):
    estate = estate_of(tmp_path, c__yml=text)
    assert list(estate.things.values()) == []


@pytest.mark.parametrize(
    ("kind", "own"),
    [("managed", True), ("user_identity", False), ("aml_token", None), ("$X", None)],
)
def test_as_whom_a_job_acts(tmp_path, kind, own):
    text = f"{SCHEMA}/commandJob.schema.json\ncommand: ls\nidentity: {{type: {kind}}}\n"
    assert (
        value(only(estate_of(tmp_path, j__yml=text), "workload"), "identity.own") is own
    )


def test_an_identity_of_terraform(tmp_path):
    terraform = """\
    resource "azurerm_user_assigned_identity" "train" {
      name                = "train"
      resource_group_name = "g"
      location            = "eastus"
    }
    """
    identity = (
        "/subscriptions/s/resourceGroups/g/providers/M/userAssignedIdentities/train"
    )
    text = (
        f"{SCHEMA}/amlCompute.schema.json\nname: c\ntype: amlcompute\nidentity:\n"
        f"  type: user_assigned\n  user_assigned_identities: [{{resource_id: {identity}}}]\n"
    )
    estate = estate_of(tmp_path, c__yml=text, main__tf=terraform)
    compute = only(estate, "workload")
    assert targets(estate, compute, "runs as") == [
        "azurerm_user_assigned_identity.train"
    ]


def test_a_deployment_on_kubernetes_has_the_clusters_network(tmp_path):
    text = (
        f"{SCHEMA}/kubernetesOnlineDeployment.schema.json\nendpoint_name: e\n"
        "model: azureml:m:1\ntype: kubernetes\n"
    )
    workload = only(estate_of(tmp_path, d__yml=text), "workload")
    assert workload.fact("network.isolated") is None
