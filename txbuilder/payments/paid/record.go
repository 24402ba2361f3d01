package paid

import (
	"bytes"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Target is who a payment was to pay, as it was asked for.
type Target struct {
	Name    string // empty: an address was given
	Address string
	Script  []byte
	Amount  btcutil.Amount
	Max     bool // everything there was; Amount is what came of it
	Label   string
}

// same says whether two targets are paid the same: by name where there is one, whatever its address
// is now.
func (t Target) same(o Target) bool {
	payee := bytes.Equal(t.Script, o.Script)
	if t.Name != "" || o.Name != "" {
		payee = t.Name == o.Name || payee && len(t.Script) > 0
	}
	return payee && t.Max == o.Max && (t.Max || t.Amount == o.Amount)
}

// Record is what a home remembers of a payment.
type Record struct {
	// Request is the id that the user gave; with it the payment is remembered for ever.
	Request     string
	Time        time.Time
	Targets     []Target
	SubtractFee bool
	// Tx is the transaction; of one that is signed elsewhere as it was prepared, until it is sent.
	Tx *wire.MsgTx
	// PSBT is what waits to be signed elsewhere, and Until how long its coins are held; nil: it was
	// signed here.
	PSBT  []byte
	Until time.Time
}

// SameRequest says whether two payments were asked for in the same words: the same payees, by name
// or address, the same amounts.
func (p *Record) SameRequest(o *Record) bool {
	if len(p.Targets) != len(o.Targets) || p.SubtractFee != o.SubtractFee {
		return false
	}
	rest := slices.Clone(o.Targets)
	for _, t := range p.Targets {
		i := slices.IndexFunc(rest, func(x Target) bool {
			if t.Name != "" || x.Name != "" {
				return t.Name == x.Name && t.Max == x.Max && (t.Max || t.Amount == x.Amount)
			}
			return t.same(x)
		})
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

// Pays says whether the transaction of a payment pays all of its targets what was asked for, so
// that the row is not just believed.
func (p *Record) Pays() bool {
	for _, t := range p.Targets {
		got := paidTo(p.Tx, t.Script)
		if got <= 0 || !t.Max && !p.SubtractFee && got < int64(t.Amount) {
			return false
		}
	}
	return len(p.Targets) > 0
}

// paysAll says whether a transaction gives all targets of a payment at least what the payment's own
// transaction gives them.
func paysAll(tx *wire.MsgTx, p *Record) bool {
	for _, t := range p.Targets {
		if paidTo(tx, t.Script) < paidTo(p.Tx, t.Script) {
			return false
		}
	}
	return true
}

// paidTo is what the outputs of a transaction give a script.
func paidTo(tx *wire.MsgTx, script []byte) (sat int64) {
	for _, o := range tx.TxOut {
		if bytes.Equal(o.PkScript, script) {
			sat += o.Value
		}
	}
	return sat
}
