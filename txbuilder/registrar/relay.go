package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// floorAbove says whether the node takes nothing at a rate.
func (r *Registrar) floorAbove(ctx context.Context, rate txbuilder.FeeRate) bool {
	fees, err := ports.FeesOf(ctx, r.cfg.Chain)
	return err == nil && fees.Floor > rate
}

// smallFee is paid on a node's word alone, whatever is at stake.
const smallFee btcutil.Amount = 50_000

// atFloor raises the rates of a job that is about to be signed above the node's floor.
// What an import is paid with was fixed when its coins were made.
func (m *maker) atFloor(ctx context.Context) (err error) {
	if m.relay, err = ports.FeesOf(ctx, m.r.cfg.Chain); err != nil {
		return err
	}
	least, req := m.relay.Least(), &m.j.Request
	if m.relay.Floor <= req.Rate || req.Kind == job.KindImport && len(m.j.Stages) > 0 {
		return nil
	}
	m.forced = least > req.HighRate
	req.Rate, req.HighRate = least, max(least, req.HighRate)
	return nil
}

// affordable holds a fee that the node's word has raised to what depends on it: its floor,
// what it says that hangs on something, or that it refused what was signed before. In a
// list one transaction may have to pay for all that it evicts.
func (m *maker) affordable(p *txbuilder.Plan) error {
	small := smallFee
	if m.j.Request.Kind == job.KindSeries {
		small *= btcutil.Amount(len(m.j.Request.Series.Items))
	}
	if !m.forced || p.Fee <= small {
		return nil
	}
	stake, sum := p.Total()-p.Fee, btcutil.Amount(0)
	for _, st := range m.j.Stages {
		if st.Used && st.Current < len(st.Versions) {
			v := st.Versions[st.Current]
			stake, sum = max(stake, v.Burn+v.Given), sum+v.Burn+v.Given
		}
	}
	if m.j.Request.Kind == job.KindSeries {
		stake = max(stake, sum)
	}
	if p.Fee > max(stake, small) {
		return &FloorTooHigh{Fee: p.Fee, Stake: stake, Floor: m.relay.Floor}
	}
	return nil
}

// outbid is the rate and the fee that replace every version of a stage, with all that
// may hang on it (BIP 125 rules 3 and 4; the rate must be higher than that of each one,
// too). What returns the coins of a job's first transaction is a rival of it.
func (m *maker) outbid(ctx context.Context, st *job.Stage) (txbuilder.FeeRate, btcutil.Amount, error) {
	versions := st.Versions
	if back := m.j.Stage(job.RoleReturn); back != nil && st.Role == m.j.Flow().First() {
		versions = append(versions[:len(versions):len(versions)], back.Versions...)
	}
	rate, actual, fee, err := m.bids(ctx, versions)
	if err != nil {
		return 0, 0, err
	}
	rate = max(rate*3/2, rate+m.relay.Increment, actual+m.relay.Increment)
	return min(max(rate, m.relay.Least()), txbuilder.MaxRate), fee, nil
}

// bids is what versions offer: the highest planned rate, the highest rate that one
// really pays, and the fee that outbids each of them with what hangs on it.
func (m *maker) bids(ctx context.Context, versions []*job.Version) (rate, actual txbuilder.FeeRate, fee btcutil.Amount, err error) {
	hung, err := m.hung(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, v := range versions {
		hanging := hung.fees(v.Txid)
		if node, ok := ports.RelayOf(m.r.cfg.Chain); ok {
			seen, err := node.HangingFees(ctx, v.Txid)
			if err != nil {
				return 0, 0, 0, fmt.Errorf("what hangs on %s: %w", v.Txid, err)
			}
			m.forced = m.forced || seen > hanging
			hanging = max(hanging, seen)
		}
		rate, actual = max(rate, v.Rate), max(actual, txbuilder.RateOf(v.Fee, v.VSize))
		fee = max(fee, v.Fee+hanging+m.relay.Increment.Fee(v.VSize+replacementSlack))
	}
	return rate, actual, fee, nil
}

// replacementSlack is how much larger, in vB, a replacement may get by one more
// input and output.
const replacementSlack = 200

// hanging knows from the journal what may hang unconfirmed on a transaction of ours.
type hanging struct {
	spenders map[wire.OutPoint][]*job.Version
	outputs  map[chainhash.Hash]int
	known    map[chainhash.Hash]btcutil.Amount
}

// hung looks through the journal and the job that is being signed. What was never used
// was never sent.
func (m *maker) hung(ctx context.Context) (*hanging, error) {
	jobs, err := m.r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	h := &hanging{spenders: make(map[wire.OutPoint][]*job.Version), outputs: make(map[chainhash.Hash]int), known: make(map[chainhash.Hash]btcutil.Amount)}
	for _, j := range append(jobs, m.j) {
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				if _, twice := h.outputs[v.Txid]; twice {
					continue
				}
				tx, err := v.Tx()
				if err != nil {
					return nil, err
				}
				if h.outputs[v.Txid] = len(tx.TxOut); !st.Used {
					continue
				}
				for _, in := range tx.TxIn {
					h.spenders[in.PreviousOutPoint] = append(h.spenders[in.PreviousOutPoint], v)
				}
			}
		}
	}
	return h, nil
}

// fees is the most that may hang on a transaction: of those that spend one output only
// one can be there.
func (h *hanging) fees(txid chainhash.Hash) btcutil.Amount {
	if sum, known := h.known[txid]; known {
		return sum
	}
	var sum btcutil.Amount
	for n := range h.outputs[txid] {
		var most btcutil.Amount
		for _, v := range h.spenders[wire.OutPoint{Hash: txid, Index: uint32(n)}] {
			most = max(most, v.Fee+h.fees(v.Txid))
		}
		sum += most
	}
	h.known[txid] = sum
	return sum
}
