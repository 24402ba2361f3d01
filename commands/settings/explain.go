package settings

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
)

// ExplainCommand is `config explain`.
func ExplainCommand() *cli.Command {
	return &cli.Command{
		Name:        "explain",
		Usage:       "what a choice means, what it may be, what it is and why",
		ArgsUsage:   "KEY",
		Description: "KEY is one of the keys that config show lists, or the name of the flag.\n\n" + line.Examples("blockstack config explain network", "blockstack config explain node-auth-file --json"),
		Action: line.Verb(func(c *cli.Context) (config.Key, error) {
			return config.FindKey(strings.ReplaceAll(strings.TrimLeft(c.Args().First(), "-"), "-", "_"))
		}, runConfigExplain),
	}
}

// configExplainDoc is what `config explain` prints.
type configExplainDoc struct {
	Key      string   `json:"key"`
	About    string   `json:"about"`
	Values   []string `json:"values"` // in force; empty: none
	Origin   string   `json:"origin"` // of the values: default, file, flag or environment
	Allowed  []string `json:"allowed,omitempty"`
	Many     bool     `json:"many"` // takes several values
	Flag     string   `json:"flag"`
	Variable string   `json:"variable,omitempty"`
	File     string   `json:"file"`
}

// runConfigExplain explains a key.
func runConfigExplain(_ context.Context, env *session.Session, k config.Key) error {
	values := env.Config.Choices()
	d := configExplainDoc{
		Key: k.Name, About: AboutKey(k), Values: append([]string{}, k.Get(&values)...), Origin: env.Config.Origin(k.Name),
		Many: k.List, Flag: "--" + k.Flag(), File: env.Config.File,
	}
	if d.Origin == "" {
		d.Origin = config.OriginDefault
	}
	f := line.FindFlag(line.Flags(), k.Flag())
	d.Allowed = ListedValues(f)
	if f != nil && len(line.Doc(f).GetEnvVars()) > 0 {
		d.Variable = line.Doc(f).GetEnvVars()[0]
	}
	return env.Out.Result("config.explain", d, func(t *voice.Text) {
		t.Field("key", "%s", d.Key)
		t.Field("meaning", "%s", d.About)
		if len(d.Allowed) > 0 {
			t.Field("one of", "%s", strings.Join(d.Allowed, ", "))
		}
		if len(d.Values) > 0 {
			t.Field("is", "%s", strings.Join(d.Values, " "))
		} else {
			t.Field("is", "not set")
		}
		t.Field("from", "%s", d.Origin)
		t.Field("flag", "%s", d.Flag)
		if d.Variable != "" {
			t.Field("variable", "%s", d.Variable)
		}
		t.Field("to change it", "%s", env.Out.Here("blockstack config set "+d.Key+" VALUE"))
	})
}

// AboutKey says what a key is for: what the help says about the flag of its name.
func AboutKey(k config.Key) string {
	if f := line.FindFlag(line.Flags(), k.Flag()); f != nil {
		return strings.ReplaceAll(line.Doc(f).GetUsage(), "`", "")
	}
	return ""
}

// ListedValues are the values that a flag's usage lists behind its placeholder: "`KIND`: a, b, c".
// nil: it lists none.
func ListedValues(f cli.Flag) []string {
	if f == nil {
		return nil
	}
	_, text, found := strings.Cut(line.Doc(f).GetUsage(), "`: ")
	if !found || strings.ContainsAny(strings.ReplaceAll(text, ", ", ","), " ;") {
		return nil
	}
	return strings.Split(text, ", ")
}
