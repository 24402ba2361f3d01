package txbuilder

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// AnnounceRequest asks for an ANNOUNCE (protocol 3.12).
//
//	input 0    the owner of a name whose announcements are heard
//	output 0   OP_RETURN
//	output 1   change, optional
type AnnounceRequest struct {
	Funding
	Message [20]byte // hash160 of the text
}

func (r AnnounceRequest) outline(at rules) (outline, error) {
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	return outline{operation: "announce", named: true, funding: r.Funding,
		layout: func([]byte) (*Layout, error) { return announceLayout(p, r) }}, nil
}

func announceLayout(p *names.Params, r AnnounceRequest) (*Layout, error) {
	op := nameop.Announce{Message: r.Message}
	data, err := dataOutput(p.Magic, op, "announces a message")
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "announce", Op: op, Change: -1, Outputs: []Output{data}}, nil
}
