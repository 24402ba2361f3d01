package txbuilder

import (
	"testing"
	"time"
)

func TestLockTime(t *testing.T) {
	for _, c := range []struct {
		tip   int32
		draws []int
		want  uint32
	}{
		{800_000, []int{3}, 800_000},
		{800_000, []int{0, 0}, 800_000},
		{800_000, []int{0, 99}, 799_901},
		{50, []int{0, 99}, 0},
		{0, []int{1}, 0},
	} {
		draws := c.draws
		got := lockTime(c.tip, func(int) int { n := draws[0]; draws = draws[1:]; return n })
		if got != c.want {
			t.Errorf("tip %d, draws %v: %d, want %d", c.tip, c.draws, got, c.want)
		}
	}
}

// TestLockTimeOfACurrentChain sets one only where the newest block is recent, as Bitcoin Core does.
func TestLockTimeOfACurrentChain(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for age, want := range map[time.Duration]bool{-time.Hour: true, 0: true, 8 * time.Hour: true, 8*time.Hour + time.Second: false} {
		earlier := false
		for range 300 {
			got := LockTime(800_000, now.Add(-age), now)
			if got > 800_000 || want != (got > 800_000-100) || !want && got != 0 {
				t.Fatalf("a block %s old: %d", age, got)
			}
			earlier = earlier || got < 800_000
		}
		if want && !earlier {
			t.Errorf("a block %s old: never earlier", age)
		}
	}
}
