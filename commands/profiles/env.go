package profiles

import (
	"context"
	"io"
	"net/http"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/profile/seen"
	"blockstack/wallet"
	"blockstack/wallet/chain"
)

// Rooms are what these verbs need of a home, and of whoever is asked.
type Rooms interface {
	// Index is the name index until the command ends, Lookup what finds profiles by it.
	Index(ctx context.Context) (*index.Index, error)
	Lookup(ctx context.Context) (*lookup.Lookup, error)
	// TellAnswer says what the user should know about how a profile was read.
	TellAnswer(a *lookup.Answer)

	Blocks(ctx context.Context) (chain.Blocks, error)
	Registry(ctx context.Context) (*names.Params, error)
	Fetcher() *resolver.Fetcher
	ZoneFiles() (*resolver.Sources, error)
	SeenProfiles() *seen.File
	// WebClient speaks to servers that the user has chosen.
	WebClient() *http.Client

	Wallet(ctx context.Context) (*wallet.Wallet, error)
	// Confirm asks whether something may be done; an error is a no.
	Confirm(ctx context.Context, what string) error
}

// Keys open the keys of the wallet, after asking where that is needed.
type Keys interface {
	Unlock(ctx context.Context, w *wallet.Wallet) error
}

// Env is what a verb about profiles may need.
type Env struct {
	Config *config.Config
	Out    *voice.Printer
	In     io.Reader // standard input, for arguments that are -
	Keys   Keys
	Rooms
}

// verb is line.Verb with an Env made of the command's session.
func verb[O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env *Env, o O) error) cli.ActionFunc {
	return line.Verb(parse, func(ctx context.Context, s *session.Session, o O) error {
		return run(ctx, &Env{Config: s.Config, Out: s.Out, In: s.In, Keys: s.Keys, Rooms: s}, o)
	})
}

// versions are the version bytes of the network's addresses.
func (e *Env) versions() profile.AddressVersions {
	net := e.Config.Net()
	return profile.AddressVersions{PubKeyHash: net.PubKeyHashAddrID, ScriptHash: net.ScriptHashAddrID}
}

// judges makes judges of profiles.
func (e *Env) judges() *lookup.Judges {
	return &lookup.Judges{Open: e.Lookup, Versions: e.versions()}
}

// findProfile looks up the profile of a name that must have one, and tells what there is to be
// told. It may be of anybody: its report says so.
func (e *Env) findProfile(ctx context.Context, n names.Name, o lookup.Options) (*lookup.Answer, error) {
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.Find(ctx, n, o)
	if err != nil {
		return nil, err
	}
	e.TellAnswer(a)
	return a, a.Why
}
