#!/usr/bin/env bash
# The project's own rules on its source. Every fault on a line of its own; exit 1 when there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
faults=0
fault() { printf 'lint: %s\n' "$1"; faults=1; }

unformatted=$(gofmt -l function events)
[[ -z $unformatted ]] || fault "not formatted: ${unformatted//$'\n'/ }; run gofmt -w"

# A function is read on one screen.
while IFS= read -r line; do fault "function of more than 60 lines: $line"; done < <(
  find function events -name '*.go' ! -name '*_test.go' -exec awk '
    FNR == 1 { start = 0 }
    /^func / { start = FNR; name = $0; if ($0 ~ /}$/) start = 0 }
    /^}/ { if (start && FNR - start - 1 > 60) print FILENAME ":" start " (" FNR - start - 1 " lines)"; start = 0 }' {} +)

# State belongs to values: nothing at package level can change, and nothing runs before main.
# Embedded files are the only variables, since embedding needs one.
while IFS= read -r line; do fault "package variable: $line"; done < <(
  grep -rnE '^(var |var\()' --include='*.go' --exclude='*_test.go' function events | grep -vE '^(events/events.go|function/internal/local/page.go):' || true)
while IFS= read -r line; do fault "init function: $line"; done < <(
  grep -rnE '^func init\(' --include='*.go' function events || true)

# One package comment a folder.
while IFS= read -r folder; do
  comments=$(grep -lE '^// (Package|Command) ' "$folder"/*.go | wc -l)
  [[ $comments == 1 ]] || fault "$folder has $comments package comments, not 1"
done < <(find function events -name '*.go' ! -name '*_test.go' -exec dirname {} + | sort -u)

exit $faults
