package line

import (
	"os"
	"slices"
	"strings"

	"blockstack/commands/voice"
)

// Here puts the flags that say where things are into the commands that hints, notes and warnings
// name, so that a command that is copied acts on the same home.
type Here struct {
	flags    [][2]string // names and values, in the order in which they were given
	commands []string    // the words that a command begins with
	typed    *Typed
}

// HereFlags are the flags that decide which wallet, journal and index a command is about.
var HereFlags = []string{"home", "network", "sandbox"}

// NewHere looks at the global flags of a command line.
func NewHere(globals []string, commands []string, t *Typed) Here {
	here := Here{commands: commands, typed: t}
	for _, w := range globals {
		if name, value, _ := strings.Cut(strings.TrimPrefix(w, "--"), "="); slices.Contains(HereFlags, name) {
			here.flags = append(here.flags, [2]string{name, value})
		}
	}
	return here
}

// write is the flags for a command that begins with a word, as they are typed in a shell. A value
// that is not harmless is not repeated, unless it is a folder by now.
func (h Here) write(first string) (flags string) {
	for _, f := range h.flags {
		name, value := f[0], f[1]
		if name == "network" && first == "sandbox" { // there is one network for it
			continue
		}
		if _, err := os.Lstat(value); err != nil && !h.typed.harmless(value) {
			value = strings.ToUpper(name)
		}
		flags += "--" + name + " " + voice.ShellWord(value) + " "
	}
	return flags
}

// Put writes the flags behind the name of the program in every command of a text that does not have
// them.
func (h Here) Put(text string) string {
	const program = "blockstack "
	if len(h.flags) == 0 || !strings.Contains(text, program) {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, program)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		text = text[i+len(program):]
		b.WriteString(program)
		first, _, _ := strings.Cut(text, " ")
		if first = strings.TrimRight(first, ",;:.)"); !slices.Contains(h.commands, first) || namesHome(text) {
			continue
		}
		b.WriteString(h.write(first))
	}
}

// namesHome reports whether a command says itself where it acts, up to the next command.
func namesHome(command string) bool {
	command, _, _ = strings.Cut(command, "blockstack ")
	return slices.ContainsFunc(HereFlags, func(name string) bool { return strings.Contains(command, "--"+name+" ") })
}
