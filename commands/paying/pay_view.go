package paying

import (
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
)

// payView is what programs see of a payment. Address, name and so on are there when there is one
// payee.
type payView struct {
	DryRun bool `json:"dry_run,omitempty"`
	// JobID is always null: a payment is one transaction and no job.
	JobID        *string     `json:"job_id"`
	State        string      `json:"state,omitempty"` // sent, or confirmed
	Txids        []string    `json:"txids"`
	PSBT         string      `json:"psbt,omitempty"`
	Txid         string      `json:"txid,omitempty"`
	Name         string      `json:"name,omitempty"`
	Address      string      `json:"address,omitempty"`
	PaidTo       string      `json:"paid_to,omitempty"`
	AmountSat    int64       `json:"amount_sat"`
	FeeSat       int64       `json:"fee_sat"`
	BurnSat      int64       `json:"burn_sat"`
	BurnUStacks  int64       `json:"burn_ustacks"`
	FeeRate      string      `json:"fee_rate_sat_vb"`
	VSize        int64       `json:"vsize"`
	ChangeSat    int64       `json:"change_sat"`
	Payments     []payeeView `json:"payments"`
	Inputs       []string    `json:"inputs"`
	Height       *int32      `json:"height"`
	AlreadyKnown bool        `json:"already_known,omitempty"`
	ExactUntil   *int32      `json:"exact_until_height,omitempty"`
	RequestID    string      `json:"request_id,omitempty"`
	HeldUntil    *string     `json:"held_until,omitempty"` // of a PSBT: its coins
}

// payeeView is what programs see of one payee.
type payeeView struct {
	Name      string `json:"name,omitempty"`
	Address   string `json:"address"`
	PaidTo    string `json:"paid_to"`
	AmountSat int64  `json:"amount_sat"`
	Label     string `json:"label,omitempty"`
	Before    string `json:"previous_address,omitempty"`
}

// rateText is a rate without its unit.
func rateText(r txbuilder.FeeRate) string { return strings.TrimSuffix(r.String(), " sat/vB") }

// viewPayment is what programs see of a payment.
func viewPayment(s payments.Summary) payView {
	v := payView{Txids: []string{}, AmountSat: int64(s.Amount), FeeSat: int64(s.Fee), VSize: s.VSize, ChangeSat: int64(s.Change)}
	if s.FeeKnown {
		v.FeeRate = rateText(s.Rate)
	}
	for _, op := range s.Inputs {
		v.Inputs = append(v.Inputs, op.String())
	}
	for _, q := range s.Payees {
		if q.ExactUntil != nil {
			v.ExactUntil = q.ExactUntil
		}
		v.Payments = append(v.Payments, payeeView{Name: q.Name, Address: q.Address, PaidTo: string(q.How), AmountSat: int64(q.Amount), Label: q.Label, Before: q.Before})
	}
	if len(v.Payments) == 1 {
		q := v.Payments[0]
		v.Name, v.Address, v.PaidTo = q.Name, q.Address, q.PaidTo
	}
	return v
}

// viewAnswer is what programs see of a payment that was made before.
func viewAnswer(a *payments.Answer) payView {
	v := viewPayment(a.Summary())
	v.State, v.AlreadyKnown, v.RequestID, v.PaidTo = string(a.State), true, a.Record.Request, ""
	v.setTxid(a.Txid().String())
	if a.State == payments.Confirmed {
		v.Height = &a.Entry.Height
	}
	return v
}

// setTxid names the transaction of a payment.
func (v *payView) setTxid(txid string) { v.Txid, v.Txids = txid, []string{txid} }

// setHeld says until when the coins are held.
func (v *payView) setHeld(until time.Time) {
	text := voice.Time(until)
	v.HeldUntil, v.State = &text, "prepared"
}

// printPayment prints a payment.
func printPayment(env *session.Session, v payView) error {
	return env.Out.Result("pay", v, func(t *voice.Text) {
		for _, p := range v.Payments {
			if p.Name != "" && v.PSBT != "" {
				t.Field("not paid yet", "%s", p.Name)
			} else if p.Name != "" {
				t.Field("paid", "%s", p.Name)
			}
			t.Field("to", "%s", p.Address)
			t.Field("amount", "%s", voice.BTC(btcutil.Amount(p.AmountSat)))
		}
		t.Field("fee", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		if v.Txid != "" {
			t.Field("txid", "%s", v.Txid)
		}
		if v.PSBT != "" {
			t.Field("unsigned", "%s", v.PSBT)
		}
		if v.Height != nil {
			t.Field("height", "%d", *v.Height)
		}
	})
}
