package dial

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/idna"
)

// ASCIIHost is the form in which a host is judged and connected to. The libraries that connect map
// names outside ASCII to it (IDNA, RFC 5891), and digits in circles to an address of this machine;
// what is judged has to be what is dialled.
func ASCIIHost(host string) (string, error) {
	if isASCII(host) {
		return host, nil
	}
	mapped, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return "", fmt.Errorf("host %.100q: %w", host, err)
	}
	return mapped, nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 })
}

// ASCIIURLHost is ASCIIHost for the host of a URL, which may have a port.
func ASCIIURLHost(host string) (string, error) {
	if isASCII(host) {
		return host, nil
	}
	name, port, found := strings.Cut(host, ":") // an address of IPv6 has no characters to map
	mapped, err := ASCIIHost(name)
	switch {
	case err != nil:
		return "", err
	case strings.Contains(mapped, ":") || !isASCII(port):
		return "", fmt.Errorf("host %.100q has no ASCII form", host)
	case found:
		mapped += ":" + port
	}
	return mapped, nil
}

// ASCIIAddress is ASCIIHost for HOST:PORT.
func ASCIIAddress(address string) (host, mapped string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", "", err
	}
	if host, err = ASCIIHost(host); err != nil {
		return "", "", err
	}
	return host, net.JoinHostPort(host, port), nil
}

// IsLoopback says whether a host, in its ASCII form, is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// IsOnion says whether a host is an onion service of Tor, whose connections are encrypted up to it.
func IsOnion(host string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".onion")
}
