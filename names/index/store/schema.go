package store

import (
	"encoding/binary"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// The buckets of the file, as bucket: key → value. height and index are 4 bytes, big-endian, so
// keys are in the order of the chain; 0 is a zero byte; script is the 21-byte key of an output
// script. Rows have the forms of codec_rows.go and codec_ops.go.
//
//	meta:       "version"                        → number, see schemaVersion; the only value without a checksum behind it (rowsum.go)
//	            "registry"                       → fingerprint of the registry (32)
//	            "network"                        → its label
//	            "tip"                            → height of the last block
//	            "doubt"                          → first height that is not certain, see Tip.ExactUntil; missing: all are
//	blocks:     height                           → block hash (32), consensus hash (16), ops hash (32)
//	ops:        height index                     → op-row
//	names:      namespace 0 label                → height index of its last operation, whose op-row has the name-row
//	hashes:     first 8 bytes of NameHash, name  → nothing
//	owners:     script name                      → nothing; names by the owner of their current row
//	spaces:     namespace id                     → namespace-row
//	preorders:  preorder hash (20)               → preorder-set
//	senders:    script height index              → preorder hash (20); outstanding preorders by sender
//	accounts:   address 0 unit                   → account-row
//	accountlog: address 0 unit 0 height index txid → account-row; every state of the account
//	rings:      namespace id                     → ring-row
//	history:    subject 0 height index           → nothing; accepted operations on a name or namespace, its preorders included
//	refused:    subject 0 height index           → nothing; refused operations that say which name or namespace they mean
//	txids:      first 8 bytes of txid, height index → nothing
//	undo:       height                           → undo-row; only for the last blocks
type bucket uint8

const (
	bMeta bucket = iota
	bBlocks
	bOps
	bNames
	bHashes
	bOwners
	bSpaces
	bPreorders
	bSenders
	bAccounts
	bAccountLog
	bRings
	bHistory
	bRefused
	bTxids
	bUndo
	bucketCount
)

// bucketNames are the names in the file. Undo rows hold a bucket's number: never reordered, new
// ones appended.
var bucketNames = [bucketCount][]byte{
	[]byte("meta"), []byte("blocks"), []byte("ops"), []byte("names"), []byte("hashes"), []byte("owners"), []byte("spaces"),
	[]byte("preorders"), []byte("senders"), []byte("accounts"), []byte("accountlog"), []byte("rings"), []byte("history"),
	[]byte("refused"), []byte("txids"), []byte("undo"),
}

// groupLen is how many leading bytes of a bucket's keys the rules look up together; 0: only whole
// keys.
func (b bucket) groupLen() int {
	switch b {
	case bHashes:
		return hashPrefix
	case bOwners:
		return scriptKeyLen
	}
	return 0
}

// appended reports whether keys of a bucket only ever grow, so that its pages can be filled.
func (b bucket) appended() bool { return b == bBlocks || b == bOps || b == bUndo }

// Keys of meta.
var (
	keyVersion  = []byte("version")
	keyRegistry = []byte("registry")
	keyNetwork  = []byte("network")
	keyTip      = []byte("tip")
	keyDoubt    = []byte("doubt")
)

const (
	hashPrefix   = 8
	scriptKeyLen = 21
	placeLen     = 8
)

func heightKey(h int32) []byte { return binary.BigEndian.AppendUint32(make([]byte, 0, 4), uint32(h)) }

func appendPlace(b []byte, at state.Place) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(at.Height))
	return binary.BigEndian.AppendUint32(b, uint32(at.Index))
}

func opKey(at state.Place) []byte { return appendPlace(make([]byte, 0, placeLen), at) }

// placeAt reads height and index from the end of a key.
func placeAt(key []byte) (state.Place, bool) {
	if len(key) < placeLen {
		return state.Place{}, false
	}
	key = key[len(key)-placeLen:]
	return state.Place{Height: int32(binary.BigEndian.Uint32(key)), Index: int32(binary.BigEndian.Uint32(key[4:]))}, true
}

// nameKey is the key of a well-formed name.
func nameKey(name string) []byte {
	space, label := state.SpaceOf(name), state.LabelOf(name)
	b := make([]byte, 0, len(name))
	b = append(b, space...)
	b = append(b, 0)
	return append(b, label...)
}

// spacePrefix begins the keys of a namespace's names.
func spacePrefix(id string) []byte { return append([]byte(id), 0) }

func hashKey(name string) []byte {
	h := nameop.NameHash(name)
	return append(append(make([]byte, 0, hashPrefix+len(name)), h[:hashPrefix]...), name...)
}

// scriptKey is the type of a script and its hash160; for a script of another type, a zero and the
// hash160 of the script itself.
func scriptKey(script []byte) []byte {
	b := make([]byte, 1, scriptKeyLen+names.MaxNameLen)
	t, hash := names.ScriptHash160(script)
	if hash == nil {
		return append(b, address.Hash160(script)...)
	}
	b[0] = byte(t)
	return append(b, hash...)
}

func ownerKey(owner []byte, name string) []byte { return append(scriptKey(owner), name...) }

func senderKey(r *state.PreorderRow) []byte { return appendPlace(scriptKey(r.Sender), r.At) }

func accountKeyOf(address, unit string) []byte {
	b := make([]byte, 0, len(address)+len(unit)+2+placeLen+chainhash.HashSize)
	b = append(b, address...)
	b = append(b, 0)
	return append(b, unit...)
}

func accountLogKey(r *state.AccountRow) []byte {
	b := append(accountKeyOf(r.Address, r.Unit), 0)
	return append(appendPlace(b, r.At), r.At.Txid[:]...)
}

func historyKey(subject string, at state.Place) []byte {
	b := make([]byte, 0, len(subject)+1+placeLen)
	b = append(b, subject...)
	return appendPlace(append(b, 0), at)
}

func txidKey(at state.Place) []byte {
	b := append(make([]byte, 0, hashPrefix+placeLen), at.Txid[:hashPrefix]...)
	return appendPlace(b, at)
}

func encodeBlock(r *state.BlockRow) []byte {
	w := writer{b: make([]byte, 0, 80)}
	w.fixed(r.Hash[:])
	w.fixed(r.Consensus[:])
	w.fixed(r.OpsHash[:])
	return w.b
}

func decodeBlockRow(b []byte) (*state.BlockRow, error) {
	in, r := reader{b: b}, &state.BlockRow{}
	in.fixed(r.Hash[:])
	in.fixed(r.Consensus[:])
	in.fixed(r.OpsHash[:])
	return r, in.end()
}
