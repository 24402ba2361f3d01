package jobrun

import (
	"fmt"
	"math/big"
	"strings"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// estimateView is what programs see of a plan.
type estimateView struct {
	Kind           string            `json:"kind"`
	Subject        string            `json:"subject"`
	Transactions   []transactionView `json:"transactions"`
	FeeSat         int64             `json:"fee_sat"`
	FeeHighSat     int64             `json:"fee_high_sat"`
	BurnSat        int64             `json:"burn_sat"`
	BurnUstacks    *big.Int          `json:"burn_ustacks"`
	GivenSat       int64             `json:"given_sat"`
	TotalSat       int64             `json:"total_sat"`
	WorstSat       int64             `json:"worst_sat"`
	LockedSat      int64             `json:"locked_sat"`
	Payer          string            `json:"payer_address"`
	Payee          string            `json:"payee_address"`
	Height         int32             `json:"height"`
	PreorderBy     int32             `json:"preorder_by_height"`
	RegisterWithin *int32            `json:"register_within_blocks"`
	Deadline       *int32            `json:"deadline_height,omitempty"`
	Expires        *int32            `json:"expires_at_height,omitempty"`
	NewExpires     *int32            `json:"new_expires_at_height,omitempty"`
	Wasted         *int32            `json:"wasted_blocks,omitempty"`
	Blocks         int32             `json:"blocks"`
	Irreversible   []string          `json:"irreversible"`
	Risks          []string          `json:"risks"`
}

// transactionView is one transaction of a plan.
type transactionView struct {
	Role       string       `json:"role"`
	VSize      int64        `json:"vsize"`
	FeeSat     int64        `json:"fee_sat"`
	FeeHighSat int64        `json:"fee_high_sat"`
	BurnSat    int64        `json:"burn_sat"`
	Outputs    []outputView `json:"outputs"`
}

// outputView is one output of a planned transaction.
type outputView struct {
	Role      string `json:"role"`
	Address   string `json:"address,omitempty"`
	AmountSat int64  `json:"amount_sat"`
	Text      string `json:"text"`
}

// viewEstimate turns a plan into what programs see.
func viewEstimate(e *registrar.Estimate) estimateView {
	v := estimateView{
		Kind: string(e.Request.Kind), Subject: e.Request.Subject(), FeeSat: int64(e.Fee), FeeHighSat: int64(e.FeeHigh), BurnSat: int64(e.Burn),
		BurnUstacks: e.BurnTokens, GivenSat: int64(e.Given), TotalSat: int64(e.Total), WorstSat: int64(e.Worst), LockedSat: int64(e.Locked),
		Payer: e.Payer, Payee: e.Payee, Height: e.Height, PreorderBy: e.PreorderBy, Blocks: e.Blocks,
		Irreversible: append([]string{}, e.Irreversible...), Risks: append([]string{}, e.Risks...),
	}
	if v.BurnUstacks == nil {
		v.BurnUstacks = new(big.Int)
	}
	if e.RegisterWithin > 0 {
		v.RegisterWithin = &e.RegisterWithin
	}
	if e.Deadline > 0 {
		v.Deadline = &e.Deadline
	}
	if r := e.Renewal; r != nil {
		v.Expires, v.NewExpires, v.Wasted = &r.Expires, &r.NewExpires, &r.Wasted
	}
	for _, tx := range e.Transactions {
		tv := transactionView{Role: string(tx.Role), VSize: tx.VSize, FeeSat: int64(tx.Fee), FeeHighSat: int64(tx.FeeHigh), BurnSat: int64(tx.Burn)}
		for _, l := range tx.Plan.Lines {
			if l.Output >= 0 {
				tv.Outputs = append(tv.Outputs, outputView{Role: string(l.Role), Address: l.Address, AmountSat: int64(l.Amount), Text: l.Text})
			}
		}
		v.Transactions = append(v.Transactions, tv)
	}
	return v
}

// PrintEstimate prints a plan as the result of --dry-run.
func PrintEstimate(env *session.Session, schema string, e *registrar.Estimate) error {
	doc := struct {
		DryRun     bool   `json:"dry_run"`
		ExactUntil *int32 `json:"exact_until_height,omitempty"`
		estimateView
	}{true, e.ExactUntil, viewEstimate(e)}
	return env.Out.Result(schema, doc, func(t *voice.Text) {
		for _, line := range EstimateLines(e) {
			t.Line("%s", line)
		}
	})
}

// EstimateLines is a plan in words.
func EstimateLines(e *registrar.Estimate) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	verb, first := string(e.Request.Kind), "it"
	switch e.Request.Kind {
	case registrar.KindLaunch:
		verb, first = "launch namespace", "the preorder"
	case registrar.KindRegister:
		first = "the preorder"
	}
	add("%s %s, as things stand at block %d:", verb, e.Request.Subject(), e.Height)
	for i, tx := range e.Transactions {
		if more := len(e.Transactions) - i; e.Request.Kind == registrar.KindImport && i > 2 && more > 1 {
			add("  and %d more imports like that", more)
			break
		}
		add("  %d. %s, %d vB, fee %s", i+1, strings.ReplaceAll(string(tx.Role), "_", " "), tx.VSize, voice.BTC(tx.Fee))
		for n, l := range tx.Plan.Lines {
			if i == 0 && n > 2 && e.Request.Kind == registrar.KindImport {
				add("       and so on for each of the %d names", len(e.Request.Import.Names))
				break
			}
			switch {
			case l.Output < 0:
			case l.Address != "":
				add("       %s to %s: %s", voice.BTC(l.Amount), l.Address, l.Text)
			default:
				add("       %s", l.Text)
			}
		}
	}
	if e.Payee != "" {
		add("  price: %s", formatPrice(e))
	}
	add("  fees: %s, at most %s if fees rise", voice.BTC(e.Fee), voice.BTC(e.FeeHigh))
	if e.Locked > 0 {
		add("  in all: %s, at most %s; %s more are set aside until it is done", voice.BTC(e.Total), voice.BTC(e.Worst), voice.BTC(e.Locked))
	} else {
		add("  in all: %s, at most %s", voice.BTC(e.Total), voice.BTC(e.Worst))
	}
	if r := e.Renewal; r != nil {
		add("  expires at block %d now, at about block %d then; %d blocks are thrown away", r.Expires, r.NewExpires, r.Wasted)
	}
	if e.PreorderBy > 0 {
		add("  %s must be mined by block %d, or is replaced", first, e.PreorderBy)
	}
	if e.Deadline > 0 {
		add("  it counts up to block %d", e.Deadline)
	}
	if e.RegisterWithin > 0 {
		add("  the registration must follow within %d blocks of it", e.RegisterWithin)
	}
	if e.Blocks > 0 {
		add("  takes about %d blocks", e.Blocks)
	}
	for _, s := range e.Irreversible {
		add("  cannot be undone: %s", s)
	}
	for _, s := range e.Risks {
		add("  risk: %s", s)
	}
	return lines
}

// formatPrice says what is paid for the name or namespace, and to whom.
func formatPrice(e *registrar.Estimate) string {
	if e.BurnTokens != nil && e.BurnTokens.Sign() > 0 {
		return fmt.Sprintf("%s, from the account of %s", voice.Stacks(e.BurnTokens), e.Payer)
	}
	return fmt.Sprintf("%s, to %s", voice.BTC(e.Burn), e.Payee)
}
