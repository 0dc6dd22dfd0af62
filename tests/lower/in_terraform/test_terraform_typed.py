"""Typed resources of the Kubernetes provider: the objects that they create."""

from __future__ import annotations

import pytest
import yaml
from terraform_objects import one, plain

DEPLOYMENT = """
resource "kubernetes_deployment_v1" "d" {
  metadata {
    name      = "serve"
    namespace = "ml"
    labels    = { "app.kubernetes.io/name" = "serve", tier_name = "a_b" }
  }
  spec {
    replicas = 2
    selector {
      match_labels = { app = "serve" }
    }
    template {
      metadata {
        labels = { app = "serve" }
      }
      spec {
        service_account_name            = "sa"
        automount_service_account_token = false
        host_network                    = true
        host_pid                        = true
        node_selector                   = { "cloud.google.com/gke-accelerator" = "x" }
        toleration {
          key      = "nvidia.com/gpu"
          operator = "Exists"
        }
        image_pull_secrets {
          name = "pull"
        }
        affinity {
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key      = "topology.kubernetes.io/zone"
                  operator = "In"
                  values   = ["a", "b"]
                }
              }
            }
          }
          pod_anti_affinity {
            required_during_scheduling_ignored_during_execution {
              topology_key = "kubernetes.io/hostname"
              label_selector {
                match_labels = { app = "serve" }
              }
            }
          }
        }
        init_container {
          name  = "fetch"
          image = "fetch:1"
        }
        container {
          name    = "server"
          image   = "serve:1"
          command = ["vllm", "serve"]
          args    = ["--model", "x"]
          port {
            container_port = 8000
          }
          env {
            name  = "A"
            value = "b"
          }
          env {
            name = "HF_TOKEN"
            value_from {
              secret_key_ref {
                name = "hub"
                key  = "token"
              }
            }
          }
          env_from {
            config_map_ref {
              name = "settings"
            }
          }
          resources {
            limits = { "nvidia.com/gpu" = "1" }
          }
          liveness_probe {
            http_get {
              path = "/health"
              port = 8000
              http_header {
                name  = "X"
                value = "y"
              }
            }
          }
          security_context {
            run_as_user                = "1000"
            allow_privilege_escalation = false
            capabilities {
              drop = ["ALL"]
            }
            seccomp_profile {
              type = "RuntimeDefault"
            }
          }
          volume_mount {
            name       = "models"
            mount_path = "/models"
            read_only  = true
          }
        }
        volume {
          name = "models"
          persistent_volume_claim {
            claim_name = "models"
          }
        }
        volume {
          name = "all"
          projected {
            sources {
              secret {
                name = "one"
              }
              secret {
                name = "two"
              }
              config_map {
                name = "three"
              }
            }
          }
        }
        volume {
          name = "bucket"
          csi {
            driver            = "gcsfuse.csi.storage.gke.io"
            volume_attributes = { bucketName = "b", mount_options = "x" }
          }
        }
      }
    }
  }
}
"""
WANTED = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: serve
  namespace: ml
  labels: {app.kubernetes.io/name: serve, tier_name: a_b}
spec:
  replicas: "2"
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      serviceAccountName: sa
      automountServiceAccountToken: "false"
      hostNetwork: "true"
      hostPID: "true"
      nodeSelector: {cloud.google.com/gke-accelerator: x}
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      imagePullSecrets: [{name: pull}]
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions:
                  - {key: topology.kubernetes.io/zone, operator: In, values: [a, b]}
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              labelSelector: {matchLabels: {app: serve}}
      initContainers: [{name: fetch, image: "fetch:1"}]
      containers:
        - name: server
          image: "serve:1"
          command: [vllm, serve]
          args: [--model, x]
          ports: [{containerPort: "8000"}]
          env:
            - {name: A, value: b}
            - name: HF_TOKEN
              valueFrom: {secretKeyRef: {name: hub, key: token}}
          envFrom: [{configMapRef: {name: settings}}]
          resources: {limits: {nvidia.com/gpu: "1"}}
          livenessProbe:
            httpGet:
              path: /health
              port: "8000"
              httpHeaders: [{name: X, value: "y"}]
          securityContext:
            runAsUser: "1000"
            allowPrivilegeEscalation: "false"
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
          volumeMounts: [{name: models, mountPath: /models, readOnly: "true"}]
      volumes:
        - {name: models, persistentVolumeClaim: {claimName: models}}
        - name: all
          projected:
            sources:
              - secret: {name: one}
              - secret: {name: two}
              - configMap: {name: three}
        - name: bucket
          csi:
            driver: gcsfuse.csi.storage.gke.io
            volumeAttributes: {bucketName: b, mount_options: x}
"""


def test_a_typed_deployment_is_the_deployment(tmp_path):
    found = one(tmp_path, main__tf=DEPLOYMENT)
    assert plain(found.value) == yaml.safe_load(WANTED)
    assert found.address == "kubernetes_deployment_v1.d"
    assert (found.kind, found.namespace, found.name) == ("Deployment", "ml", "serve")
    assert found.span.line == 2
    lines = DEPLOYMENT.split("\n")
    network = found.value.at("spec", "template", "spec", "hostNetwork")
    assert "host_network" in lines[network.entry().line - 1]


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        ("secret", 'data = { a_b = "x" }', {"stringData": {"a_b": "x"}}),
        ("secret_v1", 'binary_data = { a = "eA==" }', {"data": {"a": "eA=="}}),
        ("config_map", 'data = { a_b = "x" }', {"data": {"a_b": "x"}}),
        (
            "persistent_volume",
            """spec {
              capacity     = { storage = "1Gi" }
              access_modes = ["ReadWriteMany"]
              persistent_volume_source {
                csi {
                  driver        = "s3.csi.aws.com"
                  volume_handle = "h"
                }
              }
            }""",
            {
                "spec": {
                    "capacity": {"storage": "1Gi"},
                    "accessModes": ["ReadWriteMany"],
                    "csi": {"driver": "s3.csi.aws.com", "volumeHandle": "h"},
                }
            },
        ),
        (
            "storage_class_v1",
            """storage_provisioner = "pd.csi.storage.gke.io"
            parameters = { disk_encryption_kms_key = "k" }
            allowed_topologies {
              match_label_expressions {
                key    = "topology.kubernetes.io/zone"
                values = ["a"]
              }
            }""",
            {
                "provisioner": "pd.csi.storage.gke.io",
                "parameters": {"disk_encryption_kms_key": "k"},
                "allowedTopologies": [
                    {
                        "matchLabelExpressions": [
                            {"key": "topology.kubernetes.io/zone", "values": ["a"]}
                        ]
                    }
                ],
            },
        ),
        (
            "service",
            """spec {
              type                        = "LoadBalancer"
              selector                    = { app_name = "x" }
              load_balancer_source_ranges = ["10.0.0.0/8"]
              port {
                port        = 80
                target_port = 8000
              }
            }""",
            {
                "spec": {
                    "type": "LoadBalancer",
                    "selector": {"app_name": "x"},
                    "loadBalancerSourceRanges": ["10.0.0.0/8"],
                    "ports": [{"port": "80", "targetPort": "8000"}],
                }
            },
        ),
        (
            "ingress_v1",
            """spec {
              rule {
                host = "h"
                http {
                  path {
                    path = "/"
                    backend {
                      service {
                        name = "s"
                        port {
                          number = 80
                        }
                      }
                    }
                  }
                }
              }
            }""",
            {
                "spec": {
                    "rules": [
                        {
                            "host": "h",
                            "http": {
                                "paths": [
                                    {
                                        "path": "/",
                                        "backend": {
                                            "service": {
                                                "name": "s",
                                                "port": {"number": "80"},
                                            }
                                        },
                                    }
                                ]
                            },
                        }
                    ]
                }
            },
        ),
        (
            "network_policy_v1",
            """spec {
              pod_selector {}
              policy_types = ["Egress"]
              egress {
                to {
                  ip_block {
                    cidr   = "10.0.0.0/8"
                    except = ["10.1.0.0/16"]
                  }
                }
                to {
                  namespace_selector {
                    match_labels = { a = "b" }
                  }
                }
                ports {
                  port     = "443"
                  protocol = "TCP"
                }
              }
            }""",
            {
                "spec": {
                    "podSelector": {},
                    "policyTypes": ["Egress"],
                    "egress": [
                        {
                            "to": [
                                {
                                    "ipBlock": {
                                        "cidr": "10.0.0.0/8",
                                        "except": ["10.1.0.0/16"],
                                    }
                                },
                                {"namespaceSelector": {"matchLabels": {"a": "b"}}},
                            ],
                            "ports": [{"port": "443", "protocol": "TCP"}],
                        }
                    ],
                }
            },
        ),
        (
            "role_binding",
            """role_ref {
              api_group = "rbac.authorization.k8s.io"
              kind      = "ClusterRole"
              name      = "edit"
            }
            subject {
              kind      = "ServiceAccount"
              name      = "s"
              namespace = "n"
            }""",
            {
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "edit",
                },
                "subjects": [{"kind": "ServiceAccount", "name": "s", "namespace": "n"}],
            },
        ),
        (
            "cluster_role_v1",
            """rule {
              api_groups        = [""]
              resources         = ["pods"]
              verbs             = ["get"]
              non_resource_urls = ["/x"]
            }
            aggregation_rule {
              cluster_role_selectors {
                match_labels = { a = "b" }
              }
            }""",
            {
                "rules": [
                    {
                        "apiGroups": [""],
                        "resources": ["pods"],
                        "verbs": ["get"],
                        "nonResourceURLs": ["/x"],
                    }
                ],
                "aggregationRule": {
                    "clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]
                },
            },
        ),
        (
            "service_account_v1",
            """secret {
              name = "a"
            }
            image_pull_secret {
              name = "b"
            }""",
            {"secrets": [{"name": "a"}], "imagePullSecrets": [{"name": "b"}]},
        ),
        (
            "stateful_set",
            """spec {
              service_name = "s"
              volume_claim_template {
                metadata {
                  name = "v"
                }
                spec {
                  access_modes = ["ReadWriteOnce"]
                }
              }
            }""",
            {
                "spec": {
                    "serviceName": "s",
                    "volumeClaimTemplates": [
                        {
                            "metadata": {"name": "v"},
                            "spec": {"accessModes": ["ReadWriteOnce"]},
                        }
                    ],
                }
            },
        ),
    ],
)
def test_other_kinds_have_their_own_names(tmp_path, kind, body, wanted):
    text = f'resource "kubernetes_{kind}" "x" {{\nmetadata {{\nname = "x"\n}}\n{body}\n}}\n'
    found = plain(one(tmp_path, main__tf=text).value)
    for name in ("apiVersion", "kind", "metadata"):
        found.pop(name)
    assert found == wanted
