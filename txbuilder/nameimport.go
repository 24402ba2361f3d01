package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// ImportRequest asks for a NAME_IMPORT (protocol 3.8).
//
//	input 0    an import key of the namespace: P2PKH, so that its key shows
//	output 0   OP_RETURN
//	output 1   recipient: becomes the owner
//	output 2   the zone-file hash, as the hash of a P2PKH output; what it holds is lost
//	output 3   change, optional
type ImportRequest struct {
	Funding
	Name     names.Name
	Owner    []byte
	ZoneFile names.ZoneFileHash
}

func (r ImportRequest) outline(at rules) (outline, error) {
	operation := "import " + r.Name.String()
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	if len(r.Inputs) == 0 && r.First == nil {
		return outline{}, fmt.Errorf("%s: %w: input 0 must come from an import key", operation, ErrBadRequest)
	}
	return outline{operation: operation, named: true, funding: r.Funding,
		layout: func(sender []byte) (*Layout, error) {
			if k := KindOf(sender); k != KindP2PKH {
				return nil, &ForbiddenScript{Where: "input 0", Kind: k, Script: sender, Reason: "an import key must be P2PKH, so that its public key shows"}
			}
			return importLayout(p, r)
		}}, nil
}

// cost is what the coin of an import key must hold so that it alone pays for the import, without
// change.
func (r ImportRequest) cost(p *names.Params, key []byte) (btcutil.Amount, error) {
	return needs(outline{operation: "import " + r.Name.String(), named: true, funding: r.Funding,
		layout: func([]byte) (*Layout, error) { return importLayout(p, r) }}, key)
}

func importLayout(p *names.Params, r ImportRequest) (*Layout, error) {
	op := nameop.NameImport{Name: r.Name.String(), ZoneFile: r.ZoneFile}
	data, err := dataOutput(p.Magic, op, "imports "+r.Name.String())
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "name import", Op: op, Checked: 3, Change: -1, Outputs: []Output{
		data,
		{Role: RoleOwner, Script: r.Owner, Text: "becomes the owner of " + r.Name.String()},
		{Role: RoleZoneFile, Script: names.PubKeyHashScript(r.ZoneFile), Text: "carries the zone-file hash; nobody can spend it"},
	}}, nil
}
