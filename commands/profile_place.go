package commands

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/publish"
	"blockstack/storage"
	"blockstack/storage/gaia"
	"blockstack/storage/local"
	"blockstack/storage/textfile"
	"blockstack/storage/webdav"
	"blockstack/wallet"
)

// historyName is what the history beside a profile is called.
const historyName = "profile-history.jsonl"

// placeOptions say where files of an identity are published.
type placeOptions struct {
	To      string // a folder, or the URL of one on a server that takes PUT
	Hub     string // the URL of a Gaia hub
	Auth    string // a file with user:password for the server
	As      string // the profile's path there
	URL     string // where others read it; empty: where it is written, unless that is a folder
	History bool
	Replace bool // publish over another profile of the owner, which is kept
	Merge   bool // put both sides' changes together when somebody else has published meanwhile
}

// given reports whether there is a place.
func (o placeOptions) given() bool { return o.To != "" || o.Hub != "" }

// placeFlags are the flags of verbs that publish.
func placeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "publish in the folder `PLACE`, or at the https URL of a server that takes PUT (WebDAV)"},
		&cli.StringFlag{Name: "to-auth-file", Usage: "log in there with user:password in the first line of `FILE`"},
		&cli.StringFlag{Name: "hub", Usage: "publish in the identity's bucket on the Gaia hub at `URL`"},
		&cli.StringFlag{Name: "as", Value: profile.FileName, Usage: "`PATH` of the file there"},
		&cli.StringFlag{Name: "public-url", Usage: "others read it at `URL`; for a folder, or a server with another address for readers"},
		&cli.BoolFlag{Name: "merge", Usage: "when the profile was changed elsewhere meanwhile, put both changes together"},
		&cli.BoolFlag{Name: "history", Usage: "add it to the history beside the profile, " + historyName},
	}
}

// parsePlace reads placeFlags.
func parsePlace(c *cli.Context) (placeOptions, error) {
	o := placeOptions{To: c.String("to"), Hub: c.String("hub"), Auth: c.String("to-auth-file"), As: c.String("as"),
		URL: c.String("public-url"), History: c.Bool("history"), Merge: c.Bool("merge")}
	if o.To != "" && o.Hub != "" {
		return o, fault.Usage("publish in one place at a time: --to or --hub")
	}
	if o.Auth != "" && !config.IsURL(o.To) {
		return o, fault.Usage("--to-auth-file is for a server: --to https://…")
	}
	if !o.given() && (o.History || o.Merge || c.IsSet("as") || o.URL != "") {
		return o, fault.Usage("--as, --public-url, --merge and --history are about publishing: say where to, --to DIR")
	}
	if o.URL != "" && !config.IsURL(o.URL) {
		return o, fault.Usage("--public-url is %.60q, not a URL", o.URL)
	}
	return o, nil
}

// openPlace opens the place. A hub wants each write signed by the identity's key, so the wallet is unlocked for it.
func (e *Env) openPlace(ctx context.Context, o placeOptions, a wallet.Address) (publish.Place, error) {
	if e.Config.Offline && (o.Hub != "" || config.IsURL(o.To)) {
		return nil, resolver.ErrOffline
	}
	switch {
	case o.Hub != "":
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
		return gaia.Open(ctx, o.Hub, publish.HubKey{Signer: key}, e.webClient(), nil)
	case config.IsURL(o.To):
		login := ""
		if o.Auth != "" {
			raw, err := os.ReadFile(o.Auth)
			if err != nil {
				return nil, fmt.Errorf("--to-auth-file: %w", err)
			}
			login, _, _ = strings.Cut(strings.TrimPrefix(string(raw), textfile.Mark), "\n")
			login = strings.TrimRight(login, "\r")
		}
		return webdav.Open(o.To, login, e.webClient())
	}
	return local.Public(o.To), nil
}

// publishedToken is what publishing did.
type publishedToken struct {
	*publish.Published
	Owner   string
	URL     string // where others read it; empty: not known
	Read    *bool  // whether they can, as far as this machine can tell; nil: not tried
	History *profile.Head
	Pointer *pointer
}

// publishToken publishes a token of an identity that was made from base (nil: from what this home has published or read last), and
// its history when that is asked for.
func (e *Env) publishToken(ctx context.Context, o placeOptions, t, base *profile.Token, a wallet.Address) (*publishedToken, error) {
	owner, err := profile.OwnerAddress(a.Text, e.addressVersions())
	if err != nil {
		return nil, err
	}
	place, err := e.openPlace(ctx, o, a)
	if err != nil {
		return nil, err
	}
	v := &profile.Verifier{Owner: owner}
	last, err := e.SeenProfiles().Base(ctx, v.SeenAs())
	if err != nil {
		return nil, err
	}
	from := func(there *profile.Token) bool {
		if base != nil { // an edit replaces what it was made from, not what this home has published since
			return there.String() == base.String()
		}
		return last != "" && there.String() == last
	}
	p, err := publish.Publish(ctx, place, o.As, t, v, from)
	if err != nil {
		if f := explain(ctx, err); f.Code == "wrong_signer" {
			return nil, f.Hint("name the identity that signed it: --identity N")
		}
		return nil, err
	}
	done := &publishedToken{Published: p, Owner: a.Text}
	if done.URL, err = o.publicURL(ctx, place); err != nil {
		return nil, err
	}
	if err := e.SeenProfiles().RememberBase(ctx, v.SeenAs(), t.String()); err != nil {
		return nil, err
	}
	if !p.Guarded && !config.IsURL(o.To) { // which was said before
		e.Out.Note("not guarded: %s keeps no condition, so the profile was compared just before and after it was written", p.Place)
	}
	e.readAsOthers(ctx, done, t.File())
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

// publicURL is where others read what is published; empty: that is not known.
func (o placeOptions) publicURL(ctx context.Context, place publish.Place) (string, error) {
	if o.URL != "" {
		return o.URL, nil
	}
	if p, ok := place.(storage.Publisher); ok {
		return p.PublicURL(ctx, o.As)
	}
	return "", nil
}

// readAsOthers reads what was published as anybody would. That others cannot read it is no error of publishing, but useless.
func (e *Env) readAsOthers(ctx context.Context, p *publishedToken, file []byte) {
	if p.URL == "" {
		return
	}
	page, err := e.Fetcher().Fetch(ctx, p.URL)
	same := err == nil && bytes.Equal(page.Body, file)
	p.Read = &same
	switch {
	case err != nil:
		e.Out.Warn("others cannot read it there: %v", err)
	case !same:
		e.Out.Warn("others get something else at %s", p.URL)
	}
}

// fill adds what was published to a document.
func (p *publishedToken) fill(doc map[string]any) {
	doc["place"], doc["path"], doc["bytes"] = p.Place, p.Path, p.Size
	doc["unchanged"], doc["replaced"], doc["guarded"] = p.Unchanged, p.Replaced, p.Guarded
	doc["valid"], doc["owner_address"] = p.Report.Valid, p.Owner
	doc["url"], doc["readable"] = nil, p.Read
	if p.URL != "" {
		doc["url"] = p.URL
	}
	if p.History != nil {
		doc["history_version"] = p.History.Seq
	}
	if p.Pointer != nil {
		doc["name"], doc["name_points_there"], doc["next"] = p.Pointer.Name, p.Pointer.Points, p.Pointer.Next
	}
}

// write writes what was published in words.
func (p *publishedToken) write(t *voice.Text) {
	t.Field("place", "%s", p.Place)
	t.Field("file", "%s", p.Path)
	t.Field("read back", "%s", p.Report.Reason)
	if p.URL != "" {
		t.Field("read at", "%s", p.URL)
	}
	if p.History != nil {
		t.Field("history", "version %d", p.History.Seq)
	}
	if p.Pointer != nil {
		p.Pointer.write(t)
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
