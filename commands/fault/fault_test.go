package fault

import (
	"encoding/json"
	"errors"
	"testing"
)

// TestFault: what is put into a fault comes out, for errors.Is and for scripts.
func TestFault(t *testing.T) {
	cause := errors.New("cause")
	f := New("quota", "%d names", 3).Hint("wait for block %d", 7).Detail("names", 3).Because(cause).Retry().Keep()
	if !errors.Is(f, cause) || f.Error() != "3 names" || f.Exit() != ExitRefused || !f.Retryable || !f.KeepResult {
		t.Errorf("%+v", f)
	}
	b, err := json.Marshal(f)
	if want := `{"error":{"code":"quota","exit":6,"message":"3 names","hints":["wait for block 7"],"details":{"names":3},"retryable":true}}`; err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
	b, err = json.Marshal(Usage("wrong"))
	if want := `{"error":{"code":"usage","exit":2,"message":"wrong","hints":[],"details":{},"retryable":false}}`; err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}

// TestExitOf: every code of the table ends in the number of its row, an unknown one in 1.
func TestExitOf(t *testing.T) {
	for _, row := range Table() {
		for _, code := range row.Codes {
			if ExitOf(code) != row.Exit {
				t.Errorf("%s: %d, want %d", code, ExitOf(code), row.Exit)
			}
		}
	}
	if ExitOf("no such code") != ExitFailed {
		t.Error("an unknown code")
	}
}
