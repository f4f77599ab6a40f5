package mns

import (
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// fresh is how old a connection that was opened ahead may be at its first use. A service closes one that is idle.
const fresh = 5 * time.Second

// ahead opens the first connection before it is needed: an invocation ends with a call to MNS, and the handshake need
// not wait until then.
type ahead struct {
	host    string // host:port
	isTLS   bool
	timeout time.Duration

	once  sync.Once
	first chan opened // set by once; holds the connection, if it could be opened, and is then closed
}

type opened struct {
	conn net.Conn
	at   time.Time
}

// begin opens the connection, once. A failure is not kept: the call that needs the connection meets its own.
func (a *ahead) begin() {
	a.once.Do(func() {
		a.first = make(chan opened, 1)
		go func() {
			defer close(a.first)
			if conn, err := a.open(time.Now().Add(a.timeout)); err == nil {
				a.first <- opened{conn, time.Now()}
			}
		}()
	})
}

// dial gives the connection that was opened ahead, to the first who asks, else a new one. Waiting for the first is part
// of the time that opening one may take.
func (a *ahead) dial(string) (net.Conn, error) {
	until := time.Now().Add(a.timeout)
	a.once.Do(func() { // none was opened ahead, and none will be
		a.first = make(chan opened)
		close(a.first)
	})
	if got, is := <-a.first; is {
		if time.Since(got.at) < fresh {
			return got.conn, nil
		}
		_ = got.conn.Close()
	}
	return a.open(until)
}

func (a *ahead) open(until time.Time) (net.Conn, error) {
	dialer := &net.Dialer{Deadline: until}
	if a.isTLS {
		return tls.DialWithDialer(dialer, "tcp", a.host, nil)
	}
	return dialer.Dial("tcp", a.host)
}
