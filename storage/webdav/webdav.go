// Package webdav keeps objects in a folder of a web server that takes PUT, as WebDAV servers do
// (RFC 4918).
package webdav

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"blockstack/storage"
	"blockstack/storage/web"
)

// Folder is a folder on a server.
type Folder struct {
	base *url.URL
	auth string // value of Authorization; empty: none
	web  *web.Client
}

// Open makes a place of the http or https URL of a folder. userPassword, user:password, may be
// empty; it is only sent over https or to this machine. client gives the transport; nil: the
// default one.
func Open(folder, userPassword string, client *http.Client) (*Folder, error) {
	u, err := web.ParseURL(folder)
	if err != nil {
		return nil, err
	}
	d := &Folder{base: u, web: web.New(client)}
	if userPassword != "" {
		user, password, _ := strings.Cut(userPassword, ":")
		req := &http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, password)
		d.auth = req.Header.Get("Authorization")
	}
	return d, nil
}

// String gives the URL of the folder.
func (d *Folder) String() string { return d.base.String() }

// PublicURL is where an object is written, and read, unless the server has another address for
// readers.
func (d *Folder) PublicURL(_ context.Context, name string) (string, error) { return d.at(name) }

// at is the URL of an object.
func (d *Folder) at(name string) (string, error) {
	if err := storage.CheckName(name); err != nil {
		return "", err
	}
	return d.base.JoinPath(name).String(), nil
}

// Get gets a file.
func (d *Folder) Get(ctx context.Context, name string, part storage.Part) (io.ReadCloser, storage.Info, error) {
	at, err := d.at(name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	return d.web.Get(ctx, name, at, d.auth, part)
}

// Put puts a file. Many servers do not look at conditions of a PUT, so what is there is compared
// just before; the condition is also sent.
func (d *Folder) Put(ctx context.Context, name string, body io.ReaderAt, size int64, c storage.Condition) (storage.Version, error) {
	r, err := d.write(ctx, http.MethodPut, name, c)
	if err != nil {
		return "", err
	}
	kind, err := web.ContentType(body, size)
	if err != nil {
		return "", err
	}
	r.Body, r.Size = body, size
	r.Header.Set("Content-Type", kind)
	a, err := d.web.Do(ctx, r)
	if err == nil && (a.Code == http.StatusConflict || a.Code == http.StatusNotFound) && c.Match == "" { // the folder is missing
		if err = d.makeFolders(ctx, name); err == nil {
			a, err = d.web.Do(ctx, r)
		}
	}
	if err != nil {
		return "", err
	}
	return web.TagOf(a.Header), done(r, a, name)
}

// Delete deletes a file.
func (d *Folder) Delete(ctx context.Context, name string, c storage.Condition) error {
	r, err := d.write(ctx, http.MethodDelete, name, c)
	if err != nil {
		return err
	}
	a, err := d.web.Do(ctx, r)
	if err != nil {
		return err
	}
	if a.Code == http.StatusNotFound || a.Code == http.StatusGone {
		return fmt.Errorf("%s: %w", name, storage.ErrNotFound)
	}
	return done(r, a, name)
}

// write begins a write: it compares what is there with the condition.
func (d *Folder) write(ctx context.Context, method, name string, c storage.Condition) (web.Request, error) {
	at, err := d.at(name)
	if err != nil {
		return web.Request{}, err
	}
	r := web.Request{Method: method, URL: at, Auth: d.auth, Header: web.Conditional(c)}
	if c.None() {
		return r, nil
	}
	if !c.Compared {
		return r, fmt.Errorf("%s: %w", d, storage.ErrNoCondition)
	}
	body, have, err := d.Get(ctx, name, storage.Part{})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		if c.Match != "" {
			return r, fmt.Errorf("%s: %w", name, storage.ErrChanged)
		}
		return r, nil
	case err != nil:
		return r, err
	}
	web.Drop(body)
	switch {
	case c.Absent:
		return r, fmt.Errorf("%s: %w", name, storage.ErrExists)
	case have.Version != c.Match:
		return r, fmt.Errorf("%s: %w", name, storage.ErrChanged)
	}
	return r, nil
}

// done is the error of the answer to a write.
func done(r web.Request, a web.Answer, name string) error {
	switch {
	case a.Code == http.StatusPreconditionFailed:
		return fmt.Errorf("%s: %w", name, storage.ErrChanged)
	case a.Code/100 != 2:
		return r.Refused(a.Code, "")
	}
	return nil
}

// Keeps is false: raced by two writers, WebDAV servers of several makes tell both of them that the
// condition held.
func (d *Folder) Keeps(storage.Condition) bool { return false }

// makeFolders makes the folders of a name, as WebDAV does (RFC 4918 section 9.3), and those above
// the base that are missing. That some are there already, or cannot be made because they belong to
// the server, is no error: writing the file decides.
func (d *Folder) makeFolders(ctx context.Context, name string) error {
	root := *d.base
	root.Path, root.RawPath = "/", ""
	segments := strings.Split(strings.Trim(d.base.EscapedPath(), "/")+"/"+name, "/")
	at := root.String()
	for _, s := range segments[:len(segments)-1] {
		if s == "" {
			continue
		}
		at += s + "/"
		r := web.Request{Method: "MKCOL", URL: at, Auth: d.auth}
		a, err := d.web.Do(ctx, r)
		if err != nil {
			return err
		}
		if a.Code == http.StatusInsufficientStorage || a.Code == http.StatusUnauthorized {
			return r.Refused(a.Code, "")
		}
	}
	return nil
}
