package registrar

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var simMutants = flag.Bool("sim.mutants", false, "remove one guard at a time and expect the simulator to notice")

// mutant is the package without one of its guards.
type mutant struct{ guard, file, with, without string }

func mutants() []mutant {
	return []mutant{
		{"a write is flushed before it counts", "../../storage/dbfile/file.go",
			"Timeout: o.Wait, ReadOnly", "NoSync: true, Timeout: o.Wait, ReadOnly"},
		{"bytes are on disk before they are sent", "advance.go",
			"	if err := r.cfg.Journal.Save(ctx, next); err != nil {\n		return nil, err\n	}\n	if to != j.State {",
			"	for _, s := range next.Stages {\n		if v := s.Versions[s.Current]; s.Used && to != Done {\n			if tx, err := v.Tx(); err == nil {\n				_ = r.cfg.Chain.Broadcast(ctx, tx)\n			}\n		}\n	}\n	if err := r.cfg.Journal.Save(ctx, next); err != nil {\n		return nil, err\n	}\n	if to != j.State {"},
		{"a failed write stops the job", "advance.go",
			"	if err := r.cfg.Journal.Save(ctx, next); err != nil {\n		return nil, err\n	}\n	if to != j.State {",
			"	_ = r.cfg.Journal.Save(ctx, next)\n	if to != j.State {"},
		{"coins of jobs are kept from other jobs", "reservation.go",
			"					kept.add(in.PreviousOutPoint, j, PurposeSpends)", "					_ = in"},
		{"every version spends the same coin at input 0", "sign.go",
			"	f.Inputs, err = m.inputsOf(ctx, tx)\n	return f, err", "	_ = tx\n	f.First = func([]byte) bool { return true }\n	return f, nil"},
		{"the registration comes from the preorder's change", "sign.go",
			"txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{txbuilder.InputOf(tx, parent.Next)}, Closed: true}", "txbuilder.Funding{Rate: rate, First: func([]byte) bool { return true }}"},
		{"nothing follows a preorder that the index refused", "facts.go",
			"	case t.Accepted:\n		return accepted\n	}\n	return refused", "	}\n	return accepted"},
		{"a preorder is replaced before its consensus hash is too old", "stepper.go",
			"	if v.Window == 0 || !old && !s.f.Stale[v.Txid] {", "	if v.Window == 0 || old || !s.f.Stale[v.Txid] {"},
		{"a done job is opened again when a reorg undoes it", "step.go",
			"	if v, t := s.mined(last); v == nil || t.verdict() == refused {\n		return s.move(back)\n	}\n	return Action{Do: DoNothing, To: Done}",
			"	_, _ = last, back\n	return Action{Do: DoNothing, To: Done}"},
		{"the same command finds the job that runs for it", "start.go",
			"			return o, 0, \"\", nil\n		}\n		if o.State", "			continue\n		}\n		if o.State"},
		{"a replacement keeps within the ceiling", "cancel.go",
			"	if total > ceiling {", "	if false {"},
		{"what can never confirm is made anew", "owner_step.go",
			"	if !s.f.Dead[st.Versions[st.Current].Txid] {", "	if true {"},
		{"the copy holds what is sent", "chain_copied.go",
			"	if err := c.copies.Keep(ctx); err != nil {\n		return err\n	}\n", "	_ = c.copies.Keep(ctx)\n"},
		{"a copy is brought up to date", "copy.go",
			"		if i == len(mark.Files)-1 && string(mark.Job) == string(sum[:]) {", "		if i == len(mark.Files)-1 {"},
		{"an old version that a miner took is found", "stepper.go",
			"			if t := s.f.Txs[v.Txid]; t.Height > 0 {", "			if t := s.f.Txs[v.Txid]; t.Height > 0 && v == st.Versions[st.Current] {"},
		{"the coin of a series is kept from other jobs", "series_facts.go",
			"					kept.add(wire.OutPoint{Hash: v.Txid, Index: uint32(i)}, j, PurposeNext)", "					_ = i"},
		{"an old version of a series that a miner took is found", "series_step.go",
			"		if s.f.Txs[id].Height > 0 {", "		if s.f.Txs[id].Height > 0 && slices.Contains(s.j.Paths[s.j.Path].Links, id) {"},
		{"a replacement pays for what hangs on it", "relay.go",
			"		fee = max(fee, v.Fee+hanging+m", "		fee = max(fee, v.Fee+0*hanging+m"},
		{"what is refused for its fee is made dearer", "attempt.go",
			"		return r.refusedForFee(ctx, run, j, f, pick, v, err)", "		return false, nil"},
		{"a list is made dearer, too", "attempt.go",
			"	run.cheap[no.Txid], run.why = true, err\n	for id, o", "	return false, nil\n	for id, o"},
		{"a node that refuses without a reason is given no more", "attempt.go",
			"	return txbuilder.RateOf(v.Fee, v.VSize) < fees.Floor, nil", "	return fees.Floor > 0, nil"},
		{"no more is paid on a node's word than is at stake", "relay.go",
			"	if !m.forced || p.Fee <= small {", "	if m.forced || p.Fee <= small {"},
		{"stale preorders of a list are replaced while its split waits", "series_step.go",
			"	if s.f.Root == (chainhash.Hash{}) && s.wrongInPool(over) {", "	if s.f.Root == (chainhash.Hash{}) && s.f.Tip < 0 {"},
		{"patience begins anew after a reorg", "state.go",
			"		return s > to || to == MoveSigned && s != Planned", "		return s > 100"},
		{"a version whose coin is gone gives way to another", "attempt.go",
			"	return s.fitter(j.stage(pick.Role)) >= 0, nil", "	return s.fitter(j.stage(pick.Role)) >= 1000, nil"},
		{"the coins of versions that lost are free", "reservation.go",
			"				if dead[v.Txid] {", "				if dead[v.Txid] && v.Fee < 0 {"},
		{"what may still confirm keeps its coins", "reservation.go",
			"	return n > 0 && n >= j.Request.Confirmations, nil", "	return n >= 0, nil"},
	}
}

// TestMutants finds the text of every guard once in its file, so that none of the
// mutants loses its meaning when the code moves. With -sim.mutants it takes the
// guards away, one at a time, and expects the simulator to fail, or the tests of series, of fees and of coins.
func TestMutants(t *testing.T) {
	eachMutant(t, mutants(), "TestSimulation|TestSeries.*|Test.*Together|TestRefused.*|Test.*Floor|TestFloor.*|TestRivals.*|TestSettled.*", 800)
}

// eachMutant looks for the text of every guard, and with -sim.mutants runs tests, by name, and as many lives of the
// simulator, without it.
func eachMutant(t *testing.T, list []mutant, tests string, lives int) {
	dir := t.TempDir()
	for _, m := range list {
		t.Run(strings.ReplaceAll(m.guard, " ", "_"), func(t *testing.T) {
			src, err := os.ReadFile(m.file)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(src), m.with); n != 1 {
				t.Fatalf("the guard is %d times in %s", n, m.file)
			}
			if !*simMutants {
				return
			}
			path := filepath.Join(dir, filepath.Base(m.file))
			if err := os.WriteFile(path, []byte(strings.Replace(string(src), m.with, m.without, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			abs, err := filepath.Abs(m.file)
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{abs: path}})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(file, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "test", "-count=1", "-failfast", "-overlay", file, "-run", "^("+tests+")$", "-timeout", "20m", ".", "-sim.lives", strconv.Itoa(lives)).CombinedOutput()
			switch text := string(out); {
			case err == nil && strings.Contains(text, "no tests to run"):
				t.Errorf("there is no test %s", tests)
			case err == nil:
				t.Error("nobody noticed")
			case strings.Contains(text, "[build failed]"):
				t.Errorf("the mutant is no program:\n%s", text)
			default:
				t.Logf("noticed: %s", firstFault(text))
			}
		})
	}
}

// firstFault is the line that says what was wrong.
func firstFault(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "_test.go:") || strings.Contains(line, "panic:") {
			line = strings.TrimSpace(line)
			return line[:min(len(line), 300)]
		}
	}
	return text
}
