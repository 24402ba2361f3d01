package commands

import (
	"slices"
	"strings"

	"blockstack/commands/cli"
	"github.com/xrash/smetrics"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// cmdLine is a command line taken apart. Package cli stops at the first argument, so that
// `name register alice.id --dry-run` would be taken without the flag and broadcast. Here flags are accepted anywhere
// and put where that parser looks for them:
//
//	program *global-flag *( noun ) verb *flag "--" *argument
//
// Global flags may stand anywhere; a verb's own flags anywhere behind the verb. After `--` everything is an argument.
type cmdLine struct {
	path    []*cli.Command // the nouns and the verb
	globals []string       // each --name=value, or --name for a bool
	flags   []string
	args    []string
	help    bool // --help was given, or help behind a noun
	version bool // --version was given
}

// splitter is the state of taking a command line apart.
type splitter struct {
	cmdLine
	root    []*cli.Command
	global  []cli.Flag
	visited map[string]bool // flags seen, which may not be given twice
}

// splitLine takes the words after the program's name apart. Its errors never quote the value of a flag.
func splitLine(app *cli.App, words []string) (*cmdLine, error) {
	s := &splitter{root: app.Commands, global: app.Flags, visited: map[string]bool{}}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "--":
			s.args = append(s.args, words[i+1:]...)
			if len(s.children()) > 0 && len(words) > i+1 {
				return &s.cmdLine, fault.Usage("the command stands before --").Hint("run: %s", s.helpFor())
			}
			return &s.cmdLine, nil
		case len(w) > 1 && w[0] == '-':
			used, err := s.flag(w, words[i+1:])
			if err != nil {
				return &s.cmdLine, err
			}
			i += used
		case len(s.children()) > 0:
			if err := s.command(w); err != nil {
				return &s.cmdLine, err
			}
		default:
			s.args = append(s.args, w)
		}
	}
	return &s.cmdLine, nil
}

// argv is the line in the order that the cli package understands.
func (l *cmdLine) argv(program string) []string {
	argv := append([]string{program}, l.globals...)
	for _, c := range l.path {
		argv = append(argv, c.Name)
	}
	argv = append(argv, l.flags...)
	if len(l.args) > 0 {
		argv = append(append(argv, "--"), l.args...)
	}
	return argv
}

// children are the commands that the next word may name.
func (s *splitter) children() []*cli.Command {
	if len(s.path) == 0 {
		return s.root
	}
	return s.path[len(s.path)-1].Subcommands
}

// command takes a word that must name a command.
func (s *splitter) command(w string) error {
	var names []string
	for _, c := range s.children() {
		if c.HasName(w) {
			s.path = append(s.path, c)
			return nil
		}
		names = append(names, c.Name)
	}
	if w == "help" {
		s.help = true
		return nil
	}
	where := "command"
	if len(s.path) > 0 {
		where = "verb of " + s.path[len(s.path)-1].Name
	}
	f := fault.Usage("no such %s: %s", where, quoteShort(w))
	if n := nearest(w, names); n != "" {
		f.Hint("did you mean %s?", n)
	}
	return f.Hint("run: %s", s.helpFor())
}

// flag takes a word that begins with a dash, and its value from the words that follow it; it returns how many of
// those it used.
func (s *splitter) flag(word string, rest []string) (int, error) {
	name, value, inline := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
	switch {
	case name == "help" || name == "h":
		s.help = true
		return 0, nil
	case name == "version" && len(s.path) == 0:
		s.version = true
		return 0, nil
	}
	own := s.own()
	f, to := findFlag(own, name), &s.flags
	if f == nil {
		f, to = findFlag(s.global, name), &s.globals
	}
	if f == nil {
		return 0, s.unknown(name, own)
	}
	primary := f.Names()[0]
	if !f.Repeats() && s.visited[primary] {
		return 0, fault.Usage("%s is given twice", dashed(primary))
	}
	s.visited[primary] = true
	if !takesValue(f) {
		if inline && value != "true" && value != "false" {
			return 0, fault.Usage("%s takes no value", dashed(primary))
		}
		out := "--" + primary
		if inline {
			out += "=" + value
		}
		*to = append(*to, out)
		return 0, nil
	}
	used := 0
	if !inline {
		if len(rest) == 0 || rest[0] == "--" {
			return 0, fault.Usage("%s needs a value", dashed(primary))
		}
		value, used = rest[0], 1
		if s.isFlag(value, own) {
			return 0, fault.Usage("%s needs a value, but a flag follows it", dashed(primary)).
				Hint("if the value begins with a dash, join them: %s=VALUE", dashed(primary))
		}
	}
	if value == "" && to == &s.globals { // an unset shell variable must not lead to another home
		return 0, fault.Usage("%s needs a value, but it is empty", dashed(primary))
	}
	*to = append(*to, "--"+primary+"="+value)
	return used, nil
}

// own are the flags of the verb, once it is known.
func (s *splitter) own() []cli.Flag {
	if len(s.path) == 0 {
		return nil
	}
	return s.path[len(s.path)-1].Flags
}

// isFlag reports whether a word is a flag that the command knows.
func (s *splitter) isFlag(word string, own []cli.Flag) bool {
	if len(word) < 2 || word[0] != '-' {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
	return name == "help" || name == "h" || findFlag(own, name) != nil || findFlag(s.global, name) != nil
}

// unknown is the error about a flag that the command does not have.
func (s *splitter) unknown(name string, own []cli.Flag) error {
	f := fault.Usage("unknown flag %s", quoteShort(dashed(name)))
	lower := strings.ToLower(name)
	for _, secret := range []string{"password", "passphrase", "passwd", "mnemonic", "seed", "phrase", "private-key", "privkey"} {
		if lower == secret {
			return f.Hint("secrets are never taken from the command line, where other programs can read them").
				Hint("use --password-file FILE, --password-fd N or --password-command COMMAND, or let the command ask")
		}
	}
	if len(s.children()) > 0 {
		return f.Hint("flags of a command stand behind it; global flags: blockstack --help")
	}
	var names []string
	for _, fl := range append(slices.Clone(own), s.global...) {
		names = append(names, fl.Names()...)
	}
	if n := nearest(name, names); n != "" {
		f.Hint("did you mean %s?", dashed(n))
	}
	f.Hint("run: %s", s.helpFor())
	return f.Hint("put -- before an argument that begins with a dash")
}

// helpFor is the command that shows the help of what has been typed so far.
func (s *splitter) helpFor() string {
	words := []string{"blockstack"}
	for _, c := range s.path {
		words = append(words, c.Name)
	}
	return strings.Join(append(words, "--help"), " ")
}

// findFlag returns the flag with a name, or nil.
func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// takesValue reports whether a flag is followed by a value.
func takesValue(f cli.Flag) bool {
	return f != nil && f.TakesValue()
}

// dashed writes a flag's name as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// quoteShort shows a word that was not understood, unless it is so long that it may be something secret.
func quoteShort(w string) string {
	if len(w) > 32 {
		return "(a word of " + voice.Count(len(w), "byte") + ")"
	}
	return voice.Clean(w)
}

// nearest returns the candidate that a mistyped word most resembles, or nothing if none is close.
func nearest(word string, candidates []string) string {
	best, score := "", 0.84 // below that, suggestions are noise
	for _, c := range candidates {
		if s := smetrics.JaroWinkler(strings.ToLower(word), c, 0.7, 4); s > score {
			best, score = c, s
		}
	}
	return best
}
