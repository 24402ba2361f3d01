package index

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// State is what the rules read: the state after the block before the one that is applied. Rows that are handed out belong to the
// caller. A nil row means that there is none.
type State interface {
	// Name is the row of a name, expired and revoked ones included.
	Name(name string) (*NameRow, error)
	// NamesByHash are the names whose NameHash it is: nearly always one or none.
	NamesByHash(h nameop.Hash128) ([]string, error)
	// NamesOf calls visit with the names whose current row has the owner, in any order, until it says stop.
	NamesOf(owner []byte, visit func(name string) (more bool, err error)) error
	// Namespace is the row of a namespace, expired ones included.
	Namespace(id string) (*NamespaceRow, error)
	// Preorders is what is known under a preorder hash.
	Preorders(h names.PreorderHash) (*PreorderSet, error)
	// Account is the last state of an account.
	Account(address, unit string) (*AccountRow, error)
	// Ring is the set of keys that may import into a namespace.
	Ring(space string) (*RingRow, error)
	// Consensus is the consensus hash of a height, those before the first block included.
	Consensus(height int32) (names.ConsensusHash, bool, error)
}

// work is a State with the changes of the block that is being applied on top. The first error of the State sticks: look-ups after
// it give nothing, and Apply returns it.
type work struct {
	p      *names.Params
	state  State
	height int32 // b, the block that is applied
	last   int32 // L, the height before it
	epoch  *names.Epoch
	atLast *names.Epoch // epoch of L
	err    error

	names     map[string]*change[NameRow]
	spaces    map[string]*change[NamespaceRow]
	preorders map[names.PreorderHash]*change[PreorderSet]
	accounts  map[accountKey]*change[AccountRow]
	rings     map[string]*change[RingRow]
	gained    map[string][]string // owner script → names that this block gave it

	// registeredNow counts registrations of this pass over the block by the script that the quota counts them for.
	registeredNow map[string]int

	log    []AccountRow
	recent []names.ConsensusHash // quotable ones, read when first needed
	read   bool                  // recent is filled
}

type accountKey struct{ address, unit string }

// change is a row before the block and now. Both may be nil.
type change[T any] struct {
	old, now *T
	touched  bool
}

func newWork(p *names.Params, s State, height int32) *work {
	w := &work{
		p: p, state: s, height: height, last: height - 1,
		names:     make(map[string]*change[NameRow]),
		spaces:    make(map[string]*change[NamespaceRow]),
		preorders: make(map[names.PreorderHash]*change[PreorderSet]),
		accounts:  make(map[accountKey]*change[AccountRow]),
		rings:     make(map[string]*change[RingRow]),
		gained:    make(map[string][]string),

		registeredNow: make(map[string]int),
	}
	_, w.epoch = p.Epoch(w.height)
	_, w.atLast = p.Epoch(w.last)
	return w
}

// lookup gives the current row under a key, reading it from the state the first time.
func lookup[K comparable, T any](w *work, m map[K]*change[T], key K, read func() (*T, error)) *change[T] {
	if c := m[key]; c != nil {
		return c
	}
	c := &change[T]{}
	if w.err == nil {
		row, err := read()
		if err != nil {
			w.err = err
		} else {
			c.old, c.now = row, row
		}
	}
	m[key] = c
	return c
}

func (w *work) nameChange(name string) *change[NameRow] {
	return lookup(w, w.names, name, func() (*NameRow, error) { return w.state.Name(name) })
}

// name is the current row of a name.
func (w *work) name(name string) *NameRow { return w.nameChange(name).now }

// putName sets a name's row.
func (w *work) putName(row *NameRow) {
	c := w.nameChange(row.Name)
	if c.now == nil || string(c.now.Owner) != string(row.Owner) {
		key := string(row.Owner)
		w.gained[key] = append(w.gained[key], row.Name)
	}
	w.moveCarrier(row.Name, carried(c.now), &row.PreorderHash)
	c.now, c.touched = row, true
}

// carried is the preorder hash of a row, nil for no row.
func carried(row *NameRow) *names.PreorderHash {
	if row == nil {
		return nil
	}
	return &row.PreorderHash
}

func (w *work) spaceChange(id string) *change[NamespaceRow] {
	return lookup(w, w.spaces, id, func() (*NamespaceRow, error) { return w.state.Namespace(id) })
}

// space is the current row of a namespace.
func (w *work) space(id string) *NamespaceRow { return w.spaceChange(id).now }

// putSpace sets a namespace's row.
func (w *work) putSpace(row *NamespaceRow) {
	c := w.spaceChange(row.ID)
	var before *names.PreorderHash
	if c.now != nil {
		before = &c.now.PreorderHash
	}
	w.moveCarrier(row.ID, before, &row.PreorderHash)
	c.now, c.touched = row, true
}

func (w *work) preorderChange(h names.PreorderHash) *change[PreorderSet] {
	return lookup(w, w.preorders, h, func() (*PreorderSet, error) { return w.state.Preorders(h) })
}

// editPreorders changes what is stored under a preorder hash.
func (w *work) editPreorders(h names.PreorderHash, edit func(*PreorderSet)) {
	c := w.preorderChange(h)
	set := &PreorderSet{Hash: h}
	if c.now != nil {
		set.Open = append(set.Open, c.now.Open...)
		set.Carriers = append(set.Carriers, c.now.Carriers...)
	}
	edit(set)
	if set.empty() {
		set = nil
	}
	c.now, c.touched = set, true
}

// account is the current state of an account.
func (w *work) account(address, unit string) *AccountRow {
	key := accountKey{address, unit}
	return lookup(w, w.accounts, key, func() (*AccountRow, error) { return w.state.Account(address, unit) }).now
}

// putAccount sets an account's state and writes it into the account's log.
func (w *work) putAccount(row *AccountRow) {
	w.account(row.Address, row.Unit)
	c := w.accounts[accountKey{row.Address, row.Unit}]
	c.now, c.touched = row, true
	w.log = append(w.log, *row)
}

func (w *work) ring(space string) *RingRow {
	return lookup(w, w.rings, space, func() (*RingRow, error) { return w.state.Ring(space) }).now
}

func (w *work) putRing(row *RingRow) {
	w.ring(row.Space)
	c := w.rings[row.Space]
	c.now, c.touched = row, true
}

// consensus is the consensus hash of a height.
func (w *work) consensus(height int32) (names.ConsensusHash, bool) {
	if w.err != nil {
		return names.ConsensusHash{}, false
	}
	h, ok, err := w.state.Consensus(height)
	w.err = err
	return h, ok && err == nil
}

// quotable are the consensus hashes that an operation of this block may quote, oldest first (protocol 6.5).
func (w *work) quotable() []names.ConsensusHash {
	if !w.read {
		w.read = true
		for h := w.height - w.p.ConsensusWindow; h < w.height; h++ {
			if hash, ok := w.consensus(h); ok {
				w.recent = append(w.recent, hash)
			}
		}
	}
	return w.recent
}

// fresh reports whether a quoted consensus hash is recent.
func (w *work) fresh(h names.ConsensusHash) bool {
	for _, r := range w.quotable() {
		if r == h {
			return true
		}
	}
	return false
}
