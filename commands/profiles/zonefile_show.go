package profiles

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/lookup"
)

// zonefileShowCommand is `zonefile show`.
func zonefileShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show what a zone file says",
		ArgsUsage: "FILE|NAME",
		Description: "Of a name it is the zone file that its record asks for. All forms that names ever had are read, also the profiles that\n" +
			"stood in place of zone files before 2016. - is standard input.\n\n" + line.Examples("blockstack zonefile show alice.id"),
		Action: verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runZonefileShow),
	}
}

// zonefileView is a zone file as programs see it.
type zonefileView struct {
	Name     *names.Name        `json:"name"`
	Hash     names.ZoneFileHash `json:"zonefile_hash"`
	Bytes    int                `json:"bytes"`
	Source   string             `json:"source"`
	Form     lookup.Form        `json:"form"`
	Origins  []string           `json:"origins"`
	TTL      string             `json:"ttl,omitempty"`
	Records  []zoneRecordView   `json:"records"`
	URLs     []string           `json:"profile_urls"`
	DataKeys []string           `json:"data_keys"`
	Profile  *profile.Profile   `json:"profile,omitempty"` // of before 2016; the hash on the chain is its only authority
	Problems []string           `json:"problems"`
	Text     string             `json:"zonefile"`
}

// zoneRecordView is a resource record.
type zoneRecordView struct {
	Line  int      `json:"line"`
	Owner string   `json:"owner"`
	TTL   string   `json:"ttl,omitempty"`
	Type  string   `json:"type"`
	Data  []string `json:"data"`
}

// runZonefileShow shows a zone file.
func runZonefileShow(ctx context.Context, env *Env, what string) error {
	v, err := viewZoneFile(ctx, env, what)
	if err != nil {
		return err
	}
	return env.Out.Result("zonefile.show", v, func(t *voice.Text) { writeZoneFile(t, v) })
}

// viewZoneFile reads the zone file of a name, or one in a file.
func viewZoneFile(ctx context.Context, e *Env, what string) (*zonefileView, error) {
	v := &zonefileView{Source: what, Origins: []string{}, Records: []zoneRecordView{}, URLs: []string{}, DataKeys: []string{}, Problems: []string{}}
	n, err := names.Parse(what)
	if err == nil && !isFile(what) {
		l, err := e.Lookup(ctx)
		if err != nil {
			return nil, err
		}
		a, err := l.Resolve(ctx, n)
		if err != nil {
			return nil, err
		}
		if a.Text == nil {
			return nil, fault.New("not_found", "%s has no zone file", n)
		}
		v.Name, v.Source = &n, a.Source
		v.fill(lookup.ReadZoneText(a.Text))
		return v, nil
	}
	text, err := line.ReadZoneFile(what, e.In)
	if err != nil {
		return nil, err
	}
	v.fill(lookup.ReadZoneText(text))
	return v, nil
}

// fill takes over what a text says.
func (v *zonefileView) fill(z *lookup.ZoneText) {
	v.Hash, v.Bytes, v.Text, v.Form, v.Profile = z.Hash, len(z.Text), string(z.Text), z.Form, z.Profile
	v.URLs, v.DataKeys, v.Problems = append(v.URLs, z.URLs...), append(v.DataKeys, z.DataKeys...), append(v.Problems, z.Problems...)
	if z.ZoneFile == nil {
		return
	}
	v.Origins, v.TTL = append(v.Origins, z.ZoneFile.Origins...), z.ZoneFile.TTL
	for _, r := range z.ZoneFile.Records {
		v.Records = append(v.Records, zoneRecordView{Line: r.Line, Owner: r.Owner, TTL: r.TTL, Type: r.Type, Data: r.Data})
	}
}

// writeZoneFile writes a zone file in words.
func writeZoneFile(t *voice.Text, v *zonefileView) {
	t.Field("hash", "%s", v.Hash)
	t.Field("bytes", "%d", v.Bytes)
	t.Field("from", "%s", v.Source)
	switch v.Form {
	case lookup.FormLegacy:
		t.Field("form", "a profile of before 2016; its hash on the chain is its only authority")
		t.Gap()
		writePerson(t, "", v.Profile)
		return
	case lookup.FormOther:
		t.Field("form", "not a zone file")
	}
	t.Field("origin", "%s", strings.Join(v.Origins, ", "))
	for _, u := range v.URLs {
		t.Field("profile at", "%s", u)
	}
	for _, k := range v.DataKeys {
		t.Field("data key", "%s", k)
	}
	for _, p := range v.Problems {
		t.Field("problem", "%s", p)
	}
	if len(v.Records) == 0 {
		return
	}
	t.Gap()
	rows := make([][]string, len(v.Records))
	for i, r := range v.Records {
		rows[i] = []string{r.Owner, r.TTL, r.Type, strings.Join(r.Data, " ")}
	}
	t.Table([]voice.Column{{Title: "owner"}, {Title: "ttl", Right: true}, {Title: "type"}, {Title: "data"}}, rows)
}

// zonefileCheckCommand is `zonefile check`.
func zonefileCheckCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "check that a zone file would serve a name",
		ArgsUsage: "NAME FILE",
		Description: "The file must be readable, say that it belongs to the name, name at least one usable address, and have at most one data\n" +
			"key. Whether it is the one that the name's record asks for is said too, where an index can tell. - is standard input.\n\n" +
			line.Examples("blockstack zonefile check alice.id alice.txt"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "published", Usage: "it must also be the one that the name's record asks for"}},
		Action: verb(func(c *cli.Context) (zonefileCheckOptions, error) {
			n, err := line.NameArgument(c)
			return zonefileCheckOptions{Name: n, File: c.Args().Get(1), Published: c.Bool("published")}, err
		}, runZonefileCheck),
	}
}

// zonefileCheckOptions say which file is checked for whom.
type zonefileCheckOptions struct {
	Name      names.Name
	File      string
	Published bool
}

// runZonefileCheck checks a zone file.
func runZonefileCheck(ctx context.Context, env *Env, o zonefileCheckOptions) error {
	text, err := line.ReadZoneFile(o.File, env.In)
	if err != nil {
		return err
	}
	z, err := lookup.CheckZoneFile(o.Name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	for _, p := range z.Problems {
		env.Out.Warn("%s: %s", o.File, p)
	}
	for _, u := range z.Plain() {
		env.Out.Warn("%s is read over plain http: anybody on the way can hold back a newer profile", u)
	}
	if len(text) > zonefile.MaxMakeSize {
		env.Out.Warn("it has %d bytes; some old readers take no more than %d", len(text), zonefile.MaxMakeSize)
	}
	hash, urls := z.Hash, z.URLs
	if o.Published {
		x, err := env.Index(ctx)
		if err != nil {
			return err
		}
		rec, err := x.Record(ctx, o.Name)
		if err != nil {
			return err
		}
		if !rec.HasZoneFile || rec.ZoneFile != hash {
			return fault.New("malformed", "%s hashes to %s, which is not what the record of %s asks for", o.File, hash, o.Name).
				Hint("to put it there: blockstack name update %s --zonefile %s", o.Name, o.File)
		}
	}
	doc := map[string]any{"name": o.Name, "zonefile_hash": hash, "bytes": len(text), "profile_urls": urls, "data_keys": len(z.DataKeys), "problems": len(z.Problems)}
	return env.Out.Result("zonefile.check", doc, func(t *voice.Text) {
		t.Field("hash", "%s", hash)
		for _, u := range urls {
			t.Field("profile at", "%s", u)
		}
	})
}
