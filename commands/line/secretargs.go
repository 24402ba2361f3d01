package line

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/wallet/secretform"
)

// RefuseSecrets looks for seeds and private keys among the words of a command line, which every
// program on the machine can read and which shells keep. It runs before anything else looks at the
// words. The words themselves are never quoted: an error says where they stand.
func RefuseSecrets(words []string) error {
	for i, w := range words {
		for _, part := range candidates(w) {
			if secretform.Phrase(part) {
				return phraseFault(i)
			}
			if what := secretform.Key(part); what != "" {
				return secretFault(placeOf(i), what)
			}
		}
	}
	if i := phraseOver(words); i >= 0 {
		return phraseFault(i)
	}
	return nil
}

// placeOf says where a word stands on the command line, behind the name of the program.
func placeOf(i int) string { return "argument " + strconv.Itoa(i+1) }

// phraseOver finds a phrase whose words are several arguments, and says where it begins; -1: there
// is none. Names of one or two namespaces are a list of names.
func phraseOver(words []string) int {
	dotted, spaces := 0, map[string]bool{}
	for _, w := range words {
		if _, ns, ok := strings.Cut(w, "."); ok && !strings.Contains(ns, ".") {
			dotted++
			spaces[ns] = true
		}
	}
	areNames := len(spaces)*2 <= dotted
	var all []string
	var from []int
	for i, w := range words {
		name, value, inline := strings.Cut(w, "=")
		switch {
		case strings.HasPrefix(w, "-") && !inline && len(secretform.Words(name, false)) < 3:
			continue // a flag may stand between them
		case strings.HasPrefix(w, "-") && inline:
			w = value
		case areNames && strings.Count(w, ".") == 1 && len(secretform.Words(w, false)) == 2:
			w = "names"
		}
		for _, word := range secretform.Words(w, false) {
			all, from = append(all, word), append(from, i)
		}
	}
	if at := secretform.PhraseAt(all); at >= 0 {
		return from[at]
	}
	return -1
}

// RefuseBareKeys looks for private keys in hex and base64. They look like transaction ids and
// hashes, so an argument or flag that takes one of those says so by its name in the help: TXID,
// HASH, BLOCKHASH or OUTPOINT as a part of it.
func RefuseBareKeys(l *Line, words []string) error {
	var argNames []string
	var own []cli.Flag
	if len(l.Path) > 0 {
		verb := l.Path[len(l.Path)-1]
		argNames, own = ParseArity(verb.ArgsUsage).Names, verb.Flags
	}
	at := func(w string) string {
		return placeOf(max(0, slices.IndexFunc(words, func(x string) bool { return strings.HasSuffix(x, w) })))
	}
	for i, w := range l.Args {
		name := ""
		if len(argNames) > 0 {
			name = argNames[min(i, len(argNames)-1)]
		}
		if what := bareKeyIn(w, name); what != "" {
			return secretFault(at(w), what)
		}
	}
	for _, w := range slices.Concat(l.Flags, l.Globals) {
		name, value, _ := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		if what := bareKeyIn(value, Placeholder(FindFlag(slices.Concat(own, Flags()), name))); what != "" {
			return secretFault("the value of "+Dashed(name), what)
		}
	}
	return nil
}

// bareKeyIn says whether a key or the entropy of a phrase stands in a word, in hex or base64. The
// name of the argument says where something of the same form belongs.
func bareKeyIn(w, name string) string {
	if TakesHash(name) || strings.ContainsAny(w, " \t\n") || strings.Contains(w, "://") {
		return ""
	}
	// Identifiers and fields may be fingerprints of keys and addresses of other chains, which have
	// 20 bytes.
	fingerprint := slices.Contains([]string{"IDENTIFIER", "FIELD=VALUE", "VALUE"}, name)
	for _, t := range strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("=(),[]{}'\"@;|<>", r) }) {
		if secretform.KeyHex(t, fingerprint) || secretform.KeyHex(t[strings.LastIndexByte(t, ':')+1:], fingerprint) {
			return "a private key in hex"
		}
	}
	if strings.Contains(name, "SIGNATURE") {
		return ""
	}
	for _, part := range append(candidates(w), w[strings.LastIndexByte(w, ':')+1:]) {
		if !strings.HasPrefix(w, "SHA256:") && secretform.KeyBase64(part) {
			return "a private key in base64"
		}
	}
	return ""
}

// phraseFault is the refusal of a seed phrase that begins at a word.
func phraseFault(i int) *fault.Fault {
	return secretFault(placeOf(i), "a seed phrase").
		Hint("let the command ask for it, or give it a file that only you can read, or - and standard input")
}

// secretFault is the refusal.
func secretFault(where, what string) *fault.Fault {
	return fault.New("secret_in_arguments", "%s looks like %s: secrets are never taken from the command line", where, what).
		Hint("other programs can read it there, and the shell keeps it: treat it as known to others if this machine is shared").
		Hint("passwords: --password-file FILE, --password-fd N, --password-command COMMAND, or let the command ask")
}

// candidates are the parts of a word that may be a secret: itself, and what stands behind its first
// =.
func candidates(w string) []string {
	if _, v, ok := strings.Cut(w, "="); ok {
		return []string{w, v}
	}
	return []string{w}
}

// TakesHash reports whether the name of an argument says that it is a hash.
func TakesHash(name string) bool {
	return slices.ContainsFunc([]string{"TXID", "HASH", "OUTPOINT"}, func(s string) bool { return strings.Contains(name, s) })
}

// Placeholder is the name of a flag's value: the word between backquotes in its usage.
func Placeholder(f cli.Flag) string {
	if f == nil {
		return ""
	}
	if parts := strings.SplitN(Doc(f).GetUsage(), "`", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}
