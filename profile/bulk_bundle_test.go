package profile

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
)

// TestBulkBundles judges inputs that are no tokens by the hook, in their order, and never a line of
// a stream.
func TestBulkBundles(t *testing.T) {
	broken := errors.New("cannot be judged")
	b := Bulk{
		JudgeFor: func(context.Context, *Entry) (Judge, error) { return &Verifier{}, nil },
		Bundle: func(_ context.Context, raw []byte) (*Report, bool, error) {
			switch {
			case !bytes.HasPrefix(raw, []byte("bundle")):
				return nil, false, nil
			case bytes.HasSuffix(raw, []byte("broken")):
				return nil, true, broken
			}
			return RefusedReport("proof", InclusionOnly, "not shown"), true, nil
		},
	}
	inputs := []Input{
		{Label: "a", Raw: []byte("bundle one")}, {Label: "b", Raw: []byte("bundle broken")}, {Label: "c", Raw: []byte("{}")},
		{Label: "d", Raw: []byte("bundle one"), Line: true},
	}
	var got []string
	s, err := b.Run(t.Context(), slices.Values(inputs), func(r Result) error {
		switch {
		case errors.Is(r.Err, broken):
			got = append(got, r.Label+" broken")
		case r.Err == nil:
			got = append(got, r.Label+" "+string(r.Report.Reason))
		}
		return nil
	})
	if want := []string{"a inclusion_only", "b broken", "c malformed", "d malformed"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if s.Total != 4 || s.Valid != 0 || s.Unjudged != 1 || s.Failed[InclusionOnly] != 1 || s.Failed[Malformed] != 2 {
		t.Errorf("%+v", s)
	}
}

// TestWithoutNames keeps what can be decided without an index.
func TestWithoutNames(t *testing.T) {
	p, err := ParsePolicy([]byte("schema = \""+PolicySchema+"\"\nmax_age = \"2d\"\n[[signer]]\nname = \"alice.id\"\n"+
		"[[signer]]\naddress = \"1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7\"\n"), MainnetVersions())
	if err != nil {
		t.Fatal(err)
	}
	q := p.WithoutNames()
	if len(q.Signers) != 1 || q.Signers[0].Address == "" || q.MaxAge != p.MaxAge || len(p.Signers) != 2 {
		t.Errorf("%+v of %+v", q, p)
	}
}
