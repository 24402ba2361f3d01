package webdav

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/webdav"

	"blockstack/storage"
	"blockstack/storage/storagetest"
)

// TestSuite runs against the WebDAV server of the Go project, which knows nothing of us.
func TestSuite(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Driver {
		srv := httptest.NewServer(&webdav.Handler{FileSystem: webdav.Dir(t.TempDir()), LockSystem: webdav.NewMemLS()})
		t.Cleanup(srv.Close)
		d, err := Open(srv.URL+"/", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

// TestKinds meets servers that say no, send elsewhere, and hang up.
func TestKinds(t *testing.T) {
	ctx := context.Background()
	code := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		switch {
		case r.URL.Path == "/elsewhere":
			t.Error("a redirect was followed")
		case code == 0:
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(code)
	}))
	defer srv.Close()
	d, err := Open(srv.URL, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		kind error
	}{
		{302, storage.ErrUnreachable}, {401, storage.ErrAuth}, {403, storage.ErrDenied}, {413, storage.ErrTooLarge}, {423, storage.ErrBusy},
		{429, storage.ErrBusy}, {500, storage.ErrUnreachable}, {503, storage.ErrBusy}, {507, storage.ErrFull}, {0, storage.ErrUncertain},
	} {
		code = c.code
		_, err := storage.Write(ctx, d, "f", []byte("x"), storage.Condition{})
		if !errors.Is(err, c.kind) || !errors.Is(err, storage.ErrUnreachable) {
			t.Errorf("status %d: %v", c.code, err)
		}
		if _, err := storage.Read(ctx, d, "f", 10); !errors.Is(err, storage.ErrUnreachable) || errors.Is(err, storage.ErrUncertain) {
			t.Errorf("status %d to a reader: %v", c.code, err)
		}
	}
	srv.Close()
	if _, err := storage.Write(ctx, d, "f", []byte("x"), storage.Condition{}); !errors.Is(err, storage.ErrUnreachable) || errors.Is(err, storage.ErrUncertain) {
		t.Errorf("nobody there: %v", err)
	}
}

// TestOpen refuses addresses to which nothing should be sent.
func TestOpen(t *testing.T) {
	for _, bad := range []string{"", "dav.example", "http://dav.example/", "ftp://dav.example/", "https://u:p@dav.example/", "https://dav.example/?a", "https://dav.example/#a", "https:///x"} {
		if _, err := Open(bad, "", nil); !errors.Is(err, storage.ErrBadName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"https://dav.example/a", "http://127.0.0.1:8080/a/", "http://localhost/a"} {
		d, err := Open(good, "alice:secret", nil)
		if err != nil {
			t.Errorf("%q: %v", good, err)
			continue
		}
		if at, err := d.PublicURL(t.Context(), "0/f.json"); err != nil || at != strings.TrimSuffix(good, "/")+"/0/f.json" {
			t.Errorf("%q: %s, %v", good, at, err)
		}
	}
}
