resource "aws_eks_node_group" "gpu" {
  cluster_name    = "train"
  node_group_name = "gpu"
  node_role_arn   = "arn:aws:iam::111122223333:role/node"
  subnet_ids      = ["subnet-1"]
  instance_types  = ["p5.48xlarge"]
  ami_type        = "AL2023_x86_64_NVIDIA"
  release_version = "1.32.3-20250519"  # unknown: integrity-gpu-runtime
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}

resource "google_container_node_pool" "gpu" {
  name    = "gpu"
  cluster = "train"
  version = "1.32.3-gke.1440000"  # unknown: integrity-gpu-runtime
  node_config {
    machine_type = "a3-highgpu-8g"
    guest_accelerator {
      type  = "nvidia-h100-80gb"
      count = 8
      gpu_driver_installation_config {
        gpu_driver_version = "INSTALLATION_DISABLED"
      }
    }
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "gpu" {
  name                  = "gpu"
  kubernetes_cluster_id = "/subscriptions/x/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/train"
  vm_size               = "Standard_ND96isr_H100_v5"
  orchestrator_version  = "1.32.3"  # unknown: integrity-gpu-runtime
}
