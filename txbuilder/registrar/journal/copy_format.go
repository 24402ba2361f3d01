package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"blockstack/txbuilder/registrar/job"
)

// A copy is one job in one encrypted file, in any folder:
//
//	copy    = "BSKJOB01" sealed
//	sealed  = ephemeral(32) box                   NaCl's sealed box over plain; see package keychain
//	plain   = length(4, big-endian) document zero*   zeroes up to a multiple of 4096 bytes
//	document = { "schema": "blockstack/job-copy/v1", "network": NAME, "journal": 32HEX, "job": JOB }
//
// NAME is that of the Bitcoin network (mainnet, testnet3, signet, regtest), JOB what the journal
// holds. Nothing of it shows from outside but that it is such a file, and about how long it is. A
// copy is at most 32 MiB.
const (
	copyMagic    = "BSKJOB01"
	copySchema   = "blockstack/job-copy/v1"
	copyPadding  = 4096
	maxCopyBytes = MaxCopyBytes
	// copyFiles is how the names of copies end.
	copyFiles = ".job"
)

// MaxCopyBytes is how long a copy can be.
const MaxCopyBytes = 32 << 20

// OtherNetwork says that a copy is of a job on another Bitcoin network.
type OtherNetwork struct{ Copy, Ours string }

// Error names both.
func (e *OtherNetwork) Error() string {
	return fmt.Sprintf("the copy is of a job on %s, not on %s", e.Copy, e.Ours)
}

// journalName names a journal, so that those of two machines never write the same file.
type journalName [16]byte

// copyDocument is the document in a copy.
type copyDocument struct {
	Schema  string          `json:"schema"`
	Network string          `json:"network"`
	Journal string          `json:"journal"`
	Job     json.RawMessage `json:"job"`
}

// encodeCopy seals the stored form of a job.
func encodeCopy(network string, journal journalName, job []byte, seal func([]byte) ([]byte, error)) ([]byte, error) {
	doc, err := json.Marshal(copyDocument{Schema: copySchema, Network: network, Journal: hex.EncodeToString(journal[:]), Job: job})
	if err != nil {
		return nil, err
	}
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(doc)))
	plain = append(plain, doc...)
	plain = append(plain, make([]byte, (copyPadding-len(plain)%copyPadding)%copyPadding)...)
	sealed, err := seal(plain)
	if err != nil {
		return nil, err
	}
	if b := append([]byte(copyMagic), sealed...); len(b) <= maxCopyBytes {
		return b, nil
	}
	return nil, fmt.Errorf("a job of %d bytes is too large for a copy", len(job))
}

// DecodeCopy opens a copy and holds what is in it to all that a journal is held to.
func DecodeCopy(copied []byte, network string, open func([]byte) ([]byte, error)) (*job.Job, error) {
	sealed, ok := bytes.CutPrefix(copied, []byte(copyMagic))
	if !ok || len(copied) > maxCopyBytes {
		return nil, job.ErrBadCopy
	}
	plain, err := open(sealed)
	if err != nil {
		return nil, err
	}
	return decodePlain(plain, network)
}

// decodePlain reads what was sealed.
func decodePlain(plain []byte, network string) (*job.Job, error) {
	if len(plain) < 4 {
		return nil, job.ErrBadCopy
	}
	n := int64(binary.BigEndian.Uint32(plain))
	if n > int64(len(plain))-4 {
		return nil, fmt.Errorf("%w: it is cut short", job.ErrBadCopy)
	}
	dec := json.NewDecoder(bytes.NewReader(plain[4 : 4+n]))
	dec.DisallowUnknownFields()
	var doc copyDocument
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%w: %w", job.ErrBadCopy, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) || doc.Schema != copySchema {
		return nil, fmt.Errorf("%w: schema %.40q", job.ErrBadCopy, doc.Schema)
	}
	if doc.Network != network {
		return nil, &OtherNetwork{Copy: doc.Network, Ours: network}
	}
	j, err := job.Decode(doc.Job)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", job.ErrBadCopy, err)
	}
	if len(j.Stages)+len(j.Drafted) == 0 {
		return nil, fmt.Errorf("%w: job %s has signed nothing", job.ErrBadCopy, j.ID)
	}
	if j.ID != job.NewID(&j.Request, j.Attempt) {
		return nil, fmt.Errorf("%w: job %s is not what its id says", job.ErrBadCopy, j.ID)
	}
	j.From = doc.Journal
	return j, nil
}
