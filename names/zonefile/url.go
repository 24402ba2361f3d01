package zonefile

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxURL bounds an address in bytes.
const maxURL = 2048

// targetURL judges the target of a URI record and gives the address to use.
func targetURL(target string) (string, error) {
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	u, err := checkURL(target)
	if err != nil {
		return "", err
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return u.String(), nil // percent-encoded
		}
	}
	return target, nil
}

// checkURL reads an absolute http or https address without user-info.
func checkURL(s string) (*url.URL, error) {
	bad := func(reason string) (*url.URL, error) {
		return nil, fmt.Errorf("%w: %.80q: %s", ErrBadURL, s, reason)
	}
	if len(s) > maxURL {
		return bad("it is longer than " + strconv.Itoa(maxURL) + " bytes")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return bad("it cannot be read")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("only https and http can be used")
	case u.User != nil:
		return bad("it holds a user name or password")
	case !validHost(u):
		return bad("its host is not valid")
	}
	return u, nil
}

// validHost reports whether the host is a DNS name or IP address in ASCII, with a port if there is
// a colon.
func validHost(u *url.URL) bool {
	host := u.Hostname()
	if host == "" || len(host) > 253 {
		return false
	}
	v6 := strings.HasPrefix(u.Host, "[")
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		case v6 && c == ':':
		default:
			return false
		}
	}
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 1<<16
}
