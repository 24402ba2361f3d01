package publish

import (
	"context"
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile/lookup"
)

func TestPointer(t *testing.T) {
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	down, yes, no := errors.New("down"), true, false
	answer := func(owner string, outcome lookup.Outcome, urls ...string) *lookup.Answer {
		return &lookup.Answer{Outcome: outcome, Resolution: resolver.Resolution{Record: names.Record{Name: n, OwnerAddress: owner}, URLs: urls}}
	}
	for _, c := range []struct {
		name   string
		url    string
		answer *lookup.Answer
		err    error
		points *bool
		is     error
		free   bool
		first  string
		other  string
	}{
		{"leads there", "u", answer("1Alice", lookup.Resolved, "u"), nil, &yes, nil, false, "", ""},
		{"after another", "u", answer("1Alice", lookup.Resolved, "v", "u"), nil, &yes, nil, false, "v", ""},
		{"elsewhere", "u", answer("1Alice", lookup.Resolved, "v"), nil, &no, nil, false, "", ""},
		{"nowhere", "u", answer("1Alice", lookup.NoProfile), nil, &no, nil, false, "", ""},
		{"somebody else's", "u", answer("1Bob", lookup.Resolved, "u"), nil, &yes, nil, false, "", "1Bob"},
		{"free", "u", nil, names.ErrNotFound, &no, nil, true, "", ""},
		{"not known", "u", nil, down, nil, down, false, "", ""},
		{"zone file not read", "u", answer("1Alice", lookup.Missing), down, nil, down, false, "", ""},
		{"unreadable zone file", "u", func() *lookup.Answer {
			a := answer("1Alice", lookup.BadZoneFile)
			a.Why = down
			return a
		}(), nil, nil, down, false, "", ""},
		{"a folder that nobody reads", "", nil, errors.New("asked"), nil, ErrNowhere, false, "", ""},
	} {
		p, err := PointerTo(context.Background(), n, c.url, func(context.Context, names.Name) (*lookup.Answer, error) { return c.answer, c.err })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if (p.Points == nil) != (c.points == nil) || p.Points != nil && *p.Points != *c.points || !errors.Is(p.Err, c.is) || p.Free != c.free || p.First != c.first || p.OtherOwner("1Alice") != c.other {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := PointerTo(ctx, n, "u", func(ctx context.Context, _ names.Name) (*lookup.Answer, error) { return nil, ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
