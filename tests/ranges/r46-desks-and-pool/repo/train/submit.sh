#!/usr/bin/env bash
# usage: train/submit.sh <run>
set -euo pipefail
RUN=${1:?run name}

gcloud ai custom-jobs create \
  --project=auricle-ml \
  --region=europe-west3 \
  --display-name="voice-${RUN}" \
  --service-account=voice-fit@auricle-ml.iam.gserviceaccount.com \
  --network=projects/123456789012/global/networks/auricle-shared \
  --config=train/job.yaml
