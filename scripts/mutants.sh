#!/usr/bin/env bash
# Shows that the tests can fail: applies one breakage at a time to a copy of the tree, runs the tests, and names the
# test that caught it. Exit 1 when a breakage goes unnoticed or no longer applies. Arguments pick breakages by a part
# of their names.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
caught=0 missed=0
picked=("$@")

# wanted NAME: whether the arguments ask for it.
wanted() {
  ((${#picked[@]})) || return 0
  local part
  for part in "${picked[@]}"; do [[ $1 == *"$part"* ]] && return 0; done
  return 1
}

# miss VERDICT NAME WHY
miss() {
  printf '%-7s %-48s %s\n' "$1" "$2" "${3:-}"
  missed=$((missed + 1))
}

# caught NAME BY
caught() {
  printf 'caught  %-48s by %s\n' "$1" "$2"
  caught=$((caught + 1))
}

# apply NAME FILE FROM TO: in a copy of FILE, the text FROM, which must be there, becomes TO.
apply() {
  local name=$1 file=$2 from=$3 to=$4 text output
  wanted "$name" || return 1
  rm -rf "$copy/tree"
  mkdir "$copy/tree"
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy/tree"
  text=$(<"$copy/tree/$file")
  if [[ $text != *"$from"* ]]; then
    miss STALE "$name" "the text is no longer in $file"
    return 1
  fi
  printf '%s\n' "${text/"$from"/"$to"}" >"$copy/tree/$file"
  if ! output=$(cd "$copy/tree" && go build ./... 2>&1); then
    miss BROKEN "$name" "does not build: ${output//$'\n'/ }"
    return 1
  fi
}

# mutant NAME FILE FROM TO: a breakage that a test must notice, the packages' own first, the binary's else.
mutant() {
  local output test
  apply "$@" || return 0
  if output=$(cd "$copy/tree" && go test -timeout 3m ./function/internal/... 2>&1 && go test -count=1 -timeout 8m -failfast ./function 2>&1); then
    miss MISSED "$1"
    return 0
  fi
  test=$(grep -oE -- '--- FAIL: [^ ]+' <<<"$output" | sed 's/--- FAIL: //' | sort -u | awk '{ all = $0; if (index($0, "/")) { print; found = 1; exit } } END { if (!found) print all }')
  caught "$1" "${test:-a run that did not end}"
}

# storm INVARIANT NAME FILE FROM TO: a breakage that must trip an invariant of the soak.
storm() {
  local invariant=$1 output tripped
  shift
  apply "$@" || return 0
  (cd "$copy/tree" && CGO_ENABLED=0 go build -o "$copy/broken" ./function && go build -o "$copy/local" ./function/cmd/local)
  output=$("$copy/local" soak --function "$copy/broken" --events 500 --timeout 90s 2>/dev/null)
  tripped=$(grep -oE '^[a-z]+(-[a-z]+)*: ' <<<"$output" | tr -d ': ' | grep -vE '^(again|fault)$' | sort -u | paste -sd ' ')
  if [[ " $tripped " == *" $invariant "* ]]; then caught "$1" "the soak: $tripped"; else miss MISSED "$1" "the soak tripped ${tripped:-nothing}, not $invariant"; fi
}

core=function/internal/attach
mutant 'consent ignored' $core/resolve.go 'if !r.RequireConsent || t.trusted || r.accepts(router, ownerID) {' 'if true {'
mutant 'first of the list taken unmatched' $core/resolve.go 'if t.filter.matches(router) {' 'if len(matching) == 0 {'
mutant 'published twice' $core/publish.go 'results[i].err = a.publishOne(ctx, r)' 'results[i].err = a.publishOne(ctx, r); _ = a.publishOne(ctx, r)'
mutant 'two classes swapped' $core/errortable.go '"Operation.Blocking":                        {ClassRetry, wait}' '"Operation.Blocking":           {ClassOperator, wait}'
mutant 'answered before the work' $core/handler.go '	_ = group.Wait() // what goes wrong is in the results' '	go func() { _ = group.Wait() }()'
mutant 'final outcome lost with the topic' $core/followup.go 'if r.err == nil || r.silent || r.swept != nil || !r.status().final() {' 'if true {'
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
	for i, body := range <-encoded' '	}
	for i, body := range <-encoded'
mutant 'a message believed about its history' $core/resolve.go 'e.Attempt = min(max(e.Attempt, 1), maxAttempt)' ''
mutant 'a report made anew' $core/publish.go 'return r.item.Report.Body, nil' 'return r.outcome.encode()'
mutant 'half a batch taken for all' function/internal/mns/queue.go 'if entry.ErrorCode != "" {' 'if false {'
mutant 'attaching never followed' $core/conclude.go 'case v.following != nil:' 'case false:'
mutant 'one empty list taken for gone' $core/follow.go 'case since.IsZero():' 'case false:'
mutant 'copies not collapsed' $core/followup.go 'i, found := at[m.copyOf]' 'i, found := at[m.copyOf]; found = false'
mutant 'no dead letter before the outcome' $core/conclude.go 'r.letter, r.err = &Message{Body: letter}, err' '_, r.err = letter, err'
mutant 'associated elsewhere and moved' $core/tables.go 'return false, conflict(CodeTableElsewhere' 'continue; return false, conflict(CodeTableElsewhere'
mutant 'route table without consent' $core/tables.go 'if r.RequireConsent && !slices' 'if false && !slices'
mutant 'Attached before its route tables are done' $core/follow.go 'case pending:' 'case pending && false:'
mutant 'detached and attached again' $core/line.go 'case l.event.Following != nil:' 'case false:'
mutant 'jitter that differs between copies' $core/conclude.go 'share := float64(' 'share := float64(time.Now().Nanosecond()%2) / 2 * float64('
mutant 'bound of a message believed' $core/conclude.go 'e.Until = earlier(e.Until, e.FirstSeen.Add(a.Horizon))' 'if e.Until.IsZero() { e.Until = e.FirstSeen.Add(a.Horizon) }'
mutant 'fields of another version lost' function/internal/event/followup.go 'e.FirstSeen, e.Until, e.Unknown = f.Attempt, sane(f.FirstSeen), sane(f.Until), unknown(fields)' 'e.FirstSeen, e.Until, e.Unknown = f.Attempt, sane(f.FirstSeen), sane(f.Until), nil'
mutant 'doubtful codes tried for the horizon' $core/errortable.go 'return patience{48, ClassOperator}' 'return patience{1, ClassRetry}'
mutant 'unknown create taken for a failure' $core/create.go 'v.again = v.again || l.unanswered' ''
mutant 'unknown create given up as failed' $core/line.go 'if l.unanswered && v.Status == StatusFailed {' 'if false {'
mutant 'lookups told apart by joined tags' $core/share.go 'return digest(parts...)' 'return digest(f.RegionID, f.RouterID, f.CenID, pairs(f.Tags))'
mutant 'another account read as our own' $core/line.go 'DescribeConnection(ctx, l.foreign(),' 'DescribeConnection(ctx, "",'
mutant 'grant not asked for' $core/owner.go 'case granted:' 'case granted || true:'
mutant 'consent for the wrong account' $core/line.go 'l.Rules.consent(target, router, l.event.OwnerID)' 'l.Rules.consent(target, router, l.inv.AccountID)'
mutant 'a role assumed for every call' function/internal/aliyun/roles.go 'if s := r.sessions[account]; s != nil {' 'if s := r.sessions[account]; false {'
mutant 'members not swept' $core/sweep.go 'range orOwn(s.Rules.Accounts, s.inv.AccountID)' 'range []string{s.inv.AccountID}'
mutant 'no pace' $core/pace.go 'place := g.limiter.ReserveN(now, 1)' 'place := g.limiter.ReserveN(now, 0)'
mutant 'throttles not learnt from' $core/pace.go 'g.share = max(g.share/2, leastShare)' ''
mutant 'turned away all at once' $core/pace.go 'g.latest = g.latest.Add(seconds(1 / limit))' ''
mutant 'confirms that share nothing' $core/follow.go 'return among(page, c, router), err' '_, _ = page, err; return Attachment{}, nil'
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
mutant 'let go of what is not ours' $core/detach.go 'case a.Tags[l.Rules.TagPrefix+tagConnection] != c.ID:' 'case false:'
mutant 'let go of without a word' $core/detach.go 'case l.event.Force:' 'case true:'
mutant 'letting go in earnest unless told' function/internal/event/detach.go 'r.DryRun == nil || *r.DryRun' 'r.DryRun != nil && *r.DryRun'
mutant 'letting go not followed' $core/detach.go 'Verdict{Status: StatusDetaching, following: &next}' 'Verdict{Status: StatusDetached, wait: next.Since.Sub(next.Since)}'
mutant 'another attachment let go of' $core/detach.go 'return l.event.Following != nil && l.event.Following.AttachmentID != a.ID' 'return false'
mutant 'a sweep asks for all at once' $core/sweep.go ' || counts.Queued >= s.SweepMax' ''
mutant 'a dry sweep asks all the same' $core/sweep.go 's.sweep.DryRun || s.Rules.DryRun || counts' 's.Rules.DryRun || counts'

# What a storm must notice, by the invariant that it trips.
storm attached-once 'soak: sweeps that ask for nothing' $core/sweep.go 's.Sweep != SweepAttach ||' 'true ||'
storm truthful 'soak: detached before it is gone' $core/detach.go 'Verdict{Status: StatusDetaching, following: &next}' 'Verdict{Status: StatusDetached, wait: next.Since.Sub(next.Since)}'
storm one-token 'soak: random client token' $core/create.go 'return digest(parts...)' 'return digest(append(parts, fmt.Sprintf("%p", new(int)))...)'
storm final-outcome 'soak: success although the confirm could not be queued' $core/handler.go '		return err
	}
	for i, body := range <-encoded' '	}
	for i, body := range <-encoded'
storm final-outcome 'soak: attaching never followed' $core/conclude.go 'case v.following != nil:' 'case false:'
storm final-outcome 'soak: returned before the work ends' $core/handler.go '	_ = group.Wait() // what goes wrong is in the results' '	go func() { _ = group.Wait() }()'
storm truthful 'soak: one empty list taken for gone' $core/follow.go 'if attachment.ID == "" { //' 'if attachment.ID == "" {
		return l.vanished(c, router, "not listed").about(rule, router, Attachment{})
	}
	if attachment.ID == "" { //'
storm ids-repeat 'soak: a report made anew' $core/publish.go 'return r.item.Report.Body, nil' 'return r.outcome.encode()'
storm bounded 'soak: copies not collapsed' $core/followup.go 'i, found := at[m.copyOf]' 'i, found := at[m.copyOf]; found = false'
storm dead-letters 'soak: given up without a dead letter' $core/conclude.go 'r.letter, r.err = &Message{Body: letter}, err' '_, r.err = letter, err'
storm truthful 'soak: route tables forgotten' $core/follow.go 'case pending:' 'case pending && false:'
storm queue-empty 'soak: a retry that never ends' $core/conclude.go 'if !now.Before(e.Until) || ' 'if false && '
storm no-self-refusal 'soak: another token for every try' $core/create.go 'attachmentID, err = l.Attachments.CreateAttachment(ctx, request)' 'request.ClientToken = digest(fmt.Sprintf("%p", new(int))); attachmentID, err = l.Attachments.CreateAttachment(ctx, request)'

printf '%d caught, %d not\n' "$caught" "$missed"
((missed == 0))
