package txbuilder

import (
	"fmt"

	"blockstack/names"
	"blockstack/names/nameop"
)

// RegisterRequest asks for a NAME_REGISTRATION (protocol 3.3).
//
//	input 0    the script that sent the preorder
//	output 0   OP_RETURN
//	output 1   owner
//	output 2   change, optional
//
// A fourth output would make it a renewal. Without a token field the payload is the name alone, or,
// with a zone-file hash, name and hash (from epoch 3 on).
type RegisterRequest struct {
	Funding
	Name        names.Name
	Owner       []byte
	ZoneFile    names.ZoneFileHash
	HasZoneFile bool
}

func (r RegisterRequest) outline(at rules) (outline, error) {
	operation := "register " + r.Name.String()
	e, err := at.epoch()
	if err != nil {
		return outline{}, err
	}
	if r.HasZoneFile && !e.Features.Has(names.FeatureRegisterUpdate) {
		return outline{}, fmt.Errorf("%s: %w: a registration carries no zone-file hash at this height", operation, ErrBadRequest)
	}
	if len(r.Inputs) == 0 && r.First == nil {
		return outline{}, fmt.Errorf("%s: %w: input 0 must come from the preorder's sender", operation, ErrBadRequest)
	}
	return registerOutline(at.p, r), nil
}

// registerOutline is also what a preorder's change must be able to pay for.
func registerOutline(p *names.Params, r RegisterRequest) outline {
	return outline{operation: "register " + r.Name.String(), named: true, funding: r.Funding,
		layout: func([]byte) (*Layout, error) { return registerLayout(p, r) }}
}

func registerLayout(p *names.Params, r RegisterRequest) (*Layout, error) {
	op := nameop.NameRegistration{Name: r.Name.String(), ZoneFile: r.ZoneFile, HasZoneFile: r.HasZoneFile}
	text := "names " + r.Name.String()
	if r.HasZoneFile {
		text += " with zone file " + r.ZoneFile.String()
	}
	data, err := dataOutput(p.Magic, op, text)
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "register", Op: op, Checked: 2, Change: -1, Outputs: []Output{
		data,
		{Role: RoleOwner, Script: r.Owner, Text: "becomes the owner of " + r.Name.String()},
	}}, nil
}
