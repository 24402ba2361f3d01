package line

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// Line is a command line taken apart. Package cli stops at the first argument, so that `name
// register alice.id --dry-run` would be taken without the flag and broadcast. Here flags are
// accepted anywhere and put where that parser looks for them:
//
//	program *global-flag *( noun ) verb *flag "--" *argument
//
// Global flags may stand anywhere; a verb's own flags anywhere behind the verb. After `--`
// everything is an argument.
type Line struct {
	Path    []*cli.Command // the nouns and the verb
	Globals []string       // each --name=value, or --name for a bool
	Flags   []string
	Args    []string
	Help    bool // --help was given, or help behind a noun
	Version bool // --version was given
}

// splitter is the state of taking a command line apart.
type splitter struct {
	Line
	root    []*cli.Command
	global  []cli.Flag
	visited map[string]bool // flags seen, which may not be given twice
}

// Split takes the words after the program's name apart. Its errors never quote the value of a flag.
func Split(app *cli.App, words []string) (*Line, error) {
	s := &splitter{root: app.Commands, global: app.Flags, visited: map[string]bool{}}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "--":
			s.Args = append(s.Args, words[i+1:]...)
			if len(s.children()) > 0 && len(words) > i+1 {
				return &s.Line, fault.Usage("the command stands before --").Hint("run: %s", s.helpFor())
			}
			return &s.Line, nil
		case len(w) > 1 && w[0] == '-':
			used, err := s.flag(w, words[i+1:])
			if err != nil {
				return &s.Line, err
			}
			i += used
		case len(s.children()) > 0:
			if err := s.command(w); err != nil {
				return &s.Line, err
			}
		default:
			s.Args = append(s.Args, w)
		}
	}
	return &s.Line, nil
}

// Argv is the line in the order that the cli package understands.
func (l *Line) Argv(program string) []string {
	argv := append([]string{program}, l.Globals...)
	for _, c := range l.Path {
		argv = append(argv, c.Name)
	}
	argv = append(argv, l.Flags...)
	if len(l.Args) > 0 {
		argv = append(append(argv, "--"), l.Args...)
	}
	return argv
}

// children are the commands that the next word may name.
func (s *splitter) children() []*cli.Command {
	if len(s.Path) == 0 {
		return s.root
	}
	return s.Path[len(s.Path)-1].Subcommands
}

// command takes a word that must name a command.
func (s *splitter) command(w string) error {
	var names []string
	for _, c := range s.children() {
		if c.HasName(w) {
			s.Path = append(s.Path, c)
			return nil
		}
		names = append(names, c.Name)
	}
	if w == "help" {
		s.Help = true
		return nil
	}
	where := "command"
	if len(s.Path) > 0 {
		where = "verb of " + s.Path[len(s.Path)-1].Name
	}
	f := fault.Usage("no such %s: %s", where, Quote(w))
	if n := Nearest(w, names); n != "" {
		f.Hint("did you mean %s?", n)
	}
	return f.Hint("run: %s", s.helpFor())
}

// flag takes a word that begins with a dash, and its value from the words that follow it; it
// returns how many of those it used.
func (s *splitter) flag(word string, rest []string) (int, error) {
	name, value, inline := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
	switch {
	case name == "help" || name == "h":
		s.Help = true
		return 0, nil
	case name == "version" && len(s.Path) == 0:
		s.Version = true
		return 0, nil
	}
	own := s.own()
	f, to := FindFlag(own, name), &s.Flags
	if f == nil {
		f, to = FindFlag(s.global, name), &s.Globals
	}
	if f == nil {
		return 0, s.unknown(name, own)
	}
	primary := f.Names()[0]
	if !Repeats(f) && s.visited[primary] {
		return 0, fault.Usage("%s is given twice", Dashed(primary))
	}
	s.visited[primary] = true
	if !TakesValue(f) {
		if inline && value != "true" && value != "false" {
			return 0, fault.Usage("%s takes no value", Dashed(primary))
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
			return 0, fault.Usage("%s needs a value", Dashed(primary))
		}
		value, used = rest[0], 1
		if s.isFlag(value, own) {
			return 0, fault.Usage("%s needs a value, but a flag follows it", Dashed(primary)).
				Hint("if the value begins with a dash, join them: %s=VALUE", Dashed(primary))
		}
	}
	if value == "" && to == &s.Globals { // an unset shell variable must not lead to another home
		return 0, fault.Usage("%s needs a value, but it is empty", Dashed(primary))
	}
	*to = append(*to, "--"+primary+"="+value)
	return used, nil
}

// own are the flags of the verb, once it is known.
func (s *splitter) own() []cli.Flag {
	if len(s.Path) == 0 {
		return nil
	}
	return s.Path[len(s.Path)-1].Flags
}

// isFlag reports whether a word is a flag that the command knows.
func (s *splitter) isFlag(word string, own []cli.Flag) bool {
	if len(word) < 2 || word[0] != '-' {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
	return name == "help" || name == "h" || FindFlag(own, name) != nil || FindFlag(s.global, name) != nil
}

// unknown is the error about a flag that the command does not have.
func (s *splitter) unknown(name string, own []cli.Flag) error {
	f := fault.Usage("unknown flag %s", Quote(Dashed(name)))
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
	if n := Nearest(name, names); n != "" {
		f.Hint("did you mean %s?", Dashed(n))
	}
	f.Hint("run: %s", s.helpFor())
	return f.Hint("put -- before an argument that begins with a dash")
}

// helpFor is the command that shows the help of what has been typed so far.
func (s *splitter) helpFor() string {
	words := []string{"blockstack"}
	for _, c := range s.Path {
		words = append(words, c.Name)
	}
	return strings.Join(append(words, "--help"), " ")
}

// FindFlag returns the flag with a name, or nil.
func FindFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// TakesValue reports whether a flag is followed by a value.
func TakesValue(f cli.Flag) bool {
	return f != nil && Doc(f).TakesValue()
}

// Dashed writes a flag's name as it is typed.
func Dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// Quote shows a word that was not understood, unless it is so long that it may be something secret.
func Quote(w string) string {
	if len(w) > 32 {
		return "(a word of " + voice.Count(len(w), "byte") + ")"
	}
	return voice.Clean(w)
}

// Nearest returns the candidate that a mistyped word most resembles, or nothing if none is close.
func Nearest(word string, candidates []string) string {
	best, score := "", 0.84 // below that, suggestions are noise
	for _, c := range candidates {
		if s := smetrics.JaroWinkler(strings.ToLower(word), c, 0.7, 4); s > score {
			best, score = c, s
		}
	}
	return best
}
