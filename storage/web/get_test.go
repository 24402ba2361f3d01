package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"blockstack/storage"
)

// TestGet reads from servers that know parts and tags, and from those that do not, or lie.
func TestGet(t *testing.T) {
	var answer func(w http.ResponseWriter, r *http.Request)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer srv.Close()
	const text = "0123456789"
	plain := func(header ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			_, _ = io.WriteString(w, text)
		}
	}
	ranged := func(code int, contentRange, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", contentRange)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	sum := "sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
	for _, c := range []struct {
		what    string
		answer  func(http.ResponseWriter, *http.Request)
		part    storage.Part
		want    string
		version storage.Version
		err     error
	}{
		{"a strong tag", plain("ETag", `"x"`), storage.Part{}, text, `"x"`, nil},
		{"a weak tag", plain("ETag", `W/"x"`), storage.Part{}, text, storage.Version(sum), nil},
		{"no tag", plain(), storage.Part{}, text, storage.Version(sum), nil},
		{"a server without parts", plain(), storage.Part{Offset: 3, Length: 4}, "3456", "", nil},
		{"a part", ranged(206, "bytes 3-6/10", "3456"), storage.Part{Offset: 3, Length: 4}, "3456", "", nil},
		{"a longer part", ranged(206, "bytes 3-9/10", "3456789"), storage.Part{Offset: 3, Length: 4}, "3456", "", nil},
		{"another part", ranged(206, "bytes 0-3/10", "0123"), storage.Part{Offset: 3, Length: 4}, "", "", storage.ErrUnreachable},
		{"no part", ranged(206, "", "0123"), storage.Part{Offset: 3, Length: 4}, "", "", storage.ErrUnreachable},
		{"a part that was not asked for", ranged(206, "bytes 0-3/10", "0123"), storage.Part{}, "", "", storage.ErrUnreachable},
		{"past the end", ranged(416, "bytes */10", "no"), storage.Part{Offset: 30, Length: 4}, "", "", nil},
		{"the last byte, past the end", ranged(206, "bytes 9-9/*", "9"), storage.Part{Offset: 10, Length: 5}, "", "", nil},
		{"the last byte of more", ranged(206, "bytes 9-9/40", "9"), storage.Part{Offset: 10, Length: 5}, "", "", storage.ErrUnreachable},
		{"one byte before", ranged(206, "bytes 0-3/4", "0123"), storage.Part{Offset: 10, Length: 5}, "", "", storage.ErrUnreachable},
		{"gone", ranged(410, "", ""), storage.Part{}, "", "", storage.ErrNotFound},
		{"cut off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Header().Set("ETag", `"x"`)
			_, _ = io.WriteString(w, text)
		}, storage.Part{}, "", "", storage.ErrUnreachable},
	} {
		answer = c.answer
		body, info, err := New(nil).Get(t.Context(), "f", srv.URL, "", c.part)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(body)
			err = errors.Join(err, body.Close())
		}
		switch {
		case !errors.Is(err, c.err) || c.err == nil && err != nil:
			t.Errorf("%s: error %v, want %v", c.what, err, c.err)
		case err == nil && (string(got) != c.want || info.Version != c.version):
			t.Errorf("%s: %q of version %s, want %q of %s", c.what, got, info.Version, c.want, c.version)
		}
	}
}

// TestConditional sends only tags that a server has given.
func TestConditional(t *testing.T) {
	for _, c := range []struct {
		c    storage.Condition
		want string
	}{
		{storage.Condition{}, ""}, {storage.Over(""), "If-None-Match: *"}, {storage.Over(`"x"`), `If-Match: "x"`}, {storage.Over("sha256:00"), ""},
	} {
		var got []string
		for k, v := range Conditional(c.c) {
			got = append(got, fmt.Sprintf("%s: %s", k, v[0]))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%+v: %v, want %s", c.c, got, c.want)
		}
	}
}

// TestDo bounds what is no object, and says what was written.
func TestDo(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, maxAnswer+1))
	}))
	defer srv.Close()
	if _, err := New(nil).Do(t.Context(), Request{Method: http.MethodGet, URL: srv.URL}); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("a large answer: %v", err)
	}
	for body, want := range map[string]string{"": "text/plain; charset=utf-8", " [1]": "application/json", "{}": "application/json", "\x89PNG\r\n\x1a\n": "image/png"} {
		if got, err := ContentType(strings.NewReader(body), int64(len(body))); err != nil || got != want {
			t.Errorf("%q: %s, %v", body, got, err)
		}
	}
	if _, err := ContentType(strings.NewReader("short"), 6); err == nil {
		t.Error("a body that ends early was taken")
	}
}
