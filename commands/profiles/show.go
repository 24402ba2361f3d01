package profiles

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/lookup"
)

// profileShowCommand is `profile show`.
func profileShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a profile",
		ArgsUsage: "FILE|URL|NAME",
		Description: "Of a name only a profile that is its owner's is shown; without a network the last one that was, with its age. Of a file\n" +
			"or URL it is shown who signed; whether that means anything, profile verify says. - is standard input.\n\n" + line.Examples(
			"blockstack profile show alice.id"),
		Action: verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runProfileShow),
	}
}

// shownProfile is a profile and what is known about where it is from.
type shownProfile struct {
	Name     string
	URL      string
	CachedAt *time.Time
	Token    *profile.Token   // nil: unsigned
	Verdict  *profile.Report  // nil: nobody was asked for
	Profile  *profile.Profile // nil: the verdict forbids to show it
}

// readShown reads a profile from a name, a URL or a file.
func readShown(ctx context.Context, e *Env, what string) (*shownProfile, error) {
	if n, err := names.Parse(what); err == nil && !isFile(what) {
		return readShownName(ctx, e, n)
	}
	raw, err := e.readProfile(ctx, what)
	if err != nil {
		return nil, err
	}
	s := &shownProfile{}
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		if s.Profile, err = profile.Parse(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		return s, nil
	}
	f, err := profile.ParseTokenFile(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	s.Token, s.Profile = f.Token, f.Token.Unverified()
	return s, nil
}

// readShownName reads the profile of a name.
func readShownName(ctx context.Context, e *Env, n names.Name) (*shownProfile, error) {
	a, err := e.findProfile(ctx, n, lookup.Options{Copies: true})
	if err != nil {
		return nil, err
	}
	s := &shownProfile{Name: n.String(), URL: a.URL, Verdict: a.Report, Token: a.Report.Token()}
	if a.Cached {
		s.CachedAt = &a.ReadAt
	}
	if p, err := a.Report.Readable(); err == nil {
		s.Profile = p
	}
	return s, nil
}

// profileShowView is what programs see. It never says valid where nobody was asked for.
type profileShowView struct {
	Profile         *profile.Profile `json:"profile"`
	Name            string           `json:"name,omitempty"`
	URL             string           `json:"profile_url,omitempty"`
	Source          string           `json:"profile_source,omitempty"`
	FetchedAt       string           `json:"profile_fetched_at,omitempty"`
	Signed          bool             `json:"signed"`
	IssuerPublicKey string           `json:"issuer_public_key,omitempty"`
	IssuedAt        string           `json:"issued_at,omitempty"`
	ExpiresAt       string           `json:"expires_at,omitempty"`
	Verdict         *profile.Report  `json:"verdict"`
}

// runProfileShow shows a profile.
func runProfileShow(ctx context.Context, env *Env, what string) error {
	s, err := readShown(ctx, env, what)
	if err != nil {
		return err
	}
	v := profileShowView{Profile: s.Profile, Name: s.Name, URL: s.URL, Verdict: s.Verdict, Signed: s.Token != nil}
	if s.Name != "" {
		v.Source = "url"
	}
	if s.CachedAt != nil {
		v.Source, v.FetchedAt = "cache", voice.Time(*s.CachedAt)
	}
	if t := s.Token; t != nil {
		v.IssuerPublicKey = voice.Hex(t.Issuer().SerializeCompressed())
		if at, ok := t.IssuedAt(); ok {
			v.IssuedAt = voice.Time(at)
		}
		if at, ok := t.ExpiresAt(); ok {
			v.ExpiresAt = voice.Time(at)
		}
	}
	if err := env.Out.Result("profile.show", v, func(t *voice.Text) { writeCard(t, s, v) }); err != nil {
		return err
	}
	if s.Verdict != nil {
		return verdict(s.Verdict)
	}
	return nil
}

// writeCard draws a profile.
func writeCard(t *voice.Text, s *shownProfile, v profileShowView) {
	if s.Profile != nil {
		writePerson(t, s.Name, s.Profile)
		t.Gap()
	}
	switch {
	case s.Verdict != nil:
		if s.Verdict.Valid {
			t.Field("signed by", "%s, the owner of %s", s.Verdict.OwnerAddress, s.Name)
		} else {
			t.Field("not to be trusted", "%s", s.Verdict.Reason)
		}
		for _, w := range s.Verdict.Warnings {
			t.Field("warning", "%s", w.Text())
		}
	case s.Token != nil:
		t.Field("signed with", "%s", v.IssuerPublicKey)
		t.Field("note", "whose key that is was not looked at")
	default:
		t.Field("note", "not signed")
	}
	t.Field("issued at", "%s", v.IssuedAt)
	t.Field("expires at", "%s", v.ExpiresAt)
	t.Field("from", "%s", v.URL)
}

// writePerson writes what a profile says: a heading, and then a line for each thing.
func writePerson(t *voice.Text, name string, p *profile.Profile) {
	d := p.Display()
	title := name
	switch {
	case d.Name != nil && name != "":
		title = *d.Name + " · " + name
	case d.Name != nil:
		title = *d.Name
	}
	if title != "" {
		t.Line("%s", title)
		if t.OnTerminal() {
			t.Line("%s", strings.Repeat("─", min(72, len([]rune(voice.Shown(title, voice.LongestText))))))
		}
	}
	if d.Description != nil {
		for _, row := range voice.Wrap(voice.Shown(*d.Description, voice.LongestText), 72) {
			t.Line("%s", row)
		}
	}
	if kind := p.Kind(); kind != profile.Person {
		t.Field("type", "%s", kind)
	}
	for _, f := range []struct {
		label string
		value *string
	}{{"address", d.Address}, {"picture", d.AvatarURL}} {
		if f.value != nil {
			t.Field(f.label, "%s", *f.value)
		}
	}
	if site, ok := p.Get("website"); ok {
		t.Field("website", "%s", site)
	}
	if mail, ok := p.Text("email"); ok {
		t.Field("email", "%s", mail)
	}
	for _, a := range p.Accounts() {
		writeAccount(t, a)
	}
	if raw, ok := p.Field("apps"); ok {
		var apps map[string]any
		if json.Unmarshal(raw, &apps) == nil && len(apps) > 0 {
			t.Field("apps", "%d", len(apps))
		}
	}
}

// writeAccount writes an account, a key or an address.
func writeAccount(t *voice.Text, a profile.Account) {
	label := a.Service
	switch {
	case a.Role == "payment", a.Role == "" && a.Service == "bitcoin":
		label = "pay " + a.Service
	case a.Role == "key":
		label = a.Service + " key"
	}
	value := a.Identifier
	if r := []rune(value); len(r) > 80 {
		value = string(r[:77]) + "…"
	}
	if a.ProofURL != "" {
		value += "  (proof: " + a.ProofURL + ")"
	}
	t.Field(label, "%s", value)
}
