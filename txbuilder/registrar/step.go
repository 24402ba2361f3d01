package registrar

import (
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
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
	To      State // state after the action
	Role    Role  // transaction to sign, use or send
	Version int   // index among its versions
	Replace bool  // sign a newer version that spends the same input 0
	// Optional says that if it cannot be done, waiting is as good.
	Optional bool
	Reason   string // for Expired and Rejected
	Wait     *Wait
}

// Limits of patience, in blocks.
const (
	// replaceMargin is how many blocks before a consensus hash gets too old its
	// transaction is replaced: a transaction mined too late burns for nothing.
	replaceMargin = 4
	// bumpAfter is how long a transaction without such a hash waits before the
	// next higher fee is tried.
	bumpAfter = 6
	// hurryBefore is how many blocks before a preorder lapses waiting gets
	// shorter.
	hurryBefore = 24
	hurryAfter  = 2
)

// flow names the transactions of a kind of job by the states that they belong to.
type flow struct {
	preorder, register, update Role
}

func (j *Job) flow() flow {
	switch {
	case j.Request.Kind == KindLaunch:
		return flow{RoleNamespacePreorder, RoleReveal, RoleReady}
	case j.NeedsUpdate:
		return flow{RolePreorder, RoleRegister, RoleUpdate}
	}
	return flow{preorder: RolePreorder, register: RoleRegister}
}

// Step says what has to happen next. It is pure: the job and what the chain
// shows are all it knows.
func Step(j *Job, f Facts) Action {
	s := stepper{j: j, f: f, flow: j.flow(), need: j.Request.Confirmations}
	switch j.State {
	case Planned:
		return s.planned()
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
		return Action{Do: DoNothing, To: j.State}
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
	if parent == nil {
		return s.move(PreorderSigned)
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
		return s.follow(s.flow.update, v.Txid, UpdateSigned)
	}
	return s.finish(v, t)
}

func (s *stepper) updateSigned() Action {
	if v, t := s.mined(s.flow.update); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(s.flow.update, v, UpdateConfirmed)
	}
	parent, _ := s.mined(s.flow.register)
	if parent == nil {
		return s.move(RegisterSigned)
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

func (s *stepper) cancelling() Action {
	if v, _ := s.mined(s.flow.preorder); v != nil {
		return s.move(PreorderSigned)
	}
	st := s.j.stage(RoleReturn)
	if v, t := s.mined(RoleReturn); v != nil {
		if t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		return s.over(Cancelled, "the preorder was replaced; its money went back to where it came from")
	}
	return s.send(st, "to be confirmed", 0)
}

// mined gives the version of a transaction that is in a block.
func (s *stepper) mined(role Role) (*Version, TxFact) {
	if st := s.j.stage(role); st != nil {
		for _, v := range st.Versions {
			if t := s.f.Txs[v.Txid]; t.Height > 0 {
				return v, t
			}
		}
	}
	return nil, TxFact{}
}

// lapsed says whether a preorder of a height is too old for the next block.
func (s *stepper) lapsed(height int32) (Action, bool) {
	if s.f.Lifetime == 0 || s.f.Tip+1 <= height+s.f.Lifetime {
		return Action{}, false
	}
	return s.over(Expired, fmt.Sprintf("the preorder of block %d could be used up to block %d; what it burnt is lost, and the name needs a new preorder from another address",
		height, height+s.f.Lifetime)), true
}

// follow takes the first stored version that spends the parent, or has one made.
func (s *stepper) follow(role Role, parent chainhash.Hash, to State) Action {
	if next := s.versions(role, parent); len(next) > 0 {
		return Action{Do: DoUse, Role: role, Version: next[0], To: to}
	}
	return Action{Do: DoSign, Role: role, To: to}
}

// versions are the indexes of the stored versions that spend a parent, lowest
// fee first.
func (s *stepper) versions(role Role, parent chainhash.Hash) []int {
	var found []int
	if st := s.j.stage(role); st != nil {
		for i, v := range st.Versions {
			if v.Parent == parent {
				found = append(found, i)
			}
		}
	}
	return found
}

// outdated replaces a version whose consensus hash is about to be too old.
func (s *stepper) outdated(st *Stage, stay State) (Action, bool) {
	v := st.Versions[st.Current]
	if v.Window == 0 || s.f.Tip+replaceMargin < v.Window || s.f.Tip <= v.Signed {
		return Action{}, false
	}
	return Action{Do: DoSign, Role: st.Role, Replace: true, To: stay,
		Wait: &Wait{For: "a newer consensus hash to be signed", Deadline: v.Window, Txid: &v.Txid}}, true
}

// send broadcasts the current version unless the node has it.
func (s *stepper) send(st *Stage, what string, deadline int32) Action {
	v := st.Versions[st.Current]
	if !s.f.Txs[v.Txid].InMempool && !s.f.Sent[v.Txid] {
		return Action{Do: DoBroadcast, Role: st.Role, Version: st.Current, To: s.j.State}
	}
	return s.wait(&Wait{For: fmt.Sprintf("%s %s", words(st.Role), what), Blocks: s.need, Txid: &v.Txid, Deadline: deadline})
}

// push sends the current version, and after some patience the next higher fee:
// first a stored one, then, if the wallet is unlocked, a new one.
func (s *stepper) push(st *Stage, parent chainhash.Hash, deadline int32, stay State) Action {
	patience := int32(bumpAfter)
	if deadline > 0 && deadline-s.f.Tip <= hurryBefore {
		patience = hurryAfter
	}
	v := st.Versions[st.Current]
	sent := s.f.Txs[v.Txid].InMempool || s.f.Sent[v.Txid]
	if sent && s.f.Tip-st.Since >= patience {
		for _, i := range s.versions(st.Role, parent) {
			if i > st.Current {
				return Action{Do: DoUse, Role: st.Role, Version: i, To: stay}
			}
		}
		if s.f.CanSign {
			w := s.send(st, "to be confirmed", deadline).Wait
			return Action{Do: DoSign, Role: st.Role, Replace: true, Optional: true, To: stay, Wait: w}
		}
	}
	return s.send(st, "to be confirmed", deadline)
}

// finish publishes, waits for depth, and ends the job.
func (s *stepper) finish(v *Version, t TxFact) Action {
	if s.f.CanPublish && !s.j.IsPublic && len(s.j.Request.ZoneFile) > 0 {
		return Action{Do: DoPublish, To: s.j.State}
	}
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	return s.move(Done)
}

// refused ends a job whose transaction the index refused, once that is settled.
func (s *stepper) refused(v *Version, t TxFact) Action {
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	reason := t.Reason
	if reason == "" {
		reason = "the name rules refused it"
	}
	return s.over(Rejected, fmt.Sprintf("transaction %s in block %d: %s", v.Txid, t.Height, reason))
}

// gone ends a job whose name was registered by another transaction, once that is
// settled.
func (s *stepper) gone() (Action, bool) {
	switch {
	case s.f.Held:
		return s.over(Rejected, "another transaction registered the name to the same owner"), true
	case !s.f.Taken:
		return Action{}, false
	case s.f.TakenFor < s.need:
		return s.wait(&Wait{For: "the chain to settle who has the name", Blocks: s.need - s.f.TakenFor}), true
	}
	return s.over(Rejected, fmt.Sprintf("%s got the name first; what the preorder burnt is lost", s.f.TakenBy)), true
}

// settle goes on with the version that a miner took, which need not be the one
// that was to be sent.
func (s *stepper) settle(role Role, v *Version, to State) Action {
	st := s.j.stage(role)
	if i := slices.Index(st.Versions, v); i != st.Current {
		return Action{Do: DoUse, Role: role, Version: i, To: to}
	}
	return s.move(to)
}

func (s *stepper) move(to State) Action { return Action{Do: DoMove, To: to} }

func (s *stepper) over(to State, reason string) Action {
	return Action{Do: DoMove, To: to, Reason: reason}
}

func (s *stepper) wait(w *Wait) Action { return Action{Do: DoWait, To: s.j.State, Wait: w} }

func (s *stepper) waitIndex(v *Version) Action {
	return s.wait(&Wait{For: "the name index to read the latest blocks", Txid: &v.Txid})
}

func (s *stepper) waitDepth(v *Version, t TxFact) Action {
	return s.wait(&Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &v.Txid})
}

// words names a transaction for people.
func words(role Role) string {
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
	}
	return "the preorder"
}
