package commands

import (
	"context"
	"strings"
	"testing"

	"blockstack/commands/jobrun"
	"blockstack/commands/session"
	"blockstack/home"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// TestPublicRegistry: on mainnet a plan says that these names were moved away, and nothing is burnt
// before the name is typed.
func TestPublicRegistry(t *testing.T) {
	alice, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	own := names.Mainnet()
	own.Magic = [2]byte{'m', 'y'}
	register := &registrar.Estimate{Request: registrar.Request{Kind: registrar.KindRegister, Name: alice}, Burn: 40_000}
	update := &registrar.Estimate{Request: registrar.Request{Kind: registrar.KindUpdate, Name: alice}}
	inexact := int32(547_921)
	for _, c := range []struct {
		name        string
		network     string
		rules       *names.Params
		until       *int32
		est         registrar.Estimate
		flags       []string
		answers     []string
		exit, asked int
		warns       []string
	}{
		{"typed", "mainnet", names.Mainnet(), nil, *register, nil, []string{"alice.id"}, 0, 1, []string{"another chain in 2021"}},
		{"--yes is not enough", "mainnet", names.Mainnet(), nil, *register, []string{"--yes", "--no-input"}, nil, 4, 0, []string{"2021"}},
		{"named", "mainnet", names.Mainnet(), nil, *register, []string{"--yes", "--confirm", "alice.id"}, nil, 0, 0, []string{"2021"}},
		{"another named", "mainnet", names.Mainnet(), nil, *register, []string{"--confirm", "bob.id"}, nil, 2, 0, []string{"2021"}},
		{"past the last certain block", "mainnet", names.Mainnet(), &inexact, *register, []string{"--yes", "--no-input"}, nil, 4, 0,
			[]string{"2021", "up to block 547921 only", "consensus hash"}},
		{"nothing burns", "mainnet", names.Mainnet(), &inexact, *update, nil, nil, 0, 0, []string{"2021", "consensus hash"}},
		{"a registry of one's own", "mainnet", own, nil, *register, nil, nil, 0, 0, nil},
		{"not certain on a test network", "regtest", own, &inexact, *register, []string{"--yes", "--no-input"}, nil, 4, 0, []string{"consensus hash"}},
		{"certain on a test network", "regtest", own, nil, *register, nil, nil, 0, 0, nil},
	} {
		est := c.est
		code, p, errOut := runAsked(t, append([]string{"--network", c.network}, c.flags...), c.answers, func(ctx context.Context, env *session.Session) error {
			env.Home = home.New(env.Config, nil, nil, home.Given{Registry: c.rules})
			est.ExactUntil = c.until
			if err := jobrun.ServiceOf(env, false).Caution(ctx, &est); err != nil {
				return err
			}
			return jobrun.ServiceOf(env, false).AgreeToBurn(ctx, &est)
		})
		if code != c.exit || len(p.asked) != c.asked {
			t.Errorf("%s: exit code %d, asked %q, want %d and %d questions\n%s", c.name, code, p.asked, c.exit, c.asked, errOut)
		}
		risks := strings.Join(est.Risks, "\n")
		for _, w := range c.warns {
			if !strings.Contains(risks, w) {
				t.Errorf("%s: no risk says %q:\n%s", c.name, w, risks)
			}
		}
		if c.warns == nil && risks != "" {
			t.Errorf("%s: risks %q", c.name, risks)
		}
	}
}
