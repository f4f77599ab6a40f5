package plan

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

func TestBig(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 {
		t.Skip()
	}
	spec, _ := local.ReadSpec([]byte("account: \"1234567890123456\"\n"))
	for i := range 3 {
		spec.Routers = append(spec.Routers, estate.TransitRouter{ID: fmt.Sprintf("tr-%d", i), CEN: fmt.Sprintf("cen-%d", i),
			Tags: map[string]string{"vpn-attach:accept": "any"}, CIDRs: []string{fmt.Sprintf("10.%d.0.0/24", i)},
			RouteTables: []estate.RouteTable{{ID: fmt.Sprintf("vtb-%d", i), Type: "System",
				Tags: map[string]string{"vpn-attach:accept": "associate,propagate"}}}})
	}
	for i := range n {
		v := estate.VPNConnection{ID: fmt.Sprintf("vco-%d", i), Tags: map[string]string{"vpn-attach:transit-router": fmt.Sprintf("tr-%d", i%3)}}
		switch i % 5 {
		case 0:
			v.Tags["vpn-attach:associate"] = "system"
		case 1:
			v.TransitRouter = fmt.Sprintf("tr-%d", i%3)
		case 2:
			v.Tags["vpn-attach:transit-router"] = "nowhere"
		}
		spec.Connections = append(spec.Connections, v)
	}
	at := time.Now()
	d, err := Run(t.Context(), spec, Options{Places: 50, Progress: func(s string) { t.Log(time.Since(at), s) }})
	t.Logf("%v %v %v", time.Since(at), err, d.Totals)
}
