package main_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
)

const create = "CreateTransitRouterVpnAttachment"

// TestEveryCodeOfTheAPIPageEndsInItsClassWithARemedy answers one create after another
// with each code of the page, for as long as the function goes on asking.
func TestEveryCodeOfTheAPIPageEndsInItsClassWithARemedy(t *testing.T) {
	t.Parallel()
	rows := table(t, "testdata/codes.tsv")
	if len(rows) != 32 {
		t.Fatalf("the page has 32 codes, the list %d", len(rows))
	}
	for _, fields := range rows {
		code := fields[0]
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, e *evidence) { judgeCode(t, e, fields) },
				"function: {environment: {RETRY_HORIZON: 1m}}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: `+create+`, for: 10h, status: 400, code: `+code+`}
`), queued(created("e-1", "vco-1")))
		})
	}
}

// judgeCode holds the end of an event against a row of the page: code, class and remedy.
func judgeCode(t *testing.T, e *evidence, row []string) {
	code, class, remedy := row[0], decide.Class(row[1]), row[2]
	passing := []string{
		"InvalidStatus.ResourceStatus", "IncorrectStatus.TransitRouter", "InvalidOperation.CenInstanceStatus",
		"OperationFailed.AllocateCidrFailed", "InvalidVpnId.NotFound",
	}
	data := e.outcomes(t)[len(e.Outcomes)-1].Data
	fault := data.Error
	if data.Status != decide.StatusFailed || fault == nil || fault.Code != code || fault.Class != class ||
		fault.HTTPStatus != 400 || fault.RequestID == "" {
		t.Fatalf("got %s", e.Outcomes[0])
	}
	tokens, tried := e.tokens(t), e.Calls[create] > 1 && code != "QuotaFull.ChildInstanceRelatedCen"
	if fault.Exhausted != tried || len(e.DeadLetters) > 0 != tried ||
		tried != slices.Contains(passing, code) ||
		!strings.Contains(strings.ToLower(fault.Advice), strings.ToLower(remedy)) {
		t.Errorf("exhausted %v, %d dead letters, advice %q lacks %q", fault.Exhausted, len(e.DeadLetters),
			fault.Advice, remedy)
	}
	// A definite refusal frees its token.
	if (len(tokens) > 1) != (e.Calls[create] > 1) {
		t.Errorf("%d calls with %d tokens", e.Calls[create], len(tokens))
	}
}

// TestEveryCodeOfOursIsShownByACase holds the list against what the cases must come to, which
// the binary is held to.
func TestEveryCodeOfOursIsShownByACase(t *testing.T) {
	t.Parallel()
	shown := map[string]map[string]bool{} // code → class, or status where there is no error
	for _, one := range cases(t) {
		for _, outcome := range one.Expect.Codes() {
			if shown[outcome.Code] == nil {
				shown[outcome.Code] = map[string]bool{}
			}
			shown[outcome.Code][outcome.Class] = true
		}
	}
	for _, fields := range table(t, "testdata/own-codes.tsv") {
		if !shown[fields[0]][fields[1]] {
			t.Errorf("no case ends in %s as %s, only as %v", fields[0], fields[1], shown[fields[0]])
		}
	}
}

// table reads a list that is carried as data: fields between tabs, comments after #.
func table(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// tokens counts the creates that were sent by their client token.
func (e *evidence) tokens(t *testing.T) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, x := range e.exchanges {
		if x.Action != create {
			continue
		}
		sent, err := url.Parse(x.URL)
		if err != nil {
			t.Fatal(err)
		}
		count[sent.Query().Get("ClientToken")]++
	}
	return count
}

func TestAServiceThatIsNotThereIsSaidSo(t *testing.T) {
	t.Parallel()
	e := run(t, aRouterAnd(oneConnection+"function: {environment: {CBN_ENDPOINT: \"http://127.0.0.1:1\", "+
		"RETRY_HORIZON: 1m}}\n"), queued(created("e-1", "vco-1")))
	fault := e.outcomes(t)[len(e.Outcomes)-1].Data.Error
	if fault == nil || fault.Code != "NoAnswer" || fault.Class != decide.ClassRetry || !fault.Exhausted ||
		fault.Message != "ListTransitRouters: connection refused" {
		t.Errorf("got %s", e.Outcomes[0])
	}
}
