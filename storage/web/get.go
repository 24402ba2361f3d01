package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"blockstack/storage"
)

// maxHashed is the largest object that gets a version from its hash, where a server gives no strong
// tag.
const maxHashed = 16 << 20

// hashVersion marks versions that are hashes of the content, which no server knows.
const hashVersion = "sha256:"

// Tag gives the entity tag that a version is; false: it is a hash.
func Tag(v storage.Version) (string, bool) {
	return string(v), v != "" && !strings.HasPrefix(string(v), hashVersion)
}

// TagOf gives the version that the headers of an answer name, if it is a strong entity tag.
func TagOf(h http.Header) storage.Version {
	if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
		return storage.Version(tag)
	}
	return ""
}

// Conditional gives the headers that make a server refuse a write when the condition does not hold,
// if it looks at them.
func Conditional(c storage.Condition) http.Header {
	h := http.Header{}
	if tag, ok := Tag(c.Match); ok {
		h.Set("If-Match", tag)
	} else if c.Absent {
		h.Set("If-None-Match", "*")
	}
	return h
}

// Get reads an object at a URL. Its version is the entity tag, or the hash where a server gives no
// strong one.
func (c *Client) Get(ctx context.Context, name, url, auth string, part storage.Part) (io.ReadCloser, storage.Info, error) {
	r := Request{Method: http.MethodGet, URL: url, Auth: auth, Header: http.Header{"Cache-Control": {"no-cache"}}}
	whole := part == storage.Part{}
	if !whole {
		last := ""
		if part.Length > 0 {
			last = fmt.Sprint(part.Offset + part.Length - 1)
		}
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%s", part.Offset, last))
	}
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, storage.Info{}, err
	}
	body := &objectBody{ReadCloser: resp.Body, ctx: ctx, url: url}
	fail := func(err error) (io.ReadCloser, storage.Info, error) {
		Drop(body)
		return nil, storage.Info{}, err
	}
	info := storage.Info{Name: name, Size: resp.ContentLength, Version: TagOf(resp.Header)}
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return fail(fmt.Errorf("%s: %w", url, storage.ErrNotFound))
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && !whole:
		Drop(body)
		return io.NopCloser(bytes.NewReader(nil)), storage.Info{Name: name, Size: -1}, nil
	case resp.StatusCode == http.StatusPartialContent && !whole:
		var first, end, size int64
		n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &end, &size)
		if n >= 2 && first == end && end < part.Offset && (n < 3 || size == end+1) {
			// Beyond its end some servers give the last byte in place of a refusal.
			Drop(body)
			return io.NopCloser(bytes.NewReader(nil)), storage.Info{Name: name, Size: -1}, nil
		}
		if n < 2 || first != part.Offset {
			return fail(fmt.Errorf("%w: %s: gives another part than was asked for", storage.ErrUnreachable, url))
		} else if info.Size = size; n < 3 {
			info.Size = -1
		}
		return limited(body, part.Length), info, nil
	case resp.StatusCode != http.StatusOK:
		return fail(r.Refused(resp.StatusCode, ""))
	case !whole: // the server gives all of it
		if _, err := io.CopyN(io.Discard, body, part.Offset); err != nil && err != io.EOF {
			return fail(err)
		}
		return limited(body, part.Length), info, nil
	case info.Version != "":
		return body, info, nil
	}
	head, err := io.ReadAll(io.LimitReader(body, maxHashed+1))
	if err != nil {
		return fail(err)
	}
	if len(head) <= maxHashed {
		sum := sha256.Sum256(head)
		info.Size, info.Version = int64(len(head)), storage.Version(hashVersion+hex.EncodeToString(sum[:]))
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), body), body}, info, nil
}

// Drop closes a body that is not needed; a short one is read first, so that its connection can be
// used again.
func Drop(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

// limited ends a body after so many bytes; 0: it has its own end.
func limited(body io.ReadCloser, length int64) io.ReadCloser {
	if length == 0 {
		return body
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, length), body}
}

// objectBody is the body of an answer; its errors are of a kind.
type objectBody struct {
	io.ReadCloser
	ctx context.Context
	url string
}

// Read reads on.
func (b *objectBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = cutOff(b.ctx, b.url, err)
	}
	return n, err
}
