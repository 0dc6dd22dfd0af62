#!/bin/bash
# weekly numbers for the board
set -eu
sacct --starttime "$(date -d '7 days ago' +%F)" --format=JobName,Elapsed,AllocTRES -P > /tmp/usage.psv
python tools/usage_html.py /tmp/usage.psv > /tmp/usage.html
aws s3 cp /tmp/usage.html s3://pelagic-reports/usage/$(date +%F).html
