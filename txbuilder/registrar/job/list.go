package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
)

// An import puts names into a namespace that is revealed and not ready. It is one job for many
// names. Its first transaction pays one coin for each name to the keys that may import: the
// revealer's for the first name, since the first import fixes the ring (protocol 8.6, 16.9), and
// keys of its ring for the others. When that is in a block the first name is imported; when the
// index has accepted that, all others at once.
//
//	Planned             nothing is signed
//	PreorderSigned      the coins are on their way; all imports are signed
//	PreorderConfirmed   the coins are there
//	RegisterSigned      the first import is on its way
//	RegisterConfirmed   it was accepted
//	UpdateSigned        the others are on their way
//	UpdateConfirmed     all were accepted
//	Done

// Import is a name that is imported.
type Import struct {
	Name names.Name `json:"name"`
	// Owner is the script that will own it.
	Owner []byte `json:"owner"`
	// Hash is the zone-file hash, which an import always carries; ZoneFile the file itself, where
	// it is to be published.
	Hash     names.ZoneFileHash `json:"zonefile_hash"`
	ZoneFile []byte             `json:"zone_file,omitempty"`
}

// ImportSet is what an import job imports.
type ImportSet struct {
	Namespace names.NamespaceID `json:"namespace"`
	Names     []Import          `json:"names"`
	// Ring are the P2PKH scripts of import keys that the names after the first take turns with.
	Ring [][]byte `json:"ring"`
}

// digest tells lists apart.
func (s *ImportSet) digest() string {
	h := sha256.New()
	for _, n := range s.Names {
		fmt.Fprintf(h, "%s %x %s\n", n.Name, n.Owner, n.Hash)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// A series is one job for several names. It has one coin, an output of the split that begins a
// batch, and every transaction of the series spends either that coin or the change of the
// transaction before it. So all that it ever signs is a tree: the transactions that spend one
// output conflict with each other, and whatever miners take, newer versions or older ones, is one
// path from the root. On no path is a name paid for twice, and no path spends more than the coin
// and its ceiling.
//
// The first wave of a path holds the preorders and the operations of owners, the second the
// registrations, which follow when every preorder before them is settled. A name that cannot go on
// is left out of the next path; those behind it are built anew as spends of the new parent, in one
// write of the journal. While an older parent can still confirm, nothing is paid from another coin.

// Limits of unconfirmed transactions in a row, as nodes count them. One of the 25 is left for
// somebody who pulls the last one along with a child.
const (
	MaxSeries      = 24
	MaxRow         = 25
	MaxRowVSize    = 101_000
	MaxSplitSeries = 100
)

// Series is what a job of KindSeries is asked to do.
type Series struct {
	// Split is the job whose transaction makes the coin; Amount is what it holds. The request's
	// owner is the coin's script, which sends the preorders.
	Split  ID             `json:"split"`
	Output int            `json:"output"` // which of the split's outputs
	Amount btcutil.Amount `json:"amount"`
	Items  []Item         `json:"items"`
}

// Item is the intention for one name; the fields are those of Request.
type Item struct {
	Kind     Kind       `json:"kind"`
	Name     names.Name `json:"name"`
	Owner    []byte     `json:"owner"`
	To       []byte     `json:"to,omitempty"`
	Erase    bool       `json:"erase,omitempty"`
	ZoneFile []byte     `json:"zone_file,omitempty"`
}

// Split is what a job of KindSplit makes: a coin for each series of a batch.
type Split struct {
	Outputs []SplitOutput `json:"outputs"`
}

// SplitOutput is one coin. The script may stand in several.
type SplitOutput struct {
	Script []byte         `json:"script"`
	Amount btcutil.Amount `json:"amount"`
}

// Request is the item as a request of its own.
func (i *Item) Request(of *Request) Request {
	return Request{Kind: i.Kind, Name: i.Name, Owner: i.Owner, To: i.To, Erase: i.Erase, ZoneFile: i.ZoneFile,
		Rate: of.Rate, HighRate: of.HighRate, Confirmations: of.Confirmations}
}
