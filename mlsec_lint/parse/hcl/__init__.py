"""HCL native syntax: tokens, tree, parser with recovery. Knows neither Terraform nor any cloud."""
