package paying

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// TestPrintPayment: what was only prepared is not said to be paid.
func TestPrintPayment(t *testing.T) {
	for _, prepared := range []bool{false, true} {
		v := payView{Payments: []payeeView{{Name: "alice.id", Address: "2MvFhEGhVcfAYKbfKUJR6qibeY1uF5TbadX", AmountSat: 1}}, Txid: "00"}
		if prepared {
			v.Txid, v.PSBT = "", "pay.psbt"
		}
		var out bytes.Buffer
		p := voice.New(&out, io.Discard)
		if err := errors.Join(printPayment(&session.Session{Out: p}, v), p.Commit()); err != nil {
			t.Fatal(err)
		}
		if said := strings.HasPrefix(out.String(), "paid"); said == prepared || !strings.Contains(out.String(), "alice.id") {
			t.Errorf("prepared: %v: %s", prepared, out.String())
		}
	}
}

// TestUntilText: what ends a reservation is said in words; a time is left as it is.
func TestUntilText(t *testing.T) {
	for _, ending := range []registrar.Ending{registrar.UntilOver, registrar.UntilUsed} {
		if text := session.UntilText(string(ending)); text == "" || strings.Contains(text, "_") {
			t.Errorf("%s: %q", ending, text)
		}
	}
	if at := "2026-11-29T18:07:32Z"; session.UntilText(at) != at {
		t.Error(session.UntilText(at))
	}
}
