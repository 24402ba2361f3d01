package proof

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Says reports what a text says: "address" when it states that the id is secured with the owner's
// address, "name" when it states that the name is the writer's, and else nothing. The statements
// are those of identity 5.2, read strictly: the whole statement stands in a sentence of its own, so
// that no negation or quotation around it counts, and the identifier stands whole.
func Says(text, name, owner string) string {
	text = tidy(text)
	if owner != "" && saysAddress(text, owner) {
		return "address"
	}
	if strings.Contains(name, ".") && saysName(text, strings.ToLower(name)) {
		return "name"
	}
	return ""
}

// tidy makes one blank of white space but line ends, and plain quotes of all kinds of them.
func tidy(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	s = strings.NewReplacer("&quot;", `"`, "\u201c", `"`, "\u201d", `"`, "\r\n", "\n").Replace(s)
	var b strings.Builder
	blank := false
	for _, r := range s {
		if r == '\n' {
			b.WriteByte('\n')
			blank = false
			continue
		}
		if unicode.IsSpace(r) {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// saysAddress looks for the statement by address. The address is compared in its case, and its
// first mention is the one that counts.
func saysAddress(text, owner string) bool {
	const statement = "verifying my blockstack id is secured with the address "
	i := strings.Index(text, owner)
	if i < len(statement) || !strings.EqualFold(text[i-len(statement):i], statement) {
		return false
	}
	return begins(text[:i-len(statement)]) && ends(text[i+len(owner):])
}

// saysName looks for the statements by name.
func saysName(text, name string) bool {
	low := strings.ToLower(text)
	forms := []string{`verifying that "` + name + `" is my blockstack id`, "verifying that " + name + " is my blockstack id"}
	user, inID := strings.CutSuffix(name, ".id")
	user, _, _ = strings.Cut(user, ".id")
	if inID && user != "" {
		forms = append(forms,
			"verifying myself: my bitcoin username is +"+user, "verifying myself: my bitcoin username is "+user,
			"verifying myself: my openname is "+user,
			"verifying that +"+user+" is my bitcoin username", "verifying that "+user+" is my bitcoin username",
			"verifying that "+user+" is my openname", "verifying that +"+user+" is my openname",
			"verifying i am +"+user+" on my passcard", "verifying that +"+user+" is my blockchain id")
	}
	for _, form := range forms {
		for from := 0; ; {
			i := strings.Index(low[from:], form)
			if i < 0 {
				break
			}
			if i += from; begins(low[:i]) && ends(low[i+len(form):]) {
				return true
			}
			from = i + 1
		}
	}
	return inID && user != "" && saysTag(low, user)
}

// saysTag looks for the two words of the oldest statement, in a text that is nothing but such
// words, links and mentions.
func saysTag(low, user string) bool {
	tag, mention := false, false
	for _, word := range strings.Fields(low) {
		switch {
		case word == "verifymyonename" || word == "#verifymyonename":
			tag = true
		case word == "+"+user:
			mention = true
		case strings.HasPrefix(word, "#"), strings.HasPrefix(word, "@"), strings.HasPrefix(word, "https://"), strings.HasPrefix(word, "http://"):
		default:
			return false
		}
	}
	return tag && mention
}

// begins reports whether a sentence can begin after this text: at the beginning, on a new line,
// after the end of a sentence, after an opening quote or parenthesis at such a place.
func begins(before string) bool {
	before = strings.TrimRight(before, ` "(*_`+"`")
	if before == "" || strings.HasSuffix(before, "\n") {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune(".!", r)
}

// ends reports whether a statement can end before this text: at the end, at the end of a line or
// sentence, or before a link or tag.
func ends(after string) bool {
	after = strings.TrimLeft(after, `"*_)`+"`")
	if after == "" || after[0] == '\n' {
		return true
	}
	if after[0] == '.' || after[0] == '!' {
		return len(after) == 1 || after[1] == ' ' || after[1] == '\n' || after[1] == '"'
	}
	rest, blank := strings.CutPrefix(after, " ")
	return blank && (rest == "" || strings.HasPrefix(rest, "https://") || strings.HasPrefix(rest, "http://") || rest[0] == '#' || rest[0] == '(' || rest[0] == '|')
}
