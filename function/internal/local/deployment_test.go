package local

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/fc"
)

func TestATriggerThatStaysAsItIsKeepsItsSwitch(t *testing.T) {
	c := up(t)
	c.managed["sweep"].Gate.Set(false) // by hand
	c.updated(t, stackText(t), "Sweep", "attach")
	if got := c.started(); got != "queue" {
		t.Errorf("after an update that does not name it: %s", got)
	}
	c.updated(t, stackText(t), "Started", "false", "Qualifier", "live")
	if got := c.started() + c.managed["queue"].Invokes(); got != "live" {
		t.Errorf("after one that stops them: %s", got)
	}
	c.updated(t, stackText(t), "Qualifier", "none")
	if got := len(c.Invokes.Triggers); got != 0 {
		t.Errorf("of a stack without triggers there are %d", got)
	}
	c.updated(t, stackText(t))
	if got := c.started(); got != "queue sweep" || len(c.Invokes.Triggers) != 2 {
		t.Errorf("after they were made again: %s", got)
	}
}

func TestABatchWaitsForAFunctionThatWasRemoved(t *testing.T) {
	c := up(t)
	if err := c.stacks.Delete(FunctionName); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := c.invokeBy("queue")(ctx, []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	c.updated(t, stackText(t), "Qualifier", "live")
	c.Runtime.Publish("")
	ended := make(chan error, 1)
	go func() {
		_, err := c.invokeBy("queue")(t.Context(), []byte("{}"))
		ended <- err
	}()
	if err := c.point(t, "1"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil { // it ran, and failed: there is no binary
		t.Errorf("once the alias is there: %v", err)
	}
}

// point makes the alias live as the API does.
func (c *Cloud) point(t *testing.T, version string) error {
	t.Helper()
	body := `{"aliasName":"live","versionId":"` + version + `"}`
	status, _, text := c.ask(t, http.MethodPost, fc.InvokePath+c.deployed.FunctionName+"/aliases", body, nil)
	if status != http.StatusOK {
		return errors.New(text)
	}
	return nil
}
