package local

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// secure is a port that is reached by https alone, with a certificate of its own.
type secure struct {
	address   string // host:port
	authority string // file that holds who signed its certificate
	server    *http.Server
	folder    string
}

// openSecure opens a port for a service that its callers reach by https alone. The function is
// told of the certificate by SSL_CERT_FILE, which Go reads on Linux and not on macOS.
func openSecure(handler http.Handler) (*secure, error) {
	certificate, text, err := selfSigned()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "vpn-attach-local-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the local certificate: %w", err)
	}
	s := &secure{folder: folder, authority: filepath.Join(folder, "authority.pem")}
	if err := os.WriteFile(s.authority, text, 0o600); err != nil {
		return nil, fmt.Errorf("writing the local certificate: %w", err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, fmt.Errorf("opening the local cloud's https port: %w", err)
	}
	s.address, s.server = listener.Addr().String(), &http.Server{Handler: handler}
	go func() { _ = s.server.Serve(listener) }() // ends when close closes it
	return s, nil
}

func (s *secure) close() {
	_ = s.server.Close()
	_ = os.RemoveAll(s.folder)
}

func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("making the local key: %w", err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "local cloud"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("signing the local certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), nil
}
