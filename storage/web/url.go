package web

import (
	"fmt"
	"net/url"
	"strings"

	"blockstack/storage"
	"blockstack/storage/dial"
)

// ParseURL reads the URL of a server, or of a folder there: https, or http on this machine, without
// user and query. Its path ends with a slash.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil {
		u.Host, err = dial.ASCIIURLHost(u.Host)
	}
	switch {
	case err != nil, u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("%w: want a plain URL without user and query", storage.ErrBadName)
	case u.Scheme == "https":
	case u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
	default:
		return nil, fmt.Errorf("%w: want https; http only on this machine", storage.ErrBadName)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	return u, nil
}
