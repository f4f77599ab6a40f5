package local

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/app"
)

// network is a listener inside this process: its connections are pipes in memory, over which
// real clients and a real server talk.
type network struct {
	connections chan net.Conn
	closed      context.Context
	close       context.CancelFunc
}

func newNetwork() *network {
	closed, cancel := context.WithCancel(context.Background())
	return &network{connections: make(chan net.Conn), closed: closed, close: cancel}
}

// Accept takes the server's end of the next connection.
func (n *network) Accept() (net.Conn, error) {
	select {
	case connection := <-n.connections:
		return connection, nil
	case <-n.closed.Done():
		return nil, net.ErrClosed
	}
}

// Close ends Accept, and refuses connections from then on.
func (n *network) Close() error {
	n.close()
	return nil
}

// Addr is an address of loopback, to which the function may go without TLS. Nobody listens there.
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial connects an instance, for as long as it lives.
func (n *network) dial(ctx, life context.Context) (net.Conn, error) {
	if life.Err() != nil {
		return nil, fmt.Errorf("connecting: %w", net.ErrClosed)
	}
	client, server := net.Pipe()
	select {
	case n.connections <- server:
		stop := context.AfterFunc(life, func() { client.Close() })
		return connection{client, stop}, nil
	case <-n.closed.Done():
	case <-ctx.Done():
	}
	return nil, fmt.Errorf("connecting: %w", net.ErrClosed)
}

// connection is the client's end of one, which the end of the instance's life closes.
type connection struct {
	net.Conn
	stop func() bool // forgets the instance's life
}

func (c connection) Close() error {
	c.stop()
	return c.Conn.Close()
}

// newFunction makes the function for an instance, as its main does, with this network in the
// place of the machine's. Connections are not kept, so that nothing is left of an instance.
func (n *network) newFunction(
	life context.Context, getenv func(string) string, stdout io.Writer,
) (sdk.Handler, error) {
	config, err := app.ReadConfig(getenv)
	if err != nil {
		return nil, err
	}
	queues := &fasthttp.HostClient{
		Addr: n.Addr().String(), MaxIdemponentCallAttempts: 1,
		Dial: func(string) (net.Conn, error) { return n.dial(life, life) },
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return n.dial(ctx, life) }
	function, err := app.New(config, stdout, app.Transports{
		HTTP: &http.Transport{DisableKeepAlives: true, DialContext: dial},
		MNS: func(request *fasthttp.Request, response *fasthttp.Response) error {
			request.SetConnectionClose()
			return queues.DoTimeout(request, response, config.CallTimeout)
		},
	})
	if err != nil {
		return nil, err
	}
	return sdk.NewHandler(function.Handle), nil
}
