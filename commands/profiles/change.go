package profiles

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile/edit"
	"blockstack/profile/publish"
	"blockstack/storage/textfile"
)

// change is an edit of a command: of an unsigned file, of a signed file of ours, or of the
// published profile of a name of ours.
type change struct {
	*edit.Edit
	File     string             // what was read; empty: a name
	Pictures []*publish.Picture // published before the profile that names them
	Done     *publishedToken
}

// changeOptions say what is edited and where the result goes.
type changeOptions struct {
	Target   string
	Out      string
	Identity uint32
	Place    placeOptions
}

// changeFlags are the flags of the verbs that edit.
func changeFlags() []cli.Flag {
	return append([]cli.Flag{line.OutFlag(), identityFlag()}, placeFlags()...)
}

// parseChange reads changeFlags.
func parseChange(c *cli.Context) (o changeOptions, err error) {
	o = changeOptions{Target: c.Args().First(), Out: c.String("out")}
	if o.Identity, err = parseIdentity(c); err != nil {
		return o, err
	}
	if o.Place, err = parsePlace(c); err != nil {
		return o, err
	}
	if o.Out != "" && o.Place.given() {
		return o, fault.Usage("the result goes to one place: --out or --to")
	}
	return o, nil
}

// openChange reads what is to be edited.
func openChange(ctx context.Context, e *Env, o changeOptions) (*change, error) {
	if n, err := names.Parse(o.Target); err == nil && !isFile(o.Target) {
		l, err := e.Lookup(ctx)
		if err != nil {
			return nil, err
		}
		d, a, err := edit.OfName(ctx, l, n, e.identityOf)
		if a != nil {
			e.TellAnswer(a)
		}
		return &change{Edit: d}, err
	}
	raw, err := readBounded(o.Target, e.In)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	c := &change{File: o.Target}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		if c.Edit, err = edit.Unsigned(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Target, err)
		}
		return c, nil
	}
	id, err := e.identity(ctx, o.Identity)
	if err != nil {
		return nil, err
	}
	c.Edit, err = edit.Signed(ctx, raw, id)
	return c, err
}

// finish shows what changed and puts the edited profile where it belongs: back into its file, into
// --out, or to --to. A signed one is signed anew, after asking; an unsigned one is only written.
func finish(ctx context.Context, e *Env, schema string, d *change, o changeOptions) error {
	changes := viewChanges(d.Changes())
	doc := map[string]any{"changes": changes, "signed": d.Signed(), "profile": d.New, "file": nil, "name": nil}
	if !d.Name.IsZero() {
		doc["name"] = d.Name
	}
	if len(changes) == 0 && !o.Place.given() && o.Out == "" {
		return e.Out.Result(schema, doc, func(t *voice.Text) { t.Line("no change") })
	}
	file, place := o.Out, o.Place
	if file == "" && !place.given() {
		file = d.File
	}
	var err error
	switch {
	case !d.Signed() && place.given():
		return fault.Usage("%s is not signed yet, so it cannot be published", d.File).Hint("blockstack profile sign %s", d.File)
	case !d.Signed():
		err = writeEdited(e, file, o.Out != "", d.New.Indented())
	default:
		err = finishSigned(ctx, e, d, o, file, doc)
	}
	if err != nil {
		return err
	}
	if file == "" && !place.given() || file == "-" {
		return nil
	}
	doc["file"] = file
	return e.Out.Result(schema, doc, func(t *voice.Text) {
		for _, c := range changes {
			for _, l := range c.lines() {
				t.Line("%s", l)
			}
		}
		if file != "" {
			t.Field("file", "%s", file)
		}
		if d.Done != nil {
			d.Done.write(t)
		}
	})
}

// writeEdited writes a result: as a new file, or over the one that was read, or to standard output.
func writeEdited(e *Env, path string, fresh bool, b []byte) error {
	var err error
	switch {
	case path == "" || path == "-":
		e.Out.Raw(b)
	case fresh:
		err = textfile.New(path, b, 0o644)
	default:
		err = textfile.Replace(path, b, 0o644)
	}
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return nil
}

// finishSigned signs the edited profile, and publishes it where that is wanted.
func finishSigned(ctx context.Context, e *Env, d *change, o changeOptions, file string, doc map[string]any) error {
	doc["owner_address"] = d.Identity.Address
	if !o.Place.given() {
		token, err := d.Identity.Sign(ctx, edit.Signing{Old: d.Old, New: d.New})
		if err != nil {
			return err
		}
		return writeEdited(e, file, o.Out != "", token.File())
	}
	p := publishing(e, o.Place, d.Identity)
	for _, picture := range d.Pictures {
		if err := p.File(ctx, picture.Path, picture.Data); err != nil {
			return err
		}
	}
	o.Place.noteUnguarded(e.Out)
	done, err := p.Edit(ctx, d.Edit)
	tellDone(e, o.Place, done)
	if err != nil {
		return err
	}
	d.Done = &publishedToken{Done: done, Owner: d.Identity.Address}
	if !d.Name.IsZero() && done.URL != "" {
		if d.Done.Pointer, err = pointerTo(ctx, e, d.Name, done.URL, d.Identity.Address); err != nil {
			return err
		}
	}
	d.Done.fill(doc)
	return nil
}

// valueOf reads the VALUE of FIELD=VALUE: @PATH is the content of a file.
func valueOf(value string) (string, error) {
	path, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return value, nil
	}
	raw, err := readBounded(expandHome(path), nil)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(raw))
	if strings.Contains(text, "PRIVATE KEY") {
		return "", fault.New("usage", "%s holds a private key; a profile is public", path).Hint("give the public one, which usually ends in .pub")
	}
	return text, nil
}

// expandHome does for @~/x what the shell does not.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if home := os.Getenv("HOME"); ok && home != "" {
		return home + string(os.PathSeparator) + rest
	}
	return path
}
