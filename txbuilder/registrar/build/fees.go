package build

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

// leastToReplace is the lowest rate and fee that replace what may have been sent: what was only
// signed in advance need not be outbid.
func (m *Fees) leastToReplace(ctx context.Context) (rate txbuilder.FeeRate, fee btcutil.Amount, err error) {
	var versions []*job.Version
	for _, role := range []job.Role{m.Job.Flow().First(), job.RoleReturn} {
		if st := m.Job.Stage(role); st != nil {
			versions = append(versions, st.Versions[:st.Current+1]...)
		}
	}
	rate, actual, fee, err := m.bids(ctx, versions)
	return max(rate, actual) + m.Relay.Increment, fee, err
}

// withinBudget refuses a newer version whose fee would take the job above its ceiling.
func (m *Fees) withinBudget(st *job.Stage, f txbuilder.Funding) error {
	ceiling := m.Job.Request.MaxTotal
	if ceiling == 0 {
		return nil
	}
	var total btcutil.Amount
	for _, s := range m.Job.Stages {
		if s.Role == job.RoleReturn {
			continue
		}
		v := s.Versions[s.Current]
		fee := v.Fee
		if s == st {
			fee = max(f.MinFee, f.Rate.Fee(v.VSize+replacementSlack))
		}
		total += fee + v.Burn + v.Given
	}
	if total > ceiling {
		return &job.OverBudget{Need: total, Max: ceiling}
	}
	return nil
}

// FloorAbove says whether the node takes nothing at a rate.
func (r *Config) FloorAbove(ctx context.Context, rate txbuilder.FeeRate) bool {
	fees, err := ports.FeesOf(ctx, r.Chain)
	return err == nil && fees.Floor > rate
}

// SmallFee is paid on a node's word alone, whatever is at stake.
const SmallFee btcutil.Amount = 50_000

// Fees are what the transactions of a job must pay to be taken: relay is what the node's pool
// wants, forced says that its word alone has made something dearer than the request said.
type Fees struct {
	*Config
	Job    *job.Job
	Relay  ports.RelayFees
	Forced bool
}

// atFloor raises the rates of a job that is about to be signed above the node's floor. What an
// import is paid with was fixed when its coins were made.
func (m *Fees) atFloor(ctx context.Context) (err error) {
	if m.Relay, err = ports.FeesOf(ctx, m.Chain); err != nil {
		return err
	}
	least, req := m.Relay.Least(), &m.Job.Request
	if m.Relay.Floor <= req.Rate || req.Kind == job.KindImport && len(m.Job.Stages) > 0 {
		return nil
	}
	m.Forced = least > req.HighRate
	req.Rate, req.HighRate = least, max(least, req.HighRate)
	return nil
}

// affordable holds a fee that the node's word has raised to what depends on it: its floor, what it
// says that hangs on something, or that it refused what was signed before. In a list one
// transaction may have to pay for all that it evicts.
func (m *Fees) affordable(p *txbuilder.Plan) error {
	small := SmallFee
	if m.Job.Request.Kind == job.KindSeries {
		small *= btcutil.Amount(len(m.Job.Request.Series.Items))
	}
	if !m.Forced || p.Fee <= small {
		return nil
	}
	stake, sum := p.Total()-p.Fee, btcutil.Amount(0)
	for _, st := range m.Job.Stages {
		if st.Used && st.Current < len(st.Versions) {
			v := st.Versions[st.Current]
			stake, sum = max(stake, v.Burn+v.Given), sum+v.Burn+v.Given
		}
	}
	if m.Job.Request.Kind == job.KindSeries {
		stake = max(stake, sum)
	}
	if p.Fee > max(stake, small) {
		return &FloorTooHigh{Fee: p.Fee, Stake: stake, Floor: m.Relay.Floor}
	}
	return nil
}

// Outbid is the rate and the fee that replace every version of a stage, with all that may hang on
// it (BIP 125 rules 3 and 4; the rate must be higher than that of each one, too). What returns the
// coins of a job's first transaction is a rival of it.
func (m *Fees) Outbid(ctx context.Context, st *job.Stage) (txbuilder.FeeRate, btcutil.Amount, error) {
	versions := st.Versions
	if back := m.Job.Stage(job.RoleReturn); back != nil && st.Role == m.Job.Flow().First() {
		versions = append(versions[:len(versions):len(versions)], back.Versions...)
	}
	rate, actual, fee, err := m.bids(ctx, versions)
	if err != nil {
		return 0, 0, err
	}
	rate = max(rate*3/2, rate+m.Relay.Increment, actual+m.Relay.Increment)
	return min(max(rate, m.Relay.Least()), txbuilder.MaxRate), fee, nil
}

// bids is what versions offer: the highest planned rate, the highest rate that one really pays, and
// the fee that outbids each of them with what hangs on it.
func (m *Fees) bids(ctx context.Context, versions []*job.Version) (rate, actual txbuilder.FeeRate, fee btcutil.Amount, err error) {
	hung, err := m.Hung(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, v := range versions {
		hanging := hung.Fees(v.Txid)
		if node, ok := ports.RelayOf(m.Chain); ok {
			seen, err := node.HangingFees(ctx, v.Txid)
			if err != nil {
				return 0, 0, 0, fmt.Errorf("what hangs on %s: %w", v.Txid, err)
			}
			m.Forced = m.Forced || seen > hanging
			hanging = max(hanging, seen)
		}
		rate, actual = max(rate, v.Rate), max(actual, txbuilder.RateOf(v.Fee, v.VSize))
		fee = max(fee, v.Fee+hanging+m.Relay.Increment.Fee(v.VSize+replacementSlack))
	}
	return rate, actual, fee, nil
}

// replacementSlack is how much larger, in vB, a replacement may get by one more input and output.
const replacementSlack = 200

// hanging knows from the journal what may hang unconfirmed on a transaction of ours.
type hanging struct {
	spenders map[wire.OutPoint][]*job.Version
	outputs  map[chainhash.Hash]int
	known    map[chainhash.Hash]btcutil.Amount
}

// Hung looks through the journal and the job that is being signed. What was never used was never
// sent.
func (m *Fees) Hung(ctx context.Context) (*hanging, error) {
	jobs, err := m.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	h := &hanging{spenders: make(map[wire.OutPoint][]*job.Version), outputs: make(map[chainhash.Hash]int), known: make(map[chainhash.Hash]btcutil.Amount)}
	for _, j := range append(jobs, m.Job) {
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

// Fees is the most that may hang on a transaction: of those that spend one output only one can be
// there.
func (h *hanging) Fees(txid chainhash.Hash) btcutil.Amount {
	if sum, known := h.known[txid]; known {
		return sum
	}
	var sum btcutil.Amount
	for n := range h.outputs[txid] {
		var most btcutil.Amount
		for _, v := range h.spenders[wire.OutPoint{Hash: txid, Index: uint32(n)}] {
			most = max(most, v.Fee+h.Fees(v.Txid))
		}
		sum += most
	}
	h.known[txid] = sum
	return sum
}
