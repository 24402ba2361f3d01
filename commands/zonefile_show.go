package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/profile"
)

// zonefileShowCommand is `zonefile show`.
func zonefileShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show what a zone file says",
		ArgsUsage: "FILE|NAME",
		Description: "Of a name it is the zone file that its record asks for. All forms that names ever had are read, also the profiles that\n" +
			"stood in place of zone files before 2016. - is standard input.\n\n" + examples("blockstack zonefile show alice.id"),
		Action: verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runZonefileShow),
	}
}

// zonefileView is a zone file as programs see it.
type zonefileView struct {
	Name     *names.Name        `json:"name"`
	Hash     names.ZoneFileHash `json:"zonefile_hash"`
	Bytes    int                `json:"bytes"`
	Source   string             `json:"source"`
	Form     string             `json:"form"` // "zonefile", "legacy_profile" or "other"
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
	v, err := env.viewZoneFile(ctx, what)
	if err != nil {
		return err
	}
	return env.Out.Result("zonefile.show", v, func(t *Text) { writeZoneFile(t, v) })
}

// viewZoneFile reads the zone file of a name, or one in a file.
func (e *Env) viewZoneFile(ctx context.Context, what string) (*zonefileView, error) {
	v := &zonefileView{Source: what, Origins: []string{}, Records: []zoneRecordView{}, URLs: []string{}, DataKeys: []string{}, Problems: []string{}}
	n, err := names.Parse(what)
	if err == nil && !isFile(what) {
		r, err := e.Resolver(ctx)
		if err != nil {
			return nil, err
		}
		res, err := r.Resolve(ctx, n)
		if err != nil {
			return nil, err
		}
		if res.Text == nil {
			return nil, fault.New("not_found", "%s has no zone file", n)
		}
		v.Name = &n
		v.Source = res.Source
		v.fill(res.Text)
		return v, nil
	}
	text, err := readZoneFile(what, e.In)
	if err != nil {
		return nil, err
	}
	v.fill(text)
	return v, nil
}

// fill reads the text.
func (v *zonefileView) fill(text []byte) {
	v.Hash, v.Bytes, v.Text, v.Form = names.HashZoneFile(text), len(text), string(text), "zonefile"
	z, err := zonefile.Parse(text)
	if errors.Is(err, zonefile.ErrJSON) {
		if p, e := profile.Parse(text); e == nil && profile.IsLegacy(p) {
			v.Form, v.Profile = "legacy_profile", profile.FromLegacy(p)
			return
		}
	}
	if err != nil {
		v.Form, v.Problems = "other", append(v.Problems, err.Error())
		return
	}
	v.Origins, v.TTL = append(v.Origins, z.Origins...), z.TTL
	for _, r := range z.Records {
		v.Records = append(v.Records, zoneRecordView{Line: r.Line, Owner: r.Owner, TTL: r.TTL, Type: r.Type, Data: r.Data})
	}
	for _, p := range z.Problems {
		v.Problems = append(v.Problems, fmt.Sprintf("line %d: %s", p.Line, p.Reason))
	}
	urls, err := z.URLs()
	if err != nil {
		v.Problems = append(v.Problems, err.Error())
	}
	v.URLs = append(v.URLs, urls...)
	v.DataKeys = append(v.DataKeys, resolver.DataKeys(z)...)
}

// writeZoneFile writes a zone file in words.
func writeZoneFile(t *Text, v *zonefileView) {
	t.Field("hash", "%s", v.Hash)
	t.Field("bytes", "%d", v.Bytes)
	t.Field("from", "%s", v.Source)
	switch v.Form {
	case "legacy_profile":
		t.Field("form", "a profile of before 2016; its hash on the chain is its only authority")
		t.Gap()
		writePerson(t, "", v.Profile)
		return
	case "other":
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
	t.Table([]Column{{"owner", false}, {"ttl", true}, {"type", false}, {"data", false}}, rows)
}

// zonefileCheckCommand is `zonefile check`.
func zonefileCheckCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "check that a zone file would serve a name",
		ArgsUsage: "NAME FILE",
		Description: "The file must be readable, say that it belongs to the name, name at least one usable address, and have at most one data\n" +
			"key. Whether it is the one that the name's record asks for is said too, where an index can tell. - is standard input.\n\n" +
			examples("blockstack zonefile check alice.id alice.txt"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "published", Usage: "it must also be the one that the name's record asks for"}},
		Action: verb(func(c *cli.Context) (zonefileCheckOptions, error) {
			n, err := nameArgument(c)
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
	text, err := readZoneFile(o.File, env.In)
	if err != nil {
		return err
	}
	z, err := zonefile.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	urls, err := z.ProfileURLs(o.Name)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	keys := resolver.DataKeys(z)
	if len(keys) > 0 {
		if _, err := profile.OwnerRecord(names.Record{Name: o.Name}, keys...); err != nil {
			return fault.New("malformed", "%s: %v", o.File, err).Because(err)
		}
	}
	for _, p := range z.Problems {
		env.Out.Warn("%s: line %d: %s", o.File, p.Line, p.Reason)
	}
	for _, u := range urls {
		if strings.HasPrefix(u, "http://") {
			env.Out.Warn("%s is read over plain http: anybody on the way can hold back a newer profile", u)
		}
	}
	if len(text) > zonefile.MaxMakeSize {
		env.Out.Warn("it has %d bytes; some old readers take no more than %d", len(text), zonefile.MaxMakeSize)
	}
	hash := names.HashZoneFile(text)
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
	doc := map[string]any{"name": o.Name, "zonefile_hash": hash, "bytes": len(text), "profile_urls": urls, "data_keys": len(keys), "problems": len(z.Problems)}
	return env.Out.Result("zonefile.check", doc, func(t *Text) {
		t.Field("hash", "%s", hash)
		for _, u := range urls {
			t.Field("profile at", "%s", u)
		}
	})
}
