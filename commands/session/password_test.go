package session

import (
	"testing"
	"time"
)

// TestRoughly: every unit.
func TestRoughly(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		time.Second: "seconds", 5 * time.Minute: "minutes", 5 * time.Hour: "hours", 5 * day: "5 days", 100 * day: "3 months", 5 * 365 * day: "5 years",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}
