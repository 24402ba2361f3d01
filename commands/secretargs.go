package commands

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/tyler-smith/go-bip39/wordlists"
	"github.com/urfave/cli/v2"
)

// refuseSecrets looks for seeds and private keys among the words of a command line, which every program on the
// machine can read and which shells keep. It runs before anything else looks at the words. The words themselves are
// never quoted.
func refuseSecrets(words []string) error {
	run := 0 // consecutive words of the BIP 39 list
	for _, w := range words {
		for _, part := range candidates(w) {
			switch {
			case isPhrase(strings.Fields(part)):
				return secretFault("a seed phrase").
					hint("let the command ask for it, or give it a file that only you can read, or - and standard input")
			case isWIF(part):
				return secretFault("a private key (WIF)")
			case slices.ContainsFunc(strings.FieldsFunc(part, notBase58), isExtendedPrivateKey): // also inside a descriptor
				return secretFault("an extended private key")
			}
		}
		if run++; !isSeedWord(w) {
			run = 0
		}
		if run >= 12 {
			return secretFault("a seed phrase").
				hint("let the command ask for it, or give it a file that only you can read, or - and standard input")
		}
	}
	return nil
}

// refuseHexKeys looks for private keys in hex. They look like transaction ids and hashes, so an argument or flag that
// takes one of those says so by its name in the help: TXID, HASH, BLOCKHASH or OUTPOINT as a part of it.
func refuseHexKeys(l *cmdLine) error {
	var argNames []string
	var own []cli.Flag
	if len(l.path) > 0 {
		verb := l.path[len(l.path)-1]
		argNames, own = parseArity(verb.ArgsUsage).names, verb.Flags
	}
	for i, w := range l.args {
		name := ""
		if len(argNames) > 0 {
			name = argNames[min(i, len(argNames)-1)]
		}
		if !takesHash(name) && looksLikeHexKey(w) {
			return secretFault("a private key in hex")
		}
	}
	for _, w := range slices.Concat(l.flags, l.globals) {
		name, value, _ := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		if f := findFlag(own, name); !takesHash(placeholder(f)) && looksLikeHexKey(value) {
			return secretFault("a private key in hex")
		}
	}
	return nil
}

// secretFault is the refusal.
func secretFault(what string) *Fault {
	return fault("secret_in_arguments", "an argument looks like %s: secrets are never taken from the command line", what).
		hint("other programs can read it there, and the shell keeps it: treat it as known to others if this machine is shared").
		hint("passwords: --password-file FILE, --password-fd N, --password-command COMMAND, or let the command ask")
}

// candidates are the parts of a word that may be a secret: itself, and what stands behind its first =.
func candidates(w string) []string {
	if _, v, ok := strings.Cut(w, "="); ok {
		return []string{w, v}
	}
	return []string{w}
}

// isPhrase reports whether words read like a BIP 39 phrase, also one with a few typing errors.
func isPhrase(words []string) bool {
	if len(words) < 12 || len(words) > 36 {
		return false
	}
	known := 0
	for _, w := range words {
		if isSeedWord(w) {
			known++
		}
	}
	return known*4 >= len(words)*3
}

// isSeedWord reports whether a word is in the English list of BIP 39, which is sorted.
func isSeedWord(w string) bool {
	_, found := slices.BinarySearch(wordlists.English, strings.ToLower(w))
	return found
}

// isWIF reports whether a word has the form of a private key in wallet import format, with or without a right checksum.
func isWIF(w string) bool {
	return (len(w) == 51 || len(w) == 52) && strings.IndexByte("59KLc", w[0]) >= 0 && isBase58(w)
}

// isExtendedPrivateKey reports whether a word is a BIP 32 private key of any flavour (xprv, yprv, zprv, tprv, …).
func isExtendedPrivateKey(w string) bool {
	return len(w) > 90 && w[1:4] == "prv" && isBase58(w)
}

// notBase58 reports whether a letter ends a word of base 58.
func notBase58(r rune) bool { return !isBase58(string(r)) }

// isBase58 reports whether a word has only letters of Bitcoin's base 58.
func isBase58(w string) bool {
	return strings.Trim(w, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") == ""
}

// looksLikeHexKey reports whether a word, or what stands behind its =, is 32 bytes of hex, or the 33 of a key marked as compressed (…01)
// that is not a public key.
func looksLikeHexKey(w string) bool {
	for _, part := range candidates(w) {
		part = strings.TrimPrefix(strings.ToLower(part), "0x")
		b, err := hex.DecodeString(part)
		switch {
		case err != nil:
		case len(b) == 32:
			return true
		case len(b) == 33 && b[32] == 1:
			if _, err := btcec.ParsePubKey(b); err != nil {
				return true
			}
		}
	}
	return false
}

// takesHash reports whether the name of an argument says that it is a hash.
func takesHash(name string) bool {
	return slices.ContainsFunc([]string{"TXID", "HASH", "OUTPOINT"}, func(s string) bool { return strings.Contains(name, s) })
}

// placeholder is the name of a flag's value: the word between backquotes in its usage.
func placeholder(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	if parts := strings.SplitN(d.GetUsage(), "`", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}
