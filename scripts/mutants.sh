#!/usr/bin/env bash
# Shows that the tests can fail: applies one breakage at a time to a copy of the tree, runs the tests, and names the
# test that caught it. Exit 1 when a breakage goes unnoticed or no longer applies. Arguments pick breakages by a part
# of their names.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
caught=0 missed=0
wanted=("$@")

# mutant NAME FILE FROM TO: in FILE, the text FROM, which must be there, becomes TO.
mutant() {
  local name=$1 file=$2 from=$3 to=$4 text output test
  if ((${#wanted[@]})); then
    local pick=
    for test in "${wanted[@]}"; do [[ $name == *"$test"* ]] && pick=1; done
    [[ $pick ]] || return 0
  fi
  rm -rf "$copy/tree"
  mkdir "$copy/tree"
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy/tree"
  text=$(<"$copy/tree/$file")
  if [[ $text != *"$from"* ]]; then
    printf 'STALE   %-44s the text is no longer in %s\n' "$name" "$file"
    missed=$((missed + 1))
    return 0
  fi
  printf '%s\n' "${text/"$from"/"$to"}" >"$copy/tree/$file"
  if ! output=$(cd "$copy/tree" && go build ./... 2>&1); then
    printf 'BROKEN  %-44s does not build: %s\n' "$name" "${output//$'\n'/ }"
    missed=$((missed + 1))
    return 0
  fi
  # The packages' own tests first; the binary's when they notice nothing.
  if output=$(cd "$copy/tree" && go test -timeout 3m ./function/internal/... 2>&1 && go test -count=1 -timeout 3m -failfast ./function 2>&1); then
    printf 'MISSED  %s\n' "$name"
    missed=$((missed + 1))
    return 0
  fi
  test=$(grep -oE -- '--- FAIL: [^ ]+' <<<"$output" | sed 's/--- FAIL: //' | sort -u | awk '{ all = $0; if (index($0, "/")) { print; found = 1; exit } } END { if (!found) print all }')
  printf 'caught  %-44s by %s\n' "$name" "${test:-a run that did not end}"
  caught=$((caught + 1))
}

core=function/internal/attach
mutant 'consent ignored' $core/resolve.go 'if !r.RequireConsent || t.trusted || r.accepts(router, ownerID) {' 'if true {'
mutant 'first of the list taken unmatched' $core/resolve.go 'if t.filter.matches(router) {' 'if len(matching) == 0 {'
mutant 'published twice' $core/publish.go 'results[i].err = a.publishOne(ctx, r)' 'results[i].err = a.publishOne(ctx, r); _ = a.publishOne(ctx, r)'
mutant 'two classes swapped' $core/errortable.go '"Operation.Blocking":           {ClassRetry, wait}' '"Operation.Blocking":           {ClassOperator, wait}'
mutant 'answered before the work' $core/handler.go '	_ = group.Wait() // what goes wrong is in the results' '	go func() { _ = group.Wait() }()'
mutant 'final outcome lost with the topic' $core/followup.go 'if r.err == nil || r.silent || !r.status().final() {' 'if true {'
mutant 'token without the router' $core/create.go 'e.ID, r.ConnectionID, r.RouterID, r.RegionID,' 'e.ID, r.ConnectionID, r.RegionID,'
mutant 'client token that changes' $core/create.go 'return digest(parts...)' 'return digest(append(parts, fmt.Sprintf("%p", &parts))...)'
mutant 'region taken as given' $core/resolve.go 'if !slices.Contains(orOwn(r.Regions, inv.RegionID), e.RegionID) {' 'if false {'
mutant 'account taken as given' $core/resolve.go 'if !slices.Contains(orOwn(r.Accounts, inv.AccountID), e.OwnerID) {' 'if false {'
mutant 'neighbours dropped' function/internal/event/decode.go 'd.items = append(d.items[:before], Item{Malformed: bad})' 'd.items = append(d.items[:before][:0], Item{Malformed: bad})'
mutant 'zone sent in dual-tunnel mode' $core/create.go 'if c.DualTunnel {' 'if false {'
mutant 'moved although attached elsewhere' $core/preflight.go 'if c.TransitRouterID == router.ID {' 'if c.TransitRouterID != "" {'
mutant 'token of the zone kept without it' $core/create.go 'request.ClientToken = clientToken(l.event, request)' ''
mutant 'Basic Edition router of a CEN taken' $core/resolve.go '(f.CenID != router.CenID || router.Type != typeEnterprise)' 'f.CenID != router.CenID'
mutant 'opt-out overruled by a request' $core/resolve.go 'if strings.TrimSpace(c.Tags[r.TagPrefix+tagRouter]) == optOut {' 'if false {'
mutant 'bare CIDR not noticed' $core/preflight.go 'case len(router.CIDRs) == 0:' 'case false:'
mutant 'passing failures not tried again' $core/schedule.go 'if err == nil || table.Of(err) != ClassRetry || try >= t.Count {' 'if true {'
mutant 'lookups not shared' $core/line.go 'return l.shared.routers.get(' 'return new(memo[[]Router]).get('
mutant 'a busy router not looked up again' $core/line.go 'fmt.Sprint(l.passes, filter.key())' 'filter.key()'
mutant 'routers not limited' $core/create.go 'release := l.shared.reserve(ctx, request.RouterID)' 'release := func() {}'
mutant 'events of one connection at once' $core/handler.go 'lane, found := laneOf[item.Event.ConnectionID]' 'lane, found := 0, false'
mutant 'only the first page read' $core/cloud.go 'if next == "" || next == cursor {' 'if true {'
mutant 'work not begun uses up an attempt' $core/handler.go 'v = Verdict{postponed: true}' 'v = *failed("", Fault{Code: CodeNoAnswer, Class: ClassRetry})'
mutant 'newer version dropped' $core/followup.go 'return result{item: item, silent: true, later: &Message{Body: newer.Body, Delay: newerDelay}}' 'return result{item: event.Item{Ignored: "newer"}, silent: true}'
mutant 'success although the confirm could not be queued' $core/handler.go '		return err
	}
	ctx, cancel = b.until(forPublish)' '	}
	ctx, cancel = b.until(forPublish)'
mutant 'a message believed about its history' $core/resolve.go 'e.Attempt = min(max(e.Attempt, 1), maxAttempt)' ''
mutant 'a report made anew' $core/publish.go 'return r.item.Report.Body, nil' 'return r.outcome.encode()'
mutant 'half a batch taken for all' function/internal/mns/queue.go 'if entry.ErrorCode != "" {' 'if false {'
mutant 'attaching never followed' $core/conclude.go 'case v.following != nil:' 'case false:'
mutant 'one empty list taken for gone' $core/follow.go 'case since.IsZero():' 'case false:'
mutant 'copies not collapsed' $core/followup.go 'i, found := at[m.copyOf]' 'i, found := at[m.copyOf]; found = false'
mutant 'dead letter after the outcome' $core/conclude.go 'r.letter, r.err = &Message{Body: letter}, err' 'r.err = err'
mutant 'associated elsewhere and moved' $core/tables.go 'return false, conflict(CodeTableElsewhere' 'continue; return false, conflict(CodeTableElsewhere'
mutant 'route table without consent' $core/tables.go 'if r.RequireConsent && !slices' 'if false && !slices'
mutant 'Attached before its route tables are done' $core/follow.go 'case pending:' 'case false:'
mutant 'detached and attached again' $core/line.go 'case l.event.Following != nil:' 'case false:'
mutant 'jitter that differs between copies' $core/conclude.go 'share := float64(' 'share := float64(time.Now().Nanosecond()%2) / 2 * float64('
mutant 'bound of a message believed' $core/conclude.go 'e.Until = earlier(e.Until, e.FirstSeen.Add(a.Horizon))' 'if e.Until.IsZero() { e.Until = e.FirstSeen.Add(a.Horizon) }'
mutant 'fields of another version lost' function/internal/event/followup.go 'e.FirstSeen, e.Until, e.Unknown = f.Attempt, sane(f.FirstSeen), sane(f.Until), unknown(fields)' 'e.FirstSeen, e.Until, e.Unknown = f.Attempt, sane(f.FirstSeen), sane(f.Until), nil'
mutant 'doubtful codes tried for the horizon' $core/errortable.go 'return patience{48, ClassOperator}' 'return patience{1, ClassRetry}'
mutant 'unknown create taken for a failure' $core/create.go 'v.again = v.again || l.unanswered' ''
mutant 'unknown create given up as failed' $core/line.go 'if l.unanswered && v.Status == StatusFailed {' 'if false {'
mutant 'lookups told apart by joined tags' $core/share.go 'return digest(parts...)' 'return digest(f.RegionID, f.RouterID, f.CenID, pairs(f.Tags))'
mutant 'owner taken from the message' $core/line.go 'if err == nil && l.event.OwnerID != l.inv.AccountID {' 'if false {'
mutant 'field that is there twice' function/internal/event/request.go 'case repeatsField(raw):' 'case false:'
mutant 'one message with events without end' function/internal/event/decode.go 'bad == nil && found > maxPerMessage' 'false'
mutant 'endless wait for a throttle' $core/schedule.go 'if pause > maxPause ||' 'if'
mutant 'credentials of the start kept' function/internal/app/app.go 'a.credentials.Set(key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)' '_ = key'
mutant 'raw element in the refusal' function/internal/event/decode.go 'return malformed("payload", "it is not valid JSON")
	}
	return d.dispatch' 'return malformed("payload", "it is not valid JSON: %s", raw)
	}
	return d.dispatch'
mutant 'recorded failures taken for successes' function/internal/event/actiontrail.go 'if r.ErrorCode != "" && r.ErrorCode != "0" {' 'if false {'
mutant 'misspelt request fields passed over' function/internal/event/request.go 'strict.DisallowUnknownFields()' ''
mutant 'publishing repeated by the SDK' function/internal/mns/mns.go 'client.SetTransport(once{' '_ = (once{'
mutant 'dry run made in earnest' $core/create.go 'DryRun: e.DryRun,' ''
mutant 'empty answer taken for a success' function/internal/cbn/cbn.go 'if response.Body == nil || dara.StringValue(response.Body.TransitRouterAttachmentId) == "" {' 'if response.Body == nil {'

printf '%d caught, %d not\n' "$caught" "$missed"
((missed == 0))
