package local

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"vpn-attach/function/internal/standin/fc"
)

// servedInstances is how many instances of the function may run at once where the cloud file does not say.
const servedInstances = 4

// Served is a local cloud that keeps its port while another cloud takes its place: on a reset, and when a saved state
// is loaded.
type Served struct {
	Open string // host:port at which other machines reach it, too; "" when they do not

	options Options
	reread  func() (Spec, error) // the cloud file
	ports   ports
	server  *http.Server
	work    sync.WaitGroup
	desk    http.Handler // what the page asks of Served itself

	changing sync.Mutex // one cloud takes another's place at a time
	current  atomic.Pointer[generation]
}

// generation is a cloud, and how long it is the one that is served.
type generation struct {
	*Cloud
	life context.Context
	end  context.CancelFunc
}

// StartServed brings up the cloud of a file. Reread reads the file again when a reset is asked for.
func StartServed(spec Spec, reread func() (Spec, error), o Options) (*Served, error) {
	at, err := listen(cmp.Or(o.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	o.Record = true
	s := &Served{options: o, reread: reread, ports: at, Open: at.open}
	s.server, s.desk = &http.Server{Handler: s}, s.routes()
	if err := s.replace(spec); err != nil {
		at.close()
		return nil, err
	}
	for _, listener := range at.all() {
		s.work.Go(func() { _ = s.server.Serve(listener) })
	}
	return s, nil
}

// Cloud is the cloud that is served now.
func (s *Served) Cloud() *Cloud { return s.current.Load().Cloud }

// replace has the cloud of another file take the place of the one that is there. What is under way there ends. The key
// of the function's own messages stays the same where the file names none, and so does the environment of clients.
func (s *Served) replace(spec Spec) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	old := s.current.Load()
	spec.Function.Instances = cmp.Or(spec.Function.Instances, servedInstances)
	if old != nil && spec.Function.Environment["FOLLOW_UP_KEY"] == "" {
		environment := map[string]string{}
		maps.Copy(environment, spec.Function.Environment)
		environment["FOLLOW_UP_KEY"] = old.FollowUpKey
		spec.Function.Environment = environment
	}
	own := s.ports.own.Addr()
	process := fc.Process{Binary: s.options.Binary, Address: own.String()}
	made, err := newCloud(spec, s.options, newIdleListener(own), process)
	if err != nil {
		return err
	}
	made.Open = s.ports.open
	next := &generation{Cloud: made}
	next.life, next.end = context.WithCancel(context.Background())
	if old != nil { // none of its processes must meet the next cloud
		old.end()
		old.Close()
	}
	s.current.Store(next)
	return nil
}

// Reset begins again with the cloud file, which is read again.
func (s *Served) Reset() error {
	spec, err := s.reread()
	if err != nil {
		return err
	}
	return s.replace(spec)
}

// Load goes on from the text of a cloud file.
func (s *Served) Load(text []byte) error {
	spec, err := ReadSpec(text)
	if err != nil {
		return err
	}
	return s.replace(spec)
}

// Serve lets the trigger run and the topic's subscriber receive until ctx ends, in every cloud that is served. An error
// says which of them could not go on.
func (s *Served) Serve(ctx context.Context, tell func(outcome string)) error {
	for {
		now := s.current.Load()
		flow, stop := context.WithCancel(ctx)
		unlink := context.AfterFunc(now.life, stop)
		err := now.Serve(flow, tell)
		unlink()
		stop()
		if ctx.Err() != nil || now.life.Err() == nil {
			return err
		}
		s.awaitReplacement()
	}
}

// awaitReplacement waits until no cloud is about to take another's place.
func (s *Served) awaitReplacement() {
	s.changing.Lock()
	defer s.changing.Unlock()
}

// ServeHTTP hands a request to the cloud that is served. Its answer is cut short when another one takes its place, so
// that a long poll does not wait at a queue that is gone.
func (s *Served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isReplacing(r) {
		s.desk.ServeHTTP(w, r)
		return
	}
	now := s.current.Load()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(now.life, cancel)()
	now.ServeHTTP(w, r.WithContext(ctx))
}

// Close ends everything, and waits for it.
func (s *Served) Close() {
	now := s.current.Load()
	now.end()
	now.Runtime.Close()
	_ = s.server.Close()
	s.work.Wait()
	now.Close()
}

// idleListener is a listener at an address where another one listens: nobody comes.
type idleListener struct {
	address net.Addr
	closed  context.Context
	close   context.CancelFunc
}

func newIdleListener(address net.Addr) *idleListener {
	s := &idleListener{address: address}
	s.closed, s.close = context.WithCancel(context.Background())
	return s
}

// Accept waits until the listener is closed.
func (s *idleListener) Accept() (net.Conn, error) {
	<-s.closed.Done()
	return nil, fmt.Errorf("accepting: %w", net.ErrClosed)
}

// Close ends Accept.
func (s *idleListener) Close() error {
	s.close()
	return nil
}

// Addr is the address of the listener that is there.
func (s *idleListener) Addr() net.Addr { return s.address }

// isReplacing tells the requests that have another cloud take the place of the one that is there.
func isReplacing(r *http.Request) bool {
	return r.Method == http.MethodPost && (r.URL.Path == pagePath+"reset" || r.URL.Path == pagePath+"load")
}

// routes are those requests.
func (s *Served) routes() http.Handler {
	mux := http.NewServeMux()
	reset := func(_ *http.Request, body []byte) (any, error) {
		if err := decoded(body, &struct{}{}); err != nil {
			return nil, err
		}
		return s.told(s.Reset())
	}
	mux.Handle("POST /local/reset", changing(maxChange, http.StatusOK, reset))
	load := func(_ *http.Request, body []byte) (any, error) {
		var wish struct {
			Cloud string `json:"cloud"`
		}
		if err := decoded(body, &wish); err != nil {
			return nil, err
		}
		if strings.TrimSpace(wish.Cloud) == "" { // it would be a cloud with nothing in it
			return nil, fmt.Errorf("reading the request: cloud is empty")
		}
		return s.told(s.Load([]byte(wish.Cloud)))
	}
	mux.Handle("POST /local/load", changing(maxCloudFile, http.StatusOK, load))
	_, style, script := pageText()
	return secured(mux, style, script)
}

// told is the answer to a request after which another cloud may be there.
func (s *Served) told(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	seed := s.Cloud().Estate.Seed()
	return map[string]int{"transitRouters": len(seed.TransitRouters), "vpnConnections": len(seed.VPNConnections)}, nil
}
