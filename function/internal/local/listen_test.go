package local

import (
	"net"
	"net/http"
	"testing"

	"vpn-attach/function/internal/app"
)

// elsewhere is an address of this machine that is not loopback; "" when it has none.
func elsewhere() string {
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		at, isNet := address.(*net.IPNet)
		if isNet && at.IP.To4() != nil && !at.IP.IsLoopback() {
			return at.IP.String()
		}
	}
	return ""
}

// The function takes plain HTTP for loopback alone, wherever else the cloud is reached.
func TestACloudThatOthersReachIsReachedByItsFunctionAtLoopback(t *testing.T) {
	spec, err := ReadSpec([]byte(aCloud))
	if err != nil {
		t.Fatal(err)
	}
	for name, host := range map[string]string{
		"all addresses": "0.0.0.0", "all addresses, unnamed": "", "one address": elsewhere(), "loopback": "127.0.0.1",
	} {
		t.Run(name, func(t *testing.T) {
			if host == "" && name == "one address" {
				t.Skip("this machine has no address beside loopback")
			}
			cloud, err := Start(spec, Options{Listen: net.JoinHostPort(host, "0"), Speed: 1, Binary: "none"})
			if err != nil {
				t.Fatal(err)
			}
			defer cloud.Close()
			reached := []string{cloud.Address}
			if (cloud.Open != "") != (name != "loopback") {
				t.Errorf("others reach it at %q", cloud.Open)
			}
			if _, port, err := net.SplitHostPort(cloud.Open); err == nil && elsewhere() != "" {
				reached = append(reached, net.JoinHostPort(elsewhere(), port))
			}
			for _, address := range reached {
				answer, err := (&http.Client{Transport: &http.Transport{}}).Get("http://" + address + "/local/state")
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s answers %d", address, answer.StatusCode)
				}
			}
			environment := cloud.Environment()
			for _, service := range []string{"CBN_ENDPOINT", "VPC_ENDPOINT", "STS_ENDPOINT"} {
				if _, err := app.ParseEndpoint(environment[service]); err != nil {
					t.Errorf("the function refuses %s: %v", environment[service], err)
				}
			}
		})
	}
}
