package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPublicTXT(t *testing.T) {
	many := strings.Repeat(`{"type":16,"data":"x"},`, maxTXT)
	for _, c := range []struct {
		name, body string
		want       []string
		ok         bool
	}{
		{"texts", `{"Status":0,"Answer":[{"type":16,"data":"\"one\""},{"type":5,"data":"alias"},{"type":16,"data":"two"}]}`, []string{"one", "two"}, true},
		{"none", `{"Status":0}`, nil, true},
		{"no such name", `{"Status":3}`, nil, true},
		{"the resolver failed", `{"Status":2}`, nil, false},
		{"refused", `{"Status":5,"Answer":[{"type":16,"data":"one"}]}`, nil, false},
		{"says nothing", `{}`, nil, false}, // which is not the same as that there are no texts
		{"null", `null`, nil, false},
		{"no JSON", `<html>`, nil, false},
		{"nothing", ``, nil, false},
		{"as many as there may be", `{"Status":0,"Answer":[` + strings.TrimSuffix(many, ",") + `]}`, slices.Repeat([]string{"x"}, maxTXT), true},
		{"too many", `{"Status":0,"Answer":[` + many + `{"type":16,"data":"x"}]}`, nil, false},
	} {
		asked := ""
		ask := PublicTXT(func(_ context.Context, url string) ([]byte, error) {
			asked = url
			return []byte(c.body), nil
		})
		texts, err := ask(context.Background(), "blockchainid.a.example&x")
		if !slices.Equal(texts, c.want) || (err == nil) != c.ok {
			t.Errorf("%s: %d texts, %v", c.name, len(texts), err)
		}
		if asked != "https://dns.google/resolve?type=TXT&name=blockchainid.a.example%26x" {
			t.Errorf("%s: asked %s", c.name, asked)
		}
	}
	down := errors.New("down")
	if _, err := PublicTXT(func(context.Context, string) ([]byte, error) { return nil, down })(context.Background(), "a"); !errors.Is(err, down) {
		t.Errorf("%v", err)
	}
}

// FuzzTXT: an answer gives texts or an error, never both, and a status that is an error is one.
func FuzzTXT(f *testing.F) {
	for _, seed := range []string{`{"Status":0,"Answer":[{"type":16,"data":"\"one\""}]}`, `{"Status":3}`, `{"Status":2}`, `{}`, `[]`, `{"Status":0,"Answer":[{"type":16,"data":"\"\\x"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		texts, err := parseTXT(body)
		if err != nil && texts != nil || len(texts) > maxTXT {
			t.Errorf("%d texts and %v", len(texts), err)
		}
		var status struct{ Status *int }
		if err == nil && (json.Unmarshal(body, &status) != nil || status.Status == nil || *status.Status != 0 && *status.Status != 3) {
			t.Errorf("an answer without a good status is taken: %s", fmt.Sprint(texts))
		}
	})
}
