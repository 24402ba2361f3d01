package registrar

import (
	"fmt"
	"slices"
)

// Verb is what an action does.
type Verb string

// The verbs.
const (
	DoSign      Verb = "sign"      // build, sign and store a transaction, then To
	DoUse       Verb = "use"       // take a stored version for the one to send, then To
	DoBroadcast Verb = "broadcast" // send the stored bytes
	DoPublish   Verb = "publish"   // put the zone file where it can be found
	DoMove      Verb = "move"      // only To
	DoWait      Verb = "wait"      // nothing to do before the chain moves
	DoNothing   Verb = "nothing"   // the job is over
)

// Action is what has to happen next to a job.
type Action struct {
	Do      Verb
	To      State  // state after the action
	Role    Role   // transaction to sign, use or send
	Version int    // index among its versions
	All     []Pick // several of an import to use or send at once, that one included
	Replace bool   // sign a newer version that spends the same input 0
	// Dearer says that the node refused all stored versions for their fee.
	Dearer bool
	// Optional says that if it cannot be done, waiting is as good.
	Optional bool
	Reason   string // for Expired and Rejected
	// Lost says, of a move, that no transaction of the job can ever confirm.
	Lost bool
	Wait *Wait
}

// Limits of patience, in blocks.
const (
	// replaceMargin is how many blocks before a consensus hash gets too old its
	// transaction is replaced: a transaction mined too late burns for nothing.
	replaceMargin = 4
	// externalMargin is the same for a transaction that was sent and whose
	// replacement is signed elsewhere.
	externalMargin = 10
	// bumpAfter is how long a transaction without such a hash waits before the
	// next higher fee is tried.
	bumpAfter = 6
	// hurryBefore is how many blocks before a preorder lapses waiting gets
	// shorter.
	hurryBefore = 24
	hurryAfter  = 2
)

// Step says what has to happen next. It is pure: the job and what the chain
// shows are all it knows.
func Step(j *Job, f Facts) Action {
	s := stepper{j: j, f: f, flow: j.flow(), need: j.Request.Confirmations}
	if j.Request.Kind == KindImport {
		return s.importStep()
	}
	switch j.State {
	case Planned:
		return s.planned()
	case MoveSigned:
		return s.moveSigned()
	case PreorderSigned:
		return s.preorderSigned()
	case PreorderConfirmed:
		return s.preorderConfirmed()
	case RegisterSigned:
		return s.registerSigned()
	case RegisterConfirmed:
		return s.registerConfirmed()
	case UpdateSigned:
		return s.updateSigned()
	case UpdateConfirmed:
		return s.updateConfirmed()
	case Done:
		return s.done()
	case Cancelling:
		return s.cancelling()
	case Expired, Rejected, Cancelled:
		return s.ended()
	}
	panic(fmt.Sprintf("bug: no step for %s", j.State))
}

type stepper struct {
	j    *Job
	f    Facts
	flow flow
	need int32
}

func (s *stepper) planned() Action {
	// Signed elsewhere, and sent past the job.
	if v, _ := s.mined(s.flow.first()); v != nil {
		return s.settle(s.flow.first(), v, s.started())
	}
	if v, _ := s.mined(RoleMove); v != nil {
		return s.settle(RoleMove, v, MoveSigned)
	}
	if s.j.Request.Kind.ofOwner() {
		return s.ownerPlanned()
	}
	if s.f.Taken || s.f.Held {
		return s.over(Rejected, "the name was registered meanwhile; nothing was paid")
	}
	return Action{Do: DoSign, Role: s.flow.preorder, To: PreorderSigned}
}

func (s *stepper) preorderSigned() Action {
	st := s.j.stage(s.flow.preorder)
	if v, t := s.mined(s.flow.preorder); v != nil {
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
		return s.settle(s.flow.preorder, v, PreorderConfirmed)
	}
	if s.f.Held || s.f.Taken && s.f.TakenFor >= s.need {
		// The burn can still be kept from happening.
		return Action{Do: DoSign, Role: RoleReturn, To: Cancelling, Reason: "the name was registered by somebody else before the preorder was confirmed"}
	}
	if a, ok := s.unmoved(st, PreorderSigned); ok {
		return a
	}
	if a, ok := s.dead(st, PreorderSigned); ok {
		return a
	}
	if a, ok := s.outdated(st, PreorderSigned); ok {
		return a
	}
	return s.send(st, "to be confirmed", st.Versions[st.Current].Window)
}

func (s *stepper) preorderConfirmed() Action {
	v, t := s.mined(s.flow.preorder)
	if v == nil || t.verdict() == refused {
		return s.move(PreorderSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	if r, _ := s.mined(s.flow.register); r != nil { // a reorg had taken both away
		return s.settle(s.flow.register, r, RegisterSigned)
	}
	if a, lapsed := s.lapsed(t.Height); lapsed {
		return a
	}
	if a, gone := s.gone(); gone {
		return a
	}
	return s.follow(s.flow.register, v.Txid, RegisterSigned)
}

func (s *stepper) registerSigned() Action {
	if v, t := s.mined(s.flow.register); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(s.flow.register, v, RegisterConfirmed)
	}
	parent, t := s.mined(s.flow.preorder)
	if parent == nil || t.verdict() == refused { // a reorg put it into a later block
		return s.move(PreorderSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(parent)
	}
	if a, gone := s.gone(); gone {
		return a
	}
	deadline := int32(0)
	if s.flow.register == RoleRegister {
		if a, lapsed := s.lapsed(t.Height); lapsed {
			return a
		}
		if s.f.Lifetime > 0 {
			deadline = t.Height + s.f.Lifetime
		}
	}
	st := s.j.stage(s.flow.register)
	if st == nil || st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(s.flow.register, parent.Txid, RegisterSigned)
	}
	return s.push(st, parent.Txid, deadline, RegisterSigned)
}

func (s *stepper) registerConfirmed() Action {
	v, t := s.mined(s.flow.register)
	if v == nil || t.verdict() == refused {
		return s.move(RegisterSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	if s.flow.update != "" {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		if s.j.Request.Hold {
			return s.wait(&Wait{For: "the namespace to be opened; until then names can be imported", Held: true})
		}
		return s.follow(s.flow.update, v.Txid, UpdateSigned)
	}
	return s.finish(v, t)
}

func (s *stepper) updateSigned() Action {
	if s.j.Request.Kind.ofOwner() {
		return s.ownerSigned()
	}
	if v, t := s.mined(s.flow.update); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(s.flow.update, v, UpdateConfirmed)
	}
	parent, t := s.mined(s.flow.register)
	if parent == nil || t.verdict() == refused {
		return s.move(RegisterSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(parent)
	}
	st := s.j.stage(s.flow.update)
	if st.Versions[st.Current].Parent != parent.Txid {
		return s.follow(s.flow.update, parent.Txid, UpdateSigned)
	}
	if a, ok := s.outdated(st, UpdateSigned); ok {
		return a
	}
	return s.push(st, parent.Txid, 0, UpdateSigned)
}

func (s *stepper) updateConfirmed() Action {
	v, t := s.mined(s.flow.update)
	if v == nil || t.verdict() == refused {
		return s.move(UpdateSigned)
	}
	if t.verdict() == unread {
		return s.waitIndex(v)
	}
	return s.finish(v, t)
}

// done reopens a job whose last transaction a reorg took out of the chain.
func (s *stepper) done() Action {
	last, back := s.flow.register, RegisterSigned
	if s.flow.update != "" {
		last, back = s.flow.update, UpdateSigned
	}
	if v, t := s.mined(last); v == nil || t.verdict() == refused {
		return s.move(back)
	}
	return Action{Do: DoNothing, To: Done}
}

// started is the state in which the job's first transaction is signed.
func (s *stepper) started() State {
	if s.j.Request.Kind.ofOwner() {
		return UpdateSigned
	}
	return PreorderSigned
}

// ended goes on with a job that was given up when a reorg gave it what it wanted
// after all: its last transaction counts; or what was taken back has happened.
func (s *stepper) ended() Action {
	role, to := s.flow.register, RegisterSigned
	if s.flow.update != "" {
		role, to = s.flow.update, UpdateSigned
	}
	if s.j.State == Cancelled {
		role, to = s.flow.first(), s.started()
	}
	if _, t := s.mined(role); t.verdict() == accepted {
		return s.move(to)
	}
	return Action{Do: DoNothing, To: s.j.State}
}

func (s *stepper) cancelling() Action {
	if v, _ := s.mined(s.flow.first()); v != nil {
		return s.move(s.started())
	}
	st := s.j.stage(RoleReturn)
	if v, t := s.mined(RoleReturn); v != nil {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		reason := words(s.flow.first()) + " was replaced; its money went back to where it came from"
		if s.j.Reason != "" {
			reason = s.j.Reason + "; " + reason
		}
		return s.over(Cancelled, reason)
	}
	if a, ok := s.dead(st, Cancelling); ok {
		first := s.j.stage(s.flow.first())
		if a.Do == DoSign && first != nil && !slices.ContainsFunc(first.Versions, func(v *Version) bool { return !s.f.Dead[v.Txid] }) {
			return Action{Do: DoMove, To: Cancelled, Lost: true, Reason: "the chain lost what it would have spent; nothing was paid"}
		}
		return a
	}
	return s.send(st, "to be confirmed", 0)
}
