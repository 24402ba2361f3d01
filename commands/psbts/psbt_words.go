package psbts

import (
	"fmt"
	"math"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/wallet/watched"
)

// psbtOpView is what programs see of the name operation in a PSBT.
type psbtOpView struct {
	Op         string   `json:"op,omitempty"`
	Subject    string   `json:"subject,omitempty"` // name or namespace; absent where only a hash shows
	Text       string   `json:"text"`
	PriceSat   *int64   `json:"price_sat,omitempty"`
	Ustacks    *big.Int `json:"price_ustacks,omitempty"`
	Payee      string   `json:"payee_address,omitempty"`
	Owner      string   `json:"owner_address,omitempty"`
	ZoneFile   string   `json:"zonefile_hash,omitempty"`
	Problem    string   `json:"problem,omitempty"`
	PreparedBy string   `json:"job_id,omitempty"`
}

// readingRules are the name rules by which a PSBT is read. A machine that is offline has no
// sandbox; its rules are built in.
func readingRules(e *session.Session) *names.Params {
	rules, err := home.Rules(e.Config)
	switch {
	case err == nil:
		return rules
	case e.Config.Network == "sandbox":
		return names.Sandbox("", new(big.Int))
	}
	return nil
}

// readOperation reads the name operation of a PSBT by the rules of the last epoch; nil: there is
// none that these rules know.
func readOperation(e *session.Session, p *psbt.Packet) *txbuilder.Reading {
	rules := readingRules(e)
	if rules == nil {
		return nil
	}
	r, ok := txbuilder.Read(rules, math.MaxInt32, p)
	if !ok {
		return nil
	}
	return r
}

// viewOperation turns a reading into what programs see.
func viewOperation(e *session.Session, r *txbuilder.Reading) *psbtOpView {
	if r == nil {
		return nil
	}
	v := &psbtOpView{Subject: voice.Clean(r.Subject), Text: voice.Clean(r.String()), Payee: r.Payee, Problem: voice.Clean(r.Problem), PreparedBy: voice.Clean(r.Job)}
	if r.Op == nil {
		return v
	}
	v.Op = r.Op.OpName()
	if r.Payee != "" {
		v.PriceSat = voice.SatPointer(r.Paid)
	}
	if r.Tokens > 0 {
		v.Ustacks = new(big.Int).SetUint64(r.Tokens)
	}
	if r.Owner != nil {
		v.Owner = session.AddressOf(e, r.Owner)
	}
	if r.HasZoneFile {
		v.ZoneFile = r.ZoneFile.String()
	}
	return v
}

// psbtLines say what a PSBT does.
func psbtLines(v psbtView) []string {
	var lines []string
	if v.Op != nil {
		lines = append(lines, "name operation: "+v.Op.Text)
		if _, commits := v.reading.Op.(nameop.NamePreorder); commits && v.Op.Owner != "" {
			lines = append(lines, "its owner is to be "+v.Op.Owner)
		}
		if v.Op.ZoneFile != "" {
			lines = append(lines, "zone file "+v.Op.ZoneFile)
		}
		if v.Op.Ustacks != nil {
			lines = append(lines, fmt.Sprintf("BURNS %s of the account of input 0", voice.Stacks(v.Op.Ustacks)))
		}
	}
	for _, x := range v.Inputs {
		whose := "of somebody else"
		if x.Ours {
			whose = "yours, " + x.whose()
		}
		if x.Threshold > 0 {
			whose += fmt.Sprintf("; %d of %d keys sign, %d have", x.Threshold, x.Keys, len(x.SignedBy))
		}
		lines = append(lines, fmt.Sprintf("spends %s at %s (%s)", satText(x.AmountSat), x.Address, whose))
	}
	for i, x := range v.Outputs {
		lines = append(lines, outputLine(v.reading, i, x))
	}
	if v.Unknown > 0 {
		lines = append(lines, fmt.Sprintf("it has %s that this program does not know; they are kept as they are", voice.Count(v.Unknown, "field")))
	}
	if !v.Proved {
		lines = append(lines, "not proved: what is called yours was not derived from the seed; psbt sign does that, before it signs")
	}
	lines = append(lines, "fee "+satText(v.FeeSat))
	return append(lines, fmt.Sprintf("in all it changes your money by %s", voice.BTC(btcutil.Amount(v.NetSat))))
}

// whose says which key of ours it is.
func (x psbtPartView) whose() string {
	if x.Path == "" {
		return "script that several keys sign"
	}
	return x.Role + " key " + x.Path
}

// satText is an amount that may be unknown.
func satText(sat *int64) string {
	if sat == nil {
		return "an unknown amount"
	}
	return voice.BTC(btcutil.Amount(*sat))
}

// outputLine says what one output is for: in a name operation by its place, elsewhere by whose it
// is.
func outputLine(r *txbuilder.Reading, i int, x psbtPartView) string {
	where := x.Address
	if x.Ours {
		where += ", your " + x.whose()
	}
	if r != nil && i < len(r.Roles) {
		switch role := r.Roles[i]; {
		case role == txbuilder.RoleData:
			return "carries the operation"
		case role == txbuilder.RoleBurn:
			return fmt.Sprintf("PAYS the price of %s to %s", satText(x.AmountSat), x.Address)
		case role == txbuilder.RoleOwner && x.Ours:
			return fmt.Sprintf("makes %s the owner, with %s beside it", where, satText(x.AmountSat))
		case role == txbuilder.RoleOwner:
			return fmt.Sprintf("makes %s, which is NOT YOURS, the owner, with %s beside it", x.Address, satText(x.AmountSat))
		case role == txbuilder.RoleRevealer:
			return fmt.Sprintf("makes %s the one who imports names and opens the namespace, with %s beside it", where, satText(x.AmountSat))
		case role == txbuilder.RoleZoneFile:
			return fmt.Sprintf("carries the zone-file hash in an address, with %s", satText(x.AmountSat))
		case role == txbuilder.RoleOwnerChange && x.Ours:
			return fmt.Sprintf("gives back %s to the owner's %s", satText(x.AmountSat), where)
		case role == txbuilder.RoleChange && x.Ours:
			return fmt.Sprintf("gives back %s to %s", satText(x.AmountSat), where)
		case role == txbuilder.RoleChange:
			return fmt.Sprintf("gives %s as change to %s, which is NOT YOURS", satText(x.AmountSat), x.Address)
		}
	}
	switch {
	case x.Ours && x.Role == "change":
		return fmt.Sprintf("gives back %s to your %s", satText(x.AmountSat), x.Path)
	case x.Ours:
		return fmt.Sprintf("pays %s to your own %s, %s", satText(x.AmountSat), x.Address, x.whose())
	case x.TooFar:
		line := fmt.Sprintf("PAYS %s to %s, your key %s, which NO RESTORE LOOKS FOR: it counts as gone", satText(x.AmountSat), x.Address, x.Path)
		if x.index < watched.MaxGap { // as far as a search can look
			line += fmt.Sprintf("; only a longer search finds it there: blockstack wallet rescan --search %d", x.index+1)
		}
		return line
	case x.Address == "":
		return "carries data: a name operation, or something else that is not a payment"
	}
	return fmt.Sprintf("PAYS %s to %s", satText(x.AmountSat), x.Address)
}
