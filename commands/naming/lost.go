package naming

import (
	"context"

	"blockstack/commands/owned"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names/holdings"
	"blockstack/names/index"
)

// listLost is `name list --lost`.
func listLost(ctx context.Context, e *session.Session, x *index.Index, tip index.Tip) error {
	changes, err := owned.ChangesOfNames(ctx, e, x)
	if err != nil {
		return err
	}
	views, rows := []owned.ChangeOfName{}, [][]string{}
	for _, c := range changes {
		views = append(views, owned.ViewChangeOfName(c))
		rows = append(rows, []string{c.Name.String(), whatBecame(c), voice.Itoa(c.Height), c.Owner})
	}
	doc := map[string]any{"names": views, "height": tip.Height, "consensus_hash": tip.Consensus}
	record.SetExact(doc, record.Certain(tip))
	return e.Out.Result("name.list", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "name"}, {Title: "what"}, {Title: "block"}, {Title: "owner now"}}, rows)
		if len(rows) == 0 {
			e.Out.Note("no name of yours is lost, in its grace period or with somebody else")
		}
	})
}

// whatBecame says an event in a table.
func whatBecame(c holdings.Change) string {
	switch c.Event {
	case holdings.InGrace:
		return "in grace up to " + voice.Itoa(c.Until)
	case holdings.Moved:
		return "given away"
	}
	return "expired"
}
