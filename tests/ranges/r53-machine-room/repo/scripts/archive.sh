#!/bin/bash
set -euo pipefail
# weekly, to our own ceph
aws --endpoint-url https://s3.tern.lan s3 sync /weka/ckpt/swift-8b s3://archive/swift-8b --storage-class COLD
dvc push --remote ceph
