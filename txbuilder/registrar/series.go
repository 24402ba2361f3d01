package registrar

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// A series is one job for several names. It has one coin, an output of the split
// that begins a batch, and every transaction of the series spends either that coin
// or the change of the transaction before it. So all that it ever signs is a tree:
// the transactions that spend one output conflict with each other, and whatever
// miners take, newer versions or older ones, is one path from the root. On no path
// is a name paid for twice, and no path spends more than the coin and its ceiling.
//
// The first wave of a path holds the preorders and the operations of owners, the
// second the registrations, which follow when every preorder before them is
// settled. A name that cannot go on is left out of the next path; those behind it
// are built anew as spends of the new parent, in one write of the journal. While an
// older parent can still confirm, nothing is paid from another coin.

// Limits of unconfirmed transactions in a row, as nodes count them. One of the 25 is
// left for somebody who pulls the last one along with a child.
const (
	MaxSeries      = 24
	maxRow         = 25
	maxRowVSize    = 101_000
	maxSplitSeries = 100
)

// Series is what a job of KindSeries is asked to do.
type Series struct {
	// Split is the job whose transaction makes the coin; Amount is what it holds.
	// The request's owner is the coin's script, which sends the preorders.
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

// Progress is where one name of a series stands.
type Progress struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Dropped is the state in which a name ends that was left out before anything
	// was paid for it; 0: it was not. Should a miner take its old version all the
	// same, it goes on.
	Dropped State  `json:"dropped,omitempty"`
	Price   *Price `json:"price,omitempty"`
	// Coin is the owner's coin for input 0.
	Coin      *Coin    `json:"coin,omitempty"`
	Published []string `json:"published,omitempty"`
	IsPublic  bool     `json:"is_public,omitempty"`
	Deadline  int32    `json:"deadline,omitempty"`
}

// Coin is an output with the transaction that made it.
type Coin struct {
	Tx    []byte `json:"tx"`
	Index uint32 `json:"index"`
}

// Path is one way through the tree, from its root on.
type Path struct {
	Root  chainhash.Hash   `json:"root"` // version of the split
	Links []chainhash.Hash `json:"links"`
}

// request is the item as a request of its own.
func (i *Item) request(of *Request) Request {
	return Request{Kind: i.Kind, Name: i.Name, Owner: i.Owner, To: i.To, Erase: i.Erase, ZoneFile: i.ZoneFile,
		Rate: of.Rate, HighRate: of.HighRate, Confirmations: of.Confirmations}
}

// Requests are the intentions for single names: those of a series, or the one.
func (r *Request) Requests() []Request {
	if r.Kind != KindSeries {
		if r.Kind.hasName() {
			return []Request{*r}
		}
		return nil
	}
	all := make([]Request, len(r.Series.Items))
	for i := range all {
		all[i] = r.Series.Items[i].request(r)
	}
	return all
}

// ForName is the intention of a job for a name; found is false when it has none.
func (j *Job) ForName(n names.Name) (req Request, found bool) {
	for _, q := range j.Request.Requests() {
		if q.Name == n {
			return q, true
		}
	}
	return Request{}, false
}

// ProgressOf says where a name of the job stands.
func (j *Job) ProgressOf(n names.Name) Progress {
	if j.Request.Kind == KindSeries {
		for i := range j.Request.Series.Items {
			if j.Request.Series.Items[i].Name == n && i < len(j.Items) {
				return j.Items[i]
			}
		}
	}
	return Progress{State: j.State, Reason: j.Reason, Price: j.Price, Published: j.Published, IsPublic: j.IsPublic}
}

// SameIntention says whether two requests want the same of one name. Rates and
// ceilings do not count.
func (r *Request) SameIntention(o *Request) bool { return r.differs(o) == "" }

// arrivals are the names that an open job brings to an owner.
func (j *Job) arrivals(owner []byte) (list []names.Name) {
	if !j.Open() {
		return nil
	}
	for _, q := range j.Request.Requests() {
		if to := q.recipient(); to != nil && bytes.Equal(to, owner) && !j.ProgressOf(q.Name).State.Final() {
			list = append(list, q.Name)
		}
	}
	return list
}

// batchKind says whether a job belongs to a batch.
func (k Kind) batchKind() bool { return k == KindSplit || k == KindSeries }

// checkBatch refuses contradictions in the request of a split or a series.
func (r *Request) checkBatch(p *names.Params) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrBadRequest}, args...)...)
	}
	if !r.Name.IsZero() || r.Namespace != nil || r.To != nil || r.Erase || len(r.ZoneFile) > 0 || r.External {
		return bad("a job of a batch is about several names")
	}
	if r.Kind == KindSplit {
		if r.Split == nil || r.Series != nil || len(r.Split.Outputs) == 0 || len(r.Split.Outputs) > maxSplitSeries {
			return bad("a split makes 1 to %d coins", maxSplitSeries)
		}
		return nil
	}
	if r.Series == nil || r.Split != nil || len(r.Series.Items) == 0 || len(r.Series.Items) > MaxSeries {
		return bad("a series has 1 to %d names", MaxSeries)
	}
	seen := make(map[names.Name]bool)
	for i := range r.Series.Items {
		q := r.Series.Items[i].request(r)
		if !q.Kind.hasName() || q.Kind == KindRevoke || seen[q.Name] {
			return bad("%s of %s cannot be part of a series, or stands there twice", q.Kind, q.Name)
		}
		seen[q.Name] = true
		if _, err := q.normal(p, r.Confirmations); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	return nil
}

// checkSeries holds a stored job of a batch to what its state takes for granted.
func (j *Job) checkSeries() error {
	if j.Request.Kind == KindSplit {
		if j.Request.Split == nil || j.State != Planned && j.State != Cancelled && j.stage(RoleSplit) == nil {
			return errors.New("a split without its transaction")
		}
		return nil
	}
	s := j.Request.Series
	if s == nil || len(s.Items) == 0 || len(j.Items) != len(s.Items) || s.Output < 0 {
		return errors.New("a series without its names")
	}
	for _, p := range j.Items {
		if stateName(p.State) == "" || p.Dropped != 0 && stateName(p.Dropped) == "" || p.Price != nil && p.Price.Amount == nil {
			return errors.New("a name in no state")
		}
	}
	known := j.links()
	for _, p := range j.Paths {
		for _, id := range p.Links {
			if known[id].v == nil {
				return fmt.Errorf("no transaction %s", id)
			}
		}
	}
	if j.Path < 0 || j.Path >= max(1, len(j.Paths)) {
		return errors.New("no such path")
	}
	return nil
}

// link is a transaction of a series and whom it is for.
type link struct {
	st   *Stage
	v    *Version
	item int // -1: it returns what is left
}

// what names the transaction for people.
func (l link) what() string {
	if l.st.Name.IsZero() {
		return words(l.st.Role)
	}
	return words(l.st.Role) + " of " + l.st.Name.String()
}

// links finds transactions by txid.
func (j *Job) links() map[chainhash.Hash]link {
	at := make(map[names.Name]int, len(j.Items))
	if j.Request.Series != nil {
		for i := range j.Request.Series.Items {
			at[j.Request.Series.Items[i].Name] = i
		}
	}
	all := make(map[chainhash.Hash]link)
	for _, st := range j.Stages {
		item := -1
		if i, ok := at[st.Name]; ok && st.Role != RoleReturn {
			item = i
		}
		for _, v := range st.Versions {
			all[v.Txid] = link{st, v, item}
		}
	}
	return all
}

// stageOf gives the stage of a role for a name, nil if it has none yet.
func (j *Job) stageOf(role Role, n names.Name) *Stage {
	for _, s := range j.Stages {
		if s.Role == role && s.Name == n {
			return s
		}
	}
	return nil
}

// mergePaths adds what another journal knows of the ways through a series.
func (j *Job) mergePaths(theirs *Job) (more bool) {
	if j.Request.Kind != KindSeries || len(theirs.Items) != len(j.Items) {
		return false
	}
	for _, p := range theirs.Paths {
		if !slices.ContainsFunc(j.Paths, func(o Path) bool { return o.Root == p.Root && slices.Equal(o.Links, p.Links) }) {
			j.Paths, more = append(j.Paths, p), true
		}
	}
	for i := range j.Items {
		if j.Items[i].Coin == nil {
			j.Items[i].Coin = theirs.Items[i].Coin
		}
	}
	return more
}

// cost is what a transaction takes from its payer for good.
func (v *Version) cost() btcutil.Amount { return v.Fee + v.Burn + v.Given }
