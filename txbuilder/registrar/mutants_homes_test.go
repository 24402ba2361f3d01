package registrar

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// homeMutants are the guards of homes that were lost, which TestSimulationLostHomes or the
// tests beside it must miss.
func homeMutants() []mutant {
	return []mutant{
		{"a preorder that is in no block is found", "own_preorders.go", "	list = append(list, waiting...)", "	_ = waiting"},
		{"what the wallet remembers is found", "own_preorders.go", "		txs = append(slices.Clip(txs), own...)", "		_ = own"},
		{"a preorder is found whoever it was for", "own_preorders.go", "	for _, o := range owners {", "	for _, o := range owners[:1] {"},
		{"a preorder in a block is found", "own_preorders.go", "			list = append(list, p)", "			_ = p"},
		{"the copy of the journal is searched", "own_copied.go", "			return append(list, p), nil", "			return list, nil"},
		{"one that was sent is gone on with", "own_adopt.go", "	if err != nil || p == nil {\n		return nil, err\n	}\n	found := *req", "	if p = nil; err != nil || p == nil {\n		return nil, err\n	}\n	found := *req"},
		{"a job that was put back to its beginning looks first", "own_adopt.go", "	if j.State != Planned || len(j.Stages)+len(j.Drafted) > 0 {", "	if j.ID != \"\" {"},
		{"a stale one is replaced from the same coin", "own_adopt.go", "			v.Window = 1", "			v.Window = 0"},
		{"the change is held", "held.go", "		if !p.Lapsed && !follows(followed[p.Txid]) {", "		if p.Lapsed && !follows(followed[p.Txid]) {"},
		{"no preorder is started in doubt", "last_days.go", "	if tip >= e.From {", "	if tip >= e.Since {"},
		{"nor one that was recorded before the doubt", "advance.go", "		if err == nil && len(j.Stages) == 0 { // recorded before the doubt began", "		if false {"},
		{"what is sent is noted", "last_days.go", "	return k.days.Note(ctx)", "	return nil"},
		{"an older journal is noticed", "../lastdays/record.go", "	case writes < old.Writes:", "	case writes > old.Writes+1000:"},
		{"a journal that is gone is noticed", "../lastdays/record.go", "	case old.Journal != has:", "	case old.Journal == has && writes < old.Writes:"},
	}
}

// TestHomeMutants is TestMutants for homeMutants.
func TestHomeMutants(t *testing.T) {
	dir := t.TempDir()
	for i, m := range homeMutants() {
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
			list := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(list, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "test", "-count=1", "-overlay", list, "-timeout", "20m", "-run",
				"^(TestSimulationLostHomes|TestUnconfirmedPreorder|TestPreorderForAnother|TestStaleUnconfirmedPreorder|TestHeldChange|TestForgottenPreorder|TestRolledBackJournal|TestCopied.*)$", ".", "-sim.lives", "160").CombinedOutput()
			switch text := string(out); {
			case err == nil:
				t.Errorf("%d: nobody noticed", i)
			case strings.Contains(text, "[build failed]"):
				t.Errorf("%d: the mutant is no program:\n%s", i, text)
			default:
				t.Logf("noticed: %s", firstFault(text))
			}
		})
	}
}
