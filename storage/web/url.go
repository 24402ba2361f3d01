package web

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"blockstack/storage"
)

// ParseURL reads the URL of a server, or of a folder there: https, or http on this machine, without user and query. Its path ends with
// a slash.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil {
		err = asciiHost(u)
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
