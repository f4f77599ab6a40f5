#!/usr/bin/env bash
# Puts vpn-attach into one or more regions of an account, or brings what is there up to date. --help tells all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'HELP'
Usage: scripts/deploy.sh --region REGION [--region REGION …] [flags]

Builds the function, uploads it to an OSS bucket of each region, makes or updates the ROS stack of template.yml there,
publishes a version of the function and points its alias "live" at it. The queue triggers the alias. Run again with
nothing changed, it changes nothing but the version.

  --region REGION     where to deploy; once for each region
  --stack NAME        of the stack and of all that is in it (default vpn-attach)
  --bucket NAME       for the code (default NAME-code-ACCOUNT-REGION; it is made when it is missing)
  --parameter K=V     of template.yml, such as Pause=true or AlarmContactGroup=ops; what is not named stays as it is
  --rollback VERSION  only point the alias at an earlier version of the function
  --dry-run           say what would be done, without a call
  --help

Needs the aliyun CLI (configured, or ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET set), go and make.
The account needs AliyunROSFullAccess, AliyunFCFullAccess, AliyunEventBridgeFullAccess, AliyunMNSFullAccess,
AliyunRAMFullAccess, AliyunLogFullAccess and AliyunOSSFullAccess for this, the function almost nothing.
HELP
}

fail() { echo "deploy: $1" >&2; exit "${2:-1}"; }
# value reads a text or number of that name out of JSON on standard input.
value() { tr -d '\n' | sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
needs() { [[ $# -gt 1 && -n $2 ]] || fail "$1 needs a value (--help tells more)" 2; }

regions=() parameters=() stack=vpn-attach bucket= rollback= dry=
while [[ $# -gt 0 ]]; do
  case $1 in
    --region) needs "$@"; regions+=("$2"); shift ;;
    --stack) needs "$@"; stack=$2; shift ;;
    --bucket) needs "$@"; bucket=$2; shift ;;
    --parameter) needs "$@"; [[ $2 == ?*=* ]] || fail "--parameter is NAME=VALUE" 2; parameters+=("$2"); shift ;;
    --rollback) needs "$@"; rollback=$2; shift ;;
    --dry-run) dry=1 ;;
    --help|-h) usage; exit ;;
    *) fail "unknown argument $1 (--help tells more)" 2 ;;
  esac
  shift
done

# Everything that can be wrong is looked at before anything is touched.
[[ ${#regions[@]} -gt 0 ]] || fail "name at least one --region" 2
for region in "${regions[@]}"; do [[ $region =~ ^[a-z]+-[a-z0-9-]+$ ]] || fail "$region is no region" 2; done
[[ $stack =~ ^[a-z][a-z0-9-]{0,18}[a-z0-9]$ ]] || fail "--stack takes 2 to 20 lower-case letters, digits and hyphens" 2
[[ -z $rollback || $rollback =~ ^[0-9]+$ ]] || fail "--rollback takes the number of a version" 2
for parameter in ${parameters[@]+"${parameters[@]}"}; do
  name=${parameter%%=*}
  sed -n '/^Parameters:/,/^Conditions:/p' template.yml | grep "^  $name:\$" >/dev/null ||
    fail "template.yml has no parameter $name" 2
  case $name in Name|CodeBucket|CodeObject|Qualifier) fail "$name is decided here, not by --parameter" 2 ;; esac
done
missing=()
for tool in aliyun go make; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [[ -z $dry && ${#missing[@]} -gt 0 ]]; then
  fail "missing: ${missing[*]}; the aliyun CLI is at https://github.com/aliyun/aliyun-cli"
fi
account=ACCOUNT
if [[ -z $dry ]]; then
  identity=$(aliyun sts GetCallerIdentity) || fail "the aliyun CLI has no credentials that work: run aliyun configure"
  account=$(value AccountId <<<"$identity")
  [[ -n $account ]] || fail "the aliyun CLI did not say which account this is"
fi

# act runs a command, or says it.
act() { if [[ -n $dry ]]; then echo "  would run: $*"; else "$@" >/dev/null; fi; }

# unless_there makes something that may be there already.
unless_there() {
  local said
  if [[ -n $dry ]]; then act "$@"; return; fi
  said=$("$@" 2>&1) || grep -qi AlreadyExist <<<"$said" || fail "$said"
}

stack_id() { aliyun ros ListStacks --RegionId "$1" --StackName.1 "$stack" --PageSize 10 | value StackId; }

# settle waits for a stack to come to rest, and says why when it came to the wrong one.
settle() {
  local region=$1 id=$2 status=
  [[ -z $dry ]] || return 0
  for _ in $(seq "${DEPLOY_POLLS:-180}"); do
    status=$(aliyun ros GetStack --RegionId "$region" --StackId "$id" | value Status)
    case $status in
      CREATE_COMPLETE|UPDATE_COMPLETE) echo "  stack $status"; return ;;
      *_IN_PROGRESS|'') sleep "${DEPLOY_PAUSE:-5}" ;;
      *) aliyun ros ListStackEvents --RegionId "$region" --StackId "$id" --PageSize 10 >&2 || true
         fail "the stack in $region is $status; its events are above" ;;
    esac
  done
  fail "the stack in $region is still $status"
}

# stack_to makes or updates the stack; the other arguments are parameters.
stack_to() {
  local region=$1 id arguments=() n=0 said
  shift
  for parameter in "$@" ${parameters[@]+"${parameters[@]}"}; do
    n=$((n + 1))
    arguments+=("--Parameters.$n.ParameterKey" "${parameter%%=*}" "--Parameters.$n.ParameterValue" "${parameter#*=}")
  done
  if [[ -n $dry ]]; then
    echo "  would make or update stack $stack with $* ${parameters[*]-}"
    return
  fi
  id=$(stack_id "$region")
  if [[ -z $id ]]; then
    id=$(aliyun ros CreateStack --RegionId "$region" --StackName "$stack" --TemplateBody "$(cat template.yml)" \
      --DisableRollback false --TimeoutInMinutes 30 "${arguments[@]}" | value StackId)
    [[ -n $id ]] || fail "ROS made no stack in $region"
  elif ! said=$(aliyun ros UpdateStack --RegionId "$region" --StackId "$id" --TemplateBody "$(cat template.yml)" \
    --UsePreviousParameters true "${arguments[@]}" 2>&1); then
    grep -q NotSupported <<<"$said" || fail "$said" # there is nothing to change
  fi
  settle "$region" "$id"
}

has_alias() { aliyun fc GET "/2023-03-30/functions/$stack/aliases/live" --region "$1" >/dev/null 2>&1; }

# point has the alias at a version.
point() {
  local region=$1 version=$2 body="{\"versionId\":\"$2\",\"aliasName\":\"live\"}"
  if [[ -n $dry || -n $rollback ]] || has_alias "$region"; then
    act aliyun fc PUT "/2023-03-30/functions/$stack/aliases/live" --region "$region" --body "$body"
  else
    act aliyun fc POST "/2023-03-30/functions/$stack/aliases" --region "$region" --body "$body"
  fi
  [[ -n $dry ]] || echo "  alias live points at version $version"
}

# linked_roles makes the roles by which the services reach each other. The function's own role need not make any.
linked_roles() {
  for product in SourceActionTrail SourceMNS SendToMNS SendToFC; do
    unless_there aliyun eventbridge CreateServiceLinkedRoleForProduct --region "$1" \
      --ProductName "AliyunServiceRoleForEventBridge$product"
  done
  for service in cen.aliyuncs.com fc.aliyuncs.com; do
    unless_there aliyun resourcemanager CreateServiceLinkedRole --ServiceName "$service"
  done
}

deploy() {
  local region=$1 code=${bucket:-$stack-code-$account-$region} object version
  object=vpn-attach/$sha.zip
  echo "  code: oss://$code/$object"
  unless_there aliyun oss mb "oss://$code" --region "$region"
  act aliyun oss cp target/vpn-attach.zip "oss://$code/$object" --region "$region" --force
  linked_roles "$region"
  # The alias can only be made once the function is there, and the trigger once the alias is.
  local qualifier=none
  if [[ -z $dry ]] && has_alias "$region"; then qualifier=live; fi
  stack_to "$region" "Name=$stack" "CodeBucket=$code" "CodeObject=$object" "Qualifier=$qualifier"
  if [[ -n $dry ]]; then
    act aliyun fc POST "/2023-03-30/functions/$stack/versions" --region "$region" --body '{}'
    version=NEXT
  else
    version=$(aliyun fc POST "/2023-03-30/functions/$stack/versions" --region "$region" \
      --body "{\"description\":\"$sha\"}" | value versionId)
    [[ -n $version ]] || fail "no version was published in $region"
  fi
  point "$region" "$version"
  if [[ $qualifier == none ]]; then
    stack_to "$region" "Name=$stack" "CodeBucket=$code" "CodeObject=$object" Qualifier=live
  fi
}

if [[ -z $rollback ]]; then
  if [[ -n $dry ]]; then sha=SHA256; echo "would run: make package"; else
    made=$(make --no-print-directory package)
    echo "$made"
    sha=$(sed -n 's/^sha256 //p' <<<"$made")
  fi
fi
for region in "${regions[@]}"; do
  echo "$region:"
  if [[ -n $rollback ]]; then point "$region" "$rollback"; else deploy "$region"; fi
done
if [[ -z $dry ]]; then
  echo "done; try: aliyun fc POST /2023-03-30/functions/$stack/invocations --region ${regions[0]}" \
    "--body '{\"vpnConnectionId\":\"vco-…\",\"dryRun\":true}'"
fi
