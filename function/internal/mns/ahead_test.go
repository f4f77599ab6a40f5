package mns

import (
	"net"
	"net/url"
	"testing"
	"time"
)

// accepting gives the address of a listener and its connections.
func accepting(t *testing.T) (address string, connections chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connections = make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections <- conn
		}
	}()
	return listener.Addr().String(), connections
}

func TestTheConnectionThatWasOpenedAheadIsUsedOnce(t *testing.T) {
	address, connections := accepting(t)
	a := &ahead{host: address, timeout: time.Second}
	a.begin()
	a.begin() // the second invocation
	opened := <-connections
	for i, want := range []bool{true, false} {
		conn, err := a.dial(address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.LocalAddr().String() == opened.RemoteAddr().String(); got != want {
			t.Errorf("dial %d used the connection that was opened ahead: %t, want %t", i+1, got, want)
		}
	}
	if more := len(connections); more > 1 {
		t.Errorf("%d more connections were opened", more)
	}
}

func TestWithoutABeginningEveryConnectionIsNew(t *testing.T) {
	address, connections := accepting(t)
	a := &ahead{host: address, timeout: time.Second}
	for range 2 {
		conn, err := a.dial(address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		<-connections
	}
	a.begin() // too late
	select {
	case <-connections:
		t.Error("a connection was opened that nobody will use")
	case <-time.After(20 * time.Millisecond):
	}
}

func TestAConnectionThatRestedTooLongIsNotUsed(t *testing.T) {
	address, connections := accepting(t)
	a := &ahead{host: address, timeout: time.Second}
	old, err := a.open(time.Now().Add(a.timeout))
	if err != nil {
		t.Fatal(err)
	}
	a.once.Do(func() { a.first = make(chan opened, 1) })
	a.first <- opened{old, time.Now().Add(-fresh)}
	conn, err := a.dial(address)
	if err != nil || conn == old {
		t.Fatalf("got the old connection: %t, %v", conn == old, err)
	}
	defer conn.Close()
	if _, err := (<-connections).Read(make([]byte, 1)); err == nil {
		t.Error("the old connection was left open")
	}
}

func TestAConnectionThatCannotBeOpenedAheadIsTheNextCallsOwnError(t *testing.T) {
	address, _ := accepting(t)
	for name, a := range map[string]*ahead{
		"nobody listens": {host: "127.0.0.1:1", timeout: time.Second},
		"no TLS":         {host: address, isTLS: true, timeout: 50 * time.Millisecond},
	} {
		a.begin()
		if conn, err := a.dial(a.host); err == nil {
			t.Errorf("%s: got %v", name, conn.RemoteAddr())
		}
	}
}

func TestAnEndpointHasThePortOfItsSchemeUnlessItNamesOne(t *testing.T) {
	for text, want := range map[string]string{
		"https://1.mns.cn-hangzhou.aliyuncs.com":      "1.mns.cn-hangzhou.aliyuncs.com:443",
		"https://1.mns.cn-hangzhou.aliyuncs.com:8443": "1.mns.cn-hangzhou.aliyuncs.com:8443",
		"http://1.mns.cn-hangzhou.localhost":          "1.mns.cn-hangzhou.localhost:80",
		"http://[::1]:9000":                           "[::1]:9000",
	} {
		endpoint, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(endpoint); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
