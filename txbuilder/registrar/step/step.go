package step

import (
	"fmt"
	"slices"

	"blockstack/txbuilder/registrar/job"
)

// Deed is what an action does.
type Deed string

// The deeds.
const (
	DoSign      Deed = "sign"      // build, sign and store a transaction, then To
	DoUse       Deed = "use"       // take a stored version for the one to send, then To
	DoBroadcast Deed = "broadcast" // send the stored bytes
	DoPublish   Deed = "publish"   // put the zone file where it can be found
	DoEnter     Deed = "enter"     // the state To, and nothing else
	DoWait      Deed = "wait"      // nothing to do before the chain moves
	DoNothing   Deed = "nothing"   // the job is over
)

// Action is what has to happen next to a job.
type Action struct {
	Do      Deed
	To      job.State // state after the action
	Role    job.Role  // transaction to sign, use or send
	Version int       // index among its versions
	All     []Pick    // several of an import to use or send at once, that one included
	Replace bool      // sign a newer version that spends the same input 0
	// Dearer says that the node refused all stored versions for their fee.
	Dearer bool
	// Optional says that if it cannot be done, waiting is as good.
	Optional bool
	Reason   string // for Expired and Rejected
	// Lost says, where a state is entered, that no transaction of the job can ever confirm.
	Lost bool
	Wait *job.Wait
}

// Limits of patience, in blocks.
const (
	// ReplaceMargin is how many blocks before a consensus hash gets too old its transaction is
	// replaced: a transaction mined too late burns for nothing.
	ReplaceMargin = 4
	// externalMargin is the same for a transaction that was sent and whose replacement is signed
	// elsewhere.
	externalMargin = 10
	// BumpAfter is how long a transaction without such a hash waits before the next higher fee is
	// tried.
	BumpAfter = 6
	// hurryBefore is how many blocks before a preorder lapses waiting gets shorter.
	hurryBefore = 24
	hurryAfter  = 2
)

// Step says what has to happen next. It is pure: the job and what the chain shows are all it knows.
func Step(j *job.Job, f Facts) Action {
	s := stepper{j: j, f: f, flow: j.Flow(), need: j.Request.Confirmations}
	if j.Request.Kind == job.KindImport {
		i := importing{s}
		return i.step()
	}
	switch j.State {
	case job.Planned:
		return s.planned()
	case job.MoveSigned:
		return s.moveSigned()
	case job.PreorderSigned:
		return s.preorderSigned()
	case job.PreorderConfirmed:
		return s.preorderConfirmed()
	case job.RegisterSigned:
		return s.registerSigned()
	case job.RegisterConfirmed:
		return s.registerConfirmed()
	case job.UpdateSigned:
		return s.updateSigned()
	case job.UpdateConfirmed:
		return s.updateConfirmed()
	case job.Done:
		return s.done()
	case job.Cancelling:
		return s.cancelling()
	case job.Expired, job.Rejected, job.Cancelled:
		return s.ended()
	}
	panic(fmt.Sprintf("bug: no step for %s", j.State))
}

type stepper struct {
	j    *job.Job
	f    Facts
	flow job.Flow
	need int32
}

func (s *stepper) planned() Action {
	// Signed elsewhere, and sent past the job.
	if v, _ := s.mined(s.flow.First()); v != nil {
		return s.settle(s.flow.First(), v, s.started())
	}
	if v, _ := s.mined(job.RoleMove); v != nil {
		return s.settle(job.RoleMove, v, job.MoveSigned)
	}
	if s.j.Request.Kind.OfOwner() {
		return s.ownerPlanned()
	}
	if s.f.Taken || s.f.Held {
		return s.over(job.Rejected, "the name was registered meanwhile; nothing was paid")
	}
	return Action{Do: DoSign, Role: s.flow.Preorder, To: job.PreorderSigned}
}

func (s *stepper) preorderSigned() Action {
	st := s.j.Stage(s.flow.Preorder)
	if v, t := s.mined(s.flow.Preorder); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		if a, lapsed := s.lapsed(t.Height); lapsed {
			return a
		}
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		return s.settle(s.flow.Preorder, v, job.PreorderConfirmed)
	}
	if s.f.Held || s.f.Taken && s.f.TakenFor >= s.need {
		// The burn can still be kept from happening.
		return Action{Do: DoSign, Role: job.RoleReturn, To: job.Cancelling, Reason: "the name was registered by somebody else before the preorder was confirmed"}
	}
	if a, ok := s.unmoved(st, job.PreorderSigned); ok {
		return a
	}
	if a, ok := s.dead(st, job.PreorderSigned); ok {
		return a
	}
	if a, ok := s.outdated(st, job.PreorderSigned); ok {
		return a
	}
	return s.send(st, "to be confirmed", st.Versions[st.Current].Window)
}

func (s *stepper) preorderConfirmed() Action {
	v, t := s.mined(s.flow.Preorder)
	if v == nil || t.verdict() == refused {
		return s.enter(job.PreorderSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	if r, _ := s.mined(s.flow.Register); r != nil { // a reorg had taken both away
		return s.settle(s.flow.Register, r, job.RegisterSigned)
	}
	if a, lapsed := s.lapsed(t.Height); lapsed {
		return a
	}
	if a, gone := s.gone(); gone {
		return a
	}
	return s.follow(s.flow.Register, v.Txid, job.RegisterSigned)
}

func (s *stepper) registerSigned() Action {
	if v, t := s.mined(s.flow.Register); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(s.flow.Register, v, job.RegisterConfirmed)
	}
	parent, t := s.mined(s.flow.Preorder)
	if parent == nil || t.verdict() == refused { // a reorg put it into a later block
		return s.enter(job.PreorderSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(parent)
	}
	if a, gone := s.gone(); gone {
		return a
	}
	deadline := int32(0)
	if s.flow.Register == job.RoleRegister {
		if a, lapsed := s.lapsed(t.Height); lapsed {
			return a
		}
		if s.f.Lifetime > 0 {
			deadline = t.Height + s.f.Lifetime
		}
	}
	st := s.j.Stage(s.flow.Register)
	if st == nil || st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(s.flow.Register, parent.Txid, job.RegisterSigned)
	}
	return s.push(st, parent.Txid, deadline, job.RegisterSigned)
}

func (s *stepper) registerConfirmed() Action {
	v, t := s.mined(s.flow.Register)
	if v == nil || t.verdict() == refused {
		return s.enter(job.RegisterSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	if s.flow.Update != "" {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		if s.j.Request.Hold {
			return s.wait(&job.Wait{For: "the namespace to be opened; until then names can be imported", Held: true})
		}
		return s.follow(s.flow.Update, v.Txid, job.UpdateSigned)
	}
	return s.finish(v, t)
}

func (s *stepper) updateSigned() Action {
	if s.j.Request.Kind.OfOwner() {
		return s.ownerSigned()
	}
	if v, t := s.mined(s.flow.Update); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(s.flow.Update, v, job.UpdateConfirmed)
	}
	parent, t := s.mined(s.flow.Register)
	if parent == nil || t.verdict() == refused {
		return s.enter(job.RegisterSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(parent)
	}
	st := s.j.Stage(s.flow.Update)
	if st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(s.flow.Update, parent.Txid, job.UpdateSigned)
	}
	if a, ok := s.outdated(st, job.UpdateSigned); ok {
		return a
	}
	return s.push(st, parent.Txid, 0, job.UpdateSigned)
}

func (s *stepper) updateConfirmed() Action {
	v, t := s.mined(s.flow.Update)
	if v == nil || t.verdict() == refused {
		return s.enter(job.UpdateSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	return s.finish(v, t)
}

// done reopens a job whose last transaction a reorg took out of the chain.
func (s *stepper) done() Action {
	last, back := s.flow.Register, job.RegisterSigned
	if s.flow.Update != "" {
		last, back = s.flow.Update, job.UpdateSigned
	}
	if v, t := s.mined(last); v == nil || t.verdict() == refused {
		return s.enter(back)
	}
	return Action{Do: DoNothing, To: job.Done}
}

// started is the state in which the job's first transaction is signed.
func (s *stepper) started() job.State {
	if s.j.Request.Kind.OfOwner() {
		return job.UpdateSigned
	}
	return job.PreorderSigned
}

// ended goes on with a job that was given up when a reorg gave it what it wanted after all: its
// last transaction counts; or what was taken back has happened.
func (s *stepper) ended() Action {
	role, to := s.flow.Register, job.RegisterSigned
	if s.flow.Update != "" {
		role, to = s.flow.Update, job.UpdateSigned
	}
	if s.j.State == job.Cancelled {
		role, to = s.flow.First(), s.started()
	}
	if _, t := s.mined(role); t.verdict() == accepted {
		return s.enter(to)
	}
	return Action{Do: DoNothing, To: s.j.State}
}

func (s *stepper) cancelling() Action {
	if v, _ := s.mined(s.flow.First()); v != nil {
		return s.enter(s.started())
	}
	st := s.j.Stage(job.RoleReturn)
	if v, t := s.mined(job.RoleReturn); v != nil {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		reason := job.Words(s.flow.First()) + " was replaced; its money went back to where it came from"
		if s.j.Reason != "" {
			reason = s.j.Reason + "; " + reason
		}
		return s.over(job.Cancelled, reason)
	}
	if a, ok := s.dead(st, job.Cancelling); ok {
		first := s.j.Stage(s.flow.First())
		if a.Do == DoSign && first != nil && !slices.ContainsFunc(first.Versions, func(v *job.Version) bool { return !s.f.Dead[v.Txid] }) {
			return Action{Do: DoEnter, To: job.Cancelled, Lost: true, Reason: "the chain lost what it would have spent; nothing was paid"}
		}
		return a
	}
	return s.send(st, "to be confirmed", 0)
}
