package profiles

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/storage/local"
	"blockstack/storage/textfile"
)

// ZoneFileCommand is the noun `zonefile`.
func ZoneFileCommand() *cli.Command {
	return line.Noun("zonefile", "zone files: the text behind a name that says where its profile is", line.Profiles,
		zonefileMakeCommand(),
		zonefileShowCommand(),
		zonefileCheckCommand(),
		zonefileHashCommand(),
		zonefilePublishCommand(),
	)
}

// zonefileMakeCommand is `zonefile make`.
func zonefileMakeCommand() *cli.Command {
	return &cli.Command{
		Name:      "make",
		Usage:     "write the zone file of a name whose profile is at the URLs",
		ArgsUsage: "NAME URL...",
		Description: "Readers try the URLs in order. The text is read back before it is given out.\n\n" + line.Examples(
			"blockstack zonefile make alice.id https://alice.example/profile.json > alice.txt"),
		Flags: []cli.Flag{line.OutFlag(), &cli.StringFlag{Name: "data-key", Usage: "the profile is signed with the public key `PUBLICKEY` in place of the owner's"}},
		Action: verb(func(c *cli.Context) (zonefileMakeOptions, error) {
			n, err := line.NameArgument(c)
			return zonefileMakeOptions{Name: n, URLs: c.Args().Tail(), Out: c.String("out"), DataKey: c.String("data-key")}, err
		}, runZonefileMake),
	}
}

// zonefileMakeOptions say what the zone file points to.
type zonefileMakeOptions struct {
	Name names.Name
	URLs []string
	Out  string
	// DataKey is the public key in hex that signs the profile; empty: the owner's.
	DataKey string
}

// runZonefileMake writes a zone file.
func runZonefileMake(_ context.Context, env *Env, o zonefileMakeOptions) error {
	text, err := zonefile.Make(o.Name, o.URLs...)
	if o.DataKey != "" {
		text, err = zonefile.MakeWithKey(o.Name, o.DataKey, o.URLs...)
	}
	if err != nil {
		return err
	}
	hash := names.HashZoneFile(text)
	if o.Out != "" {
		if err := textfile.New(o.Out, text, 0o644); err != nil {
			return fmt.Errorf("zone file: %w", err)
		}
	}
	doc := map[string]any{"name": o.Name, "zonefile": string(text), "zonefile_hash": hash}
	if env.Out.JSON() || o.Out != "" {
		return env.Out.Result("zonefile.make", doc, func(t *voice.Text) {
			t.Field("file", "%s", o.Out)
			t.Field("hash", "%s", hash)
		})
	}
	env.Out.Raw(text)
	return nil
}

// zonefileHashCommand is `zonefile hash`.
func zonefileHashCommand() *cli.Command {
	return &cli.Command{
		Name:        "hash",
		Usage:       "compute the hash that a name's record holds",
		ArgsUsage:   "FILE",
		Description: "Any bytes have a hash; whether they are a zone file is not looked at. - is standard input.\n\n" + line.Examples("blockstack zonefile hash alice.txt"),
		Action:      verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runZonefileHash),
	}
}

// runZonefileHash hashes a file.
func runZonefileHash(_ context.Context, env *Env, path string) error {
	text, err := line.ReadZoneFile(path, env.In)
	if err != nil {
		return err
	}
	hash := names.HashZoneFile(text)
	return env.Out.Result("zonefile.hash", map[string]any{"zonefile_hash": hash, "bytes": len(text)}, func(t *voice.Text) { t.Line("%s", hash) })
}

// zonefilePublishCommand is `zonefile publish`.
func zonefilePublishCommand() *cli.Command {
	return &cli.Command{
		Name:      "publish",
		Usage:     "put the zone file of a name into a folder, as HASH.txt, for others to read",
		ArgsUsage: "NAME",
		Description: "Only the hash of a zone file is on the chain. Serve the folder with any web server; others read from it with\n" +
			"--zonefiles. The zone file is the one that the name's record asks for: yours, or from FILE, or from where --zonefiles says.\n\n" +
			line.Examples("blockstack zonefile publish alice.id --to /var/www/zonefiles"),
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "to", Usage: "write into the folder `DIR`; may be repeated"},
			&cli.StringFlag{Name: "file", Usage: "take the zone file from `FILE`; it must hash to the record"},
		},
		Action: verb(func(c *cli.Context) (zonefilePublishOptions, error) {
			n, err := line.NameArgument(c)
			o := zonefilePublishOptions{Name: n, To: c.StringSlice("to"), File: c.String("file")}
			if err == nil && len(o.To) == 0 {
				err = fault.Usage("say where to: --to DIR")
			}
			return o, err
		}, runZonefilePublish),
	}
}

// zonefilePublishOptions say which zone file goes where.
type zonefilePublishOptions struct {
	Name names.Name
	To   []string
	File string
}

// runZonefilePublish writes the zone file of a name's record.
func runZonefilePublish(ctx context.Context, env *Env, o zonefilePublishOptions) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	rec, err := x.Record(ctx, o.Name)
	if err != nil {
		return err
	}
	switch {
	case rec.Status == names.Available:
		return fault.New("not_found", "%s is not registered", o.Name)
	case !rec.HasZoneFile:
		return fault.New("not_found", "%s has no zone file", o.Name)
	}
	text, err := zoneFileOf(ctx, env, rec, o.File)
	if err != nil {
		return err
	}
	var paths []string
	for _, dir := range o.To {
		place := local.Public(dir)
		file, err := resolver.PublishZoneFile(ctx, place, text)
		if err != nil {
			return err
		}
		paths = append(paths, place.Path(file))
	}
	doc := map[string]any{"name": o.Name, "zonefile_hash": rec.ZoneFile, "published": paths, "height": rec.Height}
	return env.Out.Result("zonefile.publish", doc, func(t *voice.Text) {
		for _, p := range paths {
			t.Line("%s", p)
		}
	})
}

// zoneFileOf reads the zone file of a record: from a file, or from where zone files are read.
func zoneFileOf(ctx context.Context, e *Env, rec names.Record, file string) ([]byte, error) {
	if file == "" {
		sources, err := e.ZoneFiles()
		if err != nil {
			return nil, err
		}
		text, _, err := sources.ZoneFile(ctx, rec.ZoneFile)
		return text, err
	}
	text, err := line.ReadZoneFile(file, e.In)
	if err != nil {
		return nil, err
	}
	if got := names.HashZoneFile(text); got != rec.ZoneFile {
		return nil, fault.New("malformed", "%s hashes to %s, the record of %s wants %s", file, got, rec.Name, rec.ZoneFile)
	}
	return text, nil
}
