package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
)

// Rates fills in the defaults that every job of a batch shares.
func (r Request) Rates(usual, confirmations int32) (Request, error) {
	if r.Confirmations = confirmations; r.Confirmations == 0 {
		r.Confirmations = usual
	}
	if r.HighRate == 0 {
		r.HighRate = min(r.Rate*highFactor, txbuilder.MaxRate)
	}
	if r.HighRate < r.Rate || r.Rate < txbuilder.RelayRate || r.HighRate > txbuilder.MaxRate || r.Confirmations < 1 {
		return r, fmt.Errorf("%w: fee rates %s and %s, %d confirmations", ErrBadRequest, r.Rate, r.HighRate, r.Confirmations)
	}
	return r, nil
}

// Importer is the script that imports a job's i-th name.
func (r *Request) Importer(i int) []byte {
	if i == 0 {
		return r.Owner
	}
	return r.Import.Ring[(i-1)%len(r.Import.Ring)]
}

// Rank orders what is brought in.
func (r *Request) Rank() int {
	if r.Kind == KindSplit {
		return 1
	}
	return 0
}

// Recipient is who gets or keeps the name by the request; nil when its owner stays.
func (r *Request) Recipient() []byte {
	switch r.Kind {
	case KindRegister:
		return r.Owner
	case KindRenew, KindTransfer:
		return r.To
	}
	return nil
}

// Request is an intention.
type Request struct {
	Kind Kind `json:"kind"`
	// Name is the name, except for a launch.
	Name names.Name `json:"name,omitzero"`
	// Owner is the script that will own the name; for a launch, the revealer's P2PKH script; for
	// the other operations on a name, the script that owns it.
	Owner []byte `json:"owner"`
	// To is the new owner, for a transfer, and for a renewal that gives the name away.
	To []byte `json:"to,omitempty"`
	// Erase says that a transfer erases the zone-file hash.
	Erase bool `json:"erase,omitempty"`
	// ZoneFile is the zone file whose hash a registration, an update or a renewal carries; empty:
	// none, and a renewal keeps the one there is.
	ZoneFile []byte `json:"zone_file,omitempty"`
	// Namespace holds the rules of a namespace to launch.
	Namespace *nameop.NamespaceReveal `json:"namespace,omitempty"`
	// Split and Series are the parts of a batch; List says of which list of names.
	Split  *Split  `json:"split,omitempty"`
	Series *Series `json:"series,omitempty"`
	List   string  `json:"list,omitempty"`
	// Hold lets a launch wait after the reveal, for imports, until Release. It is no part of the
	// intention.
	Hold bool `json:"hold,omitempty"`
	// Import is what an import imports; Owner is then the revealer's script.
	Import *ImportSet `json:"import,omitempty"`
	// PayWith chooses the currency of a name's price where there is a choice; empty takes the
	// namespace's own.
	PayWith names.Unit `json:"pay_with,omitempty"`
	// External says that signatures come from elsewhere: Advance makes drafts, and Accept takes
	// them back. It is no part of the intention.
	External bool `json:"external,omitempty"`
	// Assured is the block since which this home cannot know its last days, where the user has
	// agreed to a preorder all the same; 0: nothing was agreed to. It is no part of the intention.
	Assured int32 `json:"assured,omitempty"`
	// Rate is the planned fee rate; HighRate the one that the next transaction is also signed at,
	// zero: three times Rate.
	Rate     txbuilder.FeeRate `json:"rate"`
	HighRate txbuilder.FeeRate `json:"high_rate"`
	// MaxTotal is a ceiling on fees, burns and outputs given away; zero: none.
	MaxTotal btcutil.Amount `json:"max_total,omitempty"`
	// Confirmations is when a transaction counts; zero: the registrar's default.
	Confirmations int32 `json:"confirmations"`
}

// highFactor is how much higher the second signed rate is.
const highFactor = 3

// Normal fills in defaults and refuses contradictions.
func (r Request) Normal(p *names.Params, confirmations int32) (Request, error) {
	bad := func(format string, args ...any) (Request, error) {
		return r, fmt.Errorf("%w: "+format, append([]any{ErrBadRequest}, args...)...)
	}
	if r.Confirmations == 0 {
		r.Confirmations = confirmations
	}
	if r.Confirmations < 1 {
		return bad("%d confirmations", r.Confirmations)
	}
	if r.HighRate == 0 {
		r.HighRate = min(r.Rate*highFactor, txbuilder.MaxRate)
	}
	if r.HighRate < r.Rate || r.Rate < txbuilder.RelayRate || r.HighRate > txbuilder.MaxRate {
		return bad("fee rates %s and %s", r.Rate, r.HighRate)
	}
	if _, err := p.ScriptAddress(r.Owner); err != nil {
		return r, &txbuilder.ForbiddenScript{Where: "owner", Kind: txbuilder.KindOf(r.Owner), Script: r.Owner, Reason: ownerReason}
	}
	switch r.Kind {
	case KindRegister:
		if r.Name.IsZero() || r.Namespace != nil || r.To != nil || r.Erase {
			return bad("a registration needs a name and no namespace rules")
		}
	case KindLaunch:
		if r.Namespace == nil || !r.Name.IsZero() || len(r.ZoneFile) > 0 || r.To != nil || r.Erase {
			return bad("a launch needs namespace rules and neither name nor zone file")
		}
		if _, err := names.ParseNamespaceID(r.Namespace.ID); err != nil {
			return r, err
		}
		if txbuilder.KindOf(r.Owner) != txbuilder.KindP2PKH {
			return r, &txbuilder.ForbiddenScript{Where: "revealer", Kind: txbuilder.KindOf(r.Owner), Script: r.Owner,
				Reason: "imports need a revealer whose public key shows, so it must be P2PKH"}
		}
	case KindImport:
		return r, r.checkImport(p)
	case KindRenew, KindUpdate, KindTransfer, KindRevoke:
		return r, r.checkOwnerOp(p)
	case KindSplit, KindSeries:
		return r, r.checkBatch(p)
	default:
		return bad("kind %q", r.Kind)
	}
	return r, nil
}

// Subject is the name or namespace that a request is about.
func (r *Request) Subject() string {
	switch r.Kind {
	case KindLaunch:
		return r.Namespace.ID
	case KindSplit:
		if len(r.Split.Outputs) == 1 {
			return "1 coin"
		}
		return fmt.Sprintf("%d coins", len(r.Split.Outputs))
	case KindSeries:
		first, n := r.Series.Items[0].Name.String(), len(r.Series.Items)
		if n == 1 {
			return first
		}
		return fmt.Sprintf("%s and %d more", first, n-1)
	case KindImport:
		return r.Import.Namespace.String()
	}
	return r.Name.String()
}

// NamespaceID is the namespace that a request is about or its name is in.
func (r *Request) NamespaceID() names.NamespaceID {
	switch r.Kind {
	case KindLaunch:
		return names.NamespaceID(r.Namespace.ID)
	case KindImport:
		return r.Import.Namespace
	}
	return r.Name.Namespace()
}

// SameSubject says whether two requests would get in each other's way: they are about one name, or
// one namespace.
func (r *Request) SameSubject(o *Request) bool {
	if r.Kind == KindImport || o.Kind == KindImport { // any number of lists at once
		return r.Kind == o.Kind && r.Subject() == o.Subject() && r.Import.digest() == o.Import.digest()
	}
	if r.Kind == KindLaunch || o.Kind == KindLaunch {
		return r.Kind == o.Kind && r.Subject() == o.Subject()
	}
	mine := r.Requests()
	for _, q := range o.Requests() {
		if slices.ContainsFunc(mine, func(p Request) bool { return p.Name == q.Name }) {
			return true
		}
	}
	return false
}

// Differs names the first part of the intention that is not the same. Rates, ceilings and
// confirmations are not part of it.
func (r *Request) Differs(o *Request) string {
	switch {
	case r.Kind != o.Kind:
		return "purpose"
	case !bytes.Equal(r.Owner, o.Owner):
		return "owner"
	case !bytes.Equal(r.To, o.To):
		return "new owner"
	case r.Erase != o.Erase:
		return "wish for the zone file"
	case !bytes.Equal(r.ZoneFile, o.ZoneFile):
		return "zone file"
	case (r.Namespace == nil) != (o.Namespace == nil), r.Namespace != nil && *r.Namespace != *o.Namespace:
		return "set of rules"
	case r.Kind == KindSplit && (r.List != o.List || !sameStored(r.Split, o.Split)):
		return "set of coins"
	case r.Kind == KindSeries && !sameStored(r.Series, o.Series):
		return "list of names"
	}
	return ""
}

// sameStored compares two parts of requests as they are stored.
func sameStored(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// Requests are the intentions for single names: those of a series, or the one.
func (r *Request) Requests() []Request {
	if r.Kind != KindSeries {
		if r.Kind.HasName() {
			return []Request{*r}
		}
		return nil
	}
	all := make([]Request, len(r.Series.Items))
	for i := range all {
		all[i] = r.Series.Items[i].Request(r)
	}
	return all
}

// SameIntention says whether two requests want the same of one name. Rates and ceilings do not
// count.
func (r *Request) SameIntention(o *Request) bool { return r.Differs(o) == "" }
