package attach

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/vpc"
)

// services is the cloud through the real adapters. Connections of another account are read with
// a key of that account, as a session of its role would be.
type services struct {
	*cbn.Client
	own, other *vpc.Client
}

func (s services) of(owner string) *vpc.Client {
	if owner == "" {
		return s.own
	}
	return s.other
}

func (s services) DescribeConnection(ctx context.Context, owner, region, id string) (cloud.Connection, error) {
	return s.of(owner).DescribeConnection(ctx, "", region, id)
}

func (s services) ListConnections(ctx context.Context, f cloud.ConnectionFilter, cursor string) (
	cloud.Page[cloud.Connection], error) {
	client := s.of(f.OwnerID)
	f.OwnerID = ""
	return client.ListConnections(ctx, f, cursor)
}

func (s services) Diagnose(ctx context.Context, f cloud.DiagnosisFilter) ([]cloud.Finding, error) {
	client := s.of(f.OwnerID)
	f.OwnerID = ""
	return client.Diagnose(ctx, f)
}

// dialCloud gives the adapters of whatever answers as CBN and VPC.
func dialCloud(t *testing.T, faults *fault.Injector, estate fault.Service) services {
	t.Helper()
	endpoint := serve(t, faults, "openapi", estate)
	client := func(key string) *vpc.Client {
		own := aliyun.NewCredentials(key, "sk", "")
		return &vpc.Client{Endpoint: endpoint, Roles: &aliyun.Roles{Own: own}, HTTP: aliyun.NewHTTPClient(4, nil)}
	}
	own := aliyun.NewCredentials("own", "sk", "")
	routers := &cbn.Client{Endpoint: endpoint, Credentials: own, HTTP: aliyun.NewHTTPClient(4, nil)}
	return services{routers, client("own"), client("other")}
}

// dialQueues gives the adapter of whatever answers as MNS.
func dialQueues(t *testing.T, faults *fault.Injector, queues fault.Service) *mns.Client {
	t.Helper()
	at := serve(t, faults, "mns", queues)
	endpoint, err := url.Parse(fmt.Sprintf("http://localhost:%s/%s.mns.cn-hangzhou.local.test", at.Port(), account))
	if err != nil {
		t.Fatal(err)
	}
	client, err := mns.New(endpoint, aliyun.NewCredentials("own", "sk", ""), 5*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// serve puts a stand-in behind a listener, where faults strike it.
func serve(t *testing.T, faults *fault.Injector, name string, service fault.Service) *url.URL {
	t.Helper()
	server := httptest.NewServer(faults.Wrap(name, service))
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}
