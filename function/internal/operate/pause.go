package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// Switched is what became of the triggers.
type Switched struct {
	Started  bool      `json:"started"`
	DryRun   bool      `json:"dryRun"`
	Triggers []Trigger `json:"triggers"`
	Changed  []string  `json:"changed"`
	other    string    // the command that undoes it
	status   string    // the command that shows how the queue empties
}

// Switch stops or starts the triggers, and changes nothing else: neither code nor parameters. What is sent meanwhile
// waits in the event queue, for at most a week.
func (o Operator) Switch(ctx context.Context, start, dryRun bool) (Switched, error) {
	triggers, err := o.triggers(ctx)
	if refused(err, "FunctionNotFound") {
		_, err = o.function(ctx)
	}
	if err != nil {
		return Switched{}, err
	}
	if len(triggers) == 0 {
		return Switched{}, &MissingError{What: "function " + o.Stack + " has no triggers", Fix: o.command("deploy")}
	}
	s := Switched{Started: start, DryRun: dryRun, Changed: []string{}, other: o.command("resume"),
		status: o.command("status")}
	if start {
		s.other = o.command("pause")
	}
	for i, t := range triggers {
		if t.Started == start {
			continue
		}
		if !dryRun {
			o.say("trigger %s", t.Name)
			if err := o.setTrigger(ctx, t, start); err != nil {
				return s, err
			}
			triggers[i].Started = start
		}
		s.Changed = append(s.Changed, t.Name)
	}
	s.Triggers = triggers
	return s, nil
}

// setTrigger writes a trigger back with its switch turned, and all else as it was.
func (o Operator) setTrigger(ctx context.Context, t Trigger, start bool) error {
	config := maps.Clone(t.config)
	config[t.switches()] = start
	text, err := json.Marshal(config)
	if err != nil {
		return fmt.Errorf("writing the configuration of trigger %s: %w", t.Name, err)
	}
	body, err := json.Marshal(map[string]string{"triggerConfig": string(text), "qualifier": t.Qualifier})
	if err != nil {
		return fmt.Errorf("writing trigger %s: %w", t.Name, err)
	}
	_, err = o.Console.Call(ctx, o.fc("PUT", "triggers/"+t.Name, string(body)))
	return err
}

// Text implements Result.
func (s Switched) Text() string {
	done, would := "stopped", "would be stopped"
	if s.Started {
		done, would = "started", "would be started"
	}
	if s.DryRun {
		done = would
	}
	if len(s.Changed) == 0 {
		return "nothing to do: every trigger is " + done + " already\n"
	}
	text := fmt.Sprintf("%s: %s\n", done, strings.Join(s.Changed, ", "))
	if !s.Started && !s.DryRun {
		text += "What is sent meanwhile waits in the event queue. Deployments and rollbacks leave it paused.\n"
	}
	if s.Started && !s.DryRun {
		text += "What waited is taken now. See the event queue empty: " + s.status + "\n"
	}
	return text + "undo: " + s.other + "\n"
}
