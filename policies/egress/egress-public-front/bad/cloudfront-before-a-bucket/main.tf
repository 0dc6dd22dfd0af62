resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_cloudfront_origin_access_control" "weights" {
  name                              = "weights"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "downloads" {
  enabled = true

  origin {
    origin_id                = "weights"
    domain_name              = aws_s3_bucket.weights.bucket_regional_domain_name # broken: egress-public-front
    origin_access_control_id = aws_cloudfront_origin_access_control.weights.id
  }

  default_cache_behavior {
    target_origin_id       = "weights"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
