package commands

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/profile"
	"blockstack/profile/publish"
	"blockstack/wallet"
)

// historyName is what the history beside a profile is called.
const historyName = "profile-history.jsonl"

// placeOptions say where files of an identity are published.
type placeOptions struct {
	To      string // a folder
	As      string // the profile's path there
	History bool
}

// given reports whether there is a place.
func (o placeOptions) given() bool { return o.To != "" }

// placeFlags are the flags of verbs that publish.
func placeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "publish in the folder `DIR`"},
		&cli.StringFlag{Name: "as", Value: profile.FileName, Usage: "`PATH` of the file there"},
		&cli.BoolFlag{Name: "history", Usage: "add it to the history beside the profile, " + historyName},
	}
}

// parsePlace reads placeFlags.
func parsePlace(c *cli.Context) (placeOptions, error) {
	o := placeOptions{To: c.String("to"), As: c.String("as"), History: c.Bool("history")}
	if !o.given() && (o.History || c.IsSet("as")) {
		return o, usagef("--as and --history are about publishing: say where to, --to DIR")
	}
	return o, nil
}

// openPlace opens the place.
func (e *Env) openPlace(_ context.Context, o placeOptions, _ wallet.Address) (publish.Place, error) {
	return publish.Folder(o.To), nil
}

// publishedToken is what publishing did.
type publishedToken struct {
	*publish.Published
	Owner   string
	History *profile.Head
}

// publishToken publishes a token of an identity, and its history when that is asked for.
func (e *Env) publishToken(ctx context.Context, o placeOptions, t *profile.Token, a wallet.Address) (*publishedToken, error) {
	owner, err := profile.OwnerAddress(a.Text, e.addressVersions())
	if err != nil {
		return nil, err
	}
	place, err := e.openPlace(ctx, o, a)
	if err != nil {
		return nil, err
	}
	v := &profile.Verifier{Owner: owner}
	p, err := publish.Publish(ctx, place, o.As, t, v)
	if err != nil {
		return nil, err
	}
	done := &publishedToken{Published: p, Owner: a.Text}
	if at, ok := t.IssuedAt(); ok {
		if err := e.SeenProfiles().Remember(ctx, v.SeenAs(), at); err != nil {
			return nil, err
		}
	}
	if !o.History {
		return done, nil
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.Unlock(ctx, w); err != nil {
		return nil, err
	}
	key, err := w.OwnerSigner(a.Index)
	if err != nil {
		return nil, err
	}
	head, _, err := publish.AddVersion(ctx, place, sibling(o.As, historyName), v, t, key, time.Now())
	if err != nil {
		return nil, err
	}
	done.History = &head
	return done, e.SeenProfiles().RememberHead(ctx, v.SeenAs(), head)
}

// fill adds what was published to a document.
func (p *publishedToken) fill(doc map[string]any) {
	doc["place"], doc["path"], doc["bytes"] = p.Place, p.Path, p.Size
	doc["unchanged"], doc["replaced"] = p.Unchanged, p.Replaced
	doc["valid"], doc["owner_address"] = p.Report.Valid, p.Owner
	if p.History != nil {
		doc["history_version"] = p.History.Seq
	}
}

// sibling is a file beside another one, in a path or a URL.
func sibling(path, name string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i+1] + name
		}
	}
	return name
}
