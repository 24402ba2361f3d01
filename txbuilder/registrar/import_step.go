package registrar

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// Pick is a version of a transaction.
type Pick struct {
	Role    Role
	Version int
}

// importStep is Step for an import.
func (s *stepper) importStep() Action {
	switch s.j.State {
	case Planned:
		return Action{Do: DoSign, Role: RoleFund, To: PreorderSigned}
	case PreorderSigned:
		return s.fundSigned()
	case PreorderConfirmed:
		v, _ := s.mined(RoleFund)
		if v == nil {
			return s.move(PreorderSigned)
		}
		return s.follow(importRole(0), v.Txid, RegisterSigned)
	case RegisterSigned:
		return s.firstImportSigned()
	case RegisterConfirmed:
		return s.firstImportConfirmed()
	case UpdateSigned:
		return s.importsSigned()
	case UpdateConfirmed, Done:
		return s.importsConfirmed()
	case Cancelling:
		return s.cancelling()
	}
	if v, _ := s.mined(RoleFund); v != nil && s.j.State == Cancelled {
		return s.move(PreorderSigned) // a miner took it after all
	}
	return Action{Do: DoNothing, To: s.j.State}
}

func (s *stepper) fundSigned() Action {
	st := s.j.stage(RoleFund)
	if v, t := s.mined(RoleFund); v != nil {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		return s.settle(RoleFund, v, PreorderConfirmed)
	}
	if a, ok := s.dead(st, PreorderSigned); ok {
		return a
	}
	return s.push(st, chainhash.Hash{}, 0, PreorderSigned)
}

func (s *stepper) firstImportSigned() Action {
	role := importRole(0)
	if v, t := s.mined(role); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(role, v, RegisterConfirmed)
	}
	parent, _ := s.mined(RoleFund)
	if parent == nil {
		return s.move(PreorderSigned)
	}
	st := s.j.stage(role)
	if st == nil || st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(role, parent.Txid, RegisterSigned)
	}
	return s.pushImport(st, parent.Txid, RegisterSigned)
}

// pushImport is push without a newer version, unless the node refuses both for their
// fee: an import is signed at two rates, and its coin holds what the higher one costs.
func (s *stepper) pushImport(st *Stage, parent chainhash.Hash, stay State) Action {
	a := s.push(st, parent, 0, stay)
	if a.Do == DoSign && !a.Dearer && !(s.j.Request.External && len(st.Versions) < 2) {
		return s.wait(a.Wait)
	}
	return a
}

func (s *stepper) firstImportConfirmed() Action {
	v, t := s.mined(importRole(0))
	if v == nil || t.verdict() == refused {
		return s.move(RegisterSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	if len(s.j.Request.Import.Names) == 1 {
		return s.publishImports(v, t)
	}
	parent, _ := s.mined(RoleFund)
	if parent == nil {
		return s.move(RegisterSigned)
	}
	return s.useAll(parent.Txid)
}

// useAll takes the stored versions of all imports after the first.
func (s *stepper) useAll(parent chainhash.Hash) Action {
	a := Action{Do: DoUse, To: UpdateSigned}
	for i := 1; i < len(s.j.Request.Import.Names); i++ {
		role := importRole(i)
		next := s.versions(role, parent)
		if len(next) == 0 {
			return Action{Do: DoSign, Role: role, To: s.j.State}
		}
		a.All = append(a.All, Pick{role, next[0]})
	}
	a.Role, a.Version = a.All[0].Role, a.All[0].Version
	return a
}

// importsSigned sends the imports after the first until all are in blocks.
func (s *stepper) importsSigned() Action {
	if v, t := s.mined(importRole(0)); v == nil || t.verdict() == refused {
		return s.move(RegisterSigned)
	}
	parent, _ := s.mined(RoleFund)
	if parent == nil {
		return s.move(RegisterSigned)
	}
	send, use := Action{Do: DoBroadcast, To: UpdateSigned}, Action{Do: DoUse, To: UpdateSigned}
	var waits, dearer Action
	var no *TxFact
	missing := 0
	for i := 1; i < len(s.j.Request.Import.Names); i++ {
		role := importRole(i)
		st := s.j.stage(role)
		if v, t := s.mined(role); v != nil {
			switch t.verdict() {
			case unread:
				return s.waitIndex(v)
			case refused:
				no = &t
				if t.Confirmations < s.need {
					return s.waitDepth(v, t)
				}
				continue
			}
			if a := s.settle(role, v, UpdateSigned); a.Do == DoUse {
				use.All = append(use.All, Pick{role, a.Version})
			}
			continue
		}
		missing++
		if st == nil || st.Versions[st.Current].Parent != parent.Txid {
			return s.useAll(parent.Txid)
		}
		switch a := s.pushImport(st, parent.Txid, UpdateSigned); a.Do {
		case DoBroadcast:
			send.All = append(send.All, Pick{role, a.Version})
		case DoUse:
			use.All = append(use.All, Pick{role, a.Version})
		case DoSign:
			dearer = a
		default:
			waits = a
		}
	}
	switch {
	case len(use.All) > 0:
		use.Role, use.Version = use.All[0].Role, use.All[0].Version
		return use
	case len(send.All) > 0:
		send.Role, send.Version = send.All[0].Role, send.All[0].Version
		return send
	case dearer.Do == DoSign:
		return dearer
	case missing > 0:
		waits.Wait.For = fmt.Sprintf("%d of %d imports to be confirmed", missing, len(s.j.Request.Import.Names))
		return waits
	case no != nil:
		return s.over(Rejected, fmt.Sprintf("at least one import was refused: %s", no.Reason))
	}
	return s.move(UpdateConfirmed)
}

// importsConfirmed waits for depth, publishes, and notices what a reorg takes away.
func (s *stepper) importsConfirmed() Action {
	var shallow *Version
	var at TxFact
	for i := range s.j.Request.Import.Names {
		v, t := s.mined(importRole(i))
		switch {
		case v == nil || t.verdict() == refused:
			if i == 0 {
				if s.j.State == UpdateConfirmed {
					return s.move(UpdateSigned)
				}
				return s.move(RegisterSigned)
			}
			return s.move(UpdateSigned)
		case t.verdict() == unread:
			return s.waitIndex(v)
		case shallow == nil || t.Confirmations < at.Confirmations:
			shallow, at = v, t
		}
	}
	if s.j.State == Done {
		return Action{Do: DoNothing, To: Done}
	}
	return s.publishImports(shallow, at)
}

// publishImports keeps the zone files, waits for depth and ends the job.
func (s *stepper) publishImports(v *Version, t TxFact) Action {
	if s.f.CanPublish && !s.j.IsPublic {
		for _, n := range s.j.Request.Import.Names {
			if len(n.ZoneFile) > 0 {
				return Action{Do: DoPublish, To: s.j.State}
			}
		}
	}
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	return s.move(Done)
}
