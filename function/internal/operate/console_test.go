package operate_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// standIn is a program that takes the place of the aliyun CLI, and says what that says.
func standIn(t *testing.T, script string) operate.CLI {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	path := filepath.Join(t.TempDir(), "aliyun")
	if err := os.WriteFile(path, []byte("#!/usr/bin/env bash\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return operate.CLI{Path: path, Region: "cn-hangzhou"}
}

func TestTheCLIIsCalledInItsOwnWords(t *testing.T) {
	cli := standIn(t, `printf '%s\n' "$@"`)
	said, err := cli.Call(t.Context(), operate.Call{
		Service: "fc", Action: "PUT", Path: "/2023-03-30/functions/f", Body: `{"a":1}`,
		Flags: []string{"--qualifier", "live"},
	})
	want := "fc PUT /2023-03-30/functions/f --qualifier live --body {\"a\":1} --region cn-hangzhou"
	if got := strings.Join(strings.Fields(string(said)), " "); err != nil || got != want {
		t.Errorf("it was called with\n%s\nwant\n%s, %v", got, want, err)
	}
}

func TestWhatTheCLIComplainsOfIsRead(t *testing.T) {
	const refusal = "ERROR: SDK.ServerError\\nErrorCode: AliasNotFound\\nRecommend: \\nMessage: alias live\\n"
	for name, c := range map[string]struct{ script, code, message string }{
		"a refusal": {"printf '" + refusal + "' >&2; exit 1", "AliasNotFound", "alias live"},
		"a refusal with HTTP 200": {`echo '{"Success":false,"Code":"ServiceNotEnable","Message":"activate it"}'`,
			"ServiceNotEnable", "activate it"},
		"words of its own": {`printf '\033[1;31mERROR: unknown flag\n\033[0m' >&2; exit 3`, "", "ERROR: unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := standIn(t, c.script).Call(t.Context(), operate.Call{Service: "fc", Action: "GET"})
			var refusal *operate.CallError
			if !errors.As(err, &refusal) || refusal.Code != c.code || refusal.Message != c.message {
				t.Errorf("got %+v", err)
			}
		})
	}
	_, err := operate.CLI{Path: "/nowhere/aliyun"}.Call(t.Context(), operate.Call{Service: "fc"})
	var missing *operate.MissingError
	if !errors.As(err, &missing) || !strings.Contains(missing.Fix, "ALIYUN_CLI") {
		t.Errorf("without the program: %v", err)
	}
}
