package profiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/profile"
)

// profileSetCommand is `profile set`.
func profileSetCommand() *cli.Command {
	return &cli.Command{
		Name:      "set",
		Usage:     "set fields of a profile",
		ArgsUsage: "FILE|NAME FIELD=VALUE...",
		Description: "FIELD is name, description, website, image.avatar, account.SERVICE, payment.bitcoin, key.ssh, address.addressLocality\n" +
			"and so on; a VALUE @PATH is the content of a file. An unsigned file is written over. A signed file of yours, or the\n" +
			"published profile of a name of yours, is verified first; the change is shown, signed, and written back, to --out or to --to.\n\n" + line.Examples(
			"blockstack profile set alice.json name=Alice key.ssh=@~/.ssh/id_ed25519.pub",
			"blockstack profile set alice.id payment.bitcoin=ADDRESS --to /var/www/alice",
			"blockstack profile set alice.id image.avatar=@me.jpg --to /var/www/alice"),
		Flags: changeFlags(),
		Action: verb(func(c *cli.Context) (profileSetOptions, error) {
			o, err := parseChange(c)
			return profileSetOptions{changeOptions: o, Words: c.Args().Tail()}, err
		}, runProfileSet),
	}
}

// profileSetOptions say what is set, or removed.
type profileSetOptions struct {
	changeOptions
	Words []string
}

// runProfileSet sets fields.
func runProfileSet(ctx context.Context, env *Env, o profileSetOptions) error {
	d, err := openChange(ctx, env, o.changeOptions)
	if err != nil {
		return err
	}
	for _, word := range o.Words {
		field, value, ok := strings.Cut(word, "=")
		if !ok {
			return fault.Usage("%.60q is not FIELD=VALUE", word).Hint("for instance name=Alice")
		}
		if kind, isImage := strings.CutPrefix(field, "image."); isImage && strings.HasPrefix(value, "@") {
			p, err := d.openPicture(env.In, o.Place, kind, value[1:])
			if err != nil {
				return err
			}
			d.Pictures = append(d.Pictures, p)
			value = p.URL
		} else if value, err = valueOf(value); err != nil {
			return err
		}
		if err := d.New.Set(field, value); err != nil {
			return err
		}
	}
	return finish(ctx, env, "profile.set", d, o.changeOptions)
}

// profileUnsetCommand is `profile unset`.
func profileUnsetCommand() *cli.Command {
	return &cli.Command{
		Name:        "unset",
		Usage:       "remove fields of a profile",
		ArgsUsage:   "FILE|NAME FIELD...",
		Description: "FIELD and the result are those of profile set.\n\n" + line.Examples("blockstack profile unset alice.json account.twitter website"),
		Flags:       changeFlags(),
		Action: verb(func(c *cli.Context) (profileSetOptions, error) {
			o, err := parseChange(c)
			return profileSetOptions{changeOptions: o, Words: c.Args().Tail()}, err
		}, runProfileUnset),
	}
}

// runProfileUnset removes fields.
func runProfileUnset(ctx context.Context, env *Env, o profileSetOptions) error {
	d, err := openChange(ctx, env, o.changeOptions)
	if err != nil {
		return err
	}
	for _, field := range o.Words {
		found, err := d.New.Unset(field)
		if err != nil {
			return err
		}
		if !found {
			env.Out.Warn("there is no %s", field)
		}
	}
	return finish(ctx, env, "profile.unset", d, o.changeOptions)
}

// profileEditCommand is `profile edit`.
func profileEditCommand() *cli.Command {
	return &cli.Command{
		Name:      "edit",
		Usage:     "edit a profile with your editor",
		ArgsUsage: "FILE|NAME",
		Description: "VISUAL or EDITOR opens the profile as indented JSON. What is read and where the result goes is as with profile set.\n" +
			"If the result cannot be read the text is kept, and the message says where.\n\n" + line.Examples(
			"EDITOR=nano blockstack profile edit alice.id --to /var/www/alice"),
		Flags:  changeFlags(),
		Action: verb(parseChange, runProfileEdit),
	}
}

// runProfileEdit lets the user edit.
func runProfileEdit(ctx context.Context, env *Env, o changeOptions) error {
	d, err := openChange(ctx, env, o)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "blockstack-profile-*")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "profile.json")
	if err := os.WriteFile(path, d.Old.Indented(), 0o600); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := runEditor(ctx, env, path); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	raw, err := readBounded(path, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("edited profile: %w", err), os.RemoveAll(dir))
	}
	d.New, err = profile.Parse(raw)
	if err == nil {
		err = finish(ctx, env, "profile.edit", d, o)
	} else {
		err = fault.New("malformed", "edited profile: %v", err).Because(err)
	}
	if err != nil {
		env.Out.Warn("what you wrote is kept in %s", path)
		return err
	}
	return os.RemoveAll(dir)
}

// runEditor runs the user's editor on the terminal, or, where there is none, without one: an editor
// may be a program.
func runEditor(ctx context.Context, e *Env, path string) error {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		return fault.New("missing_program", "neither VISUAL nor EDITOR names an editor").Hint("for instance EDITOR=nano").Hint("or: blockstack profile set FILE FIELD=VALUE")
	}
	// The shell reads the variable as it does for other programs, so it may hold arguments.
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, "sh", path)
	e.Out.ClearProgress()
	if t, err := prompt.OpenConsole(prompt.Question{Text: "Edit the profile"}); err == nil {
		defer t.Close()
		cmd.Stdin, cmd.Stdout, cmd.Stderr = t.In, t.Out, t.Out
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault.New("missing_program", "the editor ended with: %v; nothing was changed", err).Because(err)
	}
	return nil
}

// profileDiffCommand is `profile diff`.
func profileDiffCommand() *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "show what differs between two profiles",
		ArgsUsage: "OLD NEW",
		Description: "Each is an unsigned file, a signed file, a URL or a name. Of a name only a profile that is its owner's is compared; of\n" +
			"files and URLs nobody is asked for.\n\n" + line.Examples("blockstack profile diff alice.id alice.json"),
		Action: verb(func(c *cli.Context) ([2]string, error) { return [2]string{c.Args().Get(0), c.Args().Get(1)}, nil }, runProfileDiff),
	}
}

// runProfileDiff compares.
func runProfileDiff(ctx context.Context, env *Env, sides [2]string) error {
	var both [2]*profile.Profile
	for i, what := range sides {
		s, err := readShown(ctx, env, what)
		if err != nil {
			return err
		}
		if s.Verdict != nil && s.Profile == nil {
			return verdict(s.Verdict)
		}
		both[i] = s.Profile
	}
	changes := viewChanges(profile.Diff(both[0], both[1]))
	return env.Out.Result("profile.diff", map[string]any{"changes": changes}, func(t *voice.Text) {
		for _, c := range changes {
			for _, l := range c.lines() {
				t.Line("%s", l)
			}
		}
	})
}
