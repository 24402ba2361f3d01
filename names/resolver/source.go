package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"blockstack/names"
	"blockstack/names/zonefile"
)

// Source is somewhere zone files may be found by their hash. It need not be trusted.
type Source interface {
	// Get gives the bytes that the source has for a hash. An error wraps ErrMissing when the source
	// answered and does not have it.
	Get(ctx context.Context, h names.ZoneFileHash) ([]byte, error)
	// String names the source to people.
	String() string
}

// fileName is what a zone file is called in folders and on web servers.
func fileName(h names.ZoneFileHash) string { return h.String() + ".txt" }

// OpenSource makes a source of what a user wrote after --zonefiles: an http or https URL of a
// folder on a web server, or the path of a folder. The user chose the server, so it may be on his
// own machine or network; f bounds what comes, and may be nil for folders.
func OpenSource(place string, f *Fetcher) (Source, error) {
	if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
		u, err := url.Parse(place)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("zone-file source %s: not a URL", quote(place))
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("zone-file source %s: want a plain URL without user, query and fragment", quote(u.Redacted()))
		}
		if f == nil {
			return nil, fmt.Errorf("zone-file source %s: no fetcher", quote(place))
		}
		return &web{base: u, fetcher: f.trusting(zonefile.MaxSize)}, nil
	}
	if scheme, _, found := strings.Cut(place, "://"); found {
		return nil, fmt.Errorf("zone-file source %s: scheme %s is not known; want a folder, http or https", quote(place), quote(scheme))
	}
	if place == "" {
		return nil, fmt.Errorf("zone-file source: empty path")
	}
	return folder(place), nil
}

// folder holds zone files as files.
type folder string

// String gives the path.
func (d folder) String() string { return string(d) }

// Get reads a file of the folder. A missing folder is an unreachable source: it may be on a disk
// that is not there now.
func (d folder) Get(ctx context.Context, h names.ZoneFileHash) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(string(d)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return readFile(filepath.Join(string(d), fileName(h)))
}

// readFile reads a regular file of at most zonefile.MaxSize bytes.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrMissing
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrUnreachable, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, zonefile.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if len(b) > zonefile.MaxSize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, zonefile.MaxSize)
	}
	return b, nil
}

// web is a folder on a web server.
type web struct {
	base    *url.URL
	fetcher *Fetcher
}

// String gives the URL.
func (w *web) String() string { return w.base.String() }

// Get fetches <base>/<hash>.txt.
func (w *web) Get(ctx context.Context, h names.ZoneFileHash) ([]byte, error) {
	page, err := w.fetcher.Fetch(ctx, w.base.JoinPath(fileName(h)).String())
	if err != nil {
		return nil, err
	}
	return page.Body, nil
}
