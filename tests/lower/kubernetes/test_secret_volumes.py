"""Secrets that volumes and variables bring into a pod: named, and carried."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value, values

from mlsec_lint.scan import read, survey

POD = """
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: ml}
spec:
  containers:
    - name: main
      image: x/y
      resources: {limits: {nvidia.com/gpu: 1}}
      %s
      volumeMounts: [{name: v, mountPath: /etc/v}]
  volumes: [{name: v, %s}]
"""
SECRET = """---
apiVersion: v1
kind: Secret
metadata: {name: hub, namespace: ml}
stringData: {token: sfd98w3hfsdf93hfh, user: me}
"""
PROVIDER = """---
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: p, namespace: ml}
spec:
  provider: x
  parameters:
    %s
"""
CSI = "csi: {driver: %s, volumeAttributes: {secretProviderClass: p}}"
STORE = CSI % "secrets-store.csi.k8s.io"


@pytest.mark.parametrize(
    ("volume", "more", "names"),
    [
        ("secret: {secretName: hub}", "", ("hub",)),
        ("secret: {secretName: '${NAME}'}", "", ("${NAME}",)),
        ("projected: {sources: [{secret: {name: a}}, {secret: {name: b}}]}", "", ("a", "b")),
        ("configMap: {name: hub}", "", None),
        (STORE, "", None),
        (
            CSI % "secrets-store-gke.csi.k8s.io",
            PROVIDER % "secrets: '[{resourceName: projects/1/secrets/hf/versions/1, path: t}]'",
            ("projects/1/secrets/hf/versions/1",),
        ),
        (STORE, PROVIDER % "objects: '[{objectName: hf, objectType: secretsmanager}]'", ("hf",)),
        (
            STORE,
            PROVIDER % "objects: 'array: [\"objectName: kv\\nobjectType: secret\"]'",
            ("kv",),
        ),
        (
            STORE,
            PROVIDER % "secrets: '[{resourceName: \"projects/${P}/secrets/hf\"}]'",
            ("projects/${P}/secrets/hf",),
        ),
        (STORE, PROVIDER % "secrets: '[{resourceName: \"${NAME}\"}]'", ("${NAME}",)),
        (STORE, PROVIDER % "objects: 7", None),
    ],
)  # fmt: skip
def test_a_volume_names_the_secrets_that_it_brings(tmp_path, volume, more, names):
    estate = estate_of(tmp_path, a__yaml=POD % ("env: []", volume) + more)
    mount = only(estate, "mount")
    assert value(mount, "secrets") == names
    assert value(mount, "type") == "config"
    if "csi" in volume:
        assert value(mount, "secrets.class") == "p"
    box = only(estate, "container")
    carried = [estate.find("secret", a) for a in targets(estate, box, "carries")]
    assert len(carried) == len(names or ())
    assert all(values(one, "plain") == (False,) for one in carried)


def test_tokens_of_the_account_name_their_audience(tmp_path):
    source = "{serviceAccountToken: {audience: sts.amazonaws.com, path: t}}"
    text = POD % ("env: []", f"projected: {{sources: [{source}]}}")
    mount = only(estate_of(tmp_path, a__yaml=text), "mount")
    assert value(mount, "token.audience") == "sts.amazonaws.com"
    text = text.replace("sts.amazonaws.com", "'${WHO}'")
    assert (
        value(only(estate_of(tmp_path, a__yaml=text), "mount"), "token.audience") == "?"
    )
    text = (POD % ("env: []", STORE)).replace("Class: p", "Class: '${P}'")
    assert (
        value(only(estate_of(tmp_path, a__yaml=text), "mount"), "secrets.class") == "?"
    )


@pytest.mark.parametrize(
    ("env", "volume", "opens"),
    [
        ("env: []", "secret: {secretName: hub}", True),
        ("env: []", "secret: {secretName: hub, items: [{key: token, path: t}]}", True),
        ("env: []", "secret: {secretName: hub, items: [{key: user, path: t}]}", False),
        ("env: []", "projected: {sources: [{secret: {name: hub}}]}", True),
        ("envFrom: [{secretRef: {name: hub}}]", "emptyDir: {}", True),
        (
            "env: [{name: X, valueFrom: {secretKeyRef: {name: hub, key: token}}}]",
            "emptyDir: {}",
            True,
        ),
        ("env: []", "secret: {secretName: other}", False),
    ],
)
def test_a_secret_of_the_scan_is_carried_by_whoever_mounts_it(
    tmp_path, env, volume, opens
):
    (tmp_path / "a.yaml").write_text(POD % (env, volume) + SECRET)
    estate = survey(read(str(tmp_path)))
    secret = estate.find("secret", "Secret/ml/hub/secrets/token")
    assert values(secret, "plain", "opens.weights") == (True, opens)
    box = only(estate, "container")
    assert ("Secret/ml/hub/secrets/token" in targets(estate, box, "carries")) is opens
    names = ("hub",) if env != "env: []" else None
    assert value(box, "secrets") == names


def test_a_projected_config_map_is_a_file_of_the_pod(tmp_path):
    text = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts, namespace: ml}
data: {run.sh: "aws s3 cp /models/x s3://lab-weights/x"}
"""
    source = "projected: {sources: [{configMap: {name: scripts}}]}"
    run = 'command: ["/etc/v/run.sh"]'
    estate = estate_of(tmp_path, a__yaml=POD % (run, source) + text)
    assert estate.find("store", "s3://lab-weights") is not None
