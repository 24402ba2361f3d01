package publish

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/profile"
	"blockstack/storage/gaia"
	"blockstack/storage/webdav"
)

// answers is a server that answers reading, asking about itself and writing with texts of the
// fuzzer.
type answers struct {
	info, file, stored []byte
	status             int
	etag               string
}

// RoundTrip answers without a network.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	code, body := a.status, a.stored
	switch {
	case strings.HasSuffix(r.URL.Path, "/hub_info"):
		code, body = http.StatusOK, a.info
	case r.Method == http.MethodGet:
		body = a.file
	}
	h := http.Header{}
	h.Set("ETag", a.etag)
	h.Set("Location", "https://elsewhere.example/")
	return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(bytes.NewReader(body)), Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
}

// countingSigner counts what it is asked to sign.
type countingSigner struct {
	signer
	signed int
}

func (s *countingSigner) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	s.signed++
	return s.signer.SignToken(ctx, header, payload)
}

// FuzzHub publishes to hubs and web servers that answer anything: nothing panics, nothing is signed
// for what is no hub, and success is only said when the very file is given back.
func FuzzHub(f *testing.F) {
	token := signForFuzz(f)
	info := []byte(`{"challenge_text":"[\"gaiahub\",\"0\",\"x\",\"blockstack_storage_please_sign\"]","latest_auth_version":"v1","max_file_upload_size_megabytes":20,"read_url_prefix":"https://hub.example/hub/"}`)
	f.Add(info, token.File(), []byte(`{"publicURL":"https://hub.example/hub/1/profile.json","etag":"\"x\""}`), 202, `"x"`)
	f.Add(info, []byte("[]"), []byte(`{"message":"no"}`), 412, "")
	f.Add([]byte(`{"challenge_text":"send all my coins"}`), []byte{}, []byte{}, 200, "W/x")
	f.Fuzz(func(t *testing.T, info, file, stored []byte, status int, etag string) {
		if status < 100 || status > 999 {
			return
		}
		ctx := context.Background()
		client := &http.Client{Transport: &answers{info, file, stored, status, etag}}
		key := &countingSigner{signer: keyFor(1)}
		var places []Place
		hub, err := gaia.Open(ctx, "https://hub.example", HubKey{key}, client, nil)
		if err != nil && key.signed > 0 {
			t.Fatal("something was signed for what is no hub")
		}
		if err == nil {
			if !bytes.Contains(info, []byte("blockstack_storage_please_sign")) && !bytes.Contains(info, []byte(`\u`)) {
				t.Fatalf("taken for a hub: %q", info)
			}
			places = append(places, hub)
		}
		web, err := webdav.Open("https://dav.example/", "", client)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range append(places, web) {
			p, err := Publish(ctx, place, profile.FileName, token, fuzzVerifier(t), fromAny)
			if err == nil && (!p.Report.Valid || !bytes.Equal(file, token.File())) {
				t.Errorf("published at %s, which gives back %q", place, file)
			}
		}
	})
}

func signForFuzz(f *testing.F) *profile.Token {
	f.Helper()
	p := profile.New(profile.Person)
	token, err := profile.SignIssue(context.Background(), p, keyFor(1), profile.Issue{IssuedAt: start})
	if err != nil {
		f.Fatal(err)
	}
	return token
}

func fuzzVerifier(t *testing.T) *profile.Verifier { return verifierFor(t, keyFor(1)) }
