package txbuilder

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/names"
)

// Claim is what a packet says about the name operation that it carries. Preorders, updates and
// transfers hold only hashes of names; a signer who is offline learns from the claim which name is
// meant, and proves it: Read computes the hash anew.
//
// It stands in a proprietary global field (BIP 174), which others pass on unread:
//
//	key    0xfc, 0x0a, "blockstack", 0x00
//	value  JSON with the keys below, at most 4096 bytes
type Claim struct {
	Name      string `json:"name,omitempty"`      // bytes as on the wire
	Namespace string `json:"namespace,omitempty"` // of a namespace preorder
	Owner     string `json:"owner,omitempty"`     // address that a preorder commits to
	Consensus string `json:"consensus,omitempty"` // hash that an update quotes, hex
	Job       string `json:"job,omitempty"`       // id in the home that prepared it
}

// claimKey is the whole key of the field.
func claimKey() []byte {
	return append([]byte{byte(psbt.ProprietaryGlobalType), 10}, "blockstack\x00"...)
}

// maxClaim bounds what is read as a claim.
const maxClaim = 4096

// AddClaim writes a claim into a packet, in place of one that is there.
func AddClaim(p *psbt.Packet, c Claim) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	for _, u := range p.Unknowns {
		if bytes.Equal(u.Key, claimKey()) {
			u.Value = raw
			return nil
		}
	}
	p.Unknowns = append(p.Unknowns, &psbt.Unknown{Key: claimKey(), Value: raw})
	return nil
}

// ReadClaim finds the claim of a packet; ok is false without a readable one.
func ReadClaim(p *psbt.Packet) (c Claim, ok bool) {
	for _, u := range p.Unknowns {
		if bytes.Equal(u.Key, claimKey()) && len(u.Value) <= maxClaim {
			return c, json.Unmarshal(u.Value, &c) == nil
		}
	}
	return Claim{}, false
}

// consensus reads the hash that the claim quotes.
func (c Claim) consensus() (h names.ConsensusHash, ok bool) {
	raw, err := hex.DecodeString(c.Consensus)
	if err != nil || len(raw) != len(h) {
		return h, false
	}
	return names.ConsensusHash(raw), true
}

// UnknownFields is how many fields a packet has that this program does not know.
func UnknownFields(p *psbt.Packet) int {
	n := 0
	for _, u := range p.Unknowns {
		if known := u.Key[0] == byte(psbt.VersionType) || bytes.Equal(u.Key, claimKey()); !known {
			n++
		}
	}
	for i := range p.Inputs {
		n += len(p.Inputs[i].Unknowns)
	}
	for i := range p.Outputs {
		n += len(p.Outputs[i].Unknowns)
	}
	return n
}
