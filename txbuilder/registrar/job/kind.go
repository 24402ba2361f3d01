package job

import (
	"fmt"
	"strings"
)

// ID names a job: ten hex digits that follow from the intention and how often it was tried, so that
// it is the same on every machine.
type ID string

// MaxImports is how many names one import job takes.
const MaxImports = 200

// ImportRole is the transaction that imports a job's i-th name.
func ImportRole(i int) Role { return Role(fmt.Sprintf("import_%d", i)) }

// IsImport says whether a transaction imports a name.
func (r Role) IsImport() bool { return strings.HasPrefix(string(r), "import_") }

// Role is what a transaction of a job does. The values are stored.
type Role string

// The roles.
const (
	RolePreorder          Role = "preorder"
	RoleRegister          Role = "register"
	RoleUpdate            Role = "update"
	RoleNamespacePreorder Role = "namespace_preorder"
	RoleReveal            Role = "reveal"
	RoleReady             Role = "ready"
	RoleReturn            Role = "return"
	RoleRenew             Role = "renew"
	RoleTransfer          Role = "transfer"
	RoleRevoke            Role = "revoke"
	RoleMove              Role = "move"
	RoleSplit             Role = "split"
	RoleFund              Role = "fund" // pays the coins of an import
)

// An operation of a name's owner (renew, update, transfer, revoke) is one transaction, whose input
// 0 is a coin of the owner. Such a job takes the states Planned, UpdateSigned, UpdateConfirmed and
// Done.

// OfOwner says whether the kind is an operation of a name's owner.
func (k Kind) OfOwner() bool {
	return k == KindRenew || k == KindUpdate || k == KindTransfer || k == KindRevoke
}

// HasName says whether the kind is about a name.
func (k Kind) HasName() bool { return k == KindRegister || k.OfOwner() }

// Role is the transaction of an owner's operation.
func (k Kind) Role() Role {
	switch k {
	case KindRenew:
		return RoleRenew
	case KindTransfer:
		return RoleTransfer
	case KindRevoke:
		return RoleRevoke
	}
	return RoleUpdate
}

// Kind is what a job does. The values are stored.
type Kind string

// The kinds.
const (
	KindRegister Kind = "register" // preorder, register, publication
	KindLaunch   Kind = "launch"   // namespace preorder, reveal, ready
	KindRenew    Kind = "renew"    // another term, with a new owner and a new zone file where asked
	KindUpdate   Kind = "update"   // another zone file
	KindTransfer Kind = "transfer" // another owner
	KindRevoke   Kind = "revoke"   // unusable until it expires
	KindSplit    Kind = "split"    // a coin for each series of a batch
	KindSeries   Kind = "series"   // several names, paid one from the change of the other
	KindImport   Kind = "import"   // names into a namespace
)

// BatchKind says whether a job belongs to a batch.
func (k Kind) BatchKind() bool { return k == KindSplit || k == KindSeries }

// Words names a transaction for people.
func Words(role Role) string {
	switch role {
	case RoleRegister:
		return "the registration"
	case RoleUpdate:
		return "the update"
	case RoleNamespacePreorder:
		return "the namespace preorder"
	case RoleReveal:
		return "the reveal"
	case RoleReady:
		return "the opening of the namespace"
	case RoleReturn:
		return "the returning transaction"
	case RoleRenew:
		return "the renewal"
	case RoleTransfer:
		return "the transfer"
	case RoleRevoke:
		return "the revocation"
	case RoleMove:
		return "the moving of coins"
	case RoleSplit:
		return "the coins of the batch"
	case RoleFund:
		return "the payment of the import keys"
	}
	if role.IsImport() {
		return "an import"
	}
	return "the preorder"
}

// pays says whether what is done to a name has a price beside its fee.
func (k Kind) pays() bool { return k == KindRegister || k == KindRenew }
