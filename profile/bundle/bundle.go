package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/names/snv"
	"blockstack/profile"
)

// ErrMalformed means that bytes are no bundle.
var ErrMalformed = errors.New("not a proof bundle")

// Bundle is what a bundle file holds.
//
//	file     = magic version token zonefile proof seal
//	magic    = %x89 "BNS" %x0D.0A.1A.0A         ; eight octets that no text has, and that a transfer as text would change
//	version  = %x01
//	token    = length *OCTET                    ; the compact form
//	zonefile = %x00 / %x01 length *OCTET        ; %x00: the record of the name has no hash
//	proof    = *OCTET                           ; all up to the seal: see package snv
//	seal     = 32OCTET                          ; sha256 of all octets before it, against damage; a forger can make one too
//	length   = 4OCTET                           ; big-endian
type Bundle struct {
	Token    *profile.Token
	ZoneFile []byte // nil: none
	Proof    []byte
}

const (
	magic   = "\x89BNS\r\n\x1a\n"
	version = 1

	// MaxZoneFile is the most bytes of a zone file; servers of zone files took 40960.
	MaxZoneFile = 64 << 10
	// MaxSize is the most bytes of a bundle.
	MaxSize = snv.MaxSize + profile.MaxSize + MaxZoneFile + 1024
	// HeadSize is how many bytes Is looks at.
	HeadSize = len(magic)
)

// Is reports whether bytes begin like a bundle.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }

// Bytes writes the file.
func (b *Bundle) Bytes() ([]byte, error) {
	token := []byte(b.Token.String())
	if len(b.ZoneFile) > MaxZoneFile || len(token) > profile.MaxSize || len(b.Proof) > snv.MaxSize {
		return nil, fmt.Errorf("%w: %d bytes of zone file, %d of token, %d of proof", ErrMalformed, len(b.ZoneFile), len(token), len(b.Proof))
	}
	out := make([]byte, 0, len(magic)+64+len(token)+len(b.ZoneFile)+len(b.Proof))
	out = append(append(out, magic...), version)
	out = appendBytes(out, token)
	if b.ZoneFile == nil {
		out = append(out, 0)
	} else {
		out = appendBytes(append(out, 1), b.ZoneFile)
	}
	out = append(out, b.Proof...)
	seal := sha256.Sum256(out)
	return append(out, seal[:]...), nil
}

func appendBytes(b, v []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

// Parse reads a file. Errors wrap ErrMalformed. Nothing that it gives is verified.
func Parse(raw []byte) (*Bundle, error) {
	bad := func(format string, a ...any) (*Bundle, error) {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, fmt.Errorf(format, a...))
	}
	switch {
	case !Is(raw):
		return bad("it does not begin like one")
	case len(raw) > MaxSize:
		return bad("longer than %d bytes", MaxSize)
	case len(raw) < len(magic)+1+sha256.Size:
		return bad("it ends early")
	}
	body, seal := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], seal) {
		return bad("it is damaged: its checksum does not fit")
	}
	rest := body[len(magic):]
	if rest[0] != version {
		return bad("version %d; this program reads version %d", rest[0], version)
	}
	text, rest, ok := takeBytes(rest[1:], profile.MaxSize)
	if !ok {
		return bad("it ends within the token")
	}
	token, err := profile.ParseToken(text)
	if err != nil {
		return bad("%w", err)
	}
	if token.String() != string(text) {
		return bad("something stands beside its token")
	}
	b := &Bundle{Token: token}
	if len(rest) == 0 || rest[0] > 1 {
		return bad("no zone file where it belongs")
	}
	present := rest[0] == 1
	if rest = rest[1:]; present {
		if b.ZoneFile, rest, ok = takeBytes(rest, MaxZoneFile); !ok {
			return bad("it ends within the zone file")
		}
	}
	b.Proof = rest
	return b, nil
}

// takeBytes takes a length and as many bytes, at most limit.
func takeBytes(b []byte, limit uint32) (v, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; n > limit || uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// checkZoneFile compares the zone file with the hash in a record.
func (b *Bundle) checkZoneFile(rec names.Record) error {
	switch {
	case !rec.HasZoneFile && b.ZoneFile == nil:
		return nil
	case !rec.HasZoneFile:
		return fmt.Errorf("it has a zone file, and the record of %s has no hash of one", rec.Name)
	case b.ZoneFile == nil:
		return fmt.Errorf("it lacks the zone file %s of %s", rec.ZoneFile, rec.Name)
	}
	if have := names.HashZoneFile(b.ZoneFile); have != rec.ZoneFile {
		return fmt.Errorf("its zone file has the hash %s, and the record of %s has %s", have, rec.Name, rec.ZoneFile)
	}
	return nil
}
