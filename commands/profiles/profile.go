package profiles

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/edit"
	"blockstack/storage/textfile"
)

// ProfileCommand is the noun `profile`.
func ProfileCommand() *cli.Command {
	return line.Noun("profile", "signed documents in which a name says who it is", line.Profiles,
		profileCreateCommand(),
		profileShowCommand(),
		profileSetCommand(),
		profileUnsetCommand(),
		profileEditCommand(),
		profileDiffCommand(),
		profileSignCommand(),
		profileVerifyCommand(),
		profilePublishCommand(),
		profileHistoryCommand(),
		profileBundleCommand(),
	)
}

// profileCreateCommand is `profile create`.
func profileCreateCommand() *cli.Command {
	return &cli.Command{
		Name:      "create",
		Usage:     "write a new profile, unsigned",
		ArgsUsage: "[FIELD=VALUE...]",
		Description: "FIELD is name, description, website, image.avatar, account.SERVICE, payment.bitcoin, key.ssh and so on.\n\n" + line.Examples(
			"blockstack profile create name=Alice description='Likes chains' payment.bitcoin=ADDRESS --out alice.json"),
		Flags: []cli.Flag{
			line.OutFlag(),
			&cli.StringFlag{Name: "type", Value: "Person", Usage: "`TYPE` of the profile: Person, Organization, CreativeWork"},
		},
		Action: verb(func(c *cli.Context) (profileCreateOptions, error) {
			return profileCreateOptions{Type: c.String("type"), Fields: c.Args().Slice(), Out: c.String("out")}, nil
		}, runProfileCreate),
	}
}

// profileCreateOptions say what a new profile holds.
type profileCreateOptions struct {
	Type   string
	Fields []string
	Out    string
}

// runProfileCreate writes a profile document.
func runProfileCreate(_ context.Context, env *Env, o profileCreateOptions) error {
	switch o.Type {
	case "Person", "Organization", "CreativeWork":
	default:
		return fault.Usage("--type is %.40q, not Person, Organization or CreativeWork", o.Type)
	}
	p := profile.New(o.Type)
	for _, f := range o.Fields {
		field, value, ok := strings.Cut(f, "=")
		if !ok {
			return fault.Usage("%.60q is not FIELD=VALUE", f).Hint("for instance name=Alice")
		}
		if kind, isImage := strings.CutPrefix(field, "image."); isImage && strings.HasPrefix(value, "@") {
			return pictureNeedsPlace(kind)
		}
		value, err := valueOf(value)
		if err != nil {
			return err
		}
		if err := p.Set(field, value); err != nil {
			return err
		}
	}
	text := p.Indented()
	if o.Out != "" {
		if err := textfile.New(o.Out, text, 0o644); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
	}
	if env.Out.JSON() || o.Out != "" {
		return env.Out.Result("profile.create", map[string]any{"profile": p, "file": o.Out}, func(t *voice.Text) { t.Line("%s", o.Out) })
	}
	env.Out.Raw(text)
	return nil
}

// identityFlag chooses an identity of the wallet.
func identityFlag() cli.Flag {
	return &cli.IntFlag{Name: "identity", Value: 0, Usage: "sign as the identity number `N` of yours"}
}

// parseIdentity reads identityFlag.
func parseIdentity(c *cli.Context) (uint32, error) {
	n, err := line.ParseCount("--identity", strconv.Itoa(c.Int("identity")), 0, line.MaxIdentity)
	return uint32(n), err
}

// profileSignCommand is `profile sign`.
func profileSignCommand() *cli.Command {
	return &cli.Command{
		Name:      "sign",
		Usage:     "sign a profile with the owner key of an identity",
		ArgsUsage: "FILE",
		Description: "FILE is an unsigned profile; - is standard input. What is signed is shown first. The result is a token file, the\n" +
			"profile.json that is published.\n\n" + line.Examples("blockstack profile sign alice.json --out profile.json"),
		Flags: []cli.Flag{line.OutFlag(), identityFlag()},
		Action: verb(func(c *cli.Context) (profileSignOptions, error) {
			o := profileSignOptions{File: c.Args().First(), Out: c.String("out")}
			var err error
			o.Identity, err = parseIdentity(c)
			return o, err
		}, runProfileSign),
	}
}

// profileSignOptions say which profile is signed by whom.
type profileSignOptions struct {
	File, Out string
	Identity  uint32
}

// runProfileSign signs a profile.
func runProfileSign(ctx context.Context, env *Env, o profileSignOptions) error {
	raw, err := readBounded(o.File, env.In)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	p, err := profile.Parse(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	owner, err := env.identity(ctx, o.Identity)
	if err != nil {
		return err
	}
	token, err := owner.Sign(ctx, edit.Signing{New: p})
	if err != nil {
		return err
	}
	file := token.File()
	if o.Out != "" {
		if err := textfile.New(o.Out, file, 0o644); err != nil {
			return fmt.Errorf("token file: %w", err)
		}
	}
	if env.Out.JSON() || o.Out != "" {
		doc := map[string]any{"owner_address": owner.Address, "token": token.String(), "file": o.Out}
		if at, ok := token.IssuedAt(); ok {
			doc["issued_at"] = voice.Time(at)
		}
		if at, ok := token.ExpiresAt(); ok {
			doc["expires_at"] = voice.Time(at)
		}
		return env.Out.Result("profile.sign", doc, func(t *voice.Text) {
			t.Field("file", "%s", o.Out)
			t.Field("signed by", "%s", owner.Address)
		})
	}
	env.Out.Raw(file)
	return nil
}

// profilePublishCommand is `profile publish`.
func profilePublishCommand() *cli.Command {
	return &cli.Command{
		Name:      "publish",
		Usage:     "put a signed profile where others can read it, and verify what is given back",
		ArgsUsage: "FILE",
		Description: "FILE is a token file made by profile sign; it must be valid for the identity. A newer profile that is already\n" +
			"there is not overwritten. A folder can be served with any web server. With --name it is checked that the name leads\n" +
			"there; if it does not, the command that makes it so is named.\n\n" + line.Examples(
			"blockstack profile publish profile.json --to /var/www/alice",
			"blockstack profile publish profile.json --to /var/www/alice --public-url https://alice.example/profile.json --name alice.id",
			"blockstack profile publish profile.json --to https://dav.example/alice/ --to-auth-file dav-login",
			"blockstack profile publish profile.json --hub https://hub.example"),
		Flags: append(placeFlags(), identityFlag(), &cli.StringFlag{Name: "name", Usage: "check that `NAME` leads to where it is published"},
			&cli.BoolFlag{Name: "replace", Usage: "publish over whatever profile of yours is there, which is kept in a file"}),
		Action: verb(func(c *cli.Context) (profilePublishOptions, error) {
			o := profilePublishOptions{File: c.Args().First()}
			var err error
			if o.Place, err = parsePlace(c); err != nil {
				return o, err
			}
			o.Place.Replace = c.Bool("replace")
			switch {
			case !o.Place.given():
				return o, fault.Usage("say where to: --to PLACE or --hub URL")
			case o.Place.Replace && o.Place.Merge:
				return o, fault.Usage("either --merge or --replace")
			}
			if c.IsSet("name") {
				if o.Name, err = names.Parse(c.String("name")); err != nil {
					return o, err
				}
			}
			o.Identity, err = parseIdentity(c)
			return o, err
		}, runProfilePublish),
	}
}

// profilePublishOptions say what is published where.
type profilePublishOptions struct {
	File     string
	Place    placeOptions
	Identity uint32
	Name     names.Name // zero: no name was given
}

// runProfilePublish publishes a token file.
func runProfilePublish(ctx context.Context, env *Env, o profilePublishOptions) error {
	raw, err := readBounded(o.File, env.In)
	if err != nil {
		return fmt.Errorf("token file: %w", err)
	}
	file, err := profile.ParseTokenFile(raw)
	if err != nil {
		return fault.New("malformed", "%s: %v", o.File, err).Because(err).Hint("a profile is signed first, which makes a token file: blockstack profile sign FILE --out TOKEN_FILE")
	}
	id, err := env.identity(ctx, o.Identity)
	if err != nil {
		return err
	}
	o.Place.noteUnguarded(env.Out)
	done, err := publishing(env, o.Place, id).Token(ctx, file.Token)
	tellDone(env, o.Place, done)
	if err != nil {
		return err
	}
	p := &publishedToken{Done: done, Owner: id.Address}
	if !o.Name.IsZero() {
		if p.Pointer, err = pointerTo(ctx, env, o.Name, p.URL, id.Address); err != nil {
			return err
		}
	}
	doc := map[string]any{}
	p.fill(doc)
	return env.Out.Result("profile.publish", doc, p.write)
}
