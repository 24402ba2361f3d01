// Package record is how commands show what is known of a name, to programs and to people.
package record

import (
	"fmt"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// View is what programs see of a name.
type View struct {
	Name            names.Name          `json:"name"`
	Status          string              `json:"status"`
	OwnerAddress    *string             `json:"owner_address"`
	OwnerScript     *string             `json:"owner_script"`
	ZoneFileHash    *string             `json:"zonefile_hash"`
	FirstRegistered *int32              `json:"first_registered_height"`
	RenewedAt       *int32              `json:"renewed_at_height"`
	ExpiresAt       *int32              `json:"expires_at_height"`
	GraceEnds       *int32              `json:"grace_ends_at_height,omitempty"`
	LastTxid        *string             `json:"last_txid"`
	Height          int32               `json:"height"`
	Consensus       names.ConsensusHash `json:"consensus_hash"`
	ExactUntil      *int32              `json:"exact_until_height,omitempty"`
	JobID           *job.ID             `json:"job_id,omitempty"`
}

// Of turns a record into what programs see. What an available name does not have is null.
func Of(r names.Record) View {
	v := View{Name: r.Name, Status: string(r.Status), Height: r.Height, Consensus: r.Consensus}
	if r.Status == names.Available {
		return v
	}
	script, txid := voice.Hex(r.Owner), r.LastTx.String()
	v.OwnerAddress, v.OwnerScript, v.LastTxid = &r.OwnerAddress, &script, &txid
	v.FirstRegistered, v.RenewedAt = &r.FirstRegistered, &r.RenewedAt
	if r.HasZoneFile {
		hash := r.ZoneFile.String()
		v.ZoneFileHash = &hash
	}
	if r.ExpiresAt > 0 {
		v.ExpiresAt = &r.ExpiresAt
		if r.GraceEnds > r.ExpiresAt {
			v.GraceEnds = &r.GraceEnds
		}
	}
	return v
}

// Write writes a name in words.
func Write(t *voice.Text, v View) {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	height := func(h *int32) string {
		if h == nil {
			return ""
		}
		return fmt.Sprintf("block %d", *h)
	}
	t.Field("name", "%s", v.Name)
	t.Field("status", "%s", v.Status)
	t.Field("owner", "%s", text(v.OwnerAddress))
	t.Field("zone file", "%s", text(v.ZoneFileHash))
	t.Field("registered at", "%s", height(v.FirstRegistered))
	t.Field("renewed at", "%s", height(v.RenewedAt))
	if v.ExpiresAt == nil && v.OwnerAddress != nil {
		t.Field("expires", "never")
	} else {
		t.Field("expires at", "%s", height(v.ExpiresAt))
	}
	t.Field("can be renewed until", "%s", height(v.GraceEnds))
	t.Field("last transaction", "%s", text(v.LastTxid))
	if v.JobID != nil {
		t.Field("job", "%s", *v.JobID)
	}
	t.Field("height", "%d", v.Height)
	if v.ExactUntil != nil {
		t.Field("certain until", "%s", height(v.ExactUntil))
	}
	t.Field("consensus hash", "%s", v.Consensus)
}
