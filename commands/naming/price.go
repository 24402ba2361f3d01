package naming

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
)

// PriceCommand is `name price`.
func PriceCommand() *cli.Command {
	return &cli.Command{
		Name:        "price",
		Usage:       "say what a name would cost in the next block, without fees",
		ArgsUsage:   "NAME",
		Description: line.Examples("blockstack name price alice.id"),
		Action:      line.Verb(line.NameArgument, runNamePrice),
	}
}

// namePrice is what a name costs in the block after the index's tip.
type namePrice struct {
	doc  map[string]any
	text string
	ns   names.Namespace
}

// priceOf asks the rules of the name's namespace.
func priceOf(ctx context.Context, x *index.Index, n names.Name) (*namePrice, error) {
	tip, err := x.Tip(ctx)
	if err != nil {
		return nil, err
	}
	ns, err := x.Namespace(ctx, n.Namespace())
	if errors.Is(err, names.ErrNotFound) {
		return nil, fault.New("not_found", "namespace %s does not exist", n.Namespace()).Because(err).
			Hint("list the namespaces: blockstack namespace list")
	}
	if err != nil {
		return nil, err
	}
	next := tip.Height + 1
	price, err := x.Params().NamePrice(n.Label(), &ns, next)
	if err != nil {
		return nil, err
	}
	doc := map[string]any{"name": n, "height": next, "namespace_status": ns.Status}
	record.SetPrice(doc, ns.PriceUnit(), price.Minimum())
	p := &namePrice{doc: doc, text: record.FormatUnits(price.Minimum(), ns.PriceUnit()), ns: ns}
	if stacks, err := x.Params().NamePriceStacks(n.Label(), &ns, next); err == nil && ns.PriceUnit() != names.MicroStacks {
		doc["price_ustacks"] = stacks.Minimum()
		p.text += ", or " + voice.Stacks(stacks.Minimum())
	}
	return p, nil
}

// runNamePrice prints the price.
func runNamePrice(ctx context.Context, env *session.Session, n names.Name) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	p, err := priceOf(ctx, x, n)
	if err != nil {
		return err
	}
	return env.Out.Result("name.price", p.doc, func(t *voice.Text) {
		t.Field("name", "%s", n)
		t.Field("price", "%s", p.text)
	})
}

// CheckCommand is `name check`.
func CheckCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "say whether a name can be registered now, and why not",
		ArgsUsage: "NAME",
		Description: "It exits with 0 if it can, else with 6. It looks at the index and asks neither wallet nor password. With --owner it makes\n" +
			"every check that name register makes before money moves: whether that owner has room for it, whether this wallet has\n" +
			"preordered it before, whether somebody else is registering it at this moment, and whether the coins are there.\n\n" +
			line.Examples("blockstack name check alice.id && blockstack name register alice.id --no-zonefile",
				"blockstack name check alice.id --owner 1"),
		Flags: []cli.Flag{&cli.StringFlag{Name: "owner", Usage: "check for an owner, too: the number of an `IDENTITY` of yours, or an address"}},
		Action: line.Verb(func(c *cli.Context) (nameCheckOptions, error) {
			n, err := line.NameArgument(c)
			return nameCheckOptions{Name: n, Owner: c.String("owner")}, err
		}, runNameCheck),
	}
}

// runNameCheck looks at name and namespace.
func runNameCheck(ctx context.Context, env *session.Session, o nameCheckOptions) error {
	n := o.Name
	var checks []checkView
	var unfit *fault.Fault
	if o.Owner != "" { // before the index is opened for good
		var err error
		if checks, unfit, err = registerChecks(ctx, env, o); err != nil {
			return err
		}
	}
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	rec, err := x.Record(ctx, n)
	if err != nil {
		return err
	}
	doc := map[string]any{"name": n, "status": rec.Status, "can_register": false, "height": rec.Height, "consensus_hash": rec.Consensus}
	var refused *fault.Fault
	price, err := priceOf(ctx, x, n)
	switch {
	case errors.Is(err, names.ErrNotFound):
		doc["namespace_status"] = nil
		if rec.Status == names.Available {
			doc["status"] = "no_namespace"
		}
		refused = fault.New("namespace_closed", "namespace %s does not exist", n.Namespace()).Hint("list the namespaces: blockstack namespace list")
	case err != nil:
		return err
	default:
		for k, v := range price.doc {
			if k != "height" {
				doc[k] = v
			}
		}
		refused = whyNot(rec, price.ns)
	}
	if refused == nil {
		refused = unfit
	}
	if checks != nil {
		doc["checks"] = checks
	}
	if refused == nil {
		doc["can_register"] = true
	} else {
		doc["reason"], doc["message"] = refused.Code, refused.Message
		refused.Keep()
	}
	until, err := record.ExactUntil(ctx, x)
	if err != nil {
		return err
	}
	record.SetExact(doc, until)
	if err := env.Out.Result("name.check", doc, func(t *voice.Text) {
		t.Field("name", "%s", n)
		if refused == nil {
			t.Field("can be registered", "yes")
		} else {
			t.Field("can be registered", "no: %s", refused.Message)
		}
		for _, c := range checks {
			switch {
			case c.OK == nil:
				t.Field(strings.ReplaceAll(c.Check, "_", " "), "not looked at")
			case *c.OK:
				t.Field(strings.ReplaceAll(c.Check, "_", " "), "good %s", c.Message)
			default:
				t.Field(strings.ReplaceAll(c.Check, "_", " "), "no: %s", c.Message)
			}
		}
		if price != nil {
			t.Field("price", "%s", price.text)
		}
		t.Field("height", "%d", rec.Height)
	}); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return nil
}

// whyNot says why a name cannot be registered in the next block; nil when it can.
func whyNot(rec names.Record, ns names.Namespace) *fault.Fault {
	switch rec.Status {
	case names.Registered:
		f := fault.New("name_taken", "%s belongs to %s", rec.Name, rec.OwnerAddress)
		if rec.ExpiresAt > 0 {
			f.Message += fmt.Sprintf(" until block %d", rec.ExpiresAt)
		}
		return f
	case names.Grace:
		return fault.New("in_grace", "%s has expired, but until block %d its owner can still renew it", rec.Name, rec.GraceEnds)
	case names.Revoked:
		return fault.New("name_taken", "%s is revoked and not free until it expires", rec.Name)
	}
	if ns.Status != names.NamespaceIsReady {
		return fault.New("namespace_closed", "namespace %s is %s, not open for registrations", ns.ID, ns.Status)
	}
	return nil
}
