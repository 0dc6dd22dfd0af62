resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "github_branch_protection" "main" {
  repository_id          = "infra"
  pattern                = "main"
  require_signed_commits = true
  required_pull_request_reviews {
    require_code_owner_reviews      = true
    required_approving_review_count = 2
  }
}

resource "github_repository_environment" "production" {
  repository  = "infra"
  environment = "production"
  reviewers {
    teams = [4711]
  }
}
