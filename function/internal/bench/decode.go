package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// LargeBatch is a payload of about 6 MB, the most that an invocation takes, of events whose records are as long as
// those of connections with long configurations.
func LargeBatch(connections int) ([]byte, error) {
	payload, err := Batch(connectionIDs(0, connections)...)
	if err != nil {
		return nil, err
	}
	pad := strings.Repeat("x", max(0, (6_000_000-len(payload))/connections-40))
	const parameters = `\"requestParameters\": {`
	return []byte(strings.ReplaceAll(string(payload), parameters, parameters+`\"Padding\": \"`+pad+`\",`)), nil
}

// The layers of a batch, as far as an event is read from them.
type (
	layer struct {
		ID, Source, Type, Time string
		Data                   struct {
			MessageID   string `json:"messageId"`
			MessageBody string `json:"messageBody"`
		}
	}
	record struct {
		ID, Source, Type, Time string
		Data                   struct {
			EventID             string          `json:"eventId"`
			EventName           string          `json:"eventName"`
			EventTime           string          `json:"eventTime"`
			ErrorCode           string          `json:"errorCode"`
			AcsRegion           string          `json:"acsRegion"`
			RecipientAccountID  string          `json:"recipientAccountId"`
			ResourceName        string          `json:"resourceName"`
			RequestParameters   json.RawMessage `json:"requestParameters"`
			ReferencedResources json.RawMessage `json:"referencedResources"`
			ResponseElements    struct {
				VpnConnectionID string `json:"VpnConnectionId"`
			} `json:"responseElements"`
			UserIdentity struct{ UserName, PrincipalID, Type string } `json:"userIdentity"`
		}
	}
)

// decoding compares the decoding of a large batch into events with decoding only its layers.
func decoding(runs int) ([]Row, error) {
	payload, err := LargeBatch(500)
	if err != nil {
		return nil, err
	}
	megabytes := float64(len(payload)) / 1e6
	ours := func() (float64, error) {
		began := time.Now()
		batch, err := event.Decoder{RequestID: "R"}.Decode(payload)
		if err != nil || len(batch.Items) != 500 {
			return 0, fmt.Errorf("decoding the batch: %d items, %w", len(batch.Items), err)
		}
		if _, is := batch.Items[499].(event.Event); !is {
			return 0, fmt.Errorf("decoding the batch: the last item is %T", batch.Items[499])
		}
		return milliseconds(time.Since(began)), nil
	}
	bare := func() (float64, error) {
		began := time.Now()
		var layers []layer
		if err := json.Unmarshal(payload, &layers); err != nil {
			return 0, fmt.Errorf("decoding the batch bare: %w", err)
		}
		for _, l := range layers {
			var r record
			err := json.Unmarshal([]byte(l.Data.MessageBody), &r)
			if err != nil || r.Data.ResponseElements.VpnConnectionID == "" {
				return 0, fmt.Errorf("decoding the batch bare: %w", err)
			}
		}
		return milliseconds(time.Since(began)), nil
	}
	valid := func() (float64, error) {
		began := time.Now()
		if !json.Valid(payload) {
			return 0, fmt.Errorf("decoding the batch: it is not JSON")
		}
		return milliseconds(time.Since(began)), nil
	}
	values, err := interleave(runs, ours, bare, valid)
	if err != nil {
		return nil, err
	}
	speed := make([]float64, len(values[0]))
	for i, ms := range values[0] {
		speed[i] = megabytes / ms * 1000
	}
	name := fmt.Sprintf("decode: %.1f MB, 500 events", megabytes)
	return []Row{
		ratio(name, "ms", "the same layers bare", values[0], values[1], 1.20),
		ratio("decode: the same", "ms", "json.Valid alone", values[0], values[2], 0),
		absolute("decode: speed", "MB/s", speed, 0),
	}, nil
}

// prepared answers the core's questions from memory, so that what is counted is the core's own.
// What it does not answer is not asked.
type prepared struct {
	cloud.Reader
	cloud.Writer
}

func (prepared) DescribeConnection(_ context.Context, _, region, id string) (cloud.Connection, error) {
	return cloud.Connection{
		ID: id, Name: "site", RegionID: region, State: cloud.StateUnbound,
		Tags: map[string]string{"vpn-attach:transit-router": "tr-0"},
	}, nil
}

func (prepared) ListRouters(context.Context, cloud.RouterFilter, string) (cloud.Page[cloud.Router], error) {
	return cloud.Page[cloud.Router]{Items: []cloud.Router{{
		ID: "tr-0", CenID: "cen-0", RegionID: "cn-hangzhou", Type: cloud.TypeEnterprise, Status: cloud.StatusActive,
		CIDRs: []string{"10.0.0.0/24"}, Tags: map[string]string{"vpn-attach:accept": "any"},
	}}}, nil
}

func (prepared) CreateAttachment(context.Context, cloud.CreateRequest) (string, error) {
	return "tr-attach-1", nil
}
func (prepared) Publish(context.Context, []byte, string) error { return nil }
func (prepared) Send(context.Context, []cloud.Message) ([]cloud.Message, error) {
	return nil, nil
}

// allocations counts what one event costs outside the SDK's calls.
func allocations(ctx context.Context) ([]Row, error) {
	p := prepared{}
	a := attach.Attacher{
		Reader: p, Writer: p, Topic: p, Queue: p, DeadLetters: p,
		Rules:       decide.Rules{TagPrefix: "vpn-attach:", RequireConsent: true, AutoPublish: true},
		Schedule:    decide.Schedule{Horizon: time.Hour, ConfirmTimeout: time.Hour, Codes: decide.NewCodes(nil)},
		Pace:        &pace.Pace{Tries: 1, CallTimeout: time.Second},
		Signer:      event.NewSigner(strings.Repeat("k", event.MinKey), ""),
		Concurrency: 16,
		Log:         zerolog.New(io.Discard),
	}
	inv := attach.Invocation{
		Function:  decide.Function{RegionID: "cn-hangzhou", AccountID: "1234567890123456", Name: "vpn-attach"},
		RequestID: "R", Started: time.Now(),
	}
	payload, err := Batch(connectionIDs(0, 1)...)
	if err != nil {
		return nil, err
	}
	const events = 500
	var before, after runtime.MemStats
	for range 2 { // the first round warms up
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range events {
			report, err := a.Handle(ctx, inv, payload)
			if err != nil || report.Statuses[decide.StatusAttaching] != 1 {
				return nil, fmt.Errorf("handling an event in memory: %+v, %w", report, err)
			}
		}
		runtime.ReadMemStats(&after)
	}
	allocated := []float64{float64(after.Mallocs-before.Mallocs) / events}
	bytes := []float64{float64(after.TotalAlloc-before.TotalAlloc) / events / 1000}
	return []Row{
		absolute("warm event: allocations outside the SDK calls (floor 0)", "", allocated, 0),
		absolute("warm event: bytes allocated outside the SDK calls (floor 0)", "kB", bytes, 0),
	}, nil
}
