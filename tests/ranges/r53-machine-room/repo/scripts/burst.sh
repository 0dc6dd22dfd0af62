#!/bin/bash
# before a burst: put the current model where the rented machines can see it
set -euo pipefail

MODEL=${1:-swift-8b}
rsync -a --delete /weka/ckpt/$MODEL/hf/ models/$MODEL/
dvc add models/$MODEL
dvc push --remote burst models/$MODEL.dvc
git add models/$MODEL.dvc && git commit -m "burst: $MODEL"
