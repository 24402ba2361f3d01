package naming

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/owned"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
)

// ListCommand is `name list`.
func ListCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list your names, or those of a namespace or an owner",
		Description: line.Examples("blockstack name list", "blockstack name list --namespace id", "blockstack name list --owner 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk", "blockstack name list --lost"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "namespace", Usage: "list the names of `NAMESPACE`"},
			&cli.StringFlag{Name: "owner", Usage: "list the names of `ADDRESS`"},
			&cli.BoolFlag{Name: "all", Usage: "expired ones, too"},
			&cli.BoolFlag{Name: "lost", Usage: "instead, what is no longer yours or soon will not be: names in grace, expired, or given to others"},
		},
		Action: line.Verb(func(c *cli.Context) (nameListOptions, error) {
			o := nameListOptions{Owner: c.String("owner"), All: c.Bool("all"), Lost: c.Bool("lost")}
			if o.Lost && (c.IsSet("namespace") || c.IsSet("owner") || o.All) {
				return o, fault.Usage("--lost is about your own names and goes with none of --namespace, --owner and --all")
			}
			if c.IsSet("namespace") && c.IsSet("owner") {
				return o, fault.Usage("--namespace and --owner cannot be combined")
			}
			if c.IsSet("namespace") {
				var err error
				o.Namespace, err = names.ParseNamespaceID(c.String("namespace"))
				return o, err
			}
			return o, nil
		}, runNameList),
	}
}

// nameListOptions say whose names are wanted.
type nameListOptions struct {
	Namespace names.NamespaceID
	Owner     string
	All       bool
	Lost      bool
}

// runNameList lists names from the index. Pages keep the memory bounded; the list itself is
// streamed into one document.
func runNameList(ctx context.Context, env *session.Session, o nameListOptions) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	if o.Lost {
		return listLost(ctx, env, x, tip)
	}
	var list []names.Record
	switch {
	case o.Namespace != "":
		list, err = allNames(ctx, x, o.Namespace)
	case o.Owner != "":
		var script []byte
		if script, err = x.Params().AddressScript(o.Owner); err != nil {
			return fault.New("bad_address", "--owner: %v", err).Because(err).
				Hint("it is an address of the kinds P2PKH or P2SH; for your own names leave --owner out: blockstack name list")
		}
		list, err = home.NamesOf(ctx, x, script)
	default:
		list, err = owned.Names(ctx, env, x)
	}
	if err != nil {
		return err
	}
	views, rows := []record.View{}, [][]string{}
	for _, r := range list {
		if !o.All && r.Status == names.Expired {
			continue
		}
		v := record.Of(r)
		views = append(views, v)
		expires := "never"
		if v.ExpiresAt != nil {
			expires = fmt.Sprintf("block %d", *v.ExpiresAt)
		}
		rows = append(rows, []string{r.Name.String(), v.Status, r.OwnerAddress, expires})
	}
	doc := map[string]any{"names": views, "height": tip.Height, "consensus_hash": tip.Consensus}
	record.SetExact(doc, record.Certain(tip))
	return env.Out.Result("name.list", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "name"}, {Title: "status"}, {Title: "owner"}, {Title: "expires"}}, rows)
	})
}

// allNames reads the names of a namespace page by page.
func allNames(ctx context.Context, x *index.Index, id names.NamespaceID) ([]names.Record, error) {
	return pages(func(after names.Name) ([]names.Record, error) { return x.Names(ctx, id, after, index.MaxPage) })
}

// pages joins the pages of a list.
func pages(page func(after names.Name) ([]names.Record, error)) ([]names.Record, error) {
	var all []names.Record
	var after names.Name
	for {
		list, err := page(after)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) < index.MaxPage {
			return all, nil
		}
		after = list[len(list)-1].Name
	}
}
