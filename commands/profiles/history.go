package profiles

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/profile"
	"blockstack/profile/publish"
)

// profileHistoryCommand is `profile history`.
func profileHistoryCommand() *cli.Command {
	return &cli.Command{
		Name:      "history",
		Usage:     "show and verify the versions that an owner has signed",
		ArgsUsage: "FILE|URL|NAME",
		Description: "The history of a name stands beside its profile, as " + publish.HistoryName + ". Each version is bound to the one before, so\n" +
			"nothing can be taken out; that it was not cut off is checked against the last time it was seen.\n\n" + line.Examples(
			"blockstack profile history alice.id",
			"blockstack profile history "+publish.HistoryName+" --address 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk"),
		Flags:  ownerFlags(),
		Action: verb(parseProfileVerify, runProfileHistory),
	}
}

// historyVersion is one version as programs see it.
type historyVersion struct {
	Version   uint64       `json:"version"`
	LinkedAt  string       `json:"linked_at"`
	IssuedAt  string       `json:"issued_at,omitempty"`
	ExpiresAt string       `json:"expires_at,omitempty"`
	Changes   []changeView `json:"changes"`
}

// runProfileHistory shows a history.
func runProfileHistory(ctx context.Context, env *Env, o profileVerifyOptions) error {
	v, raw, err := readHistory(ctx, env, o)
	if err != nil {
		return err
	}
	history, err := publish.ReadVersions(ctx, raw, v, env.SeenProfiles())
	if err != nil {
		return err
	}
	versions, head := []historyVersion{}, history.Head
	for _, version := range history.List {
		one := historyVersion{Version: version.Seq, LinkedAt: voice.Time(version.LinkedAt), Changes: viewChanges(version.Changes)}
		if at, ok := version.Token.IssuedAt(); ok {
			one.IssuedAt = voice.Time(at)
		}
		if at, ok := version.Token.ExpiresAt(); ok {
			one.ExpiresAt = voice.Time(at)
		}
		versions = append(versions, one)
	}
	doc := map[string]any{"owner_address": v.Owner.Address(), "versions": versions, "head": head.String()}
	return env.Out.Result("profile.history", doc, func(t *voice.Text) {
		rows := make([][]string, len(versions))
		for i, one := range versions {
			rows[i] = []string{strconv.FormatUint(one.Version, 10), one.IssuedAt, fmt.Sprintf("%d changes", len(one.Changes))}
		}
		t.Table([]voice.Column{{Title: "version", Right: true}, {Title: "issued at"}, {Title: ""}}, rows)
	})
}

// readHistory finds a history and whose it must be.
func readHistory(ctx context.Context, e *Env, o profileVerifyOptions) (*profile.Verifier, []byte, error) {
	w, err := whom(e, o)
	if err != nil {
		return nil, nil, err
	}
	v := &profile.Verifier{}
	if !o.At.IsZero() {
		v.Clock = func() time.Time { return o.At }
	}
	what := o.What[0]
	if o.Address != "" || o.Key != "" {
		if v, err = e.judges().Verifier(w, nil); err != nil {
			return nil, nil, err
		}
	} else {
		l, err := e.Lookup(ctx)
		if err != nil {
			return nil, nil, err
		}
		a, err := l.Resolve(ctx, o.Name)
		if err != nil {
			return nil, nil, err
		}
		if v.Owner, err = a.Owner(); err != nil {
			return nil, nil, err
		}
		if o.ofName() {
			if len(a.URLs) == 0 {
				return nil, nil, fault.New("not_found", "%s has no zone file, so no history", o.Name)
			}
			what = publish.Beside(a.URLs[0], publish.HistoryName)
		}
	}
	raw, err := e.readAll(ctx, what, publish.MaxSize)
	return v, raw, err
}
