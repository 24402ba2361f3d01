package commands

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/storage/textfile"
	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// draft is a profile that is being edited: an unsigned file, a signed file of ours, or the published profile of a name of ours. What is
// signed was verified before anybody gets to edit it.
type draft struct {
	Old, New *profile.Profile
	File     string         // what was read; empty: a name
	Name     names.Name     // zero: a file
	URL      string         // where the name's profile is
	Signed   bool           // the result must be signed
	Base     *profile.Token // what was read, signed; nil: nothing signed
	Owner    wallet.Address // of the identity that signs
	Pictures []picture      // published before the profile that names them
	Done     *publishedToken
}

// draftOptions say what is edited and where the result goes.
type draftOptions struct {
	Target   string
	Out      string
	Identity uint32
	Place    placeOptions
}

// draftFlags are the flags of the verbs that edit.
func draftFlags() []cli.Flag {
	return append([]cli.Flag{outFlag(), identityFlag()}, placeFlags()...)
}

// parseDraft reads draftFlags.
func parseDraft(c *cli.Context) (o draftOptions, err error) {
	o = draftOptions{Target: c.Args().First(), Out: c.String("out")}
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

// openDraft reads what is to be edited.
func (e *Env) openDraft(ctx context.Context, o draftOptions) (*draft, error) {
	if n, err := names.Parse(o.Target); err == nil && !isFile(o.Target) {
		return e.openNameDraft(ctx, n)
	}
	raw, err := readBounded(o.Target, e.In)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	d := &draft{File: o.Target}
	if !strings.HasPrefix(strings.TrimSpace(string(raw)), "[") {
		if d.Old, err = profile.Parse(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Target, err)
		}
		d.New = d.Old.Clone()
		return d, nil
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if d.Owner, err = w.OwnerAddress(ctx, o.Identity); err != nil {
		return nil, err
	}
	owner, err := profile.OwnerAddress(d.Owner.Text, e.addressVersions())
	if err != nil {
		return nil, err
	}
	report, err := (&profile.Verifier{Owner: owner}).VerifyBytes(ctx, raw)
	if err != nil {
		return nil, err
	}
	return d.fill(report)
}

// openNameDraft fetches the profile of a name of ours.
func (e *Env) openNameDraft(ctx context.Context, n names.Name) (*draft, error) {
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	res, err := l.Resolve(ctx, n)
	if err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	a, ours, err := w.ScriptAddress(ctx, res.Record.Owner)
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, fault.New("not_owner", "%s belongs to %s, which is none of your identities", n, res.Record.OwnerAddress)
	}
	if err := l.Read(ctx, res, lookup.Options{}); err != nil {
		return nil, err
	}
	e.tell(res)
	switch res.Outcome {
	case lookup.Missing, lookup.Unreachable, lookup.Offline:
		return nil, fault.New("unreachable", "%v", res.Why).Because(res.Why).
			Hint("if there is none yet: blockstack profile create, then sign and publish")
	case lookup.RolledBack:
		return nil, res.Trusted()
	}
	if res.Why != nil {
		return nil, res.Why
	}
	return (&draft{Name: n, URL: res.URL, Owner: a}).fill(res.Report)
}

// fill takes over a signed profile that is its owner's; one past its end may be edited, because signing renews it.
func (d *draft) fill(r *profile.Report) (*draft, error) {
	p, err := r.Readable()
	if err != nil {
		return nil, fault.New(string(r.Reason), "what is there is not yours, so it is not edited: %v", r.Err()).Because(err)
	}
	d.Old, d.New, d.Signed, d.Base = p, p.Clone(), true, r.Token()
	return d, nil
}

// changeView is a change of a profile as programs see it.
type changeView struct {
	Path string  `json:"path"`
	Old  rawJSON `json:"old"`
	New  rawJSON `json:"new"`
}

// rawJSON is JSON as it is, or null.
type rawJSON []byte

// MarshalJSON gives the bytes.
func (r rawJSON) MarshalJSON() ([]byte, error) {
	if r == nil {
		return []byte("null"), nil
	}
	return r, nil
}

// viewChanges makes the views of what differs.
func viewChanges(old, new *profile.Profile) []changeView {
	views := []changeView{}
	for _, c := range profile.Diff(old, new) {
		views = append(views, changeView{Path: c.Path, Old: rawJSON(c.Old), New: rawJSON(c.New)})
	}
	return views
}

// lines writes a change as a person reads it: - what was, + what will be.
func (c changeView) lines() []string {
	path := c.Path
	if path == "" {
		path = "order"
	}
	var lines []string
	if c.Old != nil {
		lines = append(lines, fmt.Sprintf("- %s  %s", path, c.Old))
	}
	if c.New != nil {
		lines = append(lines, fmt.Sprintf("+ %s  %s", path, c.New))
	}
	return lines
}

// finish shows what changed and puts the edited profile where it belongs: back into its file, into --out, or to --to. A signed one is
// signed anew, after asking; an unsigned one is only written.
func (e *Env) finish(ctx context.Context, schema string, d *draft, o draftOptions) error {
	changes := viewChanges(d.Old, d.New)
	doc := map[string]any{"changes": changes, "signed": d.Signed, "profile": d.New, "file": nil, "name": nil}
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
	case !d.Signed && place.given():
		return fault.Usage("%s is not signed yet, so it cannot be published", d.File).Hint("blockstack profile sign %s", d.File)
	case !d.Signed:
		err = e.writeEdited(file, o.Out != "", d.New.Indented())
	default:
		err = e.finishSigned(ctx, d, o, file, doc)
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
func (e *Env) writeEdited(path string, fresh bool, b []byte) error {
	var err error
	switch {
	case path == "" || path == "-":
		e.Out.Raw(b)
	case fresh:
		err = newFile(path, b, 0o644)
	default:
		err = textfile.Replace(path, b, 0o644)
	}
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return nil
}

// finishSigned signs the edited profile.
func (e *Env) finishSigned(ctx context.Context, d *draft, o draftOptions, file string, doc map[string]any) error {
	doc["owner_address"] = d.Owner.Text
	if !o.Place.given() {
		token, err := e.signProfile(ctx, d.Old, d.New, d.Owner)
		if err != nil {
			return err
		}
		return e.writeEdited(file, o.Out != "", token.File())
	}
	for _, p := range d.Pictures {
		if err := e.publishPicture(ctx, o.Place, d.Owner, p); err != nil {
			return err
		}
	}
	o.Place.noteUnguarded(e.Out)
	done, err := e.publishDraft(ctx, o.Place, d)
	if err != nil {
		return err
	}
	if !d.Name.IsZero() && done.URL != "" {
		if done.Pointer, err = e.pointerTo(ctx, d.Name, done.URL, d.Owner.Text); err != nil {
			return err
		}
	}
	done.fill(doc)
	d.Done = done
	return nil
}

// signProfile shows what changes from old (nil: everything), asks, and signs.
func (e *Env) signProfile(ctx context.Context, old, p *profile.Profile, owner wallet.Address) (*profile.Token, error) {
	if owner.Role != coins.Owner {
		return nil, fault.New("not_owner", "%s is not the address of an identity", owner.Text)
	}
	e.Out.Note("this is what %s will sign:", owner.Text)
	if old == nil {
		for line := range strings.Lines(string(p.Indented())) {
			e.Out.Show("note", "  "+strings.TrimRight(line, "\n"))
		}
	} else {
		changes := viewChanges(old, p)
		for _, c := range changes {
			for _, l := range c.lines() {
				e.Out.Show("note", "  "+l)
			}
		}
		if len(changes) == 0 {
			e.Out.Note("  nothing but the date changes")
		}
	}
	if err := e.Confirm(ctx, "Sign it as "+owner.Text); err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.Unlock(ctx, w); err != nil {
		return nil, err
	}
	key, err := w.OwnerSigner(owner.Index)
	if err != nil {
		return nil, err
	}
	return profile.Sign(ctx, p, key)
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
