package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// Console makes calls of the cloud's services.
type Console interface {
	// Call makes one call and gives its answer. A refusal is a *CallError.
	Call(ctx context.Context, c Call) ([]byte, error)
}

// Call is one call, in the words of the aliyun CLI.
type Call struct {
	Service string // fc, ros, sls, …
	Action  string // the name of the operation; of Function Compute GET, POST, PUT or DELETE
	Path    string // of Function Compute, and the object of oss
	Flags   []string
	Body    string
}

// CallError is a service's refusal, or that the CLI could not call it.
type CallError struct {
	Call          Call
	Code, Message string
}

func (e *CallError) Error() string {
	name := strings.TrimSpace(e.Call.Service + " " + e.Call.Action + " " + e.Call.Path)
	return strings.TrimSpace(fmt.Sprintf("calling %s: %s %s", name, e.Code, plain(e.Message)))
}

// refused reports whether err is a refusal whose code has one of the words in it.
func refused(err error, words ...string) bool {
	var refusal *CallError
	if !errors.As(err, &refusal) {
		return false
	}
	for _, word := range words {
		if strings.Contains(refusal.Code, word) {
			return true
		}
	}
	return false
}

// CLI is the aliyun CLI. A stand-in that answers as it does takes its place in tests.
type CLI struct {
	Path   string // of the program
	Region string
}

// Call implements Console. Oss answers in text, everything else in JSON.
func (c CLI) Call(ctx context.Context, call Call) ([]byte, error) {
	arguments := []string{call.Service, call.Action}
	if call.Path != "" {
		arguments = append(arguments, call.Path)
	}
	arguments = append(arguments, call.Flags...)
	if call.Body != "" {
		arguments = append(arguments, "--body", call.Body)
	}
	var out, complaint bytes.Buffer
	command := exec.CommandContext(ctx, c.Path, append(arguments, "--region", c.Region)...)
	command.Stdout, command.Stderr = &out, &complaint
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return nil, readRefusal(call, complaint.String()+out.String())
	case err != nil:
		return nil, &MissingError{What: "the aliyun CLI does not start: " + plain(err.Error()),
			Fix: "install it (https://github.com/aliyun/aliyun-cli), or name it by ALIYUN_CLI"}
	}
	return out.Bytes(), unsuccessful(call, out.Bytes())
}

// readRefusal reads what the CLI says when a service refuses.
func readRefusal(call Call, said string) error {
	said = regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(said, "") // it colours what it says, whoever reads it
	refusal := &CallError{Call: call, Message: strings.TrimSpace(said)}
	for name, into := range map[string]*string{"ErrorCode": &refusal.Code, "Message": &refusal.Message} {
		if found := regexp.MustCompile(`(?m)^` + name + `[:=] *(.*)$`).FindStringSubmatch(said); found != nil {
			*into = strings.TrimSpace(found[1])
		}
	}
	return refusal
}

// unsuccessful reads a refusal that comes with HTTP 200, as EventBridge has them.
func unsuccessful(call Call, answer []byte) error {
	var said struct {
		Success       *bool
		Code, Message string
	}
	if json.Unmarshal(answer, &said) != nil || said.Success == nil || *said.Success {
		return nil
	}
	return &CallError{Call: call, Code: said.Code, Message: said.Message}
}

// ask makes a call and decodes its answer.
func ask[T any](ctx context.Context, o Operator, c Call) (answer T, err error) {
	text, err := o.Console.Call(ctx, c)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("reading the answer of %s %s: %w", c.Service, c.Action, err)
	}
	return answer, nil
}
