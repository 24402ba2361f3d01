package jobrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/terms"
)

// address is that of script.
const address = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"

func script() []byte {
	return append(append([]byte{0x76, 0xa9, 0x14}, make([]byte, 20)...), 0x88, 0xac)
}

// aJob is one for alice.id in a state.
func aJob(t *testing.T, id registrar.ID, state registrar.State) *registrar.Job {
	t.Helper()
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &registrar.Job{ID: id, State: state, Request: registrar.Request{Kind: registrar.KindRegister, Name: n, Owner: script()}, Created: at, Updated: at}
}

// faultOf is an error as the user sees it.
func faultOf(err error) *fault.Fault {
	if err == nil {
		return &fault.Fault{}
	}
	return faults.Of(context.Background(), err)
}

// TestRefusedOptions: what the options of verbs that write refuse.
func TestRefusedOptions(t *testing.T) {
	c := &cli.Command{Name: "write", Flags: Flags(), Action: line.Verb(ParseOptions, func(context.Context, *session.Session, Options) error { return nil })}
	verbtest.Refused(t, c, map[string]string{
		"--wait soon":                 `--wait is "soon", not none, broadcast, confirmed or done`,
		"--wait Done":                 `--wait is "Done"`,
		"--timeout -1s":               "--timeout is negative",
		"--target 0":                  "--target 0 is not in 1..1008 blocks",
		"--target 1009":               "--target 1009 is not in 1..1008 blocks",
		"--fee-rate 5 --target 6":     "--fee-rate and --target are two ways to say the same",
		"--wait soon --timeout -1s":   "--wait is",
		"--target 0 --fee-rate 5":     "--target 0 is not in",
		"--max-fee 1":                 "unknown flag",
		"--wait":                      "--wait needs a value",
		"--dry-run=maybe --wait none": "--dry-run takes no value",
	})
}

// TestOptions: what is read, and what counts where nothing is said.
func TestOptions(t *testing.T) {
	for words, want := range map[string]Options{
		"":                               {Target: 3},
		"--target 1":                     {Target: 1},
		"--target 1008":                  {Target: 1008},
		"--fee-rate 5":                   {FeeRate: "5", Target: 3},
		"--max-total 0.1 --dry-run":      {MaxTotal: "0.1", Target: 3, DryRun: true},
		"--wait none":                    {Wait: WaitNone, Target: 3},
		"--wait broadcast --no-mine":     {Wait: WaitBroadcast, Target: 3, NoMine: true},
		"--wait confirmed --timeout 90m": {Wait: WaitConfirmed, Target: 3, Timeout: 90 * time.Minute},
		"--wait done --psbt -":           {Wait: WaitDone, Target: 3, PSBT: "-"},
	} {
		var got Options
		c := &cli.Command{Name: "write", Flags: Flags(), Action: line.Verb(ParseOptions, func(_ context.Context, _ *session.Session, o Options) error { got = o; return nil })}
		if o := verbtest.Empty(t).Run(t, c, strings.Fields(words)...); o.Fault != nil || got != want {
			t.Errorf("%s: %+v %v, want %+v", words, got, o.Fault, want)
		}
	}
}

// TestUntil: a sandbox waits for the end, other networks for what can be sent now.
func TestUntil(t *testing.T) {
	for _, c := range []struct{ wait, network, want string }{
		{"", "sandbox", WaitDone}, {"", "regtest", WaitBroadcast}, {"", "mainnet", WaitBroadcast}, {WaitNone, "sandbox", WaitNone}, {WaitConfirmed, "mainnet", WaitConfirmed},
	} {
		if got := (Options{Wait: c.wait}).Until(&config.Config{Network: c.network}); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

// TestFill: the ceiling and the rate go into the request, and a bad one of them is told as that.
func TestFill(t *testing.T) {
	verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error {
		var q registrar.Request
		if err := (Options{FeeRate: "2.5", MaxTotal: "0.001"}).Fill(t.Context(), e, &q); err != nil || q.Rate != 2500 || q.MaxTotal != 100_000 {
			t.Errorf("%v %v %v", q.Rate, q.MaxTotal, err)
		}
		q = registrar.Request{}
		if err := (Options{FeeRate: "2"}).Fill(t.Context(), e, &q); err != nil || q.MaxTotal != 0 {
			t.Errorf("without a ceiling: %v %v", q.MaxTotal, err)
		}
		for _, bad := range []string{"x", "-1", "0.000000001", "1 BTC", "22000000"} {
			err := (Options{FeeRate: "2", MaxTotal: bad}).Fill(t.Context(), e, &q)
			if faultOf(err).Exit() != fault.ExitUsage || !strings.HasPrefix(err.Error(), "--max-total: ") {
				t.Errorf("--max-total %s: %v", bad, err)
			}
		}
		if err := (Options{FeeRate: "x"}).Fill(t.Context(), e, &q); !errors.Is(err, txbuilder.ErrBadRate) {
			t.Errorf("%v", err)
		}
		return nil
	})
}

// TestPSBTFile: a file that is there is not overwritten, a folder that is not there is told of.
func TestPSBTFile(t *testing.T) {
	h := verbtest.Empty(t)
	there := h.File(t, "there.psbt", "kept")
	for path, says := range map[string]string{
		"": "", "-": "", filepath.Join(h.Dir, "new.psbt"): "", there: "there.psbt is there already", filepath.Join(h.Dir, "no", "new.psbt"): "there is no folder", filepath.Join(there, "x"): "there is no folder",
	} {
		err := (Options{PSBT: path}).CheckPSBTFile()
		if says == "" && err != nil || says != "" && (faultOf(err).Code != "usage" || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "kept" {
		t.Errorf("%q %v", b, err)
	}
}

// TestDraftFile: the first as the user says, the others by their role.
func TestDraftFile(t *testing.T) {
	for _, c := range []struct {
		path string
		i    int
		want string
	}{
		{"a.psbt", 0, "a.psbt"}, {"a.psbt", 1, "a.register.psbt"}, {"a", 2, "a.register"}, {"-", 1, "-"}, {"", 1, ""}, {"d.x/a", 1, "d.x/a.register"},
	} {
		if got := draftFile(c.path, c.i, registrar.RoleRegister); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

// TestOutcome: each standing of a job with its code, text, details and next commands.
func TestOutcome(t *testing.T) {
	wait := func(w job.Wait) *job.Wait { return &w }
	for _, c := range []struct {
		state   registrar.State
		wait    *job.Wait
		reason  string
		code    string
		message string
		details string
		hints   []string
	}{
		{registrar.Done, nil, "", "", "", "null", nil},
		{registrar.Cancelled, nil, "", "declined", "job 0011223344 was cancelled", "null", nil},
		{registrar.Rejected, nil, "too late", "job_rejected", "job 0011223344 ended rejected: too late", "null", nil},
		{registrar.Expired, nil, "lapsed", "job_rejected", "job 0011223344 ended expired: lapsed", "null", nil},
		{registrar.PreorderSigned, nil, "", "pending", "job 0011223344 is not finished", `{"job_id":"0011223344"}`,
			[]string{"go on with the same command, or: blockstack job resume 0011223344"}},
		{registrar.PreorderSigned, wait(job.Wait{For: "block 7", Blocks: 3, Deadline: 9}), "", "pending", "job 0011223344 is not finished: waiting for block 7",
			`{"blocks":3,"deadline_height":9,"job_id":"0011223344"}`, []string{"go on with the same command, or: blockstack job resume 0011223344"}},
		{registrar.PreorderSigned, wait(job.Wait{For: "a signature", Signatures: true}), "", "pending", "job 0011223344 is not finished: waiting for a signature",
			`{"job_id":"0011223344"}`, []string{"write what is to be signed: blockstack job show 0011223344 --psbt FILE", "hand it back when it is signed: blockstack job resume 0011223344 --psbt FILE"}},
		{registrar.RegisterConfirmed, wait(job.Wait{For: "your word", Held: true}), "", "pending", "job 0011223344 is not finished: waiting for your word",
			`{"job_id":"0011223344"}`, []string{"import names: blockstack namespace import alice.id FILE", "open it: blockstack namespace ready alice.id"}},
	} {
		j := aJob(t, "0011223344", c.state)
		j.Wait, j.Reason = c.wait, c.reason
		err := Outcome(j)
		f := faultOf(err)
		details, _ := json.Marshal(f.Details)
		if (err == nil) != (c.code == "") || f.Code != c.code || f.Message != c.message || string(details) != c.details || !slices.Equal(f.Hints, c.hints) {
			t.Errorf("%s %+v: %q %q %s %q", c.state, c.wait, f.Code, f.Message, details, f.Hints)
		}
		if err != nil && (!f.KeepResult || f.Retryable != (c.code == "pending") || isPending(err) != (c.code == "pending")) {
			t.Errorf("%s: kept %t, retry %t, pending %t", c.state, f.KeepResult, f.Retryable, isPending(err))
		}
	}
}

// TestWorse: what failed is told before what only waits, and the first of equals.
func TestWorse(t *testing.T) {
	waits, failed, other := Outcome(aJob(t, "1", registrar.Planned)), errors.New("failed"), errors.New("other")
	for _, c := range []struct{ a, b, want error }{
		{nil, nil, nil}, {nil, waits, waits}, {waits, nil, waits}, {waits, failed, failed}, {failed, waits, failed}, {failed, other, failed}, {nil, failed, failed},
	} {
		if got := Worse(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
	}
}

// TestFollowed: what stopped one of several jobs is told with whom it stopped, once.
func TestFollowed(t *testing.T) {
	j := aJob(t, "0011223344", registrar.Planned)
	for _, text := range []string{"no coin", "alice.id: no coin"} {
		c := &Followed{Job: j, err: fault.New("conflict", "%s", text)}
		f := faultOf(c.Outcome())
		if f.Code != "conflict" || f.Message != "alice.id: no coin" || f.Details["job_id"] != "0011223344" || !f.KeepResult {
			t.Errorf("%+v", f)
		}
		if v := c.View(); v.Error == nil || *v.Error != (Problem{"conflict", text}) {
			t.Errorf("%+v", v.Error)
		}
	}
	c := &Followed{Job: j}
	if v := c.View(); v.Error != nil || !isPending(c.Outcome()) {
		t.Errorf("%+v %v", v, c.Outcome())
	}
}

// TestCancelledAsAsked: that a job is cancelled is a failure unless that was asked for.
func TestCancelledAsAsked(t *testing.T) {
	end, other := Outcome(aJob(t, "1", registrar.Cancelled)), errors.New("other")
	for _, c := range []struct {
		before registrar.State
		err    error
		want   error
	}{{registrar.Cancelling, end, nil}, {registrar.Planned, end, end}, {registrar.Cancelling, other, other}, {registrar.Cancelling, nil, nil}} {
		if got := CancelledAsAsked(aJob(t, "1", c.before), c.err); got != c.want {
			t.Errorf("%s %v: %v", c.before, c.err, got)
		}
	}
}

// TestView: the keys that programs see of a job, and the lines that people see.
func TestView(t *testing.T) {
	j := aJob(t, "0011223344", registrar.RegisterSigned)
	j.Stages = []*registrar.Stage{{Role: registrar.RolePreorder, Used: true, Versions: []*registrar.Version{{Txid: chainhash.Hash{1}, Fee: 1500, Burn: 6000}}},
		{Role: registrar.RoleRegister, Used: true, Versions: []*registrar.Version{{Txid: chainhash.Hash{2}, Fee: 500}}}}
	j.Request.ZoneFile = []byte("$ORIGIN alice.id\n")
	j.Request.External = true
	j.Wait = &job.Wait{For: "block 7", Blocks: 2}
	j.Drafted = []*registrar.Draft{
		{Role: registrar.RoleUpdate, Unsigned: chainhash.Hash{4}, Version: registrar.Version{Fee: 10, VSize: 20}},
		{Role: registrar.RoleReturn, Unsigned: chainhash.Hash{3}, Version: registrar.Version{Fee: 200, Burn: 5, VSize: 100, Window: 720}},
		{Role: registrar.RoleRegister, Unsigned: chainhash.Hash{5}, Status: job.DraftSigned},
	}
	hash := names.HashZoneFile(j.Request.ZoneFile).String()
	show := func(words ...string) string {
		return verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error { return Print(e, "job.show", j) }, words...).Out
	}
	var id [5]string
	for i := range id {
		id[i] = chainhash.Hash{byte(i + 1)}.String()
	}
	var got, want map[string]any
	wantText := `{"schema":"blockstack/job.show/v1","job_id":"0011223344","kind":"register","name":"alice.id","state":"register_signed","txids":["` + id[0] + `","` + id[1] +
		`"],"fee_sat":2000,"burn_sat":6000,"burn_ustacks":0,"waiting_for":"block 7","waiting_blocks":2,"owner_script":"76a914` + strings.Repeat("00", 20) + `88ac","zonefile_hash":"` + hash +
		`","external":true,"psbts":[{"role":"return","unsigned_txid":"` + id[2] + `","fee_sat":200,"burn_sat":5,"vsize":100,"sign_before_height":720},{"role":"update","unsigned_txid":"` + id[3] +
		`","fee_sat":10,"burn_sat":0,"vsize":20}],"created":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:05Z"}`
	if err := errors.Join(json.Unmarshal([]byte(show("--json")), &got), json.Unmarshal([]byte(wantText), &want)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\n%v\nwant\n%v", err, got, want)
	}
	text := show()
	for _, line := range []string{"register alice.id", "register signed", id[0], id[1], "0.00002000 BTC", "0.00006000 BTC", hash, "block 7",
		"return, fee 0.00000200 BTC: blockstack job show 0011223344 --psbt FILE"} {
		if strings.Count(text, line) < 1 {
			t.Errorf("it does not say %q:\n%s", line, text)
		}
	}
	if strings.Contains(text, "reason") {
		t.Errorf("a reason of nothing:\n%s", text)
	}

	j.State, j.Reason, j.Drafted, j.Wait = registrar.Rejected, "too late", nil, nil
	j.Request.To = []byte{0x51}
	j.Price = &registrar.Price{Unit: names.MicroStacks, Amount: big.NewInt(2_500_000)}
	v := ViewOf(j)
	if v.NewOwner != "51" || v.BurnUstacks.Int64() != 2_500_000 || v.Reason != "too late" || v.PSBTs != nil {
		t.Errorf("%+v", v)
	}
	if text := show(); !strings.Contains(text, "2.500000 STACKS") || !strings.Contains(text, "too late") || strings.Contains(text, "waiting for") {
		t.Errorf("%s", text)
	}
	j.Stages = nil
	if v := ViewOf(j); v.BurnUstacks.Sign() != 0 {
		t.Errorf("%v tokens are burnt by what was not sent", v.BurnUstacks)
	}
}

// TestStanding: a state in words, and that a reorg undid it.
func TestStanding(t *testing.T) {
	v := ViewOf(aJob(t, "1", registrar.PreorderSigned))
	if v.Standing() != "preorder signed" {
		t.Errorf("%s", v.Standing())
	}
	if v.Undone = true; v.Standing() != "preorder signed, undone by a reorg" {
		t.Errorf("%s", v.Standing())
	}
	verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error {
		j := aJob(t, "1", registrar.Done)
		j.Stages = []*registrar.Stage{{Role: registrar.RolePreorder, Used: true, Versions: []*registrar.Version{{Txid: chainhash.Hash{1}}}}}
		if Undone(t.Context(), e, j) {
			t.Error("offline nothing is known of a reorg")
		}
		return nil
	})
}

// TestEstimate: a plan in words and for programs.
func TestEstimate(t *testing.T) {
	exact := int32(700)
	est := &registrar.Estimate{
		Request: aJob(t, "1", registrar.Planned).Request, Fee: 1000, FeeHigh: 3000, Burn: 6000, Given: 5500, Total: 12500, Worst: 14500, Locked: 2000,
		Payer: "payer", Payee: "payee", Height: 712, ExactUntil: &exact, PreorderBy: 736, RegisterWithin: 144, Deadline: 900, Blocks: 14,
		Renewal:      &terms.Renewal{Expires: 1000, NewExpires: 2000, Wasted: 10},
		Irreversible: []string{"the burn"}, Risks: []string{"a stranger"},
	}
	plan := &txbuilder.Plan{Lines: []txbuilder.Line{{Output: 0, Role: "data", Text: "an operation"}, {Output: 1, Role: "burn", Address: address, Amount: 6000, Text: "the price"}, {Output: -1, Amount: 1000, Text: "the fee"}}}
	est.Transactions = append(est.Transactions, transactionOf(registrar.RolePreorder, plan))
	want := []string{
		"register alice.id, as things stand at block 712:",
		"  1. preorder, 250 vB, fee 0.00001000 BTC",
		"       an operation",
		"       0.00006000 BTC to " + address + ": the price",
		"  price: 0.00006000 BTC, to payee",
		"  fees: 0.00001000 BTC, at most 0.00003000 BTC if fees rise",
		"  in all: 0.00012500 BTC, at most 0.00014500 BTC; 0.00002000 BTC more are set aside until it is done",
		"  expires at block 1000 now, at about block 2000 then; 10 blocks are thrown away",
		"  the preorder must be mined by block 736, or is replaced",
		"  it counts up to block 900",
		"  the registration must follow within 144 blocks of it",
		"  takes about 14 blocks",
		"  cannot be undone: the burn",
		"  risk: a stranger",
	}
	if got := EstimateLines(est); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	show := func(words ...string) verbtest.Outcome {
		return verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error { return PrintEstimate(e, "name.register", est) }, words...)
	}
	if got := show().Out; got != strings.Join(want, "\n")+"\n" {
		t.Errorf("%s", got)
	}
	doc := show("--json").Doc
	for key, value := range map[string]any{
		"schema": "blockstack/name.register/v1", "dry_run": true, "exact_until_height": 700., "kind": "register", "subject": "alice.id", "fee_sat": 1000., "fee_high_sat": 3000., "burn_sat": 6000.,
		"burn_ustacks": 0., "given_sat": 5500., "total_sat": 12500., "worst_sat": 14500., "locked_sat": 2000., "payer_address": "payer", "payee_address": "payee", "height": 712.,
		"preorder_by_height": 736., "register_within_blocks": 144., "deadline_height": 900., "expires_at_height": 1000., "new_expires_at_height": 2000., "wasted_blocks": 10., "blocks": 14.,
	} {
		if doc[key] != value {
			t.Errorf("%s is %v, want %v", key, doc[key], value)
		}
	}
	txs, _ := doc["transactions"].([]any)
	if len(txs) != 1 || fmt.Sprint(txs[0]) != "map[burn_sat:6000 fee_high_sat:3000 fee_sat:1000 outputs:[map[amount_sat:0 role:data text:an operation] map[address:"+address+" amount_sat:6000 role:burn text:the price]] role:preorder vsize:250]" {
		t.Errorf("%v", txs)
	}

	est.Renewal, est.Locked, est.RegisterWithin, est.Deadline, est.BurnTokens = nil, 0, 0, 0, big.NewInt(2_000_000)
	text := strings.Join(EstimateLines(est), "\n")
	if !strings.Contains(text, "price: 2.000000 STACKS, from the account of payer") || !strings.Contains(text, "in all: 0.00012500 BTC, at most 0.00014500 BTC\n") || strings.Contains(text, "registration must") {
		t.Errorf("%s", text)
	}
	doc = show("--json").Doc
	if within, there := doc["register_within_blocks"]; within != nil || !there || doc["expires_at_height"] != nil || doc["burn_ustacks"] != 2_000_000. {
		t.Errorf("%v", doc)
	}
}

// transactionOf is one of a plan.
func transactionOf(role registrar.Role, p *txbuilder.Plan) (tx estimate.Transaction) {
	tx.Role, tx.Plan, tx.VSize, tx.Fee, tx.FeeHigh, tx.Burn = role, p, 250, 1000, 3000, 6000
	return tx
}

// TestQuestions: each act is asked about in its own words, and goes on with its own answer only.
func TestQuestions(t *testing.T) {
	j := aJob(t, "0011223344", registrar.Planned)
	plan := &registrar.Estimate{Request: j.Request}
	for _, c := range []struct {
		what string
		q    conduct.Question
		yes  string // what agrees
		text string
	}{
		{"start", conduct.Question{Act: conduct.Start, Plan: plan}, "yes", "Go on"},
		{"go on", conduct.Question{Act: conduct.GoOn, Job: j}, "yes", "Go on with it; only fees are still to be paid"},
		{"go on with all", conduct.Question{Act: conduct.GoOnAll, Jobs: []*registrar.Job{j, j}}, "yes", "Go on with 2 preorders; only fees are still to be paid"},
		{"revoke", conduct.Question{Act: conduct.Revoke, Plan: plan}, "alice.id", "revoke alice.id for good; type alice.id to agree"},
		{"refusable", conduct.Question{Act: conduct.Refusable, Plan: plan}, "alice.id", "spend bitcoin on alice.id, which others are likely to refuse; type alice.id to agree"},
		{"unhonoured", conduct.Question{Act: conduct.Unhonoured, Plan: plan}, "alice.id", "spend bitcoin on alice.id, which others may not honour; type alice.id to agree"},
		{"odd fee", conduct.Question{Act: conduct.OddFee, Odd: txbuilder.Cost{Fee: 60_000}}, "fee", "pay a fee of 0.00060000 BTC for what moves no bitcoin; type fee to agree"},
		{"acknowledge", conduct.Question{Act: conduct.Acknowledge, Job: j}, "0011223344",
			"go on with job 0011223344, register alice.id for " + address + ", which nothing shows that you began; type 0011223344 to agree"},
	} {
		for answer, code := range map[string]string{c.yes: "", "no": "declined", "": "declined"} {
			p := &verbtest.Person{Answers: []string{answer}}
			verbtest.Empty(t).Inside(t, p, func(e *session.Session) error {
				err := asker{e}.Ask(t.Context(), c.q)
				if f := faultOf(err); f.Code != code || code != "" && c.q.Act == conduct.Acknowledge && (f.Details["job_id"] != "0011223344" || len(f.Hints) < 2) {
					t.Errorf("%s, %q: %v", c.what, answer, err)
				}
				return nil
			})
			if len(p.Asked) != 1 || p.Asked[0].Text != c.text {
				t.Errorf("%s: asked %q", c.what, p.Asked)
			}
		}
	}
	// --yes answers what is ordinary, and nothing else.
	for act, code := range map[conduct.Act]string{conduct.Start: "", conduct.Revoke: "needs_input", conduct.Acknowledge: "needs_input"} {
		verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error {
			if err := (asker{e}).Ask(t.Context(), conduct.Question{Act: act, Plan: plan, Job: j}); faultOf(err).Code != code {
				t.Errorf("%d: %v", act, err)
			}
			return nil
		}, "--yes")
	}
	// --confirm of another name is a slip, and says of its name alone that no preorder was sent.
	verbtest.Empty(t).Inside(t, &verbtest.Person{Answers: []string{"alice.id"}}, func(e *session.Session) error {
		a := asker{e}
		if err := a.Ask(t.Context(), conduct.Question{Act: conduct.Revoke, Plan: plan}); faultOf(err).Code != "usage" {
			t.Errorf("%v", err)
		}
		if !a.Sure("bob.id") || a.Sure("alice.id") {
			t.Error("sure of another name")
		}
		return nil
	}, "--confirm", "bob.id")
}

// TestIntentions: what a request is for, in words.
func TestIntentions(t *testing.T) {
	one := aJob(t, "1", registrar.Planned).Request
	give := one
	give.Kind, give.To = registrar.KindTransfer, script()
	update := one
	update.Kind = registrar.KindUpdate
	split := registrar.Request{Kind: registrar.KindSplit, Split: &registrar.Split{Outputs: []job.SplitOutput{{Script: script(), Amount: 7000}}}}
	series := registrar.Request{Kind: registrar.KindSeries, Series: &registrar.Series{Items: []registrar.Item{
		{Kind: registrar.KindRegister, Name: one.Name, Owner: script()}, {Kind: registrar.KindRegister, Name: one.Name, Owner: script()}}}}
	verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error {
		for want, q := range map[string]*registrar.Request{
			"register alice.id for " + address: &one, "transfer alice.id to " + address: &give, "update alice.id": &update,
			"split 1 coin, 0.00007000 BTC to " + address:                                                          &split,
			"series alice.id and 1 more: register alice.id for " + address + ", register alice.id for " + address: &series,
		} {
			if got := describeIntention(e, q); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		return nil
	})
}

// TestTold: what a request says on standard error while it runs; nothing of it is the result.
func TestTold(t *testing.T) {
	j := aJob(t, "0011223344", registrar.PreorderSigned)
	renewal := aJob(t, "0011223344", registrar.Planned)
	renewal.Request.Kind = registrar.KindRenew
	found := func(j *registrar.Job, height int32) *registrar.Pending {
		p := &own.Pending{Job: j}
		p.Txid, p.Height = chainhash.Hash{1}, height
		return p
	}
	plan := &registrar.Estimate{Request: j.Request, Height: 712}
	waiting := aJob(t, "1", registrar.Planned)
	waiting.Wait = &job.Wait{For: "block 7"}
	for _, c := range []struct {
		tell  func(teller)
		words []string
		says  string
	}{
		{func(t teller) { t.Running(j) }, nil, "job 0011223344 for alice.id is recorded already (preorder signed)"},
		{func(t teller) { t.Found(found(j, 7)) }, nil, "alice.id was preordered already, with transaction " + chainhash.Hash{1}.String() + ", in block 7; its price is not paid again"},
		{func(t teller) { t.Found(found(renewal, 0)) }, nil, "a renewal of alice.id was sent already, with transaction " + chainhash.Hash{1}.String() + ", in no block yet"},
		{func(t teller) { t.Launched("id") }, nil, "the launch of namespace id was found on the chain; nothing of it is paid again"},
		{func(t teller) { t.Plan(plan) }, nil, "register alice.id, as things stand at block 712:"},
		{func(t teller) { t.Plan(plan) }, []string{"--quiet"}, "register alice.id, as things stand at block 712:"},
		{func(t teller) { t.Plan(plan) }, []string{"--quiet", "--yes"}, ""},
		{func(t teller) { t.Waiting(waiting) }, []string{"--verbose"}, "waiting for block 7"},
		{func(t teller) { t.Waiting(waiting) }, nil, ""},
		{func(t teller) { t.Waiting(j) }, []string{"--verbose"}, ""},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "broadcast", Text: "preorder", Txid: "ab"}) }, nil, "sent: preorder ab"},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "state", State: registrar.RegisterSigned}) }, nil, "now: register signed"},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "published", Text: "there"}) }, nil, "published: there"},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "signed", Text: "preorder", Txid: "ab"}) }, nil, ""},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "signed", Text: "preorder", Txid: "ab"}) }, []string{"--verbose"}, "signed and recorded: preorder ab"},
		{func(t teller) { ShowEvents(t.e)(registrar.Event{What: "drafted", Text: "preorder", Txid: "ab"}) }, []string{"--verbose"}, "waits for signatures: preorder ab"},
	} {
		o := verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error { c.tell(teller{e}); return nil }, c.words...)
		said := strings.Join(strings.Fields(o.Said), " ") // however it is wrapped
		if o.Out != "" || c.says == "" && said != "" || !strings.Contains(said, c.says) {
			t.Errorf("%q %q, want %q", o.Out, o.Said, c.says)
		}
	}
}

// TestFindJob: by its id, else the latest one for a name, in any case of letters.
func TestFindJob(t *testing.T) {
	old, late, bob := aJob(t, "0000000001", registrar.Cancelled), aJob(t, "0000000002", registrar.Planned), aJob(t, "0000000003", registrar.Planned)
	late.Created = old.Created.Add(time.Hour)
	bob.Request.Name, _ = names.Parse("bob.id")
	verbtest.Empty(t).WithJobs(t, old, late, bob).Inside(t, nil, func(e *session.Session) error {
		for what, id := range map[string]registrar.ID{"0000000001": "0000000001", "alice.id": "0000000002", "Alice.ID": "0000000002", "bob.id": "0000000003"} {
			if j, err := FindJob(t.Context(), e, what); err != nil || j.ID != id {
				t.Errorf("%s: %v %v", what, j, err)
			}
		}
		for _, what := range []string{"carol.id", "", "00000000", "id"} {
			if _, err := FindJob(t.Context(), e, what); faultOf(err).Code != "not_found" || !strings.HasPrefix(err.Error(), "no job") {
				t.Errorf("%q: %v", what, err)
			}
		}
		return nil
	})
}

// TestNewOwner: an address of this wallet is taken with a warning, a stranger's without.
func TestNewOwner(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	ours := ""
	o := h.Inside(t, nil, func(e *session.Session) error {
		if got, err := NewOwner(t.Context(), e, address); err != nil || string(got) != string(script()) {
			t.Errorf("%x %v", got, err)
		}
		if _, err := NewOwner(t.Context(), e, "alice"); faultOf(err).Code != "bad_address" {
			t.Errorf("%v", err)
		}
		mine, err := session.OwnerScript(t.Context(), e, "0")
		ours = session.AddressOf(e, mine)
		return err
	})
	if o.Fault != nil || o.Said != "" {
		t.Errorf("%v, said %q", o.Fault, o.Said)
	}
	o = h.Inside(t, nil, func(e *session.Session) error { _, err := NewOwner(t.Context(), e, ours); return err })
	if o.Fault != nil || !strings.Contains(o.Said, ours+" is an address of this wallet (owner)") {
		t.Errorf("%v, said %q", o.Fault, o.Said)
	}
}

// TestZoneFileOptions: exactly one of them says what a name points to.
func TestZoneFileOptions(t *testing.T) {
	h := verbtest.Empty(t)
	good := h.File(t, "good", "\ufeff$ORIGIN alice.id\n$TTL 3600\n_https._tcp URI 10 1 \"https://a.example/p.json\"\n")
	bad := h.File(t, "bad", "URI URI URI \"")
	alice := aJob(t, "1", registrar.Planned).Request.Name
	for words, says := range map[string]string{
		"": "say what the name points to", "--no-zonefile --zonefile x": "say what the name points to", "--profile-url https://a.example/p --zonefile x": "say what the name points to",
		"--no-zonefile": "none", "--zonefile " + good: "$ORIGIN alice.id", "--profile-url https://a.example/p": "https://a.example/p", "--zonefile " + bad: bad + ": ", "--zonefile " + filepath.Join(h.Dir, "no"): "no such file",
	} {
		c := &cli.Command{Name: "write", Flags: ZoneFileFlags(), Action: line.Verb(ParseZoneFileOptions, func(_ context.Context, e *session.Session, o ZoneFileOptions) error {
			text, err := o.Text(e, alice)
			if err == nil && (text == nil) != (says == "none") || text != nil && (!strings.Contains(string(text), says) || strings.Contains(string(text), "\ufeff")) {
				t.Errorf("%s: %q", words, text)
			}
			return err
		})}
		o := h.Run(t, c, strings.Fields(words)...)
		refused := words == "" || strings.Contains(words, " --zonefile") || strings.HasSuffix(words, "/no") || strings.HasSuffix(words, "/bad")
		if refused != (o.Fault != nil) || refused && !strings.Contains(o.Fault.Message, says) {
			t.Errorf("%s: %v", words, o.Fault)
		}
	}
}
