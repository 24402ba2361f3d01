package line

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/wallet/secretform"
)

// Typed are the words of the command line and of our variables, which may be secrets that nobody
// recognizes: passwords, phrases of other programs. Every error, hint, warning and note goes
// through hide on its way out, whoever wrote it and however it quotes. An argument is repeated only
// if it is harmless:
//
//	harmless = flag or command of ours, also mistyped / name or host / address / transaction id, outpoint or public key / amount, number,
//	           height, date or duration / path that is there, or has a / or an ending / URL without password and query /
//	           payment URI without label and message / word of our own help / up to three characters / KEY=VALUE, or a list, of these
//
// Anything else is told by its place: `argument 3`, `the value of --node`.
type Typed struct {
	words      []fragment
	names      []string               // of our commands, flags and configuration keys, which may be mistyped
	vocabulary func() map[string]bool // words of our own help
}

// fragment is a part of a word that may be a secret.
type fragment struct {
	text  string
	place string // what is said in place of it
	there bool   // it was the path of something when the command began
}

const (
	gramSize     = 8    // as many characters in a row are no chance
	shortest     = 4    // characters that are worth hiding
	longestTyped = 1024 // of a word is compared
)

// NewTyped looks at the words of a command line.
func NewTyped(app *cli.App, words []string) *Typed {
	t := &Typed{vocabulary: sync.OnceValue(func() map[string]bool { return vocabulary(app) })}
	flags := map[string]bool{} // by name; true: takes a value
	for _, f := range app.Flags {
		noteFlag(flags, f)
	}
	Each(app.Commands, "", func(c *cli.Command, _ string) {
		t.names = append(t.names, c.Name)
		for _, f := range c.Flags {
			noteFlag(flags, f)
		}
	})
	for _, k := range config.Keys() {
		t.names = append(t.names, k.Name)
	}
	for n := range flags {
		t.names = append(t.names, n)
	}
	for i, w := range words {
		where := placeOf(i)
		name, value, inline := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if strings.HasPrefix(w, "-") {
			if _, ours := flags[name]; ours && !inline {
				continue
			} else if ours {
				w, where = value, "the value of "+Dashed(name)
			}
		} else if i > 0 && strings.HasPrefix(words[i-1], "-") && flags[strings.TrimLeft(words[i-1], "-")] {
			where = "the value of " + words[i-1]
		}
		t.add(w, where)
	}
	for _, f := range app.Flags {
		for _, name := range Doc(f).GetEnvVars() {
			if os.Getenv(name) != "" {
				t.add(os.Getenv(name), "the value of "+name)
			}
		}
	}
	return t
}

// add adds a word that stands at a place.
func (t *Typed) add(w, place string) {
	_, err := os.Lstat(w)
	t.words = append(t.words, fragment{w, place, err == nil})
}

// noteFlag adds the names of a flag.
func noteFlag(flags map[string]bool, f cli.Flag) {
	for _, n := range f.Names() {
		flags[n] = flags[n] || TakesValue(f)
	}
}

// vocabulary are the words of our own help, which are no secrets and stand in many messages.
func vocabulary(app *cli.App) map[string]bool {
	set := map[string]bool{}
	add := func(text string) {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			set[w] = true
		}
	}
	flag := func(f cli.Flag) {
		for _, n := range f.Names() {
			set[n] = true
			add(n)
		}
		add(Doc(f).GetUsage())
	}
	for _, f := range app.Flags {
		flag(f)
	}
	Each(app.Commands, app.Name, func(c *cli.Command, name string) {
		set[c.Name] = true
		add(name + " " + c.Usage + " " + c.ArgsUsage + " " + c.Description)
		for _, f := range c.Flags {
			flag(f)
		}
	})
	for _, r := range fault.Table() {
		add(r.Meaning + " " + strings.Join(r.Codes, " "))
	}
	for _, k := range config.Keys() {
		set[k.Name] = true
	}
	return set
}

// The harmless shapes that are matched as a whole.
var harmlessShapes = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`^[+-]?[0-9][0-9.,:_%TZ+-]{0,30} ?[A-Za-z/]{0,7}$`),          // amounts, numbers, heights, dates, durations
		regexp.MustCompile(`^@?[0-9]+([dhmsw][0-9]*)*$`),                                // durations such as 1h30m
		regexp.MustCompile(`^([a-z0-9_-]{1,40}\.){1,4}[a-z0-9-]{1,24}(:[0-9]{1,5})?$`),  // names, hosts, files
		regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,24}\.[A-Za-z]{2,12}(\.[a-z]{2,8})?$`), // the same, with capitals
		regexp.MustCompile(`^[13mn2][1-9A-HJ-NP-Za-km-z]{25,34}$`),                      // addresses, right or not
		regexp.MustCompile(`^(?i:bc|tb|bcrt|sb)1[0-9A-Za-z]{6,90}$`),                    //
		regexp.MustCompile(`^(?i:bitcoin):([13mn2][1-9A-HJ-NP-Za-km-z]{25,34}|(?i:bc|tb|bcrt|sb)1[0-9A-Za-z]{6,90})` +
			`([?&](amount=[0-9.]{1,20}|req-[a-z]{1,16}=[0-9a-z]{0,3}))*$`), // payment URIs without text
		regexp.MustCompile(`^[0-9a-fA-F]{64}(:[0-9]{1,10})?$`),                                                                     // transaction ids, outpoints; keys were refused
		regexp.MustCompile(`^0[23][0-9a-fA-F]{64}$|^04[0-9a-fA-F]{128}$`),                                                          // public keys
		regexp.MustCompile(`^[0-9a-f]{10}$|^[0-9a-f]{32}@[0-9]{1,8}$|^[0-9a-f]{40}$`),                                              // jobs, trusted consensus hashes, value hashes
		regexp.MustCompile(`^(localhost|\[[0-9a-f:]{2,40}\]|([0-9]{1,3}\.){3}[0-9]{1,3}):[0-9]+$`),                                 // hosts with ports
		regexp.MustCompile(`^(\.{1,2}|~)?(/[A-Za-z0-9._+@:-]*)+$`),                                                                 // paths
		regexp.MustCompile(`^[a-z0-9._-]{1,32}(/[a-z0-9._-]{1,32})+$|^[A-Za-z0-9._-]{1,32}(/[A-Za-z0-9._-]{1,32})+[.][a-z]{1,8}$`), //
		regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}\.[a-z][a-z0-9]{1,8}$`),                                                            // files with an ending
	}
})

// harmless reports whether a word may be repeated.
func (t *Typed) harmless(w string) bool {
	if len(w) < shortest || t.vocabulary()[strings.ToLower(w)] || t.mistyped(w) {
		return true
	}
	if _, words := secretform.SeedWords(w); len(w) > longestTyped || words > 0 || secretform.Phrase(w) || secretform.Key(w) != "" || secretform.KeyBase64(w) {
		return false
	}
	if slices.ContainsFunc(harmlessShapes(), func(r *regexp.Regexp) bool { return r.MatchString(w) }) {
		return !mixed(w)
	}
	if _, err := names.Parse(w); err == nil {
		return true
	}
	if scheme, rest, ok := strings.Cut(w, "://"); ok && len(scheme) < 10 && rest != "" {
		u, err := url.Parse(w)
		return err == nil && u.User == nil && u.RawQuery == "" && u.Fragment == "" && u.Host != ""
	}
	if k, v, ok := strings.Cut(w, "="); ok && v != "" && len(k) <= 40 && !strings.ContainsAny(k, " \t/") {
		return t.harmless(k) && t.harmless(v)
	}
	if parts := strings.Split(w, ","); len(parts) > 1 && len(parts) < 30 {
		return !slices.ContainsFunc(parts, func(p string) bool { return !t.harmless(p) })
	}
	return false
}

// paymentURI gives the keys and values of a payment URI whose address is harmless, each as it
// stands and as it reads.
func (t *Typed) paymentURI(w string) (parts []string, ok bool) {
	if len(w) < len("bitcoin:") || !strings.EqualFold(w[:len("bitcoin:")], "bitcoin:") {
		return nil, false
	}
	address, query, _ := strings.Cut(w[len("bitcoin:"):], "?")
	if address != "" && !t.harmless(address) {
		return nil, false
	}
	for part := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		if len(key) > 24 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz-") != "" {
			parts = append(parts, key)
		}
		parts = append(parts, value)
		if plain, err := url.QueryUnescape(value); err == nil && plain != value {
			parts = append(parts, plain)
		}
	}
	return parts, true
}

// mistyped reports whether a word is a name of ours with a slip: small letters, about as many.
func (t *Typed) mistyped(w string) bool {
	w = strings.TrimLeft(w, "-")
	if len(w) > 32 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz-_") != "" {
		return false
	}
	n := Nearest(w, t.names)
	return n != "" && n[0] == w[0] && max(len(w)-len(n), len(n)-len(w)) <= 2
}

// mixed reports whether a word of one part looks made by chance: capitals, small letters and digits
// without an order that an address or a path has.
func mixed(w string) bool {
	if strings.ContainsAny(w, "/:@") || len(w) < 12 || len(w) >= 26 {
		return false
	}
	return strings.ContainsAny(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && strings.ContainsAny(w, "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(w, "0123456789") &&
		filepath.Ext(w) == ""
}

// Hide replaces what is not harmless in a message.
func (t *Typed) Hide(message string) string {
	if t == nil || message == "" {
		return message
	}
	for _, w := range t.words {
		if !w.there && !t.harmless(w.text) {
			message = t.hideWord(message, w)
		}
	}
	return message
}

// hideWord replaces a word in a message, however it is quoted there, and the parts of it that stand
// there.
func (t *Typed) hideWord(message string, w fragment) string {
	text := w.text[:min(len(w.text), longestTyped)]
	if parts, ok := t.paymentURI(text); ok { // its amount and what it requires may be said, whatever its label is
		for _, part := range parts {
			if !t.harmless(part) {
				message = t.hideRuns(message, part, w.place)
			}
		}
		return message
	}
	quoted := strconv.Quote(text)
	ascii := strconv.QuoteToASCII(text)
	forms := []string{text, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], voice.Clean(text)}
	if len(text) >= gramSize { // the whole word first: runs of one form would leave parts of another
		for _, form := range forms {
			message = strings.ReplaceAll(strings.ReplaceAll(message, `"`+form+`"`, w.place), form, w.place)
		}
	}
	for _, form := range forms {
		message = t.hideRuns(message, form, w.place)
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("=,;:@/?&()[]{}\"'|<>#", r) }) {
		if len(part) >= shortest && len(part) < len(text) && !t.harmless(part) {
			message = t.hideRuns(message, part, w.place)
		}
	}
	return message
}

// hideRuns replaces every run of characters that a message and a text have in common: of gramSize
// and more anywhere, the whole text if it is shorter, where it stands alone. Parts that are words
// of our own help are left.
func (t *Typed) hideRuns(message, text, place string) string {
	low, text := lowerASCII(message), lowerASCII(text)
	size := min(gramSize, len(text))
	if size < shortest {
		return message
	}
	grams := map[string]bool{}
	for i := 0; i+size <= len(text); i++ {
		grams[text[i:i+size]] = true
	}
	var b strings.Builder
	done := 0
	for i := 0; i+size <= len(low); {
		if !grams[low[i:i+size]] {
			i++
			continue
		}
		end := i + size
		for end < len(low) && grams[low[end-size+1:end+1]] {
			end++
		}
		from, to := i, end
		i = end
		if len(text) < gramSize && (joined(low, from-1) || joined(low, to)) || to-from < len(text) && t.ours(low[from:to]) {
			continue
		}
		for from > done && to < len(message) && message[from-1] == '"' && message[to] == '"' {
			from, to = from-1, to+1
		}
		b.WriteString(message[done:max(from, done)])
		b.WriteString(place)
		done, i = to, max(i, to)
	}
	if done == 0 {
		return message
	}
	b.WriteString(message[done:])
	return b.String()
}

// joined reports whether a letter or digit stands at a place.
func joined(s string, i int) bool {
	return i >= 0 && i < len(s) && (secretform.Alphanumeric(rune(s[i])) || s[i] >= 0x80)
}

// ours reports whether text has only words of our own help.
func (t *Typed) ours(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	known := 0
	for _, w := range words {
		switch {
		case t.vocabulary()[w]:
			known++
		case len(w) >= shortest || strings.ContainsAny(w, "0123456789"):
			return false
		}
	}
	return known > 0
}

// lowerASCII writes letters small and leaves every byte where it is.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
