package paying

import (
	"context"
	"slices"
	"strconv"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// HistoryCommand is `history`.
func HistoryCommand() *cli.Command {
	return &cli.Command{
		Name:     "history",
		Usage:    "list the transactions that moved your money",
		Category: line.Money,
		Description: "Unconfirmed ones stand first, then from the newest block down. The fee is known when all inputs are yours. A void one\n" +
			"spends what a change of the chain took away: it counts for nothing, until that comes back. What was replaced before it was\n" +
			"mined, by bump or by another payment from the same coins, is shown as replaced and moved nothing.\n\n" +
			line.Examples("blockstack history", "blockstack history --limit 10 --offline --json"),
		Flags: []cli.Flag{&cli.IntFlag{Name: "limit", Usage: "show at most `N`", DefaultText: "all"}},
		Action: line.Verb(func(c *cli.Context) (int, error) {
			if c.IsSet("limit") && c.Int("limit") < 1 {
				return 0, fault.Usage("--limit is %d, not 1 or more", c.Int("limit"))
			}
			return c.Int("limit"), nil
		}, runHistory),
	}
}

// moneyView is what programs see of a transaction of the history.
type moneyView struct {
	Txid          string            `json:"txid"`
	Height        *int32            `json:"height"`
	Confirmations int32             `json:"confirmations"`
	Time          string            `json:"time"`
	ReceivedSat   int64             `json:"received_sat"`
	SpentSat      int64             `json:"spent_sat"`
	NetSat        int64             `json:"net_sat"`
	FeeSat        *int64            `json:"fee_sat"`
	Void          bool              `json:"void"` // cannot be mined: what it spends is gone; it counts for nothing
	Names         []string          `json:"names"`
	Label         string            `json:"label,omitempty"`
	ReplacedBy    string            `json:"replaced_by,omitempty"` // it was never mined: this one took its coins
	JobID         registrar.ID      `json:"job_id,omitempty"`
	JobRole       string            `json:"job_role,omitempty"`
	Outputs       []moneyOutputView `json:"outputs"`
}

// moneyOutputView is what programs see of one of its outputs.
type moneyOutputView struct {
	Index     uint32 `json:"index"`
	Address   string `json:"address,omitempty"`
	AmountSat int64  `json:"amount_sat"`
	Ours      bool   `json:"ours"`
	Role      string `json:"role,omitempty"`
	Name      string `json:"name,omitempty"`
}

// runHistory lists transactions.
func runHistory(ctx context.Context, env *session.Session, limit int) error {
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return err
	}
	if !tip.Synced {
		return fault.New("not_found", "the wallet has never looked at the chain, so its history is unknown").
			Hint("let it look: blockstack history, without --offline")
	}
	entries, err := w.History(ctx)
	if err != nil {
		return err
	}
	replaced, err := w.Payments().Replaced(ctx, entries)
	if err != nil {
		return err
	}
	entries = withReplaced(entries, replaced)
	paid, err := w.PaidNames(ctx)
	if err != nil {
		return err
	}
	jobs, err := jobTransactions(ctx, env)
	if err != nil {
		return err
	}
	total := len(entries)
	if limit > 0 && total > limit {
		entries = entries[:limit]
	}
	views, rows := make([]moneyView, len(entries)), make([][]string, len(entries))
	for i := range entries {
		e := &entries[i]
		v := viewEntry(e, paid[e.Txid], jobs[e.Txid])
		views[i] = v
		height, fee := "unconfirmed", ""
		switch {
		case v.ReplacedBy != "":
			height = "replaced"
		case v.Void:
			height = "void"
		case v.Height != nil:
			height = strconv.Itoa(int(*v.Height))
		}
		if v.FeeSat != nil {
			fee = voice.BTC(e.Fee)
		}
		rows[i] = []string{height, voice.BTC(e.Net()), fee, describeEntry(v), v.Txid}
	}
	doc := map[string]any{"transactions": views, "total": total, "height": tip.Height}
	return env.Out.Result("history", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "block", Right: true}, {Title: "change", Right: true}, {Title: "fee", Right: true}, {Title: "about"}, {Title: "transaction"}}, rows)
	})
}

// withReplaced puts replaced transactions where their time is. Unconfirmed ones stay first.
func withReplaced(entries, replaced []coins.Entry) []coins.Entry {
	for _, r := range replaced {
		i := slices.IndexFunc(entries, func(e coins.Entry) bool { return (e.Height >= 0 || e.ReplacedBy != nil) && e.Time.Before(r.Time) })
		if i < 0 {
			i = len(entries)
		}
		entries = slices.Insert(entries, i, r)
	}
	return entries
}

// viewEntry turns an entry of the history into what programs see.
func viewEntry(e *coins.Entry, paid map[string]string, job jobTransaction) moneyView {
	v := moneyView{
		Txid: e.Txid.String(), Confirmations: e.Confirmations, Time: voice.Time(e.Time), ReceivedSat: int64(e.Received),
		SpentSat: int64(e.Spent), NetSat: int64(e.Net()), Names: []string{}, Label: e.Label, JobID: job.ID, JobRole: job.Role,
		Void: e.Void,
	}
	if e.Height >= 0 {
		v.Height = &e.Height
	}
	if e.FeeKnown {
		v.FeeSat = voice.SatPointer(e.Fee)
	}
	if e.ReplacedBy != nil {
		v.ReplacedBy = e.ReplacedBy.String()
	}
	if job.Subject != "" {
		v.Names = append(v.Names, job.Subject)
	}
	for _, o := range e.Outputs {
		ov := moneyOutputView{Index: o.Index, Address: o.Address, AmountSat: int64(o.Amount), Ours: o.Ours, Name: paid[o.Address]}
		if o.Ours {
			ov.Role = string(o.Key.Role)
			if o.Key.Role == scripts.Payment && o.Key.Branch == scripts.Change {
				ov.Role = "change"
			}
		}
		if ov.Name != "" {
			v.Names = append(v.Names, ov.Name)
		}
		v.Outputs = append(v.Outputs, ov)
	}
	return v
}

// describeEntry says in a few words what a transaction was for.
func describeEntry(v moneyView) string {
	switch {
	case v.JobRole != "" && len(v.Names) > 0:
		return v.JobRole + " " + v.Names[0]
	case v.Label != "" && len(v.Names) > 0:
		return v.Label + " (" + v.Names[0] + ")"
	case v.Label != "":
		return v.Label
	case len(v.Names) > 1:
		return "to " + v.Names[0] + " and others"
	case len(v.Names) == 1:
		return "to " + v.Names[0]
	case v.NetSat > 0:
		return "received"
	}
	for _, o := range v.Outputs {
		if !o.Ours && o.Address != "" {
			return "to " + o.Address
		}
	}
	return "to yourself"
}

// jobTransaction says which job a transaction belongs to.
type jobTransaction struct {
	ID            registrar.ID
	Subject, Role string
	Open          bool
}

// jobTransactions are all transactions that jobs have signed, in every version. The journal is open
// only meanwhile.
func jobTransactions(ctx context.Context, e *session.Session) (map[chainhash.Hash]jobTransaction, error) {
	out := make(map[chainhash.Hash]jobTransaction)
	j, err := e.Journal(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := j.Jobs(ctx)
	if e := j.Close(); err == nil {
		err = e
	}
	for _, job := range jobs {
		for _, s := range job.Stages {
			for _, v := range s.Versions {
				out[v.Txid] = jobTransaction{ID: job.ID, Subject: job.Request.Subject(), Role: string(s.Role), Open: job.Open()}
			}
		}
	}
	return out, err
}
