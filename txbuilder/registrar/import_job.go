package registrar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder"
)

// An import puts names into a namespace that is revealed and not ready. It is one job
// for many names. Its first transaction pays one coin for each name to the keys that
// may import: the revealer's for the first name, since the first import fixes the ring
// (protocol 8.6, 16.9), and keys of its ring for the others. When that is in a block
// the first name is imported; when the index has accepted that, all others at once.
//
//	Planned             nothing is signed
//	PreorderSigned      the coins are on their way; all imports are signed
//	PreorderConfirmed   the coins are there
//	RegisterSigned      the first import is on its way
//	RegisterConfirmed   it was accepted
//	UpdateSigned        the others are on their way
//	UpdateConfirmed     all were accepted
//	Done

// KindImport is the import of names into a namespace.
const KindImport Kind = "import"

// RoleFund pays the coins of an import job.
const RoleFund Role = "fund"

// MaxImports is how many names one import job takes.
const MaxImports = 200

// importRole is the transaction that imports a job's i-th name.
func importRole(i int) Role { return Role(fmt.Sprintf("import_%d", i)) }

// isImport says whether a transaction imports a name.
func (r Role) isImport() bool { return strings.HasPrefix(string(r), "import_") }

// Import is a name that is imported.
type Import struct {
	Name names.Name `json:"name"`
	// Owner is the script that will own it.
	Owner []byte `json:"owner"`
	// Hash is the zone-file hash, which an import always carries; ZoneFile the file
	// itself, where it is to be published.
	Hash     names.ZoneFileHash `json:"zonefile_hash"`
	ZoneFile []byte             `json:"zone_file,omitempty"`
}

// ImportSet is what an import job imports.
type ImportSet struct {
	Namespace names.NamespaceID `json:"namespace"`
	Names     []Import          `json:"names"`
	// Ring are the P2PKH scripts of import keys that the names after the first take
	// turns with.
	Ring [][]byte `json:"ring"`
}

// digest tells lists apart.
func (s *ImportSet) digest() string {
	h := sha256.New()
	for _, n := range s.Names {
		fmt.Fprintf(h, "%s %x %s\n", n.Name, n.Owner, n.Hash)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// importer is the script that imports a job's i-th name.
func (r *Request) importer(i int) []byte {
	if i == 0 {
		return r.Owner
	}
	return r.Import.Ring[(i-1)%len(r.Import.Ring)]
}

// checkImport refuses contradictions in the request for an import.
func (r *Request) checkImport(p *names.Params) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrBadRequest}, args...)...)
	}
	s := r.Import
	switch {
	case s == nil || !r.Name.IsZero() || r.Namespace != nil || r.To != nil || r.Erase || len(r.ZoneFile) > 0:
		return bad("an import needs its list and nothing else")
	case len(s.Names) == 0 || len(s.Names) > MaxImports:
		return bad("an import of %d names; one job takes 1 to %d", len(s.Names), MaxImports)
	case len(s.Ring) == 0 && len(s.Names) > 1:
		return bad("an import of several names needs keys of the ring")
	}
	if _, err := names.ParseNamespaceID(s.Namespace.String()); err != nil {
		return err
	}
	for _, script := range append([][]byte{r.Owner}, s.Ring...) {
		if txbuilder.KindOf(script) != txbuilder.KindP2PKH {
			return &txbuilder.ForbiddenScript{Where: "import key", Kind: txbuilder.KindOf(script), Script: script, Reason: "an import key must be P2PKH, so that its public key shows"}
		}
	}
	seen := make(map[names.Name]bool)
	for _, n := range s.Names {
		switch {
		case n.Name.IsZero() || n.Name.Namespace() != s.Namespace:
			return bad("%s is not in namespace %s", n.Name, s.Namespace)
		case seen[n.Name]:
			return bad("%s is in the list twice", n.Name)
		}
		seen[n.Name] = true
		if _, err := p.ScriptAddress(n.Owner); err != nil {
			return &txbuilder.ForbiddenScript{Where: "owner of " + n.Name.String(), Kind: txbuilder.KindOf(n.Owner), Script: n.Owner, Reason: ownerReason}
		}
		if len(n.ZoneFile) == 0 {
			continue
		}
		if _, err := zonefile.Parse(n.ZoneFile); err != nil {
			return fmt.Errorf("%s: zone file: %w", n.Name, err)
		}
		if names.HashZoneFile(n.ZoneFile) != n.Hash {
			return bad("the zone file of %s has another hash", n.Name)
		}
	}
	return nil
}

// importLife is how many blocks before a revealed namespace expires nothing is imported
// into it any more.
const importLife = 144

// importTerms makes the checks before an import: the namespace is revealed, by the key
// that imports, and will be there for a while.
func (r *Registrar) importTerms(ctx context.Context, j *Job, t *terms) error {
	id := j.Request.Import.Namespace
	ns, err := r.cfg.Names.Namespace(ctx, id)
	switch {
	case ignoreMissing(err) != nil:
		return err
	case err != nil || ns.Status == names.NamespaceExpired:
		return &NamespaceClosed{ID: id, Status: ns.Status}
	case ns.Status == names.NamespaceIsReady:
		return &NamespaceTaken{ID: id, Status: ns.Status}
	case !bytes.Equal(ns.RevealerScript, j.Request.Owner):
		return fmt.Errorf("%w: namespace %s was revealed for %s, and only that key imports into it", ErrBadRequest, id, ns.RevealerAddress)
	}
	if end := ns.RevealHeight + r.cfg.Params.NamespaceRevealLifetime; t.tip+importLife >= end {
		return fmt.Errorf("%w: namespace %s expires at block %d; open it before", ErrBadRequest, id, end)
	}
	return nil
}

// roles are the transactions of a job in the order of the chain.
func (j *Job) roles() []Role {
	fl := j.flow()
	if j.Request.Kind != KindImport {
		return []Role{RoleMove, fl.preorder, fl.register, fl.update}
	}
	roles := []Role{RoleFund}
	for i := range j.Request.Import.Names {
		roles = append(roles, importRole(i))
	}
	return roles
}

// explainImport says what cannot be undone about an import.
func (e *Estimate) explainImport(j *Job) {
	set := j.Request.Import
	e.Irreversible = append(e.Irreversible,
		fmt.Sprintf("each import carries its zone-file hash in an output that nobody can spend; the %d outputs are lost", len(set.Names)),
		"the first import fixes for good which keys may import into the namespace")
	e.Risks = append(e.Risks,
		"until the namespace is opened its revealer can import a name again, to another owner",
		"one private key of the ring, with the revealer's public key that the first import shows, gives away the revealer's key; the wallet never shows or exports one, and signs no messages with them")
}
