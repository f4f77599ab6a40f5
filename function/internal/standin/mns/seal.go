package mns

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"time"
)

// CertificatePath ends the address of the certificate for the signatures of pushes. Anybody may read it.
const CertificatePath = "/x509_public_certificate.pem"

// seal is what pushes are signed with, another one in every Service.
type seal struct {
	key         *rsa.PrivateKey
	certificate []byte // PEM
}

func newSeal() (*seal, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making a key for pushes: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a local cloud"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate for pushes: %w", err)
	}
	return &seal{key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// sign makes the signature of a text as the documentation has it: sha1WithRSAEncryption.
func (s *seal) sign(text string) (string, error) {
	sum := sha1.Sum([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA1, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a push: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

func (s *Service) serveCertificate(w http.ResponseWriter) {
	seal, err := s.seal()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(seal.certificate) // the client may be gone
}
