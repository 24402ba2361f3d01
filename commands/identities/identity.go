package identities

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// IdentityCommand is the noun `identity`.
func IdentityCommand() *cli.Command {
	return line.Noun("identity", "your identities: the keys that own names", line.Names,
		&cli.Command{
			Name:        "list",
			Usage:       "list your identities and their names",
			Description: "Where the name index cannot be read, the names are unknown.\n\n" + line.Examples("blockstack identity list", "blockstack identity list --offline --json"),
			Action:      line.Verb(line.NoOptions, runIdentityList),
		},
		&cli.Command{
			Name:        "show",
			Usage:       "show one identity: address, key, names, money at its address",
			ArgsUsage:   "[N]",
			Description: "N is its number, by default 0.\n\n" + line.Examples("blockstack identity show 1"),
			Action: line.Verb(func(c *cli.Context) (uint32, error) {
				if c.NArg() == 0 {
					return 0, nil
				}
				n, err := line.ParseCount("N", c.Args().First(), 0, line.MaxIdentity)
				return uint32(n), err
			}, runIdentityShow),
		},
		&cli.Command{
			Name:  "create",
			Usage: "make another identity",
			Description: "Its key follows from the words of the wallet (m/888'/0'/N'), so a restore finds it as long as not too many before it\n" +
				"were never used.\n\n" + line.Examples("blockstack identity create"),
			Action: line.Verb(line.NoOptions, runIdentityCreate),
		},
		identityMultisigCommand())
}

// identityView is what programs see of an identity.
type identityView struct {
	Identity  uint32   `json:"identity"`
	Address   string   `json:"owner_address"`
	PublicKey string   `json:"public_key"`
	Path      string   `json:"path"`
	Names     []string `json:"names"` // null: unknown
	AmountSat *int64   `json:"amount_sat"`
}

// listIdentities makes views of some identities. Names and money are added where they can be known.
func listIdentities(ctx context.Context, e *session.Session, w *wallet.Wallet, from, to uint32) ([]identityView, error) {
	var views []identityView
	var addresses []wallet.Address
	for i := from; i < to; i++ {
		a, err := w.OwnerAddress(ctx, i)
		if errors.Is(err, wallet.ErrNeedKeys) {
			return nil, fault.New("not_found", "there is no identity %d yet", i).Hint("make the next one: blockstack identity create")
		}
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, a)
		views = append(views, identityView{Identity: i, Address: a.Text, PublicKey: voice.Hex(a.PubKey.SerializeCompressed()), Path: a.Path})
	}
	if x, err := e.Index(ctx); err != nil {
		e.Out.Note("the names of your identities are unknown: %v", err)
	} else if err := addNames(ctx, x, views, addresses); err != nil {
		return nil, err
	}
	tip, err := w.Tip(ctx)
	if err != nil || !tip.Synced {
		return views, err
	}
	for i := range views {
		at, err := w.CoinsAt(ctx, addresses[i].Script)
		if err != nil {
			return nil, err
		}
		views[i].AmountSat = voice.SatPointer(coins.Sum(at))
	}
	return views, nil
}

// addNames adds the names that identities own.
func addNames(ctx context.Context, x *index.Index, views []identityView, addresses []wallet.Address) error {
	for i := range views {
		list, err := home.NamesOf(ctx, x, addresses[i].Script)
		if err != nil {
			return err
		}
		views[i].Names = []string{}
		for _, r := range list {
			if r.Status != names.Expired {
				views[i].Names = append(views[i].Names, r.Name.String())
			}
		}
	}
	return nil
}

// runIdentityList lists identities.
func runIdentityList(ctx context.Context, env *session.Session, _ line.None) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	n, err := w.Identities(ctx)
	if err != nil {
		return err
	}
	views, err := listIdentities(ctx, env, w, 0, n)
	if err != nil {
		return err
	}
	rows := make([][]string, len(views))
	for i, v := range views {
		rows[i] = []string{strconv.Itoa(int(v.Identity)), v.Address, identityNames(v)}
	}
	shared, err := multisigs(ctx, w)
	if err != nil {
		return err
	}
	for _, v := range shared {
		rows = append(rows, []string{fmt.Sprintf("%d of %d", v.Threshold, len(v.Keys)), v.Address, voice.Clean(v.Label)})
	}
	return env.Out.Result("identity.list", map[string]any{"identities": views, "multisig": shared}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "identity", Right: true}, {Title: "owner address"}, {Title: "names"}}, rows)
	})
}

// identityNames are the names of an identity in one line.
func identityNames(v identityView) string {
	if v.Names == nil {
		return "unknown"
	}
	return strings.Join(v.Names, " ")
}

// runIdentityShow shows one identity.
func runIdentityShow(ctx context.Context, env *session.Session, n uint32) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	views, err := listIdentities(ctx, env, w, n, n+1)
	if err != nil {
		return err
	}
	return printIdentity(env, "identity.show", views[0])
}

// runIdentityCreate hands out the next identity. The password is asked for when its key was not
// derived ahead.
func runIdentityCreate(ctx context.Context, env *session.Session, _ line.None) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	a, err := w.NewIdentity(ctx)
	if errors.Is(err, wallet.ErrNeedKeys) {
		if err := env.Keys.Unlock(ctx, w); err != nil {
			return err
		}
		a, err = w.NewIdentity(ctx)
	}
	if errors.Is(err, wallet.ErrGap) {
		return fault.New("conflict", "%v", err).Because(err).Hint("use those you have first: blockstack identity list")
	}
	if err != nil {
		return err
	}
	return printIdentity(env, "identity.create", identityView{
		Identity: a.Index, Address: a.Text, PublicKey: voice.Hex(a.PubKey.SerializeCompressed()), Path: a.Path, Names: []string{}})
}

// printIdentity prints one identity.
func printIdentity(env *session.Session, schema string, v identityView) error {
	return env.Out.Result(schema, v, func(t *voice.Text) {
		t.Field("identity", "%d", v.Identity)
		t.Field("owner address", "%s", v.Address)
		t.Field("public key", "%s", v.PublicKey)
		t.Field("path", "%s", v.Path)
		t.Field("names", "%s", identityNames(v))
		if v.AmountSat != nil {
			t.Field("money there", "%s", voice.BTC(btcutil.Amount(*v.AmountSat)))
		}
	})
}
