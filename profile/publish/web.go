package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// webTimeout bounds one request to a server.
const webTimeout = 30 * time.Second

// Web is a folder on a web server that takes PUT, as WebDAV servers do. The user has chosen the server, so it may be anywhere; what it
// says is bounded and nothing of it is trusted. Redirects are refused: what is written goes where the user said.
type Web struct {
	base *url.URL
	auth string // value of Authorization; empty: none
	web  *http.Client
}

// OpenWeb makes a place of the http or https URL of a folder. userPassword, user:password, may be empty; it is only sent over https or
// to this machine. client gives the transport; nil: the default one.
func OpenWeb(folder, userPassword string, client *http.Client) (*Web, error) {
	u, err := placeURL(folder)
	if err != nil {
		return nil, err
	}
	w := &Web{base: u, web: bounded(client)}
	if userPassword != "" {
		user, password, _ := strings.Cut(userPassword, ":")
		req := &http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, password)
		w.auth = req.Header.Get("Authorization")
	}
	return w, nil
}

// placeURL reads the URL of a server: https, or http on this machine.
func placeURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil {
		err = asciiHost(u)
	}
	switch {
	case err != nil, u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("%w: want a plain URL without user and query", ErrBadPath)
	case u.Scheme == "https":
	case u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
	default:
		return nil, fmt.Errorf("%w: want https; http only on this machine", ErrBadPath)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	return u, nil
}

// asciiHost gives a URL the host that would be dialled: what connects maps names outside ASCII (IDNA, RFC 5891), and digits in
// circles to an address of this machine.
func asciiHost(u *url.URL) error {
	if !strings.ContainsFunc(u.Host, func(c rune) bool { return c >= 0x80 }) {
		return nil
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return err
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return nil
}

// bounded gives a client that refuses redirects and does not wait for ever.
func bounded(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	}
	c.Timeout = webTimeout
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// String gives the URL of the folder.
func (w *Web) String() string { return w.base.String() }

// ReadURL is where a path is read, and written.
func (w *Web) ReadURL(path string) string { return w.base.JoinPath(path).String() }

// Read gets a file.
func (w *Web) Read(ctx context.Context, path string) (File, error) {
	if err := checkPath(path); err != nil {
		return File{}, err
	}
	return read(ctx, w.web, w.ReadURL(path), w.auth)
}

// read gets a URL. Its version is the entity tag, or the hash where a server gives no strong one.
func read(ctx context.Context, client *http.Client, at, auth string) (File, error) {
	status, header, body, err := do(ctx, client, http.MethodGet, at, auth, nil, http.Header{"Cache-Control": {"no-cache"}})
	switch {
	case err != nil:
		return File{}, err
	case status == http.StatusNotFound || status == http.StatusGone:
		return File{}, fmt.Errorf("%s: %w", at, ErrNotFound)
	case status != http.StatusOK:
		return File{}, &StatusError{Method: http.MethodGet, URL: at, Code: status}
	}
	f := File{Data: body, Version: hashVersion + version(body)}
	if tag := header.Get("ETag"); strings.HasPrefix(tag, `"`) {
		f.Version = tag
	}
	return f, nil
}

// hashVersion marks versions that are hashes of the content, which no server knows.
const hashVersion = "sha256:"

// conditional gives the header that makes a server refuse a write when the condition does not hold.
func conditional(c Condition) http.Header {
	h := http.Header{}
	switch {
	case c.Version == "":
		h.Set("If-None-Match", "*")
	case !strings.HasPrefix(c.Version, hashVersion):
		h.Set("If-Match", c.Version)
	}
	return h
}

// Write puts a file. Many servers do not look at conditions of a PUT, so what is there is also compared just before.
func (w *Web) Write(ctx context.Context, path string, data []byte, c Condition) error {
	old, err := w.Read(ctx, path)
	if err != nil && !isNotFound(err) {
		return err
	}
	if old.Version != c.Version {
		return fmt.Errorf("%s: %w", path, ErrConflict)
	}
	at := w.ReadURL(path)
	header := conditional(c)
	header.Set("Content-Type", contentType(data))
	status, _, _, err := do(ctx, w.web, http.MethodPut, at, w.auth, data, header)
	if err == nil && (status == http.StatusConflict || status == http.StatusNotFound) && c.Version == "" { // the folder is missing
		if err = w.makeFolders(ctx, path); err == nil {
			status, _, _, err = do(ctx, w.web, http.MethodPut, at, w.auth, data, header)
		}
	}
	switch {
	case err != nil:
		return err
	case status == http.StatusPreconditionFailed:
		return fmt.Errorf("%s: %w", path, ErrConflict)
	case status/100 != 2:
		return &StatusError{Method: http.MethodPut, URL: at, Code: status}
	}
	return nil
}

// Guards is false: raced by two writers, WebDAV servers of several makes tell both of them that the condition held.
func (w *Web) Guards(string) bool { return false }

// makeFolders makes the folders of a path, as WebDAV does (RFC 4918 section 9.3), and those above the base that are missing. That some
// are there already, or cannot be made because they belong to the server, is no error: writing the file decides.
func (w *Web) makeFolders(ctx context.Context, path string) error {
	root := *w.base
	root.Path, root.RawPath = "/", ""
	segments := strings.Split(strings.Trim(w.base.EscapedPath(), "/")+"/"+path, "/")
	at := root.String()
	for _, s := range segments[:len(segments)-1] {
		if s == "" {
			continue
		}
		at += s + "/"
		status, _, _, err := do(ctx, w.web, "MKCOL", at, w.auth, nil, nil)
		if err != nil {
			return err
		}
		if status == http.StatusInsufficientStorage || status == http.StatusUnauthorized {
			return &StatusError{Method: "MKCOL", URL: at, Code: status}
		}
	}
	return nil
}

// contentType says what is written: token files are JSON.
func contentType(data []byte) string {
	if t := bytes.TrimSpace(data); len(t) > 0 && (t[0] == '[' || t[0] == '{') {
		return "application/json"
	}
	return http.DetectContentType(data)
}

// do sends one request and reads at most MaxSize bytes of the answer.
func do(ctx context.Context, client *http.Client, method, at, auth string, body []byte, header http.Header) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%w: %w", ErrBadPath, err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", "blockstack")
	req.Header.Set("Accept-Encoding", "identity")
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, nil, ctx.Err()
		}
		return 0, nil, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, MaxSize+1))
	switch {
	case err != nil:
		return 0, nil, nil, fmt.Errorf("%w: %s: answer was cut off: %w", ErrUnreachable, at, err)
	case len(answer) > MaxSize:
		return 0, nil, nil, fmt.Errorf("%s: larger than %d bytes", at, MaxSize)
	}
	return resp.StatusCode, resp.Header, answer, nil
}
