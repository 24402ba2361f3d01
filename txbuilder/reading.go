package txbuilder

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// Reading is the name operation of a packet, read back from its transaction the way the name index
// will read it.
type Reading struct {
	Op nameop.Op
	// Subject is the name or namespace; empty: the operation shows only a hash, and the packet's
	// claim does not explain it.
	Subject string
	// Sender is the script of input 0; Owner who has the name after the operation, nil where it
	// does not change or does not show.
	Sender, Owner []byte
	// Paid is what output Payee's address gets as the price; Tokens what is debited in microSTACKS.
	Paid   btcutil.Amount
	Payee  string // address
	Tokens uint64
	// ZoneFile is the hash that the operation carries.
	ZoneFile    names.ZoneFileHash
	HasZoneFile bool
	// Roles say what each output is for.
	Roles []Role
	// Problem says why the name system would take no notice of the transaction; empty: it reads it.
	// The rest is then unknown.
	Problem string
	Job     string // id that the claim gives, of the home that prepared it
}

// Name is the name that the operation is about.
func (r *Reading) Name() (names.Name, bool) {
	n, err := names.Parse(r.Subject)
	return n, err == nil
}

// Read finds the name operation of a packet by the rules of a height. ok is false when there is
// none: the packet is a payment.
func Read(params *names.Params, height int32, p *psbt.Packet) (r *Reading, ok bool) {
	if p == nil || p.UnsignedTx == nil || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Inputs) == 0 {
		return nil, false
	}
	if _, found := nameop.FindPayload(p.UnsignedTx, params.Magic); !found {
		return nil, false
	}
	claim, _ := ReadClaim(p)
	r = &Reading{Job: claim.Job}
	if err := checkPacket(p); err != nil {
		r.Problem = err.Error()
		return r, true
	}
	l, err := nameop.FromTx(params, height, 1, p.UnsignedTx, func(i int) (*wire.TxOut, error) { return previous(p, i), nil })
	var malformed *nameop.Unparsed
	switch {
	case errors.As(err, &malformed):
		r.Problem = malformed.Reason
		return r, true
	case err != nil:
		r.Problem = err.Error()
		return r, true
	}
	r.Op, r.Sender, r.Owner, r.Paid, r.Payee = l.Op, l.Sender, l.Recipient, l.Burned, l.BurnAddress
	r.Roles = rolesOf(l.Op, len(p.UnsignedTx.TxOut))
	r.explain(params, claim)
	return r, true
}

// explain takes what the payload shows, and of the claim what the payload proves.
func (r *Reading) explain(params *names.Params, c Claim) {
	switch op := r.Op.(type) {
	case nameop.NamePreorder:
		r.Tokens = op.Tokens
		if h, err := nameop.HashPreorder(c.Name, r.Sender, c.Owner); err == nil && c.Name != "" && h == op.Hash {
			r.Subject = c.Name
			r.Owner, _ = params.AddressScript(c.Owner)
		}
	case nameop.NamespacePreorder:
		r.Tokens = op.Tokens
		if h, err := nameop.HashPreorder(c.Namespace, r.Sender, c.Owner); err == nil && c.Namespace != "" && h == op.Hash {
			r.Subject = c.Namespace
			r.Owner, _ = params.AddressScript(c.Owner)
		}
	case nameop.NameRegistration:
		r.Subject, r.ZoneFile, r.HasZoneFile = op.Name, op.ZoneFile, op.HasZoneFile
	case nameop.NameRenewal:
		r.Subject, r.ZoneFile, r.HasZoneFile, r.Tokens = op.Name, op.ZoneFile, op.HasZoneFile, op.Tokens
	case nameop.NameUpdate:
		r.ZoneFile, r.HasZoneFile = op.ZoneFile, true
		if h, ok := c.consensus(); ok && nameop.UpdateHash(c.Name, h) == op.NameConsensus {
			r.Subject = c.Name
		}
	case nameop.NameTransfer:
		if nameop.NameHash(c.Name) == op.NameHash {
			r.Subject = c.Name
		}
	case nameop.NameRevoke:
		r.Subject = op.Name
	case nameop.NameImport:
		r.Subject, r.ZoneFile, r.HasZoneFile = op.Name, op.ZoneFile, true
	case nameop.NamespaceReveal:
		r.Subject = op.ID
	case nameop.NamespaceReady:
		r.Subject = op.ID
	case nameop.TokenTransfer:
		r.Tokens = op.Amount
	}
}

// rolesOf are the roles of an operation's outputs in the order of the protocol (3.2 to 3.13). What
// it does not look at is the payer's change.
func rolesOf(op nameop.Op, outputs int) []Role {
	var fixed []Role
	switch op.(type) {
	case nameop.NamePreorder, nameop.NamespacePreorder:
		fixed = []Role{RoleData, RoleChange, RoleBurn}
	case nameop.NameRegistration:
		fixed = []Role{RoleData, RoleOwner}
	case nameop.NameRenewal:
		fixed = []Role{RoleData, RoleOwner, RoleOwnerChange, RoleBurn}
	case nameop.NameTransfer:
		fixed = []Role{RoleData, RoleOwner, RoleOwnerChange}
	case nameop.NameUpdate, nameop.NameRevoke:
		fixed = []Role{RoleData, RoleOwnerChange}
	case nameop.NameImport:
		fixed = []Role{RoleData, RoleOwner, RoleZoneFile}
	case nameop.NamespaceReveal:
		fixed = []Role{RoleData, RoleRevealer}
	case nameop.TokenTransfer:
		fixed = []Role{RoleData, RoleRecipient}
	default:
		fixed = []Role{RoleData}
	}
	for len(fixed) < outputs {
		fixed = append(fixed, RoleChange)
	}
	return fixed[:outputs]
}

// String says in a few words what the operation is.
func (r *Reading) String() string {
	if r.Problem != "" {
		return "a name operation that the name system would not read: " + r.Problem
	}
	subject := r.Subject
	if subject == "" {
		subject = "a name that only a hash shows"
	}
	switch op := r.Op.(type) {
	case nameop.NamePreorder:
		return "preorders " + subject
	case nameop.NamespacePreorder:
		if r.Subject == "" {
			subject = "that only a hash shows"
		}
		return "preorders the namespace " + subject
	case nameop.NameRegistration:
		return "registers " + subject
	case nameop.NameRenewal:
		return "renews " + subject
	case nameop.NameUpdate:
		return "gives " + subject + " another zone file"
	case nameop.NameTransfer:
		if !op.Keep {
			return "gives " + subject + " to another owner and erases its zone file"
		}
		return "gives " + subject + " to another owner"
	case nameop.NameRevoke:
		return "REVOKES " + subject + ": it becomes unusable until it expires"
	case nameop.NameImport:
		return "imports " + subject
	case nameop.NamespaceReveal:
		return "reveals the rules of the namespace " + subject
	case nameop.NamespaceReady:
		return "opens the namespace " + subject
	case nameop.TokenTransfer:
		return fmt.Sprintf("sends %d units of %q", op.Amount, op.TokenType)
	}
	return "an announcement"
}
