vpc_id     = "vpc-0c9b8a7d6e5f40312"
subnet_ids = ["subnet-01a2b3c4d5e6f7089", "subnet-09f8e7d6c5b4a3021"]
dr_region  = "ap-east-1"
