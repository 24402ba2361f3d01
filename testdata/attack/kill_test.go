package attack

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"
)

// anyMoment is a time after which a command is killed: up to one and a half of what it takes.
func (w *world) anyMoment(takes time.Duration) time.Duration {
	return time.Duration(w.rnd.Float64() * 1.5 * float64(takes))
}

// amountOf writes satoshi as the command line takes them.
func amountOf(sat int) string { return fmt.Sprintf("0.%08d", sat) }

// killPay kills payments and runs them again under the same request id until they are done: each is
// paid once.
func killPay(w *world) {
	since, takes := w.height(), 2*time.Second
	for range 4 {
		sat := 50_000 + w.fresh()
		id := fmt.Sprintf("invoice-%d", sat)
		args := []string{"pay", w.payee, amountOf(sat), "--request-id", id, "--no-mine", "--wait", "broadcast"}
		for try := 0; ; try++ {
			start := time.Now()
			limit := w.anyMoment(takes)
			if try == 4 {
				limit = tooLong
			}
			o := w.runFor(limit, w.home, args...)
			if w.paid(since, sat) > 1 {
				w.t.Errorf("%d satoshi were paid twice (killed %v): %s", sat, o.killed, o.err)
				return
			}
			if !o.killed {
				takes = (takes + time.Since(start)) / 2
			}
			if !o.killed && o.code == 0 {
				break
			}
			if try == 4 {
				w.t.Errorf("%s: exit %d after kills: %s", o.commandLine, o.code, o.err)
				return
			}
		}
		if n := w.paid(since, sat); n != 1 {
			w.t.Errorf("%d satoshi were paid %d times", sat, n)
		}
	}
	w.mine(1)
	w.sound()
}

// killBump kills replacements: the payee is paid once, whatever the fee.
func killBump(w *world) {
	since := w.height()
	for range 3 {
		sat := 50_000 + w.fresh()
		paid := w.must(w.home, "pay", w.payee, amountOf(sat), "--no-mine", "--wait", "broadcast", "--fee-rate", "2")
		for rate := 4; rate < 10; rate += 3 {
			w.runFor(w.anyMoment(2*time.Second), w.home, "bump", text(paid, "txid"), "--fee-rate", fmt.Sprint(rate))
		}
		w.mine(1)
		if n := w.paid(since, sat); n != 1 {
			w.t.Errorf("%d satoshi were paid %d times", sat, n)
		}
	}
	w.sound()
}

// killRegister kills registrations and runs them again: one preorder, one registration.
func killRegister(w *world) {
	since, takes := w.height(), 6*time.Second
	name := fmt.Sprintf("n%d-%d.atk", w.rnd.IntN(1000), w.fresh())
	w.untilDone(takes, "name", "register", name, "--no-zonefile")
	if n := w.operations(since); n['?'] != 1 || n[':'] != 1 {
		w.t.Errorf("%s took %d preorders and %d registrations", name, n['?'], n[':'])
	}
	if o := w.must(w.home, "name", "show", name); text(o, "status") != "registered" {
		w.t.Errorf("%s is %s", name, text(o, "status"))
	}
	w.sound()
}

// killApply kills lists and runs them again: one preorder and one registration for each name.
func killApply(w *world) {
	since := w.height()
	var list strings.Builder
	list.WriteString("name\n")
	const names = 5
	for range names {
		fmt.Fprintf(&list, "l%d-%d.atk\n", w.rnd.IntN(1000), w.fresh())
	}
	file := w.write("list.csv", list.String())
	w.untilDone(8*time.Second, "name", "apply", "-f", file, "--max-total", "1")
	if n := w.operations(since); n['?'] != names || n[':'] != names {
		w.t.Errorf("%d names took %d preorders and %d registrations", names, n['?'], n[':'])
	}
	w.sound()
}

// untilDone kills a command three times and then lets it end, as often as it says that it has to go
// on.
func (w *world) untilDone(takes time.Duration, args ...string) {
	w.t.Helper()
	for range 3 {
		w.runFor(w.anyMoment(takes), w.home, args...)
	}
	var o outcome
	for range 6 {
		if o = w.run(w.home, args...); o.code == 0 {
			return
		}
		w.mine(1)
	}
	w.t.Errorf("%s: exit %d after kills: %s", o.commandLine, o.code, o.err)
}

// sound holds what the wallet says of its money against the node: a home made anew from the words
// must see the same.
func (w *world) sound() {
	w.t.Helper()
	w.mine(1)
	fresh := filepath.Join(w.dir, "fresh")
	w.must(fresh, "wallet", "restore", "--words-file", filepath.Join(w.dir, "words"), "--offline")
	has, sees := w.must(w.home, "balance"), w.must(fresh, "balance")
	if a, b := total(has), total(sees); math.IsNaN(a) || a != b {
		w.t.Errorf("the wallet has %v, the same words elsewhere %v:\n%s\n%s", a, b, has.out, sees.out)
	}
	w.remove(fresh)
}

func total(o outcome) float64 {
	var v float64
	if _, err := fmt.Sscan(text(o, "total_sat"), &v); err != nil {
		return math.NaN()
	}
	return v
}
