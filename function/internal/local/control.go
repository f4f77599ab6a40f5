package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/redrive"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

// readings are what the page reads. Nothing is changed by them.
func (c *Cloud) readings(mux *http.ServeMux) {
	mux.HandleFunc("GET /local/state", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, c.state())
	})
	mux.HandleFunc("GET /local/outcomes", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"outcomes": c.told(r.URL.Query().Get("vpnConnectionId"))})
	})
	mux.HandleFunc("GET /local/queues/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if !slices.Contains(c.Queues.QueueNames(), name) {
			http.Error(w, fmt.Sprintf("there is no queue %q", name), http.StatusNotFound)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"messages": c.messages(name)})
	})
	mux.HandleFunc("GET /local/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"faults": c.faultStates()})
	})
	mux.HandleFunc("GET /local/requests", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		most, err := strconv.Atoi(query.Get("most"))
		if err != nil || most < 1 || most > maxCalls {
			most = 200
		}
		found := c.desk.calls.find(callFilter{
			caller: query.Get("caller"), action: query.Get("action"), code: query.Get("code"),
			about: query.Get("about"), most: most,
		})
		writeJSON(w, http.StatusOK, map[string]any{"requests": found})
	})
	mux.HandleFunc("GET /local/requests/case", func(w http.ResponseWriter, _ *http.Request) {
		text, err := c.AsCase()
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
		_, _ = w.Write(text)
	})
}

// told are the last outcomes as they were published, of one connection or of all, the latest first.
func (c *Cloud) told(connectionID string) []json.RawMessage {
	outcomes := []json.RawMessage{}
	for _, body := range slices.Backward(c.outcomes.all()) {
		if len(outcomes) == lastTold {
			break
		}
		if connectionID == "" || toldBy(body).Subject == connectionID {
			outcomes = append(outcomes, asJSON(body))
		}
	}
	return outcomes
}

// lastTold is how many outcomes are told at once.
const lastTold = 1000

// changes are what the page asks for.
func (c *Cloud) changes(mux *http.ServeMux) {
	change := func(pattern string, status int, do func(r *http.Request, body []byte) (any, error)) {
		mux.Handle(pattern, changing(maxChange, status, do))
	}
	change("POST /local/connections", http.StatusCreated, c.createConnection)
	change("POST /local/tags", http.StatusOK, c.changeTags)
	change("POST /local/invocations", http.StatusOK, c.invoke)
	change("POST /local/redrive", http.StatusOK, c.redrive)
	change("POST /local/faults", http.StatusCreated, c.addFault)
	change("DELETE /local/faults/{id}", http.StatusOK, c.removeFault)
	change("POST /local/save", http.StatusOK, func(_ *http.Request, body []byte) (any, error) {
		if err := decoded(body, &struct{}{}); err != nil {
			return nil, err
		}
		text, err := c.Saved()
		return map[string]string{"cloud": string(text)}, err
	})
}

// decoded reads a JSON object into a value. A field that nothing reads is refused, and so is what is no object: it
// would be taken for one without fields, and change something that nobody asked for.
func decoded(body []byte, into any) error {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return fmt.Errorf("reading the request: it is no JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("reading the request: %s cannot be of type %s", wrong.Field, wrong.Value)
	case err != nil:
		return fmt.Errorf("reading the request: %w", err)
	case len(bytes.TrimSpace(body[decoder.InputOffset():])) > 0:
		return fmt.Errorf("reading the request: something follows the object")
	}
	return nil
}

// createConnection makes a connection with tags, as CreateVpnAttachment does.
func (c *Cloud) createConnection(_ *http.Request, body []byte) (any, error) {
	var wish struct {
		Name string            `json:"name"`
		Tags map[string]string `json:"tags"`
	}
	if err := decoded(body, &wish); err != nil {
		return nil, err
	}
	id, err := c.Estate.CreateConnection(estate.VPNConnection{Name: wish.Name, Tags: wish.Tags})
	if err != nil {
		return nil, err
	}
	c.notePage("CreateVpnAttachment", id)
	return map[string]string{"vpnConnectionId": id}, nil
}

// changeTags sets and removes tags, as a person in the console does: of a connection it makes the event.
func (c *Cloud) changeTags(_ *http.Request, body []byte) (any, error) {
	var wish struct {
		ID     string            `json:"id"`
		Set    map[string]string `json:"set"`
		Remove []string          `json:"remove"`
	}
	if err := decoded(body, &wish); err != nil {
		return nil, err
	}
	if len(wish.Set)+len(wish.Remove) == 0 {
		return nil, fmt.Errorf("changing tags: set and remove are empty")
	}
	if err := c.Estate.Retag(wish.ID, wish.Set, wish.Remove); err != nil {
		return nil, err
	}
	c.notePage("TagResources", wish.ID)
	if c.desk.records && !strings.HasPrefix(wish.ID, "vco-") { // of a connection the trail tells
		c.desk.story.tagged(wish.ID, wish.Set, wish.Remove)
	}
	return map[string]string{"id": wish.ID}, nil
}

// invoke calls the function as a direct caller does: with a dry run, a detach or a sweep.
func (c *Cloud) invoke(r *http.Request, body []byte) (any, error) {
	if !json.Valid(body) {
		return nil, fmt.Errorf("reading the request: it is no JSON")
	}
	if c.desk.records {
		c.desk.story.invoked(time.Now(), string(body))
	}
	done, err := c.Runtime.Invoke(context.WithoutCancel(r.Context()), body)
	if err != nil {
		return nil, err
	}
	c.noteInvocation(callerPage, done)
	if done.Failure != nil {
		return nil, fmt.Errorf("%s: %s", done.Failure.Type, done.Failure.Message)
	}
	return json.RawMessage(done.Response), nil
}

// addFault adds a fault with the fields that one has in a cloud file.
func (c *Cloud) addFault(_ *http.Request, body []byte) (any, error) {
	if !json.Valid(body) {
		return nil, fmt.Errorf("reading the request: it is no JSON")
	}
	var wish fault.Fault
	if err := yaml.UnmarshalWithOptions(body, &wish, yaml.Strict()); err != nil { // every JSON is YAML
		return nil, atLine("the fault", err)
	}
	if err := c.Faults.Add(wish); err != nil {
		return nil, err
	}
	return map[string]any{"faults": c.faultStates()}, nil
}

func (c *Cloud) removeFault(r *http.Request, _ []byte) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || !c.Faults.Remove(id) {
		return nil, fmt.Errorf("removing a fault: there is none with the number %q", r.PathValue("id"))
	}
	return map[string]any{"faults": c.faultStates()}, nil
}

// redrive moves dead letters back to the event queue, as scripts/vpn-attach redrive does.
func (c *Cloud) redrive(r *http.Request, body []byte) (any, error) {
	var wish struct {
		Max    int  `json:"max"`
		DryRun bool `json:"dryRun"`
	}
	if err := decoded(body, &wish); err != nil {
		return nil, err
	}
	if wish.Max < 0 {
		return nil, fmt.Errorf("moving dead letters: max must be 0 or more")
	}
	var said strings.Builder
	options := redrive.Options{Max: wish.Max, DryRun: wish.DryRun, Out: &said}
	from, to := deadLetters{c.Queues, c.DeadLetters}, eventQueue{c.Queues, c.EventQueue}
	count, err := redrive.Move(r.Context(), from, to, options)
	if err != nil {
		return nil, err
	}
	c.notePage("redrive", c.DeadLetters)
	if c.desk.records && count.Moved > 0 && !wish.DryRun {
		c.desk.story.setAside(time.Now(), "redrive", c.DeadLetters)
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	return map[string]any{"moved": count.Moved, "left": count.Left, "lines": lines}, nil
}

// notePage enters what was done on the page.
func (c *Cloud) notePage(action, about string) {
	c.desk.calls.add(CallState{
		Time: time.Now().UTC(), Caller: callerPage, Service: callerPage, Action: action, About: about,
		Status: http.StatusOK,
	})
}
