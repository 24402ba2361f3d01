package job

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// Take makes a version of a draft.
func (j *Job) Take(unsigned chainhash.Hash, tx *wire.MsgTx, tip int32) error {
	for _, d := range j.Drafted {
		if d.Unsigned != unsigned {
			continue
		}
		var raw bytes.Buffer
		if err := tx.Serialize(&raw); err != nil {
			return err
		}
		v := d.Version
		v.Txid, v.Raw, v.VSize = tx.TxHash(), raw.Bytes(), mempool.GetTxVirtualSize(btcutil.NewTx(tx))
		st := j.Stage(d.Role)
		if st == nil {
			st = &Stage{Role: d.Role, Since: tip}
			j.Stages = append(j.Stages, st)
		}
		st.Versions = append(st.Versions, &v)
		if d.To != 0 {
			st.Current, st.Since, st.Used = len(st.Versions)-1, tip, true
			if d.Reason != "" {
				j.Reason = d.Reason
			}
		}
		d.Version.Txid, d.Status, d.Packet = v.Txid, DraftSigned, nil
		return nil
	}
	return ErrNoDraft
}

// FirstCoin is what the versions of a transaction, or the drafts of it, spend first.
func (j *Job) FirstCoin(role Role) (wire.OutPoint, error) {
	if st := j.Stage(role); st != nil {
		tx, err := st.Versions[0].Tx()
		if err != nil {
			return wire.OutPoint{}, err
		}
		return tx.TxIn[0].PreviousOutPoint, nil
	}
	for _, d := range j.Drafts() {
		if d.Role != role {
			continue
		}
		p, err := d.PSBT()
		if err != nil {
			return wire.OutPoint{}, err
		}
		return p.UnsignedTx.TxIn[0].PreviousOutPoint, nil
	}
	return wire.OutPoint{}, nil
}

// Retire takes back the drafts of a transaction that is in a block.
func (j *Job) Retire(role Role) {
	for _, d := range j.Drafts() {
		if d.Role == role {
			d.Status, d.Packet = DraftReplaced, nil
		}
	}
}

// A job whose request is External is signed elsewhere: by a machine that is offline, by several
// people, by a device. Where another job would sign, it keeps a draft and waits until Accept gets a
// signed copy of exactly that transaction.

// Draft is a transaction of a job that waits for signatures.
type Draft struct {
	Role Role `json:"role"`
	// Unsigned is the txid without signatures, by which a signed copy is known.
	Unsigned chainhash.Hash `json:"unsigned"`
	// Packet is the PSBT while it waits.
	Packet []byte `json:"packet,omitempty"`
	// Version is what it becomes. Its txid is zero where signatures change it.
	Version Version `json:"version"`
	// To is the state that signing leads to; zero: it was drafted ahead.
	To     State  `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Over is the version that it replaces; zero: none.
	Over   chainhash.Hash `json:"over,omitzero"`
	Status DraftStatus    `json:"status,omitempty"`
}

// DraftStatus says what became of a draft. The values are stored.
type DraftStatus string

// The statuses.
const (
	DraftWaiting  DraftStatus = ""
	DraftSigned   DraftStatus = "signed"
	DraftReplaced DraftStatus = "replaced"
)

// Drafts are the packets that wait for signatures, in the order of the chain.
func (j *Job) Drafts() []*Draft {
	var list []*Draft
	if !j.Open() {
		return nil
	}
	for _, d := range j.Drafted {
		if d.Status == DraftWaiting {
			list = append(list, d)
		}
	}
	return list
}

// PSBT reads the packet.
func (d *Draft) PSBT() (*psbt.Packet, error) {
	p, err := txbuilder.DecodePacket(d.Packet)
	if err != nil {
		return nil, fmt.Errorf("%w: draft %s: %w", ErrBadJournal, d.Unsigned, err)
	}
	if p.UnsignedTx.TxHash() != d.Unsigned {
		return nil, fmt.Errorf("%w: draft %s is not what its bytes say", ErrBadJournal, d.Unsigned)
	}
	return p, nil
}

// check holds a stored draft to its packet.
func (d *Draft) check() error {
	if d == nil || d.To != 0 && stateName(d.To) == "" {
		return errors.New("empty draft")
	}
	if d.Status != DraftWaiting {
		return nil
	}
	_, err := d.PSBT()
	return err
}

// Superseded marks the drafts that new ones take the place of: those for the same transaction, and
// those drafted ahead that would spend it. Their packets are not needed any more; their ids are, to
// tell who hands one back.
func (j *Job) Superseded(old []*Draft, by *Draft) []*Draft {
	gone := make(map[chainhash.Hash]bool)
	fresh := make(map[chainhash.Hash]bool)
	for _, d := range j.Drafted {
		fresh[d.Unsigned] = true
	}
	kept := make([]*Draft, 0, len(old))
	for _, d := range old {
		if fresh[d.Unsigned] {
			continue // the same transaction again
		}
		same := d.Role == by.Role && d.Over == by.Over && d.Version.Parent == by.Version.Parent
		if d.Status == DraftWaiting && (same || gone[d.Version.Parent]) {
			if d.Version.Txid != (chainhash.Hash{}) {
				gone[d.Version.Txid] = true
			}
			d.Status, d.Packet = DraftReplaced, nil
		}
		kept = append(kept, d)
	}
	return kept
}

// FindDraft finds the job that has planned a transaction, by its txid without signatures, or
// ErrNoDraft.
func FindDraft(jobs []*Job, unsigned chainhash.Hash) (*Job, *Draft, error) {
	for i := len(jobs) - 1; i >= 0; i-- {
		for _, d := range jobs[i].Drafted {
			if d.Unsigned == unsigned {
				return jobs[i], d, nil
			}
		}
	}
	return nil, nil, ErrNoDraft
}
