package attack

import (
	"flag"
	"runtime"
	"sort"
	"testing"
	"time"
)

var (
	programPath = flag.String("attack.program", "../../bin/blockstack", "the program to attack")
	attackTime  = flag.Duration("attack.for", 0, "how long to attack; 0: not at all")
	attackSeed  = flag.Uint64("attack.seed", 1, "what happens")
	attackOnly  = flag.String("attack.only", "", "one kind of attack")
)

// attacks are the kinds, by name. Each is one round, of a minute at most on a quiet machine.
func attacks() map[string]func(*world) {
	return map[string]func(*world){
		"kill-pay":      killPay,
		"kill-bump":     killBump,
		"kill-register": killRegister,
		"kill-apply":    killApply,
		"damage":        damage,
		"full-disk":     fullDisk,
		"lying-node":    lyingNode,
		"lying-web":     lyingWeb,
		"lying-hub":     lyingHub,
		"restore":       restore,
	}
}

// TestAttack attacks in turn until the time is up.
func TestAttack(t *testing.T) {
	if *attackTime == 0 {
		t.Skip("make attack runs it: -attack.for says how long")
	}
	if runtime.GOOS == "windows" {
		t.Skip("a sandbox needs Linux or macOS")
	}
	w := newWorld(t, *attackSeed)
	kinds := attacks()
	var names []string
	for name := range kinds {
		if *attackOnly == "" || name == *attackOnly {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	if len(names) == 0 {
		t.Fatalf("there is no attack %q", *attackOnly)
	}
	rounds := map[string]int{}
	for end := time.Now().Add(*attackTime); time.Now().Before(end) && !t.Failed(); {
		w.rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			if !time.Now().Before(end) || t.Failed() {
				break
			}
			start := time.Now()
			kinds[name](w)
			rounds[name]++
			t.Logf("%s: round %d took %s", name, rounds[name], time.Since(start).Round(time.Second))
		}
	}
	if t.Failed() {
		t.Logf("seed %d; what is left of it is in %s", *attackSeed, w.dir)
	}
	for _, name := range names {
		t.Logf("attacked with %s: %d rounds", name, rounds[name])
	}
}
