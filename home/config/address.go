package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Absolute makes a path absolute from base, or from the working folder when base is empty. A URL
// and - stay as they are.
func Absolute(base, place string) (string, error) {
	switch {
	case place == "" || place == "-" || IsURL(place) || filepath.IsAbs(place):
		return place, nil
	case base != "":
		return filepath.Join(base, place), nil
	}
	return filepath.Abs(place)
}

// IsURL reports whether a place is a web address rather than a folder.
func IsURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// checkURL refuses addresses that are not plain web addresses, and those that carry a password.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("not an http or https URL")
	case u.User != nil:
		return fmt.Errorf("a URL with a password in it is refused: put user:password into a file and name it with --node-auth-file")
	}
	return nil
}

// checkNode refuses what is neither the address of a node nor a folder.
func checkNode(s string) error {
	if !strings.Contains(s, ":") && s != "-" && s != "" || filepath.IsAbs(s) {
		return nil
	}
	if err := checkURL(s); err != nil {
		return err
	}
	if _, _, err := nodeHost(s, "1"); err != nil {
		return errors.New("not a URL of the form http://HOST:PORT")
	}
	return nil
}

// checkPeer refuses what is not the address of a peer: HOST or HOST:PORT.
func checkPeer(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, "1"
		if inner, ok := strings.CutPrefix(s, "["); ok {
			host, _ = strings.CutSuffix(inner, "]")
			if host+"]" != inner {
				host = ""
			}
		}
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return errors.New("neither HOST nor HOST:PORT")
		}
	}
	n, err := strconv.Atoi(port)
	if host == "" || err != nil || n < 1 || n > 65535 || strings.ContainsFunc(host, notInHost) {
		return errors.New("neither HOST nor HOST:PORT")
	}
	return nil
}

// notInHost reports whether a character cannot be in the name or address of a host; letters of all
// languages can.
func notInHost(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("-._:%", r)
}

// oneOf refuses a value that is not in the list.
func oneOf(value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("unknown value %s; it is one of %s", strconv.Quote(value), strings.Join(allowed, ", "))
}

// nodeHost takes host and port out of a node's URL; empty is this machine.
func nodeHost(text, defaultPort string) (host string, https bool, err error) {
	if text == "" {
		return net.JoinHostPort("127.0.0.1", defaultPort), false, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" || !validPort(u.Port()) {
		return "", false, &NodeError{Reason: NodeAddress}
	}
	if u.User != nil {
		return "", false, &NodeError{Reason: NodeSecret}
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return net.JoinHostPort(u.Hostname(), port), u.Scheme == "https", nil
}

// validPort reports whether a URL's port is one; none is.
func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n > 0 && n < 1<<16
}
