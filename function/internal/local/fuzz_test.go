package local

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

const (
	canaryOfTheEvent = "psk-in-the-event-must-never-be-seen"
	canaryOfTheCloud = "canary-psk"
	hostileKey       = "the-key-of-the-fuzzer-must-never-be-seen"
)

// The configurations in which payloads are handled.
const (
	plainly = iota
	dryRun
	paused
	configurations
)

// FuzzHandler hands payloads of strangers to the function, in virtual time, and lets everything that follows happen.
// See trial.judge for what must hold.
func FuzzHandler(f *testing.F) {
	for seed := range uint64(configurations) { // TestTheHandlerHoldsAgainstStrangers has more
		f.Add(seed, []byte(nil), uint8(seed))
	}
	for i, text := range corpus() {
		if i%24 == 0 { // the others are played as cases
			f.Add(uint64(i), text, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, raw []byte, configuration uint8) {
		if len(raw) <= 20_000 {
			handleHostile(t, seed, raw, int(configuration)%configurations)
		}
	})
}

// TestTheHandlerHoldsAgainstStrangers is FuzzHandler for the first seeds.
func TestTheHandlerHoldsAgainstStrangers(t *testing.T) {
	seeds := uint64(400)
	if raceEnabled { // which makes each six times as slow
		seeds = 120
	}
	for seed := range seeds {
		handleHostile(t, seed, nil, int(seed%configurations))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// trial is one payload, and what came of it.
type trial struct {
	*testing.T
	cloud    *Cloud
	stranger *stranger
	payload  []byte
	honest   []string
	items    int // of the payload
	sweeps   int

	mu   sync.Mutex
	sent []string // messages
	said []string // lines
}

func handleHostile(t *testing.T, seed uint64, raw []byte, configuration int) {
	more := map[int]string{dryRun: "    DRY_RUN: \"true\"\n", paused: "    PAUSE: \"true\"\n"}[configuration]
	spec, err := ReadSpec([]byte(hostileCloud + more))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
		signer := event.NewSigner(hostileKey, "")
		s := &stranger{Rand: rand.New(rand.NewPCG(seed, uint64(configuration))), sign: signer.Sign}
		r := &trial{T: t, stranger: s, honest: []string{"vco-honest0", "vco-honest1"}}
		r.payload = s.payload(raw, r.honest...)
		batch, _ := event.Decoder{RequestID: "R", AccountID: spec.Account, Signer: signer}.Decode(r.payload)
		r.items = len(batch.Items)
		for _, item := range batch.Items {
			if _, is := item.(event.Sweep); is {
				r.sweeps++
			}
		}
		watch := Watch{Exchange: r.exchange, Output: r.output}
		r.cloud, err = StartInProcess(spec, Options{Deployed: TheStack(), Watch: watch})
		if err != nil {
			t.Fatal(err)
		}
		r.play(configuration)
		r.cloud.Close()
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
		if t.Failed() {
			t.Logf("seed %d, configuration %d, payload %s", seed, configuration, r.payload)
		}
	})
}

// exchange notes the messages that are sent.
func (r *trial) exchange(x fault.Exchange) {
	var batch struct {
		Messages []struct{ MessageBody string } `xml:"Message"`
	}
	if x.Action != cloud.ActionSend || xml.Unmarshal(x.Body, &batch) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range batch.Messages {
		r.sent = append(r.sent, m.MessageBody)
	}
}

func (r *trial) output(_, _, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, line)
}

// play hands over the payload, and unless the function is paused has all that follows happen.
func (r *trial) play(configuration int) {
	done, err := r.cloud.Runtime.Invoke(r.Context(), r.payload)
	r.mu.Lock()
	out := len(r.sent)
	r.mu.Unlock()
	if most := r.items + 1 + 3*r.sweeps; out > most {
		r.Errorf("%d messages were sent for %d events", out, r.items)
	}
	if configuration == paused {
		r.judgePaused(done.Failure != nil)
		return
	}
	if err != nil || done.Failure != nil {
		r.Errorf("the invocation failed: %v, %+v", err, done.Failure)
	}
	document, err := r.cloud.Play(r.Context(), func(context.Context) error { return nil }, 30*time.Hour, nil)
	if err != nil {
		r.Errorf("it does not end: %v", err)
	}
	r.judge(configuration, document)
}

// judgePaused: nothing is called but the queue, and what is honest goes back byte for byte, or the invocation fails.
func (r *trial) judgePaused(failed bool) {
	for _, id := range r.honest {
		if !failed && !slices.Contains(r.sent, honestRecord(id)) {
			r.Errorf("the message about %s did not go back as it came", id)
		}
	}
	for action, n := range r.cloud.Faults.Counts() {
		if action != cloud.ActionSend {
			r.Errorf("%d calls of %s while the function is paused", n, action)
		}
	}
	r.judgeSecrets(nil)
}

// judge names what does not hold: every honest event has its ending, nothing is attached without consent, nothing is
// changed by a dry run, nothing is detached that nobody may have asked for, and then it is told, no secret is seen, and
// the function failed on nothing.
func (r *trial) judge(configuration int, document Document) {
	endings := map[string]string{}
	for _, o := range flattened(document.Outcomes) {
		about, _ := o["event"].(fields)
		if o["code"] == "Internal" {
			r.Errorf("the function failed on %v", o)
		}
		if o["final"] == true {
			endings[fmt.Sprint(about["id"])] = fmt.Sprint(o["status"])
		}
		endings[fmt.Sprint(o["subject"], " ", o["status"])] = "told"
	}
	good := map[int][]string{plainly: {"attached", "unchanged"}, dryRun: {"checked"}}[configuration]
	for _, id := range r.honest {
		if ending := endings["e-"+id]; !slices.Contains(good, ending) {
			r.Errorf("the honest event of %s ends as %q", id, ending)
		}
	}
	for _, a := range r.cloud.Estate.Attachments() {
		isSeeded := a.Connection == "vco-forced" && a.Status != estate.StatusDeleted
		isGone := a.Status == estate.StatusDeleted
		switch {
		case isGone && (configuration == dryRun || !r.stranger.detaches):
			r.Errorf("%s was detached, and nobody may ask for that", a.Connection)
		case isGone && endings[a.Connection+" detached"] == "" && endings[a.Connection+" detaching"] == "":
			r.Errorf("%s was detached in silence", a.Connection)
		case a.Router != "tr-core":
			r.Errorf("%s was attached to %s without consent", a.Connection, a.Router)
		case configuration == dryRun && !isSeeded:
			r.Errorf("%s was attached by a dry run", a.Connection)
		}
	}
	var told []string
	for _, o := range document.Outcomes {
		told = append(told, string(o))
	}
	r.judgeSecrets(told)
}

// judgeSecrets looks for canaries in what is told and logged.
func (r *trial) judgeSecrets(told []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range slices.Concat(told, r.said) {
		for _, secret := range []string{canaryOfTheEvent, canaryOfTheCloud, hostileKey, "internal fault"} {
			if strings.Contains(text, secret) {
				r.Errorf("%q is in %s", secret, text)
			}
		}
		if strings.HasPrefix(text, "{") && !json.Valid([]byte(text)) {
			r.Errorf("it is no JSON: %s", text)
		}
	}
}
