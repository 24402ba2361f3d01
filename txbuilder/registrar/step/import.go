package step

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// Pick is a version of a transaction.
type Pick struct {
	Role    job.Role
	Version int
}

// importing is a stepper for an import.
type importing struct{ stepper }

// step is Step for an import.
func (s *importing) step() Action {
	switch s.j.State {
	case job.Planned:
		return Action{Do: DoSign, Role: job.RoleFund, To: job.PreorderSigned}
	case job.PreorderSigned:
		return s.fundSigned()
	case job.PreorderConfirmed:
		v, _ := s.mined(job.RoleFund)
		if v == nil {
			return s.enter(job.PreorderSigned)
		}
		return s.follow(job.ImportRole(0), v.Txid, job.RegisterSigned)
	case job.RegisterSigned:
		return s.firstImportSigned()
	case job.RegisterConfirmed:
		return s.firstImportConfirmed()
	case job.UpdateSigned:
		return s.importsSigned()
	case job.UpdateConfirmed, job.Done:
		return s.importsConfirmed()
	case job.Cancelling:
		return s.cancelling()
	}
	if v, _ := s.mined(job.RoleFund); v != nil && s.j.State == job.Cancelled {
		return s.enter(job.PreorderSigned) // a miner took it after all
	}
	return Action{Do: DoNothing, To: s.j.State}
}

func (s *importing) fundSigned() Action {
	st := s.j.Stage(job.RoleFund)
	if v, t := s.mined(job.RoleFund); v != nil {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		return s.settle(job.RoleFund, v, job.PreorderConfirmed)
	}
	if a, ok := s.dead(st, job.PreorderSigned); ok {
		return a
	}
	return s.push(st, chainhash.Hash{}, 0, job.PreorderSigned)
}

func (s *importing) firstImportSigned() Action {
	role := job.ImportRole(0)
	if v, t := s.mined(role); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(role, v, job.RegisterConfirmed)
	}
	parent, _ := s.mined(job.RoleFund)
	if parent == nil {
		return s.enter(job.PreorderSigned)
	}
	st := s.j.Stage(role)
	if st == nil || st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(role, parent.Txid, job.RegisterSigned)
	}
	return s.pushImport(st, parent.Txid, job.RegisterSigned)
}

// pushImport is push without a newer version, unless the node refuses both for their fee: an import
// is signed at two rates, and its coin holds what the higher one costs.
func (s *importing) pushImport(st *job.Stage, parent chainhash.Hash, stay job.State) Action {
	a := s.push(st, parent, 0, stay)
	if a.Do == DoSign && !a.Dearer && !(s.j.Request.External && len(st.Versions) < 2) {
		return s.wait(a.Wait)
	}
	return a
}

func (s *importing) firstImportConfirmed() Action {
	v, t := s.mined(job.ImportRole(0))
	if v == nil || t.verdict() == refused {
		return s.enter(job.RegisterSigned)
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
	parent, _ := s.mined(job.RoleFund)
	if parent == nil {
		return s.enter(job.RegisterSigned)
	}
	return s.useAll(parent.Txid)
}

// useAll takes the stored versions of all imports after the first.
func (s *importing) useAll(parent chainhash.Hash) Action {
	a := Action{Do: DoUse, To: job.UpdateSigned}
	for i := 1; i < len(s.j.Request.Import.Names); i++ {
		role := job.ImportRole(i)
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
func (s *importing) importsSigned() Action {
	if v, t := s.mined(job.ImportRole(0)); v == nil || t.verdict() == refused {
		return s.enter(job.RegisterSigned)
	}
	parent, _ := s.mined(job.RoleFund)
	if parent == nil {
		return s.enter(job.RegisterSigned)
	}
	send, use := Action{Do: DoBroadcast, To: job.UpdateSigned}, Action{Do: DoUse, To: job.UpdateSigned}
	var waits, dearer Action
	var rejected *TxFact
	missing := 0
	for i := 1; i < len(s.j.Request.Import.Names); i++ {
		role := job.ImportRole(i)
		st := s.j.Stage(role)
		if v, t := s.mined(role); v != nil {
			switch t.verdict() {
			case unread:
				return s.waitIndex(v)
			case refused:
				rejected = &t
				if t.Confirmations < s.need {
					return s.waitDepth(v, t)
				}
				continue
			}
			if a := s.settle(role, v, job.UpdateSigned); a.Do == DoUse {
				use.All = append(use.All, Pick{role, a.Version})
			}
			continue
		}
		missing++
		if st == nil || st.Versions[st.Current].Parent != parent.Txid {
			return s.useAll(parent.Txid)
		}
		switch a := s.pushImport(st, parent.Txid, job.UpdateSigned); a.Do {
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
	case rejected != nil:
		return s.over(job.Rejected, fmt.Sprintf("at least one import was refused: %s", rejected.Reason))
	}
	return s.enter(job.UpdateConfirmed)
}

// importsConfirmed waits for depth, publishes, and notices what a reorg takes away.
func (s *importing) importsConfirmed() Action {
	var shallow *job.Version
	var at TxFact
	for i := range s.j.Request.Import.Names {
		v, t := s.mined(job.ImportRole(i))
		switch {
		case v == nil || t.verdict() == refused:
			if i == 0 {
				if s.j.State == job.UpdateConfirmed {
					return s.enter(job.UpdateSigned)
				}
				return s.enter(job.RegisterSigned)
			}
			return s.enter(job.UpdateSigned)
		case t.verdict() == unread:
			return s.waitIndex(v)
		case shallow == nil || t.Confirmations < at.Confirmations:
			shallow, at = v, t
		}
	}
	if s.j.State == job.Done {
		return Action{Do: DoNothing, To: job.Done}
	}
	return s.publishImports(shallow, at)
}

// publishImports keeps the zone files, waits for depth and ends the job.
func (s *importing) publishImports(v *job.Version, t TxFact) Action {
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
	return s.enter(job.Done)
}
