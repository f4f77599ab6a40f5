package operate

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"vpn-attach/function/internal/redrive"
)

// Choice is which messages are meant; its zero value means all.
type Choice struct {
	Connection, Code string
	Older            time.Duration
	IDs              []string // of messages
	Most             int      // of them; 0 is no bound
}

// flags are those of the command line that mean the same messages.
func (c Choice) flags() (all []string) {
	for _, f := range [][2]string{{"--connection", c.Connection}, {"--code", c.Code}} {
		if f[1] != "" {
			all = append(all, f[0], f[1])
		}
	}
	if c.Older > 0 {
		all = append(all, "--older", c.Older.String())
	}
	for _, id := range c.IDs {
		all = append(all, "--id", id)
	}
	if c.Most > 0 {
		all = append(all, "--max", strconv.Itoa(c.Most))
	}
	return all
}

// takes reports whether a message is meant.
func (c Choice) takes(l redrive.Letter) bool {
	about := readAbout(l.Body)
	connections := append(about.connections(), movable(l)...)
	return (c.Connection == "" || slices.Contains(connections, c.Connection)) &&
		(c.Code == "" || about.fault().Code == c.Code) &&
		(c.Older == 0 || time.Since(l.Queued) >= c.Older) &&
		(len(c.IDs) == 0 || slices.Contains(c.IDs, l.ID))
}

// movable are the connections that a dead letter would be about in the event queue.
func movable(l redrive.Letter) (connections []string) {
	messages, err := redrive.Rewrite([]byte(l.Body), l.ID, time.Now())
	if err != nil {
		return nil
	}
	for _, m := range messages {
		connections = append(connections, m.Connection...)
	}
	return connections
}

// fault is why something was given up, in the words of an outcome.
type fault struct {
	Code    string `json:"code"`
	Class   string `json:"class"`
	Message string `json:"message"`
	Advice  string `json:"advice"`
	// Exhausted says that there is a dead letter.
	Exhausted bool `json:"exhausted"`
}

// about is what is read of a document of the function: an outcome, a document of health, a dead letter.
type about struct {
	Type  string    `json:"type"`
	Time  time.Time `json:"time"`
	Error *fault    `json:"error"` // of a message that was not kept
	Data  struct {
		Status, State, Cause, Advice string
		Reason, Actor                string    // of a document of health: its code, and who must act
		ConnectionID                 string    `json:"vpnConnectionId"`
		RegionID                     string    `json:"regionId"`
		RouterID                     string    `json:"transitRouterId"`
		Attachment                   string    `json:"transitRouterAttachmentId"`
		Since                        time.Time `json:"since"`
		Error                        *fault    `json:"error"`
		Data                         *struct { // of a deferred outcome
			ConnectionID string `json:"vpnConnectionId"`
			Error        *fault `json:"error"`
		} `json:"data"`
	} `json:"data"`
}

// readAbout reads a message as far as it is a document of the function; of any other it knows nothing.
func readAbout(body string) (a about) {
	_ = json.Unmarshal([]byte(body), &a) // what does not fit stays empty
	return a
}

func (a about) fault() fault {
	for _, f := range []*fault{a.Data.Error, a.Error} {
		if f != nil {
			return *f
		}
	}
	if a.Data.Data != nil && a.Data.Data.Error != nil {
		return *a.Data.Data.Error
	}
	return fault{Code: a.Data.Reason, Message: a.Data.Cause, Advice: a.Data.Advice}
}

func (a about) connections() (ids []string) {
	if a.Data.ConnectionID != "" {
		ids = append(ids, a.Data.ConnectionID)
	}
	if a.Data.Data != nil && a.Data.Data.ConnectionID != "" {
		ids = append(ids, a.Data.Data.ConnectionID)
	}
	return ids
}
