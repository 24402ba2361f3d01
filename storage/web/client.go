package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"blockstack/storage"
	"blockstack/storage/dial"
)

const (
	timeout   = 30 * time.Second // of one request, its answer included
	maxAnswer = 1 << 20          // of an answer that is no object, in bytes
)

// Client sends requests to a server.
type Client struct{ http http.Client }

// New makes a client. transport is the client whose way out is used; nil: directly.
func New(transport *http.Client) *Client {
	if transport == nil {
		transport = dial.Rules{Keep: 2}.Client() // not net/http's, which takes a proxy from the environment
	}
	c := &Client{http: *transport}
	c.http.Timeout = timeout
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Request is a request to a server.
type Request struct {
	Method, URL string
	Auth        string      // value of Authorization; empty: none
	Header      http.Header // further headers
	Body        io.ReaderAt // nil: none
	Size        int64       // of the body
}

// Answer is what a server answered, to its end.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Refused is the error of an answer that says no.
func (r *Request) Refused(code int, message string) error {
	return &StatusError{Method: r.Method, URL: r.URL, Code: code, Message: message}
}

// Do sends a request and reads its answer, which is no object.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Answer{}, cutOff(ctx, r.URL, err)
	case len(body) > maxAnswer:
		return Answer{}, storage.Of(storage.ErrTooLarge, fmt.Errorf("%s: larger than %d bytes", r.URL, maxAnswer))
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// send sends a request.
func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	body := func() (io.ReadCloser, error) { return http.NoBody, nil }
	if r.Body != nil && r.Size > 0 {
		body = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r.Body, 0, r.Size)), nil }
	}
	first, _ := body()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, first)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", storage.ErrBadName, err)
	}
	req.ContentLength, req.GetBody = r.Size, body
	for k, v := range r.Header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", "blockstack")
	req.Header.Set("Accept-Encoding", "identity")
	if r.Auth != "" {
		req.Header.Set("Authorization", r.Auth)
	}
	resp, err := c.http.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case r.Method == http.MethodGet || r.Method == http.MethodHead || notSent(err):
		return nil, fmt.Errorf("%w: %w", storage.ErrUnreachable, err)
	}
	return nil, storage.Of(storage.ErrUncertain, fmt.Errorf("%w: %w", storage.ErrUnreachable, err))
}

// notSent reports whether there was not even a connection.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// cutOff is the error of an answer that does not come to its end.
func cutOff(ctx context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %s: answer was cut off: %w", storage.ErrUnreachable, url, err)
}

// ContentType says what is written: token files are JSON. A body that ends before its size is
// refused, because some servers would keep what came of it.
func ContentType(body io.ReaderAt, size int64) (string, error) {
	head, last := make([]byte, min(size, 512)), make([]byte, min(size, 1))
	if n, err := body.ReadAt(head, 0); n < len(head) {
		return "", fmt.Errorf("read what is to be written: %w", err)
	}
	if n, err := body.ReadAt(last, size-int64(len(last))); n < len(last) {
		return "", fmt.Errorf("read what is to be written: %w", err)
	}
	if t := bytes.TrimSpace(head); len(t) > 0 && (t[0] == '[' || t[0] == '{') {
		return "application/json", nil
	}
	return http.DetectContentType(head), nil
}
