package snv

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// Rules is a digest of the name rules that a proof depends on. Two registries that differ in
// nothing else, such as in who was granted tokens, read each other's proofs; whether they agree on
// what happened is what the consensus hash says.
//
//	digest = sha256(text)
//	text   = "blockstack name proof" LF
//	         "magic" hex "first" height "addresses" version version "reveal" blocks LF
//	         1*( "epoch" end features LF *( "namespace" id multiplier grace LF ) )      ; ids ascending
//
// with one blank between the words of a line, and numbers in decimal.
func Rules(p *names.Params) chainhash.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "blockstack name proof\nmagic %x first %d addresses %d %d reveal %d\n",
		p.Magic, p.FirstBlock, p.PubKeyHashVersion, p.ScriptHashVersion, p.NamespaceRevealLifetime)
	for i := range p.Epochs {
		e := &p.Epochs[i]
		fmt.Fprintf(h, "epoch %d %d\n", e.EndBlock, e.Features)
		for _, id := range slices.Sorted(maps.Keys(e.Namespaces)) {
			rules := e.Namespaces[id]
			fmt.Fprintf(h, "namespace %s %d %d\n", id, rules.LifetimeMultiplier, rules.GracePeriod)
		}
	}
	return chainhash.Hash(h.Sum(nil))
}
