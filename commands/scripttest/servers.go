package scripttest

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/webdav"

	"blockstack/storage/gaia/gaiatest"
)

// scriptServe serves a folder.
func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve VAR DIR")
	}
	url, stop, err := ServeFolder(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Defer(func() { ts.Check(stop()) })
	ts.Setenv(args[0], url)
}

// ServeFolder serves a folder over HTTP on 127.0.0.1 until it is stopped.
func ServeFolder(dir string) (url string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	return "http://" + l.Addr().String(), func() error {
		err := srv.Close()
		if e := <-done; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, fmt.Errorf("serve %s: %w", dir, e))
		}
		return err
	}, nil
}

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

// serveTLS serves over https until the script ends. All servers have the same certificate, which
// programs of the script trust.
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

// scriptMoody runs a web server over DIR that obeys the file DIR/mood: fine, endless, cut, claims
// (more than there is), elsewhere (redirects to another host), inside (redirects into this
// machine), html, gone, busy, plain (as text of another kind).
func scriptMoody(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: moody VAR DIR")
	}
	dir := ts.MkAbs(args[1])
	files := http.FileServer(http.Dir(dir))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mood, err := os.ReadFile(filepath.Join(dir, "mood"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		switch strings.TrimSpace(string(mood)) {
		case "endless":
			for {
				if _, err := w.Write([]byte(strings.Repeat("[", 64<<10))); err != nil {
					return
				}
			}
		case "cut":
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write([]byte(`[{"token":"`))
		case "claims":
			w.Header().Set("Content-Length", "1000000000000")
		case "elsewhere":
			http.Redirect(w, r, "https://elsewhere.example/profile.json", http.StatusFound)
		case "inside":
			http.Redirect(w, r, "http://127.0.0.1:22/", http.StatusFound)
		case "html":
			_, _ = w.Write([]byte("<html><body>Welcome"))
		case "gone":
			http.NotFound(w, r)
		case "busy":
			http.Error(w, "later", http.StatusServiceUnavailable)
		case "plain":
			w.Header().Set("Content-Type", "text/html; charset=utf-16")
			http.ServeFile(w, r, filepath.Join(dir, "profile.json"))
		default:
			files.ServeHTTP(w, r)
		}
	}))
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL)
}
