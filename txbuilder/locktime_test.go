package txbuilder

import "testing"

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
