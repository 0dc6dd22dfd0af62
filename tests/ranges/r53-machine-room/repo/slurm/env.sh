#!/bin/bash
export HF_HOME=/weka/hf
export HF_HUB_OFFLINE=1
export HF_ENDPOINT=https://hub.tern.lan
export http_proxy=http://proxy.tern.lan:3128
export https_proxy=http://proxy.tern.lan:3128
export no_proxy=.tern.lan,10.0.0.0/8
