package conduct

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/schedule"
)

var (
	errNo     = errors.New("the user said no")
	errKilled = errors.New("killed")
	errAway   = errors.New("the node is away")
)

// user answers questions, and keeps what was asked and told.
type user struct {
	no    Act // the question that is answered with no
	sure  bool
	asked []Act
	told  []string
}

func (u *user) Ask(_ context.Context, q Question) error {
	u.asked = append(u.asked, q.Act)
	if q.Act == u.no {
		return errNo
	}
	return nil
}
func (u *user) Sure(string) bool           { return u.sure }
func (u *user) Running(*registrar.Job)     { u.told = append(u.told, "running") }
func (u *user) Launched(names.NamespaceID) { u.told = append(u.told, "launched") }
func (u *user) Found(*registrar.Pending)   { u.told = append(u.told, "found") }
func (u *user) Plan(*registrar.Estimate)   { u.told = append(u.told, "plan") }
func (u *user) Settled(d *registrar.InDoubt) {
	u.told = append(u.told, fmt.Sprintf("settled %d", d.Blocks))
}
func (u *user) Waiting(*registrar.Job) {}

// world is a registrar with a journal of at most one job, keys and a chain. Its job takes a state
// at each block.
type world struct {
	job      *registrar.Job
	states   []registrar.State
	wait     *job.Wait // what the job waits for
	est      registrar.Estimate
	planErr  error
	odd      bool // what follows a found preorder costs out of proportion
	unlocked bool
	needsKey bool  // the first advance signs
	unlock   error // what unlocking ends in
	only     bool  // the wallet watches
	agreed   bool
	launch   *registrar.Job // what the chain shows of one
	foreign  bool           // nothing shows that the job was agreed to
	mines    bool
	copies   bool // the copies can be opened

	plans, starts, advances, blocks, unlocks int
	advanced                                 error // what advancing ends in
	kill                                     bool  // the program ends when the job is recorded
	block                                    func() error
}

func request() registrar.Request {
	n, err := names.Parse("alice.id")
	if err != nil {
		panic(err)
	}
	return registrar.Request{Kind: registrar.KindRegister, Name: n, Owner: []byte{1}, Rate: 5000}
}

func (w *world) Plan(_ context.Context, req registrar.Request) (*registrar.Estimate, error) {
	w.plans++
	if w.job != nil {
		return &registrar.Estimate{Request: w.job.Request, Running: w.job}, w.planErr
	}
	est := w.est
	est.Request = req
	if d := est.Doubt; d != nil && (req.Assured == d.Since || w.blocks >= int(d.Blocks) && d.Unread == nil) {
		est.Doubt = nil
	}
	return &est, w.planErr
}

func (w *world) Start(_ context.Context, req registrar.Request) (*registrar.Job, error) {
	w.starts++
	w.job = &registrar.Job{ID: "a", State: registrar.Planned, Request: req}
	if w.kill {
		w.kill = false
		return nil, errKilled
	}
	return w.job, nil
}

func (w *world) Advance(context.Context, registrar.ID) (*registrar.Job, error) {
	switch {
	case w.foreign && !w.agreed:
		return w.job, &registrar.NotAgreed{Job: w.job}
	case w.needsKey && !w.unlocked:
		return w.job, &registrar.NeedsKey{Blocks: 7}
	case w.advanced != nil:
		return w.job, w.advanced
	}
	w.advances++
	if len(w.states) > 0 {
		w.job.State, w.states = w.states[0], w.states[1:]
	}
	if w.wait != nil {
		w.job.Wait = w.wait
	}
	return w.job, nil
}

func (w *world) Agree(context.Context, registrar.ID) error { w.agreed = true; return nil }
func (w *world) Following(_ context.Context, jobs []*registrar.Job) ([]txbuilder.Cost, error) {
	if w.odd {
		return []txbuilder.Cost{{Fee: 1_000_000, Moved: 1}}, nil
	}
	return []txbuilder.Cost{{Fee: 1, Moved: 1_000_000}}, nil
}
func (w *world) Job(context.Context, registrar.ID) (*registrar.Job, error) { return w.job, nil }
func (w *world) RescueLaunch(context.Context, names.NamespaceID, txbuilder.FeeRate) (*registrar.Job, error) {
	return w.launch, nil
}
func (w *world) WatchOnly(context.Context) (bool, error) { return w.only, nil }
func (w *world) Unlock(context.Context) error {
	w.unlocks++
	w.unlocked = w.unlock == nil
	return w.unlock
}
func (w *world) Copies(context.Context) (bool, error) {
	if w.copies {
		w.est.Doubt.Unread = nil
	}
	return w.copies, nil
}
func (w *world) Tip(ctx context.Context) ([32]byte, error) { return [32]byte{}, ctx.Err() }
func (w *world) Next(ctx context.Context, _ [32]byte) error {
	w.blocks++
	if w.block != nil {
		if err := w.block(); err != nil {
			return err
		}
	}
	return ctx.Err()
}
func (w *world) Mine(context.Context) (bool, error) {
	if w.mines {
		w.blocks++
	}
	return w.mines, nil
}

// service puts a world and a user together.
func service(w *world, u *user) *Service {
	return &Service{Engine: w, Keys: w, Blocks: w, Consent: u, Teller: u, Meant: new([]registrar.ID),
		Moved:  func(context.Context) (bool, error) { return false, nil },
		Passes: func(err error) bool { return errors.Is(err, errAway) }, LeftAlone: func(err error) bool { return errors.Is(err, registrar.ErrNeedsKey) }}
}

// over are terms that wait for the end.
func over() Terms { return Terms{Until: schedule.Over} }

// whole are the states of a job that goes well.
func whole() []registrar.State {
	return []registrar.State{registrar.PreorderSigned, registrar.RegisterSigned, registrar.RegisterConfirmed, registrar.Done}
}

// TestOutcomes goes through how a request can end without an error.
func TestOutcomes(t *testing.T) {
	pending := func() *registrar.Pending {
		return &registrar.Pending{Job: &registrar.Job{ID: "a", Request: request()}}
	}
	doubt := func(blocks int32) *registrar.InDoubt {
		return &registrar.InDoubt{What: "alice.id", Why: lastdays.Why("restored"), Since: 5, Blocks: blocks}
	}
	for _, c := range []struct {
		name   string
		world  world
		user   user
		terms  Terms
		want   What
		asked  []Act
		told   []string
		starts int
		blocks int
	}{
		{name: "done", world: world{states: whole(), needsKey: true}, terms: over(), want: Done, asked: []Act{Start}, told: []string{"plan"}, starts: 1, blocks: 3},
		{name: "planned", terms: Terms{DryRun: true}, want: Planned},
		{name: "planned, in doubt", world: world{est: registrar.Estimate{Doubt: doubt(3)}}, terms: Terms{DryRun: true}, want: Planned},
		{name: "recorded", world: world{states: whole()}, want: Block, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "sent", world: world{states: whole()}, terms: Terms{Until: schedule.Sent}, want: Block, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "mined", world: world{states: whole()}, terms: Terms{Until: schedule.Mined}, want: Block, asked: []Act{Start}, told: []string{"plan"}, starts: 1, blocks: 2},
		{name: "running, looked at", world: world{job: running()}, terms: Terms{DryRun: true}, want: Running, told: []string{"running"}},
		{name: "running", world: world{job: running(), states: whole()}, terms: over(), want: Done, told: []string{"running"}, blocks: 3},
		{name: "running, agreed to by asking again", world: world{job: running(), states: whole(), foreign: true}, terms: over(), want: Done, told: []string{"running"}, blocks: 3},
		{name: "found, looked at", world: world{est: registrar.Estimate{Found: pending()}}, terms: Terms{DryRun: true}, want: Found, told: []string{"found"}},
		{name: "found", world: world{est: registrar.Estimate{Found: pending()}, states: whole()}, terms: over(), want: Done, asked: []Act{GoOn}, told: []string{"found"}, starts: 1, blocks: 3},
		{name: "found, dear", world: world{est: registrar.Estimate{Found: pending()}, odd: true, states: whole()}, terms: over(), want: Done, asked: []Act{OddFee, GoOn}, told: []string{"found"}, starts: 1, blocks: 3},
		{name: "found, no password to be had", world: world{est: registrar.Estimate{Found: pending()}, unlock: ErrNobody, states: whole()}, terms: over(), want: Done, asked: []Act{GoOn}, told: []string{"found"}, starts: 1, blocks: 3},
		{name: "doubt, blocks mined", world: world{est: registrar.Estimate{Doubt: doubt(2)}, mines: true, states: whole()}, terms: over(), want: Done, asked: []Act{Start}, told: []string{"settled 2", "plan"}, starts: 1, blocks: 5},
		{name: "doubt, the user is sure", world: world{est: registrar.Estimate{Doubt: doubt(2)}, states: whole()}, user: user{sure: true}, terms: over(), want: Done, asked: []Act{Start}, told: []string{"plan"}, starts: 1, blocks: 3},
		{name: "cancelled", world: world{states: []registrar.State{registrar.Cancelled}}, terms: over(), want: Cancelled, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "rejected", world: world{states: []registrar.State{registrar.Rejected}}, terms: over(), want: Rejected, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "held", world: world{wait: &job.Wait{Held: true}}, terms: over(), want: Held, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "signatures", world: world{wait: &job.Wait{Signatures: true}}, terms: over(), want: Signatures, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
		{name: "once", world: world{states: whole()}, terms: Terms{Until: schedule.Over, Once: true}, want: Block, asked: []Act{Start}, told: []string{"plan"}, starts: 1},
	} {
		w, u := c.world, c.user
		out, err := service(&w, &u).Do(t.Context(), request(), c.terms)
		if err != nil || out.What != c.want || !slices.Equal(u.asked, c.asked) || !slices.Equal(u.told, c.told) || w.starts != c.starts || w.blocks != c.blocks {
			t.Errorf("%s: %d, want %d; %v; asked %v, told %q, %d starts, %d blocks", c.name, out.What, c.want, err, u.asked, u.told, w.starts, w.blocks)
		}
		if none := out.Job == nil; none != (c.want == Planned || c.want == Found) {
			t.Errorf("%s: job %v", c.name, out.Job)
		}
		if c.terms.DryRun && w.unlocks+w.advances > 0 {
			t.Errorf("%s: a dry run unlocks or advances", c.name)
		}
	}
}

// running is a job of the request.
func running() *registrar.Job {
	return &registrar.Job{ID: "a", State: registrar.PreorderSigned, Request: request()}
}

// TestErrors goes through what a request can end in: each error by its type, and nothing started.
func TestErrors(t *testing.T) {
	isDoubt := func(err error) bool { return errors.As(err, new(*registrar.InDoubt)) }
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	doubt := func(blocks int32, unread *registrar.UnreadCopies) registrar.Estimate {
		return registrar.Estimate{Doubt: &registrar.InDoubt{What: "alice.id", Since: 5, Blocks: blocks, Unread: unread}}
	}
	for _, c := range []struct {
		name  string
		world world
		terms Terms
		req   func(*registrar.Request)
		want  func(error) bool
	}{
		{name: "no plan", world: world{planErr: errAway}, terms: over(), want: is(errAway)},
		{name: "no keys", world: world{only: true}, terms: over(), want: is(ErrWatchOnly)},
		{name: "no keys for what was found", world: world{only: true, est: registrar.Estimate{Found: &registrar.Pending{Job: running()}}}, terms: over(), want: is(ErrWatchOnly)},
		{name: "no password", world: world{unlock: ErrNobody}, terms: over(), want: is(ErrNobody)},
		{name: "doubt, nobody mines", world: world{est: doubt(2, nil)}, terms: over(), want: isDoubt},
		{name: "doubt, not waited for", world: world{est: doubt(2, nil), mines: true}, terms: Terms{Until: schedule.Sent}, want: isDoubt},
		{name: "doubt, copies that nobody opens", world: world{est: doubt(0, &registrar.UnreadCopies{})}, terms: over(), want: isDoubt},
		{name: "signed here, asked for elsewhere", world: world{job: running()}, terms: over(), req: func(q *registrar.Request) { q.External = true }, want: is(registrar.ErrNotExternal)},
	} {
		w, u, req := c.world, user{}, request()
		if c.req != nil {
			c.req(&req)
		}
		out, err := service(&w, &u).Do(t.Context(), req, c.terms)
		if !c.want(err) || w.starts+w.advances > 0 || out.Job != nil {
			t.Errorf("%s: %v; %d starts, %d advances", c.name, err, w.starts, w.advances)
		}
		if w.unlock == nil && len(u.asked) > 0 {
			t.Errorf("%s: asked %v for nothing", c.name, u.asked)
		}
	}
	w := world{est: doubt(0, &registrar.UnreadCopies{}), copies: true, states: whole()}
	if out, err := service(&w, &user{}).Do(t.Context(), request(), over()); err != nil || out.What != Done {
		t.Errorf("copies that are opened settle a doubt: %d, %v", out.What, err)
	}
}

// TestFoundAfterDoubt: what the last plan finds when doubts were settled is gone on with like any
// other: it is told, and asked about as what was sent already, not as what is to be paid.
func TestFoundAfterDoubt(t *testing.T) {
	for plans := 1; plans <= maxPlans; plans++ {
		w := &world{est: registrar.Estimate{Doubt: &registrar.InDoubt{What: "alice.id", Since: 5, Blocks: 1}}, mines: true, states: whole()}
		late := &foundLate{world: w, plans: plans}
		u := &user{}
		s := service(w, u)
		s.Engine, s.Blocks = late, late
		out, err := s.Do(t.Context(), request(), over())
		if err != nil || out.What != Done || !slices.Equal(u.asked, []Act{GoOn}) || w.starts != 1 {
			t.Errorf("found by plan %d: %d, %v, asked %v, %d starts", plans+1, out.What, err, u.asked, w.starts)
		}
	}
}

// foundLate doubts for some plans, and finds a preorder then.
type foundLate struct {
	*world
	plans int
}

// Plan is in doubt whatever was mined, until the preorder is found.
func (f *foundLate) Plan(ctx context.Context, req registrar.Request) (*registrar.Estimate, error) {
	est, err := f.world.Plan(ctx, req)
	if est.Running == nil {
		if est.Doubt = f.est.Doubt; f.world.plans > f.plans {
			est.Doubt = nil
			est.Found = &registrar.Pending{Job: &registrar.Job{ID: "a", Request: req}}
		}
	}
	return est, err
}

// TestNo: a no to any question starts nothing, and goes no further.
func TestNo(t *testing.T) {
	h := int32(100)
	plan := func(kind registrar.Kind, exact *int32, burn bool) (registrar.Request, registrar.Estimate) {
		req, est := request(), registrar.Estimate{ExactUntil: exact}
		req.Kind = kind
		if burn {
			est.Burn = 1000
		}
		return req, est
	}
	for _, c := range []struct {
		no    Act
		kind  registrar.Kind
		exact *int32
		moved bool
		odd   bool
		found bool
	}{
		{no: Start, kind: registrar.KindRegister},
		{no: Revoke, kind: registrar.KindRevoke},
		{no: OddFee, kind: registrar.KindUpdate, odd: true},
		{no: Refusable, kind: registrar.KindRegister, exact: &h},
		{no: Unhonoured, kind: registrar.KindRegister, moved: true},
		{no: GoOn, kind: registrar.KindRegister, found: true},
	} {
		req, est := plan(c.kind, c.exact, c.kind == registrar.KindRegister)
		if c.odd {
			est.Fee = 10_000_000
		}
		if c.found {
			est.Found = &registrar.Pending{Job: running()}
		}
		w, u := world{est: est, states: whole()}, user{no: c.no}
		s := service(&w, &u)
		s.Moved = func(context.Context) (bool, error) { return c.moved, nil }
		_, err := s.Do(t.Context(), req, over())
		var no *NoConsent
		if !errors.As(err, &no) || no.Question.Act != c.no || !errors.Is(err, errNo) || err.Error() != errNo.Error() {
			t.Errorf("a no to %d: %v", c.no, err)
		}
		if w.starts+w.advances+w.unlocks > 0 || u.asked[len(u.asked)-1] != c.no {
			t.Errorf("a no to %d: %d starts, %d advances, %d unlocks, asked %v", c.no, w.starts, w.advances, w.unlocks, u.asked)
		}
		u.no, u.asked = 0, nil
		if out, err := s.Do(t.Context(), req, over()); err != nil || out.What != Done || w.starts != 1 || !once(u.asked) {
			t.Errorf("a yes to %d: %d, %v; %d starts, asked %v", c.no, out.What, err, w.starts, u.asked)
		}
	}
	w, u := world{job: running(), foreign: true, states: whole()}, user{no: Acknowledge}
	if _, err := service(&w, &u).Follow(t.Context(), "a", over()); !errors.As(err, new(*NoConsent)) || w.agreed || w.advances > 0 {
		t.Errorf("a job that is not the user's: %v", err)
	}
	u.no = 0
	if out, err := service(&w, &u).Follow(t.Context(), "a", over()); err != nil || out.What != Done || !w.agreed || len(u.asked) != 2 {
		t.Errorf("a job that is acknowledged: %d, %v, asked %v", out.What, err, u.asked)
	}
}

// once reports whether nothing was asked twice.
func once(asked []Act) bool {
	sorted := slices.Sorted(slices.Values(asked))
	return len(slices.Compact(sorted)) == len(asked)
}

// TestKilled: a program that ends between the recording of a job and its first step goes on with it
// when the same request comes again; nothing is started or asked a second time.
func TestKilled(t *testing.T) {
	w, u := world{states: whole(), kill: true}, user{}
	if _, err := service(&w, &u).Do(t.Context(), request(), over()); !errors.Is(err, errKilled) || w.job == nil || w.advances > 0 {
		t.Fatalf("%v, %d advances", err, w.advances)
	}
	before := len(u.asked)
	out, err := service(&w, &u).Do(t.Context(), request(), over())
	if err != nil || out.What != Done || out.Job.ID != "a" || w.starts != 1 || len(u.asked) != before {
		t.Errorf("%d, %v; %d starts, asked %v", out.What, err, w.starts, u.asked)
	}
}

// TestFollow: the keys are asked for when something is to be signed and not again; how many blocks
// are left is said where nobody can be asked; an end of the time is how the job stands, an end of
// the context an interruption.
func TestFollow(t *testing.T) {
	w := world{job: running(), states: whole(), needsKey: true}
	if out, err := service(&w, &user{}).Follow(t.Context(), "a", over()); err != nil || out.What != Done || w.unlocks != 1 {
		t.Errorf("%d, %v, %d unlocks", out.What, err, w.unlocks)
	}
	w = world{job: running(), needsKey: true, unlock: fmt.Errorf("password: %w", ErrNobody)}
	var key *registrar.NeedsKey
	if _, err := service(&w, &user{}).Follow(t.Context(), "a", over()); !errors.As(err, &key) || key.Blocks != 7 {
		t.Errorf("nobody can be asked: %v", err)
	}
	w.unlock = errAway
	if _, err := service(&w, &user{}).Follow(t.Context(), "a", over()); !errors.Is(err, errAway) {
		t.Errorf("the keys cannot be opened: %v", err)
	}
	w = world{job: running(), block: func() error { time.Sleep(30 * time.Millisecond); return nil }}
	out, err := service(&w, &user{}).Follow(t.Context(), "a", Terms{Until: schedule.Over, Timeout: 10 * time.Millisecond})
	if err != nil || out.What != Block || out.Job.ID != "a" {
		t.Errorf("the time is over: %d, %v", out.What, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.block = func() error { cancel(); return nil }
	var stopped *Interrupted
	if _, err := service(&w, &user{}).Follow(ctx, "a", over()); !errors.As(err, &stopped) || stopped.ID != "a" || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	ended, stop := context.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	<-ended.Done()
	w = world{job: running()}
	out, err = service(&w, &user{}).Follow(t.Context(), "a", Terms{Until: schedule.Over, Timeout: time.Nanosecond})
	if err != nil || out.Job == nil || w.advances != 0 {
		t.Errorf("no time at all: %+v, %v", out, err)
	}
}

// TestFollowEach: what is the same for all ends it, what wants an answer is left alone, and an
// interruption is told as one.
func TestFollowEach(t *testing.T) {
	w := world{job: running(), states: whole()}
	s := service(&w, &user{})
	list, err := s.FollowEach(t.Context(), []*registrar.Job{w.job}, over())
	if err != nil || list[0].Job.State != registrar.Done || list[0].Err != nil {
		t.Errorf("%+v, %v", list, err)
	}
	w = world{job: running(), needsKey: true, unlock: ErrNobody}
	if list, err := s.FollowEach(t.Context(), []*registrar.Job{w.job}, over()); err != nil || !errors.Is(list[0].Err, registrar.ErrNeedsKey) || w.blocks != 0 {
		t.Errorf("locked: %+v, %v", list, err)
	}
	w = world{job: running(), advanced: errAway}
	if _, err := s.FollowEach(t.Context(), []*registrar.Job{w.job}, over()); !errors.Is(err, errAway) {
		t.Errorf("away: %v", err)
	}
	w = world{job: running()}
	if list, err := s.FollowEach(t.Context(), []*registrar.Job{w.job}, Terms{}); err != nil || len(list) != 1 || w.advances != 0 {
		t.Errorf("recorded only: %+v, %v", list, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.block = func() error { cancel(); return nil }
	if _, err := s.FollowEach(ctx, []*registrar.Job{w.job}, over()); !errors.As(err, new(*Interrupted)) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestFindLaunch: a launch that the chain shows is agreed to, with the keys where they can be had.
func TestFindLaunch(t *testing.T) {
	for _, c := range []struct {
		unlock error
		fails  bool
	}{{nil, false}, {ErrNobody, false}, {errAway, true}} {
		w, u := world{launch: running(), unlock: c.unlock}, user{}
		j, err := service(&w, &u).FindLaunch(t.Context(), "id", 5000)
		if (err != nil) != c.fails || !c.fails && (j != w.launch || !w.agreed) || c.fails && w.agreed || !slices.Equal(u.told, []string{"launched"}) {
			t.Errorf("%v: %v, %v, agreed %v, told %q", c.unlock, j, err, w.agreed, u.told)
		}
	}
	w, u := world{}, user{}
	if j, err := service(&w, &u).FindLaunch(t.Context(), "id", 5000); j != nil || err != nil || w.agreed || w.unlocks > 0 || u.told != nil {
		t.Errorf("none: %v, %v", j, err)
	}
}

// TestAgreeToGoOn: of several preorders the fee is looked at first, then they are asked about once,
// then the keys are wanted.
func TestAgreeToGoOn(t *testing.T) {
	jobs := []*registrar.Job{running(), running()}
	w, u := world{odd: true}, user{}
	if err := service(&w, &u).AgreeToGoOn(t.Context(), jobs, false, false); err != nil || !slices.Equal(u.asked, []Act{OddFee, GoOnAll}) || w.unlocks != 1 {
		t.Errorf("%v, asked %v, %d unlocks", err, u.asked, w.unlocks)
	}
	w, u = world{odd: true}, user{no: GoOnAll}
	if err := service(&w, &u).AgreeToGoOn(t.Context(), jobs, false, true); !errors.Is(err, errNo) || !slices.Equal(u.asked, []Act{GoOnAll}) || w.unlocks != 0 {
		t.Errorf("a no: %v, asked %v, %d unlocks", err, u.asked, w.unlocks)
	}
	w, u = world{}, user{}
	if err := service(&w, &u).AgreeToGoOn(t.Context(), jobs, true, false); err != nil || w.unlocks != 0 {
		t.Errorf("signed elsewhere: %v, %d unlocks", err, w.unlocks)
	}
}
