resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "github_branch_protection" "main" {  # broken: integrity-deploy-approval
  repository_id          = "infra"
  pattern                = "main"
  require_signed_commits = false  # broken: integrity-deploy-approval
}

resource "github_repository_environment" "production" {  # broken: integrity-deploy-approval
  repository  = "infra"
  environment = "production"
}
