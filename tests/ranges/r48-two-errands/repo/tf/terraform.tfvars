project = "kelpforest-prod"
region  = "australia-southeast1"
