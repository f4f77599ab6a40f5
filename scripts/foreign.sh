#!/usr/bin/env bash
# Uses a local cloud through clients that others wrote (scripts/foreign). --help tells all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'HELP'
Usage: scripts/foreign.sh

Starts a local cloud and uses it through clients that others wrote: the vendor's Node.js SDKs of Function Compute,
Message Service and VPC, ali-mns, the aliyun CLI, and a browser that opens the status page. Gives template.yml to the
validators of the vendor's ROS CDK. Exits 1 on the first difference.

Needs Node.js and npm. Where they are missing, or the npm registry cannot be reached, it says so, does nothing and
exits with 0.
HELP
}

case ${1-} in
  '') ;;
  --help|-h) usage; exit ;;
  *) echo "foreign: unknown argument $1 (--help tells more)" >&2; exit 2 ;;
esac
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "foreign clients: skipped, there is no node or npm"
  exit 0
fi
work=$(mktemp -d)
cloud=
trap '[[ -z $cloud ]] || kill "$cloud" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
cp -r scripts/foreign/. "$work"
if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1); then
  echo "foreign clients: skipped, npm could not install them: $(tail -n 1 "$work/npm.log")"
  exit 0
fi
go build -o "$work/local" ./function/cmd/local
CGO_ENABLED=0 go build -o "$work/function" ./function
: >"$work/cloud.log" # it is read before the cloud has opened it
"$work/local" serve --listen 127.0.0.1:0 --speed 20 --function "$work/function" --cloud scripts/foreign/cloud.yaml \
  >"$work/cloud.log" 2>&1 &
cloud=$!
for _ in $(seq 100); do
  grep -q '^Ctrl-C' "$work/cloud.log" && break
  kill -0 "$cloud" 2>/dev/null || { cat "$work/cloud.log" >&2; exit 1; }
  sleep 0.1
done
eval "$(grep '^export ' "$work/cloud.log")"
export FC_ENDPOINT=${CBN_ENDPOINT#http://}
export EVENT=$PWD/events/wire/created.json
TEMPLATE=$PWD/template.yml OUT=$work/ros node "$work/ros.mjs"
node "$work/fc.mjs"
node "$work/mns.mjs"
node "$work/ali-mns.mjs"
node "$work/pop.mjs"
node "$work/vpc.mjs"
if command -v "${ALIYUN:-aliyun}" >/dev/null; then
  LOCAL_ENDPOINT=$VPC_ENDPOINT scripts/local-aliyun vpc DescribeVpnConnection --VpnConnectionId vco-byid >/dev/null
  LOCAL_ENDPOINT=$VPC_ENDPOINT scripts/local-aliyun cbn ListTransitRouters --CenId cen-core >/dev/null
  LOCAL_ENDPOINT=$VPC_ENDPOINT scripts/local-aliyun sts GetCallerIdentity >/dev/null
  echo "ok    the aliyun CLI: VPC, CBN and STS"
else
  echo "the aliyun CLI: skipped, there is none"
fi
node "$work/page.mjs"
