package resolver

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"blockstack/storage/dial"
)

// checkURL lets through what may be asked for: http or https, a host that is not obviously private,
// no user part.
func (f *Fetcher) checkURL(rawURL string) (*url.URL, error) {
	refuse := func(reason string) (*url.URL, error) { return nil, &RefusedError{URL: rawURL, Reason: reason} }
	if len(rawURL) > maxURLLength {
		return refuse("URL is too long")
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return refuse("not a URL")
	}
	if u.Host, err = dial.ASCIIURLHost(u.Host); err != nil {
		return refuse("host is not a valid name")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("scheme is not https or http")
	case u.Opaque != "" || u.Hostname() == "":
		return refuse("URL has no host")
	case u.User != nil:
		return refuse("URL has a user part")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return refuse("port is not from 1 to 65535")
		}
	}
	return u, f.checkHost(rawURL, u.Hostname())
}

// checkHost judges a host as it is written. For host names that is only a first look: checkDial has
// the last word, except behind a proxy, which resolves names itself.
func (f *Fetcher) checkHost(rawURL, host string) error {
	if f.trusted {
		return nil
	}
	if strings.Contains(host, "%") {
		return &RefusedError{URL: rawURL, Reason: "host has a zone, which is local to one machine"}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return f.checkAddress(rawURL, host)
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case name == "localhost" || last == "localhost":
		if f.AllowLoopback {
			return nil
		}
		return &RefusedError{URL: rawURL, Reason: "host is this machine"}
	case isNumber(last):
		return &RefusedError{URL: rawURL, Reason: "host is an address in an unusual form"}
	case last == name, last == "local", last == "internal", last == "lan", last == "intranet", last == "home", last == "corp",
		strings.HasSuffix(name, ".home.arpa"):
		return &RefusedError{URL: rawURL, Reason: "host is a name of a private network"}
	case last == "onion" && !f.Proxy.Used():
		return &RefusedError{URL: rawURL, Reason: "host is an onion service, which needs a proxy"}
	}
	return nil
}

// isNumber reports whether a label is what lenient parsers read as a part of an IPv4 address:
// digits, or 0x and hex digits.
func isNumber(label string) bool {
	if label == "" {
		return false
	}
	if hexDigits, isHex := strings.CutPrefix(label, "0x"); isHex {
		return strings.Trim(hexDigits, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// checkAddress lets through addresses of the public internet.
func (f *Fetcher) checkAddress(rawURL, address string) error {
	if f.trusted {
		return nil
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return &RefusedError{URL: rawURL, Reason: "not an address"}
	}
	ip = embedded(ip.Unmap().WithZone(""))
	if ip.IsLoopback() && f.AllowLoopback {
		return nil
	}
	if !isPublic(ip) {
		return &RefusedError{URL: rawURL, Reason: "host is at " + ip.String() + ", which is not on the public internet"}
	}
	return nil
}

// embedded gives the IPv4 address that a translator or tunnel would take out of an IPv6 address:
// NAT64 (RFC 6052) and 6to4 (RFC 3056).
func embedded(ip netip.Addr) netip.Addr {
	if !ip.Is6() {
		return ip
	}
	b := ip.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip
}

// isPublic reports whether an address is one of the public internet, by the registries of
// special-purpose addresses (RFC 6890 and what was added since).
func isPublic(ip netip.Addr) bool {
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsLoopback() || ip.IsPrivate() || ip.IsMulticast() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, special := range specialPrefixes() {
		if special.Contains(ip) {
			return false
		}
	}
	// Of IPv6 only 2000::/3 is given out as global unicast.
	return ip.Is4() || netip.MustParsePrefix("2000::/3").Contains(ip)
}

func specialPrefixes() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network
		netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, withdrawn
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
		netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
		netip.MustParsePrefix("2001:db8::/32"),   // documentation
		netip.MustParsePrefix("3fff::/20"),       // documentation
	}
}
