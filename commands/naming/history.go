package naming

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/state"
)

// HistoryCommand is `name history`.
func HistoryCommand() *cli.Command {
	return &cli.Command{
		Name:      "history",
		Usage:     "list what was done to a name: who did what, when",
		ArgsUsage: "NAME",
		Description: "With --refused those operations that the rules did not accept, and why not.\n\n" +
			line.Examples("blockstack name history alice.id", "blockstack name history alice.id --refused"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "refused", Usage: "list the refused operations instead"}},
		Action: line.Verb(func(c *cli.Context) (nameHistoryOptions, error) {
			n, err := line.NameArgument(c)
			return nameHistoryOptions{Name: n, Refused: c.Bool("refused")}, err
		}, runNameHistory),
	}
}

// nameHistoryOptions say which history is wanted.
type nameHistoryOptions struct {
	Name    names.Name
	Refused bool
}

// historyView is what programs see of an operation.
type historyView struct {
	Height   int32   `json:"height"`
	Index    int32   `json:"vtxindex"`
	Txid     string  `json:"txid"`
	Opcode   string  `json:"opcode"`
	Sender   string  `json:"sender_address,omitempty"`
	Owner    string  `json:"owner_address,omitempty"`
	ZoneFile *string `json:"zonefile_hash"`
	Accepted bool    `json:"accepted"`
	Reason   string  `json:"reason,omitempty"`
}

// runNameHistory pages through the history.
func runNameHistory(ctx context.Context, env *session.Session, o nameHistoryOptions) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	views, rows := []historyView{}, [][]string{}
	q := index.HistoryQuery{Refused: o.Refused, Limit: index.MaxPage}
	for {
		list, err := x.HistoryFrom(ctx, o.Name.String(), q)
		if err != nil {
			return err
		}
		for _, entry := range list {
			v := viewHistory(entry)
			views = append(views, v)
			what := v.Owner
			if v.Reason != "" {
				what = v.Reason
			}
			rows = append(rows, []string{fmt.Sprint(v.Height), v.Opcode, v.Sender, what, v.Txid})
		}
		if len(list) < index.MaxPage {
			break
		}
		q.After = list[len(list)-1].At
	}
	doc := map[string]any{"name": o.Name, "operations": views, "height": tip.Height, "consensus_hash": tip.Consensus}
	record.SetExact(doc, record.Certain(tip))
	last := "owner after it"
	if o.Refused {
		last = "why not"
	}
	return env.Out.Result("name.history", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "block", Right: true}, {Title: "operation"}, {Title: "sent by"}, {Title: last}, {Title: "transaction"}}, rows)
	})
}

// viewHistory turns an operation into what programs see.
func viewHistory(e index.HistoryEntry) historyView {
	v := historyView{
		Height: e.At.Height, Index: e.At.Index, Txid: e.At.Txid.String(), Opcode: e.OpName, Sender: e.Sender, Owner: e.OwnerAddress,
		Accepted: e.Status == state.Accepted,
	}
	if err := e.Err(); err != nil {
		v.Reason = err.Error()
	}
	if e.Name != nil && e.Name.HasValue {
		hash := e.Name.Value.String()
		v.ZoneFile = &hash
	}
	return v
}
