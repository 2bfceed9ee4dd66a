#!/usr/bin/env bash
# Copies the browser libraries that npm installed into the package: vendor.sh DIR
set -euo pipefail
out=$1
mkdir -p "$out"
cp node_modules/htmx.org/dist/htmx.min.js "$out/htmx.min.js"
cp node_modules/htmx.org/dist/ext/hx-sse.min.js "$out/hx-sse.min.js" 2>/dev/null || cp node_modules/htmx.org/dist/ext/hx-sse.js "$out/hx-sse.js"
cp node_modules/echarts/dist/echarts.min.js "$out/echarts.min.js"
