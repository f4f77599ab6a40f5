package mns_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/standin/fault"
	standin "vpn-attach/function/internal/standin/mns"
)

// bodies gives messages with these bodies.
func bodies(texts ...string) (messages []cloud.Message) {
	for _, text := range texts {
		messages = append(messages, cloud.Message{Body: []byte(text)})
	}
	return messages
}

// texts gives the bodies of messages.
func texts(messages []cloud.Message) (texts []string) {
	for _, m := range messages {
		texts = append(texts, string(m.Body))
	}
	return texts
}

// received gives the bodies that are in a queue, in the order of their text.
func received(t *testing.T, service *standin.Service, queue string) (texts []string) {
	t.Helper()
	got, err := service.Receive(t.Context(), queue, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got {
		texts = append(texts, m.Body)
	}
	slices.Sort(texts)
	return texts
}

// TestAMessageThatDoesNotFitIsRefusedWithoutACall: bytes are counted as the service does, which is handed a character
// of three bytes for each byte that no XML may hold.
func TestAMessageThatDoesNotFitIsRefusedWithoutACall(t *testing.T) {
	const most = 65536
	for name, c := range map[string]struct {
		body string
		fits bool
	}{
		"as large as a queue takes":          {strings.Repeat("x", most), true},
		"one byte more":                      {strings.Repeat("x", most+1), false},
		"characters of three bytes":          {strings.Repeat("杭", most/3), true},
		"one more of them":                   {strings.Repeat("杭", most/3+1), false},
		"marks that XML escapes":             {strings.Repeat("<\n&\"", most/4), true},
		"invalid bytes that fit":             {strings.Repeat("\xff", most/3), true},
		"invalid bytes, one too many":        {strings.Repeat("\xff", most/3+1), false},
		"control characters that fit":        {strings.Repeat("\x01", most/3), true},
		"control characters, one too many":   {strings.Repeat("\x01", most/3+1), false},
		"no characters, of three bytes each": {strings.Repeat("\uffff", most/3), true},
	} {
		t.Run(name, func(t *testing.T) {
			topic, service, injector := bench(t, 5*time.Second)
			queue := mns.Queue{Client: topic.Client, Name: "events"}
			left, err := queue.Send(t.Context(), bodies("before", c.body, "after"))
			var refused *cloud.RefusedError
			if errors.As(err, &refused) == c.fits || c.fits && err != nil {
				t.Fatalf("got %v", err)
			}
			count := map[bool]int{true: 3, false: 2}[c.fits]
			if got := received(t, service, "events"); len(got) != count || count+len(left) != 3 {
				t.Errorf("%d messages were taken and %d are left", len(got), len(left))
			}
			for _, call := range injector.Calls() {
				if call.Status != 201 {
					t.Errorf("a call was answered with %d", call.Status)
				}
			}
			if !c.fits && (texts(left)[0] != c.body || refused.Cause.Code != cloud.CodeTooLarge) {
				t.Errorf("left is %.20q, because of %v", left[0].Body, refused.Cause)
			}
		})
	}
}

// TestWhatAQueueRefusesIsFoundAndTheRestIsTaken: the queue of this test takes messages of 1 KB.
func TestWhatAQueueRefusesIsFoundAndTheRestIsTaken(t *testing.T) {
	large := strings.Repeat("x", 1025)
	for name, c := range map[string]struct {
		large []int // which of the 20 messages are too large
		calls int
	}{
		"none": {nil, 2}, "the first": {[]int{0}, 2}, "the last": {[]int{19}, 2},
		"two of one batch": {[]int{3, 9}, 4}, "one of each batch": {[]int{3, 17}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			topic, service, injector := bench(t, 5*time.Second)
			if err := service.CreateQueue("small", standin.QueueAttributes{MaximumBody: 1024}); err != nil {
				t.Fatal(err)
			}
			var messages, wanted []string
			for i := range 20 {
				text := fmt.Sprintf("%03d", i)
				if slices.Contains(c.large, i) {
					messages = append(messages, large+text)
					continue
				}
				messages, wanted = append(messages, text), append(wanted, text)
			}
			queue := mns.Queue{Client: topic.Client, Name: "small"}
			left, err := queue.Send(t.Context(), bodies(messages...))
			var refused *cloud.RefusedError
			if errors.As(err, &refused) != (len(c.large) > 0) || len(left) != len(c.large) ||
				refused != nil && refused.Cause.Code != "InvalidArgument" {
				t.Errorf("left %d, %v", len(left), err)
			}
			for i, at := range c.large {
				if string(left[i].Body) != messages[at] {
					t.Errorf("left is %.20q, want %.20q", left[i].Body, messages[at])
				}
			}
			if got := received(t, service, "small"); !slices.Equal(got, wanted) {
				t.Errorf("taken %q, want each of %q once", got, wanted)
			}
			if calls := len(injector.Calls()); calls != c.calls {
				t.Errorf("%d calls, want %d", calls, c.calls)
			}
		})
	}
}

// TestABatchThatIsRefusedAsAWholeIsSentInHalves: the faults refuse the calls that have the third message in them.
func TestABatchThatIsRefusedAsAWholeIsSentInHalves(t *testing.T) {
	refuse := func(skip int) fault.Fault {
		return fault.Fault{Action: "BatchSendMessage", Skip: skip, Times: 2, Status: 400, Code: "InvalidArgument"}
	}
	// Refused are all eight, the first four, then, after the first two are taken, the next two and the third alone.
	topic, service, injector := bench(t, 5*time.Second, refuse(0), refuse(1))
	queue := mns.Queue{Client: topic.Client, Name: "events"}
	left, err := queue.Send(t.Context(), bodies("1", "2", "3", "4", "5", "6", "7", "8"))
	var refused *cloud.RefusedError
	if !errors.As(err, &refused) || refused.Cause.RequestID == "" || !slices.Equal(texts(left), []string{"3"}) {
		t.Errorf("left %q, %v", texts(left), err)
	}
	if got := received(t, service, "events"); strings.Join(got, "") != "1245678" || len(injector.Calls()) != 7 {
		t.Errorf("taken %q in %d calls", got, len(injector.Calls()))
	}
}

func TestWhatIsTheFaultOfTheQueueIsNotSentInHalves(t *testing.T) {
	for code, status := range map[string]int{
		"QueueNotExist": 404, "AccessDenied": 403, "SignatureDoesNotMatch": 403, "InvalidAccessKeyId": 403,
		"InternalError": 500, "TooManyRequests": 429, "QpsLimitExceeded": 400, "InvalidAuthorizationHeader": 400,
	} {
		t.Run(code, func(t *testing.T) {
			topic, service, injector := bench(t, 5*time.Second,
				fault.Fault{Action: "BatchSendMessage", Status: status, Code: code, Times: 100})
			left, err := mns.Queue{Client: topic.Client, Name: "events"}.Send(t.Context(), bodies("1", "2", "3", "4"))
			var api *cloud.APIError
			var refused *cloud.RefusedError
			if errors.As(err, &refused) || !errors.As(err, &api) || api.Code != code || len(left) != 4 {
				t.Errorf("left %q, %v", texts(left), err)
			}
			if calls, got := len(injector.Calls()), received(t, service, "events"); calls != 1 || len(got) != 0 {
				t.Errorf("%d calls, taken %q", calls, got)
			}
		})
	}
}

// TestWhatIsRefusedIsLeftBesideWhatFailedForAMoment: a second sending finds the one that is refused for good.
func TestWhatIsRefusedIsLeftBesideWhatFailedForAMoment(t *testing.T) {
	topic, service, _ := bench(t, 5*time.Second,
		fault.Fault{Action: "BatchSendMessage", Skip: 1, Status: 503, Code: "ServiceUnavailable"})
	queue := mns.Queue{Client: topic.Client, Name: "events"}
	large := strings.Repeat("x", 70000)
	var messages []cloud.Message
	for i := range 20 {
		messages = append(messages, bodies(fmt.Sprintf("%03d", i))...)
	}
	left, err := queue.Send(t.Context(), slices.Insert(messages, 2, bodies(large)...))
	var refused *cloud.RefusedError
	if want := []string{"016", "017", "018", "019", large}; errors.As(err, &refused) ||
		!cloud.HasCode(err, "ServiceUnavailable") || !slices.Equal(texts(left), want) {
		t.Fatalf("left %.30q, %v", texts(left), err)
	}
	if left, err = queue.Send(t.Context(), left); !errors.As(err, &refused) || len(left) != 1 ||
		string(left[0].Body) != large {
		t.Errorf("then left %.30q, %v", texts(left), err)
	}
	if got := received(t, service, "events"); len(got) != 20 {
		t.Errorf("taken %q", got)
	}
}
