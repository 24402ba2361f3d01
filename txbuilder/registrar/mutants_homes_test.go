package registrar

import "testing"

// homeMutants are the guards of homes that were lost, which TestSimulationLostHomes or the tests
// beside it must miss.
func homeMutants() []mutant {
	return []mutant{
		{"a preorder that is in no block is found", "pending",
			"list = append(list, waiting...)", "_ = waiting"},
		{"what the wallet remembers is found", "unconfirmed",
			"txs = append(slices.Clip(txs), own...)", "_ = own"},
		{"a preorder is found whoever it was for", "find",
			"for _, o := range owners {", "for _, o := range owners[:1] {"},
		{"a preorder in a block is found", "pending",
			"list = append(list, p)", "_ = p"},
		{"the copy of the journal is searched", "addCopied",
			"return append(list, p), nil", "return list, nil"},
		{"one that was sent is gone on with", "ours",
			`if err != nil || p == nil {; return nil, err; }; found := *req`, `if p = nil; err != nil || p == nil {; return nil, err; }; found := *req`},
		{"a job that was put back to its beginning looks first", "adoptPlanned",
			"if j.State != Planned || len(j.Stages)+len(j.Drafted) > 0 {", `if j.ID != "" {`},
		{"a stale one is replaced from the same coin", "first",
			"v.Window = 1", "v.Window = 0"},
		{"the change is held", "hold",
			"if p.Lapsed || follows(j) {", "if !p.Lapsed || follows(j) {"},
		{"no preorder is started in doubt", "inDoubt",
			"if tip >= e.From {", "if tip >= e.Since {"},
		{"nor one that was recorded before the doubt", "txsFor",
			"if err == nil && len(j.Stages) == 0 {", "if false {"},
		{"what is sent is noted", "Keep",
			"return k.days.Note(ctx)", "return nil"},
		{"an older journal is noticed", "compare",
			"case writes < old.Writes:", "case writes > old.Writes+1000:"},
		{"a journal that is gone is noticed", "compare",
			"case old.Journal != has:", "case old.Journal == has && writes < old.Writes:"},
	}
}

// TestHomeMutants is TestMutants for homeMutants.
func TestHomeMutants(t *testing.T) {
	eachMutant(t, homeMutants(), "TestSimulationLostHomes|TestUnconfirmedPreorder|TestPreorderForAnother|TestStaleUnconfirmedPreorder|TestHeldChange|TestForgottenPreorder|TestRolledBackJournal|TestCopied.*", 160)
}
