package profiles

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/edit"
	"blockstack/profile/publish"
	"blockstack/storage/gaia"
	"blockstack/storage/local"
	"blockstack/storage/textfile"
	"blockstack/storage/webdav"
)

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
		&cli.BoolFlag{Name: "history", Usage: "add it to the history beside the profile, " + publish.HistoryName},
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

// openPlace opens the place. A hub wants each write signed by the identity's key, so the wallet is
// unlocked for it.
func openPlace(ctx context.Context, e *Env, o placeOptions, id *edit.Identity) (publish.Place, error) {
	if e.Config.Offline && (o.Hub != "" || config.IsURL(o.To)) {
		return nil, resolver.ErrOffline
	}
	switch {
	case o.Hub != "":
		key, err := id.Hand.Key(ctx)
		if err != nil {
			return nil, err
		}
		return gaia.Open(ctx, o.Hub, publish.HubKey{Signer: key}, e.WebClient(), nil)
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
		return webdav.Open(o.To, login, e.WebClient())
	}
	return local.Public(o.To), nil
}

// publishing publishes profiles of an identity.
func publishing(e *Env, o placeOptions, id *edit.Identity) *publish.Publishing {
	return &publish.Publishing{
		Identity: id,
		Open:     func(ctx context.Context) (publish.Place, error) { return openPlace(ctx, e, o, id) },
		Path:     o.As, URL: o.URL, History: o.History, Merge: o.Merge, Replace: o.Replace,
		Memory: e.SeenProfiles(), Keep: keepIn(e.Config.Path("conflicts")), Pages: e.Fetcher(),
		Tell: func(n publish.Notice) { e.Out.Note("what was at %s is kept in %s", n.Path, n.File) },
	}
}

// publishedToken is what publishing did.
type publishedToken struct {
	*publish.Done
	Owner   string
	Pointer *pointer
}

// tellDone says what the user should know about a profile that was published; nil: none was.
func tellDone(e *Env, o placeOptions, done *publish.Done) {
	switch {
	case done == nil:
		return
	case !done.Guarded && !config.IsURL(o.To): // which was said before
		e.Out.Note("not guarded: %s keeps no condition, so the profile was compared just before and after it was written", done.Place)
	}
	switch {
	case done.ReadErr != nil:
		e.Out.Warn("others cannot read it there: %v", done.ReadErr)
	case done.Read != nil && !*done.Read:
		e.Out.Warn("others get something else at %s", done.URL)
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
