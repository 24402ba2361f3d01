// Package zonefile reads and writes zone files: text in the master-file form of RFC 1035 with URI
// (RFC 7553) and TXT records, whose hash a name's record holds and which says where the name's
// profile is.
//
// The hash commits to the bytes, so a ZoneFile keeps them unchanged and nothing here prints a
// parsed file again. Only the hash stands on the chain and anybody may store any bytes under it:
// Parse is total, bounded, and judges each record by itself, because one malformed record must not
// hide the others. A zone parser for name servers (github.com/miekg/dns) gives up at the first such
// record and wants URI priorities to be numbers, which published files do not always respect; the
// tests compare the two where both read a file.
package zonefile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"blockstack/names"
)

// Sizes of zone files in bytes. Servers of the time stored up to MaxSize; clients wrote up to
// MaxMakeSize.
const (
	MaxSize     = 40960
	MaxMakeSize = 4096
)

var (
	// ErrMalformed is wrapped by every error about what a zone file holds.
	ErrMalformed = errors.New("malformed zone file")
	// ErrNotZoneFile means that bytes are no zone file at all: empty, too large, not text, or
	// without any directive or record. It wraps ErrMalformed.
	ErrNotZoneFile = fmt.Errorf("%w: not one at all", ErrMalformed)
	// ErrJSON means that the text is a JSON document, as names had it before 2016 in place of a
	// zone file. It wraps ErrNotZoneFile.
	ErrJSON = fmt.Errorf("%w: the text is JSON, as profiles of before 2016 were", ErrNotZoneFile)
	// ErrNoURL means that a zone file names no usable address of a profile. It wraps ErrMalformed.
	ErrNoURL = fmt.Errorf("%w: no usable profile address", ErrMalformed)
	// ErrOrigin means that a zone file does not say that it belongs to the name that was looked up.
	// It wraps ErrMalformed.
	ErrOrigin = fmt.Errorf("%w: it does not belong to the name", ErrMalformed)
	// ErrBadURL means that an address cannot be the target of a profile record.
	ErrBadURL = errors.New("not a usable profile address")
	// ErrBadKey means that a text cannot be the data key of a zone file.
	ErrBadKey = errors.New("not a usable data key")
	// ErrTooLarge means that a zone file to be made would be larger than MaxMakeSize.
	ErrTooLarge = errors.New("zone file too large")
)

// ZoneFile is a parsed zone file.
type ZoneFile struct {
	Origins  []string // of the $ORIGIN lines, in file order, as written
	TTL      string   // of the last $TTL line, as written
	Records  []Record // in file order
	Problems []Problem

	raw []byte
}

// Record is one resource record. Relative owner names stay as they are written.
type Record struct {
	Line  int    // where it begins, from 1
	Owner string // the owner of the record before it, if the line began with blanks
	TTL   string // empty: none given
	Type  string // upper case
	Data  []string
}

// Problem is a line that could not be read; it was skipped.
type Problem struct {
	Line   int // from 1
	Reason string
}

// URI is a URI record (RFC 7553). Priority and weight are kept as text: published files hold other
// things than numbers there, and profile look-up ignores them.
type URI struct {
	Owner, Priority, Weight string
	Target                  string // without quotes and escapes
}

// TXT is a TXT record. The strings are as they stand between the quotes, with their escapes:
// signatures of subdomain records are over that form. Unescape removes the escapes.
type TXT struct {
	Owner   string
	Strings []string
}

// Parse reads a zone file. It fails with ErrNotZoneFile (or ErrJSON) when there is nothing to read;
// lines that cannot be read are Problems. The bytes are copied.
func Parse(b []byte) (*ZoneFile, error) {
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrNotZoneFile)
	case len(b) > MaxSize:
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrNotZoneFile, len(b), MaxSize)
	case !utf8.Valid(b) || bytes.ContainsFunc(b, isControl):
		return nil, fmt.Errorf("%w: it is not text", ErrNotZoneFile)
	}
	switch bytes.TrimSpace(b)[0] {
	case '{', '[':
		return nil, ErrJSON
	}
	z := &ZoneFile{raw: bytes.Clone(b)}
	entries, problems := scan(string(b))
	z.Problems = problems
	for i := range entries {
		if reason := z.add(&entries[i]); reason != "" {
			z.Problems = append(z.Problems, Problem{Line: entries[i].line, Reason: reason})
		}
	}
	if len(z.Origins) == 0 && z.TTL == "" && len(z.Records) == 0 {
		return nil, fmt.Errorf("%w: it holds no directive and no record", ErrNotZoneFile)
	}
	return z, nil
}

// isControl reports whether a rune has no place in a zone file.
func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }

// Bytes gives the file as it was read.
func (z *ZoneFile) Bytes() []byte { return bytes.Clone(z.raw) }

// Hash is the hash that a name's record holds.
func (z *ZoneFile) Hash() names.ZoneFileHash { return names.HashZoneFile(z.raw) }

// URIs gives the URI records in file order.
func (z *ZoneFile) URIs() []URI {
	var uris []URI
	for _, r := range z.Records {
		if r.Type == "URI" {
			uris = append(uris, URI{Owner: r.Owner, Priority: r.Data[0], Weight: r.Data[1], Target: Unescape(r.Data[2])})
		}
	}
	return uris
}

// TXTs gives the TXT records in file order.
func (z *ZoneFile) TXTs() []TXT {
	var txts []TXT
	for _, r := range z.Records {
		if r.Type == "TXT" {
			txts = append(txts, TXT{Owner: r.Owner, Strings: r.Data})
		}
	}
	return txts
}

// DataKeys gives the data keys that the zone file publishes: TXT records called pubkey whose text
// begins with pubkey:data: (identity 3.5). More than one is for the caller to refuse.
func (z *ZoneFile) DataKeys() []string {
	var keys []string
	for _, txt := range z.TXTs() {
		joined := Unescape(strings.Join(txt.Strings, ""))
		if txt.Owner == "pubkey" && strings.HasPrefix(joined, "pubkey:data:") {
			keys = append(keys, joined)
		}
	}
	return keys
}

// URLs gives the usable targets of the URI records in file order; priority, weight and owner do not
// matter. A target without a scheme gets https; every scheme but http and https is skipped. The
// error wraps ErrNoURL when none is left and says why, or ErrOrigin when the file has no $ORIGIN
// line. Whose file it is, is not asked: see ProfileURLs.
func (z *ZoneFile) URLs() ([]string, error) {
	if len(z.Origins) == 0 {
		return nil, fmt.Errorf("%w: it has no $ORIGIN line", ErrOrigin)
	}
	var urls []string
	var first error
	for _, uri := range z.URIs() {
		u, err := targetURL(uri.Target)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		urls = append(urls, u)
	}
	switch {
	case len(urls) > 0:
		return urls, nil
	case first != nil:
		return nil, fmt.Errorf("%w: %v", ErrNoURL, first) // not ErrBadURL, which is about what a caller gave
	case len(z.Problems) > 0:
		p := z.Problems[0]
		return nil, fmt.Errorf("%w: it has no readable URI record; line %d: %s", ErrNoURL, p.Line, p.Reason)
	}
	return nil, fmt.Errorf("%w: it has no URI record", ErrNoURL)
}

// ProfileURLs gives the addresses at which the profile of a name may be, to be tried in order.
// Every $ORIGIN line must be the name, with or without a final dot, in any case; there must be one.
// The error wraps ErrOrigin or ErrNoURL.
func (z *ZoneFile) ProfileURLs(n names.Name) ([]string, error) {
	if n.IsZero() {
		return nil, fmt.Errorf("%w: no name given", ErrOrigin)
	}
	for _, origin := range z.Origins {
		if !strings.EqualFold(strings.TrimSuffix(origin, "."), n.String()) {
			return nil, fmt.Errorf("%w: its $ORIGIN is %.80q, want %s", ErrOrigin, origin, n)
		}
	}
	return z.URLs()
}
