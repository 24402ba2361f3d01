package job

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// PreorderOf is the stage that preorders what one of the job's requests asks for; nil: it has
// signed none.
func (j *Job) PreorderOf(q *Request) *Stage {
	if j.Request.Kind == KindSeries {
		return j.StageOf(RolePreorder, q.Name)
	}
	return j.Stage(j.Flow().Preorder)
}

// GoesOnWith says whether a copied job is brought in as it is to do what a request asks for.
// Otherwise its preorder is all that is used of it. A series cannot be taken apart: its
// transactions spend one another's change.
func (j *Job) GoesOnWith(req *Request, running *Job) bool {
	if j.Request.Kind == KindSeries {
		return true
	}
	return j.Request.Differs(req) == "" && (running == nil || running.ID == j.ID)
}

// Progress is where one name of a series stands.
type Progress struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Dropped is the state in which a name ends that was left out before anything was paid for it;
	// 0: it was not. Should a miner take its old version all the same, it goes on.
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

// Arrivals are the names that an open job brings to an owner.
func (j *Job) Arrivals(owner []byte) (list []names.Name) {
	if !j.Open() {
		return nil
	}
	for _, q := range j.Request.Requests() {
		if to := q.Recipient(); to != nil && bytes.Equal(to, owner) && !j.ProgressOf(q.Name).State.Final() {
			list = append(list, q.Name)
		}
	}
	return list
}

// Link is a transaction of a series and whom it is for.
type Link struct {
	Stage   *Stage
	Version *Version
	Item    int // -1: it returns what is left
}

// What names the transaction for people.
func (l Link) What() string {
	if l.Stage.Name.IsZero() {
		return Words(l.Stage.Role)
	}
	return Words(l.Stage.Role) + " of " + l.Stage.Name.String()
}

// Links finds transactions by txid.
func (j *Job) Links() map[chainhash.Hash]Link {
	at := make(map[names.Name]int, len(j.Items))
	if j.Request.Series != nil {
		for i := range j.Request.Series.Items {
			at[j.Request.Series.Items[i].Name] = i
		}
	}
	all := make(map[chainhash.Hash]Link)
	for _, st := range j.Stages {
		item := -1
		if i, ok := at[st.Name]; ok && st.Role != RoleReturn {
			item = i
		}
		for _, v := range st.Versions {
			all[v.Txid] = Link{st, v, item}
		}
	}
	return all
}

// Output finds the n-th coin that a split makes in one of its versions: the same script and amount
// may be asked for more than once, and change stands anywhere.
func (j *Job) Output(tx *wire.MsgTx, n int) (int, bool) {
	if j.Request.Split == nil || n >= len(j.Request.Split.Outputs) {
		return 0, false
	}
	used := make(map[int]bool)
	for k := range n + 1 {
		want, found := j.Request.Split.Outputs[k], -1
		for i, o := range tx.TxOut {
			if !used[i] && o.Value == int64(want.Amount) && bytes.Equal(o.PkScript, want.Script) {
				found = i
				break
			}
		}
		if found < 0 {
			return 0, false
		}
		if used[found] = true; k == n {
			return found, true
		}
	}
	return 0, false
}

// Input reads the coin.
func (c *Coin) Input() (txbuilder.Input, error) {
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(c.Tx)); err != nil || int64(c.Index) >= int64(len(tx.TxOut)) {
		return txbuilder.Input{}, fmt.Errorf("%w: coin of an owner: %w", ErrBadJournal, err)
	}
	return txbuilder.InputOf(&tx, int(c.Index)), nil
}
