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
  --new-key           change the key that signs what the function queues for itself; the old one is still taken. Without
                      it the first deployment makes a key, and later ones keep it. A key is never printed.
  --rollback VERSION  only point the alias at an earlier version of the function
  --dry-run           say what would be done, without a call
  --help

Needs the aliyun CLI (configured, or ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET set), go and make.
Whoever deploys needs AliyunROSFullAccess, AliyunFCFullAccess, AliyunEventBridgeFullAccess, AliyunMNSFullAccess,
AliyunRAMFullAccess, AliyunLogFullAccess, AliyunOSSFullAccess and AliyunCloudMonitorFullAccess, the function almost
nothing. scripts/README.md lists the services that must be activated before.
HELP
}

fail() { echo "deploy: $1" >&2; exit "${2:-1}"; }
# value reads a text or number of that name out of JSON on standard input.
value() { tr -d '\n' | sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
needs() { [[ $# -gt 1 && -n $2 ]] || fail "$1 needs a value (--help tells more)" 2; }

regions=() parameters=() stack=vpn-attach bucket= rollback= dry= new_key=
while [[ $# -gt 0 ]]; do
  case $1 in
    --region) needs "$@"; regions+=("$2"); shift ;;
    --stack) needs "$@"; stack=$2; shift ;;
    --bucket) needs "$@"; bucket=$2; shift ;;
    --parameter) needs "$@"; [[ $2 == ?*=* ]] || fail "--parameter is NAME=VALUE" 2; parameters+=("$2"); shift ;;
    --new-key) new_key=1 ;;
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
  case $name in
    Name|CodeBucket|CodeObject|Qualifier) fail "$name is decided here, not by --parameter" 2 ;;
    FollowUpKey|FollowUpKeyPrevious) fail "$name is a secret: it is made here, and changed by --new-key" 2 ;;
  esac
  text=${parameter#*=}
  [[ ${#text} -le 128 ]] || fail "$name has ${#text} characters; ROS takes 128" 2
  case $text in
    acs:*|aliyun*) fail "$name begins with acs: or aliyun, which ROS refuses; of a role give the name" 2 ;;
  esac
done
[[ -z $new_key || -z $rollback ]] || fail "--new-key and --rollback exclude each other" 2
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

# unless_there makes something that may be there already. EventBridge may refuse with a status of success.
unless_there() {
  local said
  if [[ -n $dry ]]; then act "$@"; return; fi
  if said=$("$@" 2>&1) && ! grep -qi '"Success": *"\{0,1\}false' <<<"$said"; then return; fi
  grep -qi AlreadyExist <<<"$said" || fail "$said"
}

# own_bucket makes the bucket, and goes on only if it belongs to this account: another's code would run otherwise.
own_bucket() {
  local owner
  unless_there aliyun oss mb "oss://$1" --region "$2"
  [[ -z $dry ]] || return 0
  owner=$(aliyun oss stat "oss://$1" --region "$2" | sed -n 's/^Owner *: *//p' | tr -d ' \r') || true
  [[ $owner == "$account" ]] || fail "bucket $1 does not belong to account $account; name another by --bucket"
}

# random_key prints 64 random characters.
random_key() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }

# keys_of sets keys to the parameters that make or change the key of a region's stack.
keys_of() {
  local region=$1 id=$2 old
  keys=()
  if [[ -z $id ]] || ! aliyun ros GetStack --RegionId "$region" --StackId "$id" | grep -q '"FollowUpKey"'; then
    keys=("FollowUpKey=$(random_key)") changed=1
  elif [[ -n $new_key && -z $changed ]]; then
    old=$(aliyun fc GET "/2023-03-30/functions/$stack" --region "$region" | value FOLLOW_UP_KEY)
    [[ ${#old} -ge 32 ]] || fail "the function in $region did not tell its present key, so that it cannot be changed"
    keys=("FollowUpKey=$(random_key)" "FollowUpKeyPrevious=$old") changed=1
  fi
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
  if [[ -n $dry ]]; then
    echo "  would make or update stack $stack with $* ${parameters[*]-}${new_key:+ and a new key}"
    return
  fi
  id=$(stack_id "$region")
  keys_of "$region" "$id"
  for parameter in "$@" ${parameters[@]+"${parameters[@]}"} ${keys[@]+"${keys[@]}"}; do
    n=$((n + 1))
    arguments+=("--Parameters.$n.ParameterKey" "${parameter%%=*}" "--Parameters.$n.ParameterValue" "${parameter#*=}")
    # A subscription of another filter has another name, which ROS takes only as a replacement.
    if [[ -n $id && $parameter == OutcomeFilterTag=* ]]; then arguments+=(--ReplacementOption Enabled); fi
  done
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
    unless_there aliyun resourcemanager CreateServiceLinkedRole --ServiceName "$service" \
      --endpoint resourcemanager.aliyuncs.com # the CLI would ask a location service for it, and find none
  done
}

# runs_what_was_built holds the checksum that Function Compute has of the code against that of the zip.
runs_what_was_built() {
  local runs
  [[ -z $dry ]] || return 0
  runs=$(aliyun fc GET "/2023-03-30/functions/$stack" --region "$1" | value codeChecksum)
  [[ $runs == "$crc" ]] || fail "the function in $1 has the code ${runs:-unknown} (crc64), but $crc was built"
}

deploy() {
  local region=$1 code=${bucket:-$stack-code-$account-$region} object version changed=
  object=vpn-attach/$sha.zip
  echo "  code: oss://$code/$object"
  own_bucket "$code" "$region"
  act aliyun oss cp target/vpn-attach.zip "oss://$code/$object" --region "$region" --force
  linked_roles "$region"
  # The alias can only be made once the function is there, and the trigger once the alias is.
  local qualifier=none
  if [[ -z $dry ]] && has_alias "$region"; then qualifier=live; fi
  stack_to "$region" "Name=$stack" "CodeBucket=$code" "CodeObject=$object" "Qualifier=$qualifier"
  runs_what_was_built "$region"
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
    sha=$(sed -n 's/^sha256 //p' <<<"$made") crc=$(sed -n 's/^crc64 //p' <<<"$made")
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
