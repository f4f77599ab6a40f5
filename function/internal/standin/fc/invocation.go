package fc

import "time"

// Types of Failure that the platform itself reports; all others are the
// function's own.
const (
	FunctionTimeout     = "FunctionTimeout"     // no answer within Function.Timeout; the instance was killed
	InstanceCrashed     = "InstanceCrashed"     // the process ended before it answered
	InitializationError = "InitializationError" // the initializer did not succeed; the instance was killed
)

// Failure is why an invocation did not succeed: one of the types above, or the
// errorType and errorMessage that the function's SDK reported.
type Failure struct{ Type, Message string }

// Invocation is one run of the function.
type Invocation struct {
	RequestID, InstanceID string
	Number                int    // counts the invocations of a Runtime, from 1
	Retry                 int    // which retry of an asynchronous invocation; 0 is the first try
	Cold                  bool   // the first one of its instance
	Version               string // that ran: a number, or LATEST
	AccessKeyID           string
	Started               time.Time // when it had its instance, whose initializer may be still to run
	Duration              time.Duration
	Response              []byte   // what the handler returned, JSON; nil when it failed
	Failure               *Failure // nil when it succeeded
	Log                   []byte   // the last 4 KB that the instance wrote during it
}

// call is one order to run the function.
type call struct {
	requestID string
	qualifier string // that was asked for; "" is LATEST
	payload   []byte
	retry     int
}

// task is an invocation, or the initializer before it, as its instance is
// handed it.
type task struct {
	invocation  Invocation
	credentials Credentials
	initializes bool
	payload     []byte
	timeout     time.Duration
	deadline    time.Time
	answered    chan answer // takes the one answer that counts
}

// wholeSeconds is the timeout as the function is told it: rounded up.
func (t *task) wholeSeconds() int { return int((t.timeout + time.Second - 1) / time.Second) }

type answer struct {
	response []byte
	failure  *Failure
}
