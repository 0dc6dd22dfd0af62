"""Overlays for the differential test: each a folder of files, built from `top`."""

from __future__ import annotations

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  labels: {app: server}
spec:
  replicas: 1
  selector:
    matchLabels: {app: server}
  template:
    metadata:
      labels: {app: server}
    spec:
      serviceAccountName: runner
      containers:
        - name: main
          image: registry.example.org:5000/lab/server:v1
          args: [--model, /models]
          ports:
            - containerPort: 8080
              name: http
          env:
            - name: A
              value: "1"
            - name: B
              valueFrom:
                configMapKeyRef: {name: settings, key: b}
          volumeMounts:
            - name: w
              mountPath: /models
        - name: side
          image: lab/side
      volumes:
        - name: w
          persistentVolumeClaim: {claimName: weights}
        - name: s
          secret: {secretName: token}
"""

REST = """\
apiVersion: v1
kind: Service
metadata: {name: server}
spec:
  selector: {app: server}
  ports:
    - port: 80
      targetPort: http
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: runner}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights}
spec: {accessModes: [ReadWriteMany], storageClassName: fast}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
  - {kind: ServiceAccount, name: runner, namespace: old}
  - {kind: ServiceAccount, name: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [token]
    verbs: [get]
---
apiVersion: v1
kind: Namespace
metadata: {name: old}
---
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: train}
spec:
  pytorchReplicaSpecs:
    Master:
      replicas: 1
      template:
        spec:
          serviceAccountName: runner
          containers:
            - name: pytorch
              image: lab/train:v1
              env: [{name: X, value: y}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec:
  podSelector: {matchLabels: {app: server}}
  policyTypes: [Egress]
"""

BASE = {
    "base/kustomization.yaml": "resources: [deployment.yaml, rest.yaml]\n",
    "base/deployment.yaml": DEPLOYMENT,
    "base/rest.yaml": REST,
}


def overlay(text, **files):
    named = {
        name.replace("__", "/").replace("_Y", ".yaml"): t for name, t in files.items()
    }
    return {**BASE, "top/kustomization.yaml": "resources: [../base]\n" + text, **named}


OVERLAYS: dict[str, dict[str, str]] = {
    "nothing": overlay(""),
    "namespace": overlay("namespace: ml\n"),
    "affixes": overlay("namePrefix: prod-\nnameSuffix: -v2\nnamespace: ml\n"),
    "common labels": overlay("commonLabels: {team: ml, app: other}\n"),
    "labels": overlay("labels:\n- pairs: {team: ml}\n"),
    "labels in templates": overlay(
        "labels:\n- pairs: {team: ml}\n  includeTemplates: true\n"
        "- pairs: {tier: x}\n  includeSelectors: true\n"
    ),
    "annotations": overlay("commonAnnotations: {note: 'yes'}\n"),
    "images": overlay(
        "images:\n- name: registry.example.org:5000/lab/server\n  newTag: v2\n"
        "- name: lab/side\n  newName: other.example.org/side\n  digest: sha256:abc\n"
        "- name: lab/train\n  newName: lab/trainer\n"
    ),
    "replicas": overlay("replicas:\n- name: server\n  count: 7\n"),
    "merge patch": overlay(
        "patches:\n- path: p.yaml\n",
        top__p_Y="""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: server}
spec:
  replicas: 3
  template:
    spec:
      hostNetwork: true
      serviceAccountName: null
      containers:
        - name: main
          args: [--other]
          env:
            - name: C
              value: "3"
            - name: A
              value: "2"
          volumeMounts:
            - mountPath: /models
              readOnly: true
            - mountPath: /cache
              name: c
        - name: side
          $patch: delete
        - name: new
          image: lab/new
      volumes:
        - name: c
          emptyDir: {}
""",
    ),
    "merge patch that replaces": overlay(
        "patchesStrategicMerge:\n- |-\n  apiVersion: apps/v1\n  kind: Deployment\n"
        "  metadata: {name: server}\n  spec:\n    template:\n      spec:\n"
        "        volumes:\n        - $patch: replace\n        - {name: z, emptyDir: {}}\n"
    ),
    "merge patch that deletes": overlay(
        "patches:\n- patch: |-\n    $patch: delete\n    apiVersion: v1\n    kind: Service\n"
        "    metadata: {name: server}\n"
    ),
    "merge patch of ports": overlay(
        "patches:\n- patch: |-\n    apiVersion: v1\n    kind: Service\n"
        "    metadata: {name: server}\n    spec:\n      ports:\n"
        "      - {port: 80, targetPort: 81}\n      - {port: 443}\n"
    ),
    "merge patch of a custom resource": overlay(
        "patches:\n- target: {kind: PyTorchJob}\n  patch: |-\n    apiVersion: x\n    kind: y\n"
        "    metadata: {name: z}\n    spec:\n      pytorchReplicaSpecs:\n        Master:\n"
        "          template:\n            spec:\n              containers:\n"
        "              - name: pytorch\n                env: [{name: Q, value: r}]\n"
    ),
    "json patch": overlay(
        """\
patches:
- target: {group: apps, version: v1, kind: Deployment, name: ser.*}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: lab/x
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --more
    - op: add
      path: /metadata/annotations
      value: {a~b/c: "d"}
    - op: replace
      path: /metadata/annotations/a~0b~1c
      value: "e"
    - op: remove
      path: /spec/template/spec/containers/1
    - op: copy
      from: /metadata/name
      path: /metadata/labels/copied
    - op: test
      path: /spec/replicas
      value: 1
"""
    ),
    "json patch in a file": overlay(
        "patchesJson6902:\n- target: {version: v1, kind: Service, name: server}\n  path: j.json\n",
        **{
            "top/j.json": '[{"op": "add", "path": "/spec/type", "value": "LoadBalancer"}]'
        },
    ),
    "selectors": overlay(
        "patches:\n- target: {labelSelector: 'app in (server, x), app!=y, !z'}\n  patch: |-\n"
        "    - {op: add, path: /metadata/labels/seen, value: 'yes'}\n"
        "- target: {kind: Service|ServiceAccount}\n  patch: |-\n"
        "    - {op: add, path: /metadata/labels, value: {k: v}}\n"
    ),
    "generators": overlay(
        """\
namePrefix: p-
generatorOptions:
  labels: {gen: all}
configMapGenerator:
- name: settings
  literals: [b=2, "quoted='x y'", c=a=b]
- name: from-files
  files: [script.sh, renamed=script.sh]
  options: {labels: {own: l}, annotations: {note: o}, immutable: true}
- name: from-env
  envs: [vars.env]
- name: fixed
  namespace: elsewhere
  literals: ["html=<a>&"]
  options: {disableNameSuffixHash: true}
secretGenerator:
- name: token
  literals: [token=abc, long=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
  type: kubernetes.io/basic-auth
""",
        **{
            "top/script.sh": "#!/bin/sh\necho é\n",
            "top/vars.env": "# c\nA=1\n  B=x=y\nEMPTY=\n\nNOVALUE\n",
        },
    ),
    "generators merged": {
        **overlay(""),
        "base/kustomization.yaml": "resources: [deployment.yaml, rest.yaml]\nnamePrefix: b-\n"
        "configMapGenerator:\n- name: settings\n  literals: [a=1, b=2]\n"
        "secretGenerator:\n- name: token\n  literals: [t=1]\n",
        "top/kustomization.yaml": "resources: [../base]\nnameSuffix: -s\nconfigMapGenerator:\n"
        "- name: settings\n  behavior: merge\n  literals: [b=3, c=4]\n"
        "secretGenerator:\n- name: token\n  behavior: replace\n  literals: [u=2]\n",
    },
    "components": overlay(
        "components: [../component]\nnamePrefix: x-\n",
        component__kustomization_Y="apiVersion: kustomize.config.k8s.io/v1alpha1\n"
        "kind: Component\nresources: [extra.yaml]\npatches:\n- target: {kind: Deployment}\n"
        "  patch: |-\n    - {op: add, path: /spec/paused, value: true}\n",
        component__extra_Y="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
        "data: {b: '9'}\n",
    ),
    "nested overlays": {
        **BASE,
        "mid/kustomization.yml": "bases: [../base]\nnamePrefix: m-\nnamespace: mid\n",
        "top/Kustomization": "resources: [../mid, ./more]\nnamePrefix: t-\n",
        "top/more/kustomization.yaml": "resources: [c.yaml]\n",
        "top/more/c.yaml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n"
        "  kind: ConfigMap\n  metadata: {name: one}\n- apiVersion: v1\n  kind: ConfigMap\n"
        "  metadata: {name: two}\n",
    },
    "replacements": overlay(
        """\
replacements:
- source: {kind: Service, name: server, fieldPath: spec.ports.0.port}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.[name=main].env.[name=A].value"]
- source:
    kind: Deployment
    fieldPath: spec.template.spec.containers.0.image
    options: {delimiter: ":", index: 1}
  targets:
  - select: {kind: Service}
    fieldPaths: [metadata.annotations.port]
    options: {create: true}
  - select: {kind: PyTorchJob}
    reject: [{name: other}]
    fieldPaths: ["spec.pytorchReplicaSpecs.Master.template.spec.containers.*.image"]
    options: {delimiter: ":", index: 1}
"""
    ),
    "vars": overlay(
        """\
namePrefix: v-
vars:
- name: SERVER
  objref: {kind: Service, name: server, apiVersion: v1}
- name: PORT
  objref: {kind: Service, name: server, apiVersion: v1}
  fieldref: {fieldpath: "spec.ports[0].port"}
patches:
- target: {kind: Deployment}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/args
      value: ["--url=http://$(SERVER):$(PORT)", "$(HOSTNAME)"]
"""
    ),
    "vars bound where they are stated": {
        **BASE,
        **{
            f"{side}/kustomization.yaml": f"namePrefix: {side}-\nconfigMapGenerator:\n"
            f"- name: parameters\n  literals: [v={side}]\nvars:\n- name: V_{side}\n"
            "  objref: {kind: ConfigMap, name: parameters, apiVersion: v1}\n"
            "  fieldref: {fieldpath: data.v}\n"
            for side in ("left", "right")
        },
        "top/kustomization.yaml": "resources: [../left, ../right, ../base]\n"
        "commonAnnotations: {both: '$(V_left)-$(V_right)'}\n"
        "configMapGenerator:\n- name: left-parameters\n  behavior: merge\n"
        "  literals: [v=merged]\n",
    },
    "configurations": overlay(
        "namePrefix: c-\nnamespace: ml\nconfigurations: [config.yaml]\n",
        top__config_Y="nameReference:\n- kind: ServiceAccount\n  fieldSpecs:\n"
        "  - kind: PyTorchJob\n"
        "    path: spec/pytorchReplicaSpecs/Master/template/spec/serviceAccountName\n",
    ),
    "a prefix and a patch by the old name": {
        **BASE,
        "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: m-\n",
        "top/kustomization.yaml": "resources: [../mid]\npatches:\n- patch: |-\n"
        "    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: server}\n"
        "    spec: {replicas: 5}\n"
        "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n"
        "    metadata: {name: m-server}\n    spec: {paused: true}\n",
    },
}
