package registrar

import (
	"bytes"
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// importLife is how many blocks before a revealed namespace expires nothing is imported
// into it any more.
const importLife = 144

// importTerms makes the checks before an import: the namespace is revealed, by the key
// that imports, and will be there for a while.
func (r *Registrar) importTerms(ctx context.Context, j *job.Job, t *terms) error {
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
		return fmt.Errorf("%w: namespace %s was revealed for %s, and only that key imports into it", job.ErrBadRequest, id, ns.RevealerAddress)
	}
	if end := ns.RevealHeight + r.cfg.Params.NamespaceRevealLifetime; t.tip+importLife >= end {
		return fmt.Errorf("%w: namespace %s expires at block %d; open it before", job.ErrBadRequest, id, end)
	}
	return nil
}

// explainImport says what cannot be undone about an import.
func (e *Estimate) explainImport(j *job.Job) {
	set := j.Request.Import
	e.Irreversible = append(e.Irreversible,
		fmt.Sprintf("each import carries its zone-file hash in an output that nobody can spend; the %d outputs are lost", len(set.Names)),
		"the first import fixes for good which keys may import into the namespace")
	e.Risks = append(e.Risks,
		"until the namespace is opened its revealer can import a name again, to another owner",
		"one private key of the ring, with the revealer's public key that the first import shows, gives away the revealer's key; the wallet never shows or exports one, and signs no messages with them")
}
