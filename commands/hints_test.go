package commands

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// TestHints holds every command that a hint names to the commands there are: the verb exists, takes
// these flags, and so many arguments. Every flag that a hint names by itself exists somewhere, but
// for those of btcd.
func TestHints(t *testing.T) {
	tree := hintTree()
	texts := hintTexts(t)
	commands := 0
	for where, list := range texts {
		for _, text := range list {
			found := commandsIn(text)
			commands += len(found)
			for _, typedLine := range found {
				if problem := tree.check(typedLine); problem != "" {
					t.Errorf("%s: %q: %s: %s", where, text, typedLine, problem)
				}
			}
			for _, name := range flagWords.FindAllString(text, -1) {
				if name != "--help" && name != "--txindex" && !tree.flags[strings.TrimPrefix(name, "--")] {
					t.Errorf("%s: %q: there is no flag %s", where, text, name)
				}
			}
		}
	}
	if commands < 150 {
		t.Errorf("only %d commands in the hints: the test reads too little", commands)
	}
	for _, bad := range []string{"blockstack job rescuee NAME", "blockstack job rescue --nmae x", "blockstack job resume A B C", "blockstack wallet", "blockstack name show"} {
		if tree.check(bad) == "" {
			t.Errorf("%q passes", bad)
		}
	}
}

// TestHintsOfHome: a command in a hint acts on the home, network and sandbox that the user named,
// and is still one that works.
func TestHintsOfHome(t *testing.T) {
	tree, texts := hintTree(), hintTexts(t)
	here := line.NewHere([]string{"--home=my home", "--yes", "--network=sandbox", "--sandbox=node"}, wordsOfCommands(tree.app), line.NewTyped(tree.app, nil))
	t.Chdir(t.TempDir())
	if err := os.Mkdir("my home", 0o700); err != nil {
		t.Fatal(err)
	}
	const flags = " --home 'my home' --network sandbox --sandbox node"
	for text, want := range map[string]string{
		"make one: blockstack wallet create":                      "make one: blockstack" + flags + " wallet create",
		"blockstack job resume, or blockstack job cancel NAME":    "blockstack" + flags + " job resume, or blockstack" + flags + " job cancel NAME",
		"another blockstack command is using this home":           "another blockstack command is using this home",
		"run: blockstack --help":                                  "run: blockstack --help",
		"the codes: blockstack help exit-codes":                   "the codes: blockstack help exit-codes",
		"try: blockstack balance --network mainnet --home DIR, x": "try: blockstack balance --network mainnet --home DIR, x",
		"start it: blockstack sandbox start":                      "start it: blockstack --home 'my home' --sandbox node sandbox start",
		"look: blockstack history":                                "look: blockstack" + flags + " history",
	} {
		if got := here.Put(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for where, list := range texts {
		for _, text := range list {
			for _, typedLine := range commandsIn(here.Put(text)) {
				if problem := tree.check(typedLine); problem != "" {
					t.Errorf("%s: %q: %s: %s", where, text, typedLine, problem)
				}
			}
		}
	}
	home := t.TempDir()
	for _, words := range []string{"balance --home " + home + " --network regtest", "--network=regtest balance --home=" + home + " --json"} {
		var out, errOut bytes.Buffer
		t.Setenv("BLOCKSTACK_NO_INPUT", "1")
		Main(t.Context(), append([]string{"blockstack"}, strings.Fields(words)...), strings.NewReader(""), &out, &errOut)
		if s := errOut.String(); !strings.Contains(s, "blockstack --home "+home+" --network regtest wallet create") && !strings.Contains(s, "blockstack --network regtest --home "+home+" wallet create") {
			t.Errorf("%s: %s", words, s)
		}
	}
}

// commandTreeForHints is what hints are held to.
type commandTreeForHints struct {
	app   *cli.App
	flags map[string]bool // of all commands
}

func hintTree() *commandTreeForHints {
	tree := &commandTreeForHints{app: newApp(&session.Session{Out: voice.New(io.Discard, io.Discard)}), flags: map[string]bool{}}
	add := func(list []cli.Flag) {
		for _, f := range list {
			for _, name := range f.Names() {
				tree.flags[name] = true
			}
		}
	}
	add(tree.app.Flags)
	line.Each(tree.app.Commands, "", func(c *cli.Command, _ string) { add(c.Flags) })
	return tree
}

// check says what is wrong with a command line; empty: nothing.
func (tree *commandTreeForHints) check(typedLine string) string {
	words := strings.Fields(typedLine)[1:]
	for len(words) > 1 && strings.HasPrefix(words[0], "--") && slices.Contains(line.HereFlags, words[0][2:]) {
		words = words[2:]
	}
	var cmd *cli.Command
	list := tree.app.Commands
	for len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		i := slices.IndexFunc(list, func(c *cli.Command) bool { return c.HasName(words[0]) })
		if i < 0 {
			break
		}
		cmd, list, words = list[i], list[i].Subcommands, words[1:]
	}
	switch {
	case cmd == nil && slices.Equal(words, []string{"--help"}):
		return ""
	case cmd == nil:
		return "there is no such command"
	case len(cmd.Subcommands) > 0:
		return "it is a noun, which needs a verb"
	}
	args := 0
	for i := 0; i < len(words); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		if !strings.HasPrefix(words[i], "-") {
			args++
			continue
		}
		f := flagNamed(append(slices.Clone(cmd.Flags), tree.app.Flags...), name)
		if f == nil {
			return "it has no flag " + name
		}
		if line.Doc(f).TakesValue() && !joined {
			if i++; i >= len(words) {
				return "--" + name + " wants a value"
			}
		}
	}
	if a := line.ParseArity(cmd.ArgsUsage); args < a.Min || a.Max >= 0 && args > a.Max {
		return "wrong number of arguments: " + strconv.Itoa(args)
	}
	return ""
}

// flagNamed finds a flag by a name.
func flagNamed(list []cli.Flag, name string) cli.Flag {
	for _, f := range list {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

var (
	flagWords = regexp.MustCompile(`--[a-z][a-z-]*[a-z]`)
	// verbs of fmt stand for one word
	formatVerbs = regexp.MustCompile(`%[-.0-9]*[a-z]`)
	quoted      = regexp.MustCompile(`'[^']*'`)
)

// commandsIn cuts the commands out of a hint. A command ends at a comma, a semicolon, a parenthesis
// or a colon followed by a space, or before a word that belongs to the sentence.
func commandsIn(text string) (list []string) {
	text = quoted.ReplaceAllString(formatVerbs.ReplaceAllString(text, "X"), "X")
	for _, part := range strings.Split(text, "blockstack ")[1:] {
		if i := strings.IndexAny(part, ",;()"); i >= 0 {
			part = part[:i]
		}
		var words []string
		for _, w := range strings.Fields(part) {
			last := strings.HasSuffix(w, ":")
			w = strings.TrimSuffix(w, ":")
			if prose[w] {
				break
			}
			if words = append(words, w); last {
				break
			}
		}
		if len(words) > 0 {
			list = append(list, "blockstack "+strings.Join(words, " "))
		}
	}
	return list
}

// prose are the words of sentences that follow a command in some hints.
var prose = map[string]bool{"and": true, "or": true, "again": true, "where": true, "says": true, "shows": true, "with": true, "on": true, "in": true, "is": true,
	"for": true, "to": true, "without": true, "as": true, "when": true, "from": true, "writes": true, "prints": true, "once": true, "lists": true, "if": true, "names": true, "command": true}

// hintTexts gathers the hints of the program from its source: what is handed to a method Hint or
// hint, and the hints of the table of errors.
func hintTexts(t *testing.T) map[string][]string {
	t.Helper()
	set := token.NewFileSet()
	texts := map[string][]string{}
	for _, path := range sourceFiles(t) {
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			var from int
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				if f.Sel.Name != "Hint" && f.Sel.Name != "hint" {
					return true
				}
			case *ast.Ident:
				if f.Name != "on" && f.Name != "onBusy" {
					return true
				}
				from = 2
			default:
				return true
			}
			for _, arg := range call.Args[min(from, len(call.Args)):] {
				if text := literal(arg); text != "" {
					where := set.Position(arg.Pos()).String()
					texts[where] = append(texts[where], text)
				}
			}
			return true
		})
	}
	return texts
}

// literal is a string that stands in the source, with X for what is put into it.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.BinaryExpr:
		if l, r := literal(e.X), literal(e.Y); l != "" || r != "" {
			if l == "" {
				l = "X"
			}
			if r == "" {
				r = "X"
			}
			return l + r
		}
	}
	return ""
}
