# sourced by every job
export AWS_ENDPOINT_URL_S3=https://cwobject.com
export AWS_PROFILE=cairn
export NCCL_IB_HCA=ibp
export HF_HOME=/mnt/scratch/hf
export RUNS=s3://cairn-runs
