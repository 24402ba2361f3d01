package commands

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// completeWord is the word that the shells' scripts call the program with. It is no command: it
// answers while one is typed, to a shell, and what was typed comes through standard input, since it
// may be anything, also a password.
//
//	blockstack __complete bash [BREAKS]     standard input: the command line up to the cursor, as it was typed
//	blockstack __complete words             standard input: the words up to the cursor, one a line, the last being typed
//
// Each line of the answer is a candidate for the last word, and what it means behind a tab. A line
// ":files" or ":folders" leaves the rest to the shell. Nothing is asked, no network is touched, and
// no error is shown.
const completeWord = "__complete"

// maxTyped bounds what is read of a command line.
const maxTyped = 64 << 10

// The candidates that leave the rest to the shell.
const (
	completeFiles   = ":files"
	completeFolders = ":folders"
)

// complete answers a shell.
func complete(ctx context.Context, env *session.Session, args []string) error {
	raw, err := io.ReadAll(io.LimitReader(env.In, maxTyped))
	if err != nil || len(args) == 0 {
		return nil
	}
	var words []string
	cut := ""
	switch args[0] {
	case "bash":
		breaks := ":="
		if len(args) > 1 {
			breaks = args[1]
		}
		words = shellWords(string(raw))
		last := words[len(words)-1]
		cut = last[:strings.LastIndexAny(last, strings.Trim(breaks, " \t\n\"'"))+1] // what bash does not count as a part of the word
	case "words":
		words = strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n"), "\n")
	}
	if len(words) < 2 {
		return nil
	}
	var b strings.Builder
	for _, c := range suggest(ctx, env, words[1:]) {
		text, ok := strings.CutPrefix(c.Text, cut)
		if c.Text == completeFiles || c.Text == completeFolders {
			text, ok = c.Text, true
		}
		if !ok {
			continue
		}
		b.WriteString(voice.Clean(text))
		if c.About != "" {
			b.WriteString("\t" + voice.Clean(c.About))
		}
		b.WriteByte('\n')
	}
	env.Out.Raw([]byte(b.String()))
	return nil
}

// shellWords takes a line apart as a POSIX shell does, without expanding anything but a ~ in front.
// The last word is the one that is being typed; it may be empty.
func shellWords(typed string) []string {
	words, quote := []string{""}, rune(0)
	add := func(r rune) { words[len(words)-1] += string(r) }
	escaped := false
	for _, r := range strings.TrimLeft(typed, " \t\n") {
		switch {
		case escaped:
			add(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			add(r)
		case r == '\'' || r == '"':
			quote = r
		case r == ' ' || r == '\t' || r == '\n':
			if words[len(words)-1] != "" {
				words = append(words, "")
			}
		default:
			add(r)
		}
	}
	for i, w := range words[:len(words)-1] {
		words[i] = expandTilde(w)
	}
	return words
}

// expandTilde puts the user's folder where a shell would.
func expandTilde(w string) string {
	at := strings.Index(w, "=") + 1
	if rest, ok := strings.CutPrefix(w[at:], "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return w[:at] + filepath.Join(home, rest)
		}
	}
	return w
}

// typed is a command line that is not finished.
type typed struct {
	path    []*cli.Command
	globals []string // complete ones, as --name=value
	args    []string
	used    []string // names of flags
	waiting cli.Flag // the flag whose value comes next
	closed  bool     // after --
}

// suggest are what the last word may become.
func suggest(ctx context.Context, env *session.Session, words []string) []owned.Candidate {
	app := newApp(env)
	t, ok := readTyped(app, words[:len(words)-1])
	if !ok {
		return nil
	}
	last := words[len(words)-1]
	var list []owned.Candidate
	prefix := ""
	own, children := []cli.Flag(nil), app.Commands
	if len(t.path) > 0 {
		c := t.path[len(t.path)-1]
		own, children = c.Flags, c.Subcommands
	}
	switch name, _, inline := strings.Cut(strings.TrimLeft(last, "-"), "="); {
	case t.waiting != nil:
		list = suggestValues(ctx, app, t, t.waiting)
	case !t.closed && strings.HasPrefix(last, "-") && inline:
		prefix = last[:strings.Index(last, "=")+1]
		f := line.FindFlag(append(slices.Clone(own), app.Flags...), name)
		if f == nil || !line.TakesValue(f) {
			return nil
		}
		list = suggestValues(ctx, app, t, f)
	case !t.closed && strings.HasPrefix(last, "-"):
		list = flagNames(t, own, app.Flags)
	case len(children) > 0:
		for _, c := range children {
			list = append(list, owned.Candidate{Text: c.Name, About: c.Usage})
		}
	case len(t.path) > 0:
		list = suggestArgument(ctx, app, t)
	}
	out := list[:0]
	for _, c := range list {
		if strings.HasPrefix(c.Text, ":") {
			out = append(out, c)
		} else if c.Text = prefix + c.Text; strings.HasPrefix(c.Text, last) {
			out = append(out, c)
		}
	}
	return out
}

// readTyped reads the words before the one that is being typed. false: they are no beginning of a
// command.
func readTyped(app *cli.App, words []string) (*typed, bool) {
	t := &typed{}
	for _, w := range words {
		own, children := []cli.Flag(nil), app.Commands
		if len(t.path) > 0 {
			c := t.path[len(t.path)-1]
			own, children = c.Flags, c.Subcommands
		}
		switch {
		case t.waiting != nil:
			if name := t.waiting.Names()[0]; line.FindFlag(app.Flags, name) != nil && line.FindFlag(own, name) == nil {
				t.globals = append(t.globals, "--"+name+"="+w)
			}
			t.waiting = nil
		case w == "--" && !t.closed:
			t.closed = true
		case !t.closed && len(w) > 1 && w[0] == '-':
			name, value, inline := strings.Cut(strings.TrimLeft(w, "-"), "=")
			f, global := line.FindFlag(own, name), false
			if f == nil {
				f, global = line.FindFlag(app.Flags, name), true
			}
			if f == nil {
				continue
			}
			t.used = append(t.used, f.Names()...)
			switch {
			case line.TakesValue(f) && !inline:
				t.waiting = f
			case global && inline:
				t.globals = append(t.globals, "--"+f.Names()[0]+"="+value)
			}
		case len(children) > 0 && !t.closed:
			i := slices.IndexFunc(children, func(c *cli.Command) bool { return c.HasName(w) })
			if i < 0 {
				return nil, false
			}
			t.path = append(t.path, children[i])
		default:
			t.args = append(t.args, w)
		}
	}
	return t, true
}

// flagNames are the flags that were not given, those of the verb first.
func flagNames(t *typed, own, global []cli.Flag) []owned.Candidate {
	list := []owned.Candidate{}
	for _, f := range append(slices.Clone(own), global...) {
		if !line.Repeats(f) && slices.Contains(t.used, f.Names()[0]) {
			continue
		}
		list = append(list, owned.Candidate{Text: line.Dashed(f.Names()[0]), About: strings.ReplaceAll(line.Doc(f).GetUsage(), "`", "")})
	}
	return append(list, owned.Candidate{Text: "--help", About: "explain this command"})
}
