package names

import (
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
)

// ZoneFileHash is the hash of a zone file as a record holds it: hash160 of the file's bytes,
// unchanged (protocol 4.2). The zero value stands for twenty zero bytes, which can occur on the
// chain; whether a record has a hash at all is a flag of the record.
type ZoneFileHash [20]byte

// HashZoneFile computes the hash that commits to the bytes of a zone file.
func HashZoneFile(b []byte) ZoneFileHash { return ZoneFileHash(address.Hash160(b)) }

// ParseZoneFileHash reads 40 lower-case or upper-case hex digits.
func ParseZoneFileHash(s string) (ZoneFileHash, error) {
	var h ZoneFileHash
	err := parseHex(h[:], s)
	return h, err
}

// String gives lower-case hex.
func (h ZoneFileHash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether all bytes are zero.
func (h ZoneFileHash) IsZero() bool { return h == ZoneFileHash{} }

// MarshalText gives lower-case hex.
func (h ZoneFileHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hex.
func (h *ZoneFileHash) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// ConsensusHash commits to the whole state of the registry at a height (protocol 6).
type ConsensusHash [16]byte

// ParseConsensusHash reads 32 hex digits.
func ParseConsensusHash(s string) (ConsensusHash, error) {
	var h ConsensusHash
	err := parseHex(h[:], s)
	return h, err
}

// String gives lower-case hex.
func (h ConsensusHash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether all bytes are zero.
func (h ConsensusHash) IsZero() bool { return h == ConsensusHash{} }

// MarshalText gives lower-case hex.
func (h ConsensusHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hex.
func (h *ConsensusHash) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// PreorderHash commits to a name or namespace id, the payer's script and the later owner's address
// (protocol 4.1).
type PreorderHash [20]byte

// ParsePreorderHash reads 40 hex digits.
func ParsePreorderHash(s string) (PreorderHash, error) {
	var h PreorderHash
	err := parseHex(h[:], s)
	return h, err
}

// String gives lower-case hex.
func (h PreorderHash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether all bytes are zero.
func (h PreorderHash) IsZero() bool { return h == PreorderHash{} }

// MarshalText gives lower-case hex.
func (h PreorderHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hex.
func (h *PreorderHash) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// parseHex fills dst from hex text; dst stays as it was when the text is wrong.
func parseHex(dst []byte, s string) error {
	if len(s) != 2*len(dst) {
		return fmt.Errorf("%w: %s: want %d hex digits, have %d characters", ErrBadHash, quote(s), 2*len(dst), len(s))
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBadHash, quote(s), err)
	}
	copy(dst, b)
	return nil
}
