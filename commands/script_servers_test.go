package commands

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/webdav"

	"blockstack/profile/publish/gaiatest"
)

// scriptGaiaHub runs a hub.
func scriptGaiaHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gaiahub VAR")
	}
	hub := gaiatest.New()
	hub.Do(func() { hub.URL = serveTLS(ts, args[0], hub) })
}

// scriptWebDAV runs the WebDAV server of the Go project, for one user.
func scriptWebDAV(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: webdav VAR USER:PASSWORD")
	}
	dav := &webdav.Handler{FileSystem: webdav.NewMemFS(), LockSystem: webdav.NewMemLS()}
	serveTLS(ts, args[0], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user+":"+password != args[1] {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		dav.ServeHTTP(w, r)
	}))
}

// serveTLS serves over https until the script ends. All servers have the same certificate, which programs of the script trust.
func serveTLS(ts *testscript.TestScript, variable string, h http.Handler) string {
	srv := httptest.NewTLSServer(h)
	ts.Defer(srv.Close)
	ts.Setenv(variable, srv.URL)
	path := ts.MkAbs("server.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	ts.Check(os.WriteFile(path, cert, 0o600))
	ts.Setenv("SSL_CERT_FILE", path)
	return srv.URL
}
