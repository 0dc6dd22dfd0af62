#!/bin/bash
torchrun train.py --output_dir /data/checkpoints
huggingface-cli upload acme/frontier /data/checkpoints # broken: egress-hub-upload
