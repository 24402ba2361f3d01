package profiles

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/profile"
	"blockstack/profile/proof"
)

// ProofCommand is the noun `proof`.
func ProofCommand() *cli.Command {
	return line.Noun("proof", "evidence that accounts elsewhere are a name's", line.Profiles,
		proofAddCommand(),
		proofListCommand(),
		proofVerifyCommand(),
		proofRemoveCommand(),
	)
}

// proofAddCommand is `proof add`.
func proofAddCommand() *cli.Command {
	return &cli.Command{
		Name:      "add",
		Usage:     "add an account and its proof to a profile, or show the text to put there",
		ArgsUsage: "FILE|NAME SERVICE IDENTIFIER",
		Description: "SERVICE is " + strings.Join(proof.Services(), ", ") + ".\nThe text to publish or to sign is shown. Without what the service needs as evidence, --url or --message and --signature,\n" +
			"nothing is changed. What happens to the profile is as with profile set.\n\n" + line.Examples(
			"blockstack proof add alice.id github alice",
			"blockstack proof add alice.id github alice --url https://gist.github.com/alice/1234 --to /var/www/alice",
			"blockstack proof add alice.json ssh \"$(cat ~/.ssh/id.pub)\" --message statement.txt --signature statement.txt.sig"),
		Flags: append(changeFlags(),
			&cli.StringFlag{Name: "url", Usage: "the statement stands at `URL`; for pgp, the armored public key"},
			&cli.StringFlag{Name: "message", Usage: "the statement that was signed is in `FILE`"},
			&cli.StringFlag{Name: "signature", Usage: "its signature is in `FILE`"}),
		Action: verb(func(c *cli.Context) (proofAddOptions, error) {
			d, err := parseChange(c)
			o := proofAddOptions{changeOptions: d, Service: c.Args().Get(1), Identifier: c.Args().Get(2),
				URL: c.String("url"), Message: c.String("message"), Signature: c.String("signature")}
			if err == nil && !slices.Contains(proof.Services(), o.Service) {
				err = fault.Usage("%.40q is none of the services: %s", o.Service, strings.Join(proof.Services(), ", "))
			}
			return o, err
		}, runProofAdd),
	}
}

// proofAddOptions say what is claimed and where it is proven.
type proofAddOptions struct {
	changeOptions
	Service, Identifier     string
	URL, Message, Signature string
}

// runProofAdd adds an account.
func runProofAdd(ctx context.Context, env *Env, o proofAddOptions) error {
	d, err := openChange(ctx, env, o.changeOptions)
	if err != nil {
		return err
	}
	claim, err := o.claim(env.In)
	if err != nil {
		return err
	}
	if err := claim.Check(); err != nil {
		return err
	}
	s, err := subjectOf(ctx, env, d, o.Identity)
	if err != nil {
		return err
	}
	text, place := proof.Statement(o.Service, s), proof.Place(o.Service, o.Identifier)
	if !claim.Complete() {
		doc := map[string]any{"statement": text, "place": place, "changes": []changeView{}}
		return env.Out.Result("proof.add", doc, func(t *voice.Text) {
			t.Line("%s", text)
			env.Out.Show("note", place)
			env.Out.Note("nothing is changed yet: then run the same command with that")
		})
	}
	if url, message, _ := proof.Evidence(o.Service); !url && !message {
		env.Out.Show("note", text)
		env.Out.Show("note", place)
	}
	if err := claim.Put(d.New); err != nil {
		return err
	}
	if r, is := claim.Refuted(ctx, s, d.New); is {
		return fault.New("proof_false", "this proves nothing: %s; the profile is left as it was", r.Detail).Hint("%s", place)
	}
	return finish(ctx, env, "proof.add", d, o.changeOptions)
}

// claim is what is claimed, with what its files hold.
func (o proofAddOptions) claim(in io.Reader) (proof.Claim, error) {
	c := proof.Claim{Service: o.Service, Identifier: o.Identifier, URL: o.URL}
	for _, f := range []struct {
		file string
		into *string
	}{{o.Message, &c.Message}, {o.Signature, &c.Signature}} {
		if f.file == "" {
			continue
		}
		raw, err := readBounded(f.file, in)
		if err != nil {
			return c, err
		}
		*f.into = string(raw)
	}
	return c, nil
}

// subjectOf is whom the proofs of an edit are for.
func subjectOf(ctx context.Context, e *Env, d *change, identity uint32) (proof.Subject, error) {
	var s proof.Subject
	if !d.Name.IsZero() {
		s.Name, s.Profiles = d.Name.String(), []string{d.URL}
	}
	id, err := d.Identity, error(nil)
	if id == nil {
		id, err = e.identity(ctx, identity)
	}
	if err != nil {
		return s, err
	}
	s.Owner = id.Address
	return s, nil
}

// proofRemoveCommand is `proof remove`.
func proofRemoveCommand() *cli.Command {
	return &cli.Command{
		Name:      "remove",
		Usage:     "remove an account and its proof from a profile",
		ArgsUsage: "FILE|NAME SERVICE [IDENTIFIER]",
		Description: "The identifier says which, where a profile has several of one service. What happens to the profile is as with profile set.\n\n" + line.Examples(
			"blockstack proof remove alice.id twitter --to /var/www/alice",
			"blockstack proof remove alice.json ssh \"$(cat ~/.ssh/old.pub)\""),
		Flags: changeFlags(),
		Action: verb(func(c *cli.Context) (proofRemoveOptions, error) {
			d, err := parseChange(c)
			return proofRemoveOptions{changeOptions: d, Service: c.Args().Get(1), Identifier: c.Args().Get(2)}, err
		}, runProofRemove),
	}
}

// proofRemoveOptions say which account goes.
type proofRemoveOptions struct {
	changeOptions
	Service, Identifier string
}

// runProofRemove removes an account.
func runProofRemove(ctx context.Context, env *Env, o proofRemoveOptions) error {
	d, err := openChange(ctx, env, o.changeOptions)
	if err != nil {
		return err
	}
	path, identifier := proof.AccountPath(o.Service), o.Identifier
	if have := d.New.Identifiers(path); identifier == "" && len(have) > 1 {
		return fault.Usage("the profile has %s of %s: say which", voice.Count(len(have), "account"), o.Service).Hint("blockstack proof list %s shows them", o.Target)
	} else if identifier == "" && len(have) == 1 {
		identifier = have[0]
	}
	found, err := d.New.DropAccount(path, identifier)
	if err != nil {
		return err
	}
	if !found {
		return fault.New("not_found", "the profile has no such account: %s", path)
	}
	return finish(ctx, env, "proof.remove", d, o.changeOptions)
}

// proofListCommand is `proof list`.
func proofListCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the accounts that a profile claims; nothing is checked",
		ArgsUsage:   "FILE|URL|NAME",
		Description: line.Examples("blockstack proof list alice.id"),
		Action:      verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runProofList),
	}
}

// claimView is a claimed account as programs see it.
type claimView struct {
	Service    string `json:"service"`
	Identifier string `json:"identifier"`
	Role       string `json:"role,omitempty"`
	ProofURL   string `json:"proof_url,omitempty"`
	Signed     bool   `json:"has_signature"`
}

// runProofList lists claims.
func runProofList(ctx context.Context, env *Env, what string) error {
	s, err := readShown(ctx, env, what)
	if err != nil {
		return err
	}
	if s.Profile == nil {
		return verdict(s.Verdict)
	}
	claims := []claimView{}
	for _, a := range s.Profile.Accounts() {
		claims = append(claims, claimView{Service: a.Service, Identifier: a.Identifier, Role: a.Role, ProofURL: a.ProofURL, Signed: a.ProofSignature != ""})
	}
	return env.Out.Result("proof.list", map[string]any{"claims": claims}, func(t *voice.Text) {
		rows := make([][]string, len(claims))
		for i, c := range claims {
			rows[i] = []string{c.Service, c.Identifier, c.ProofURL}
		}
		t.Table([]voice.Column{{Title: "service"}, {Title: "identifier"}, {Title: "proof"}}, rows)
	})
}

// proofVerifyCommand is `proof verify`.
func proofVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "check the proofs of a profile",
		ArgsUsage: "NAME|FILE",
		Description: "The profile itself is verified first; for a file say its owner. Each proof is true, false, or could not be checked now;\n" +
			"then what was last known is shown with its age.\n\n" + line.Examples("blockstack proof verify alice.id"),
		Flags:  ownerFlags(),
		Action: verb(parseProfileVerify, runProofVerify),
	}
}

// runProofVerify checks proofs.
func runProofVerify(ctx context.Context, env *Env, o profileVerifyOptions) error {
	s := proof.Subject{Name: o.Name.String()}
	var report *profile.Report
	var cached *time.Time
	if o.Name.IsZero() {
		s.Name = ""
	}
	if o.ofName() {
		shown, err := readShownName(ctx, env, o.Name)
		if err != nil {
			return err
		}
		report, s.Profiles, cached = shown.Verdict, []string{shown.URL}, shown.CachedAt
	} else {
		var err error
		if report, err = verifyProfile(ctx, env, o); err != nil {
			return err
		}
	}
	p, err := report.Readable()
	if err != nil {
		return verdict(report)
	}
	if s.Owner = report.OwnerAddress; s.Owner == "" {
		return fault.Usage("proofs name the owner's address, so say it: --address ADDRESS")
	}
	found, err := checkProofs(ctx, env, s, p)
	if err != nil {
		return err
	}
	doc := map[string]any{"name": s.Name, "owner_address": s.Owner, "proofs": found.Proofs, "true": found.True, "false": found.False, "could_not_check": found.Unchecked}
	if cached != nil {
		doc["profile_source"], doc["profile_fetched_at"] = "cache", voice.Time(*cached)
	}
	if err := env.Out.Result("proof.verify", doc, func(t *voice.Text) { writeProofs(t, found.Proofs) }); err != nil {
		return err
	}
	switch {
	case found.False > 0:
		return fault.New("proof_false", "%s false", voice.Count(found.False, "proof")).Keep()
	case found.Unchecked > 0:
		return fault.New("unreachable", "%s could not be checked", voice.Count(found.Unchecked, "proof")).Retry().Keep()
	}
	return nil
}
