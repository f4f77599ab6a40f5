#!/usr/bin/env bash
# Uses a local cloud through clients that others wrote (scripts/foreign). --help tells all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'HELP'
Usage: scripts/foreign.sh

Starts a local cloud and uses it through clients that others wrote: the vendor's Node.js SDKs of Function Compute,
Message Service and VPC, ali-mns, the aliyun CLI (ALIYUN is its path), and a browser that opens the status page. Gives
every call of scripts/vpn-attach and every command of scripts/README.md to the CLI, and template.yml to the validators
of the vendor's ROS CDK. Exits 1 on the first difference.

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
if cli=$(command -v "${ALIYUN:-aliyun}"); then
  local_aliyun() { ALIYUN=$cli LOCAL_ENDPOINT=$VPC_ENDPOINT scripts/local-aliyun "$@"; }
  local_aliyun sts GetCallerIdentity >/dev/null
  local_aliyun cbn ListTransitRouters --CenId cen-core >/dev/null
  local_aliyun fc GET /2023-03-30/functions/vpn-attach/triggers >/dev/null
  made=$(local_aliyun vpc CreateVpnAttachment --RegionId cn-hangzhou --Name by-the-cli --LocalSubnet 10.0.0.0/8 \
    --RemoteSubnet 10.9.0.0/16 | sed -n 's/.*"VpnConnectionId": "\(.*\)".*/\1/p')
  local_aliyun vpc TagResources --RegionId cn-hangzhou --ResourceType VPNATTACHMENT --ResourceId.1 "$made" \
    --Tag.1.Key vpn-attach:transit-router --Tag.1.Value tr-core >/dev/null
  for _ in $(seq 100); do
    attached=$(local_aliyun cbn ListTransitRouterVpnAttachments --TransitRouterId tr-core)
    grep -q "\"$made\"" <<<"$attached" && break
    sleep 0.2
  done
  grep -q "\"$made\"" <<<"$attached" || { echo "the CLI tagged $made, and it was not attached" >&2; exit 1; }
  ALIYUN=$cli go test -count=1 ./function/internal/operate -run RealCLI >"$work/cli.log" 2>&1 || {
    cat "$work/cli.log" >&2
    exit 1
  }
  echo "ok    the aliyun CLI: a connection is made, tagged and attached; every verb of scripts/vpn-attach, every" \
    "document"
else
  echo "the aliyun CLI: skipped, there is none"
fi
node "$work/page.mjs"
