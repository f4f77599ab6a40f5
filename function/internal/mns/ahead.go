package mns

import (
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// fresh is how long a connection that was opened ahead is used for the first time. A service closes one that rests.
const fresh = 5 * time.Second

// ahead opens the first connection before it is needed: an invocation ends with a call to MNS, and the handshake need
// not wait until then.
type ahead struct {
	host    string // host:port
	isTLS   bool
	timeout time.Duration

	once  sync.Once
	first chan opened // set by once; closed when nothing more comes
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
			if conn, err := a.open(); err == nil {
				a.first <- opened{conn, time.Now()}
			}
		}()
	})
}

// dial gives the connection that was opened ahead, to the first who asks, else a new one.
func (a *ahead) dial(string) (net.Conn, error) {
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
	return a.open()
}

func (a *ahead) open() (net.Conn, error) {
	dialer := &net.Dialer{Timeout: a.timeout}
	if a.isTLS {
		return tls.DialWithDialer(dialer, "tcp", a.host, nil)
	}
	return dialer.Dial("tcp", a.host)
}
