package local

import (
	"cmp"
	"fmt"
	"net"
	"strconv"

	"vpn-attach/function/internal/standin/fc"
)

// Start brings a cloud up at a port, with the function in processes. The trigger waits for a replay.
func Start(spec Spec, o Options) (*Cloud, error) {
	at, err := listen(cmp.Or(o.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	c, err := newCloud(spec, o, at.own, fc.Process{Binary: o.Binary, Address: at.own.Addr().String()})
	switch {
	case at.wide == nil:
	case err != nil:
		at.wide.Close()
	default:
		c.serve(at.wide)
	}
	if err != nil {
		return nil, err
	}
	c.Open = at.open
	return c, nil
}

// serve answers at a listener, until Close closes it.
func (c *Cloud) serve(at net.Listener) {
	c.work.Go(func() { _ = c.server.Serve(at) })
}

// ports are where a cloud listens. The function reaches it at loopback, since it sends credentials over plain HTTP
// nowhere else.
type ports struct {
	own  net.Listener
	wide net.Listener // beside own, for other machines; nil when own is enough
	open string       // the address at which other machines reach it; "" when they do not
}

// all are the listeners that are open.
func (p ports) all() []net.Listener {
	if p.wide == nil {
		return []net.Listener{p.own}
	}
	return []net.Listener{p.own, p.wide}
}

func (p ports) close() {
	for _, listener := range p.all() {
		listener.Close()
	}
}

// listen opens the ports of a cloud that is to be reached at an address.
func listen(address string) (ports, error) {
	asked, err := net.Listen("tcp", address)
	if err != nil {
		return ports{}, fmt.Errorf("opening the local cloud's port: %w", err)
	}
	at, isTCP := asked.Addr().(*net.TCPAddr)
	if !isTCP || at.IP.IsLoopback() {
		return ports{own: asked}, nil
	}
	loopback := net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
	if at.IP.IsUnspecified() { // loopback is among all addresses
		return ports{own: at127{asked, at.Port}, open: asked.Addr().String()}, nil
	}
	own, err := net.Listen("tcp", loopback)
	if err != nil {
		asked.Close()
		return ports{}, fmt.Errorf("opening the local cloud's port at loopback, where the function reaches it: %w", err)
	}
	return ports{own: own, wide: asked, open: asked.Addr().String()}, nil
}

// at127 is a listener at all addresses that is known by its address at loopback.
type at127 struct {
	net.Listener
	port int
}

// Addr implements net.Listener.
func (l at127) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.port} }
