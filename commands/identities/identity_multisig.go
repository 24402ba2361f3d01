package identities

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// identityMultisigCommand is `identity multisig`.
func identityMultisigCommand() *cli.Command {
	return &cli.Command{
		Name:      "multisig",
		Usage:     "make an owner of several keys: M of them must sign what is done with its names",
		ArgsUsage: "M KEY...",
		Description: "A KEY is the number of an identity of yours, or the public key of somebody else's (identity show has it). Everybody\n" +
			"does the same at home with the same keys, in any order, and gets the same address. Names are registered or transferred to that\n" +
			"address; afterwards each operation is prepared with --psbt, signed by M of you with: wallet psbt sign, put together with:\n" +
			"wallet psbt combine, and handed back with: job resume --psbt.\n\n" +
			"The words of a wallet do not bring such an owner back: make a backup, or make it again from the same keys.\n\n" +
			line.Examples("blockstack identity multisig 2 0 02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5 03f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9 --label family"),
		Flags: []cli.Flag{&cli.StringFlag{Name: "label", Usage: "remember it as `TEXT`"}},
		Action: line.Verb(func(c *cli.Context) (multisigOptions, error) {
			o := multisigOptions{Keys: c.Args().Slice()[1:], Label: c.String("label")}
			m, err := line.ParseCount("M", c.Args().First(), 1, 15)
			o.Threshold = int(m)
			return o, err
		}, runIdentityMultisig),
	}
}

// multisigOptions say who owns together.
type multisigOptions struct {
	Threshold int
	Keys      []string
	Label     string
}

// multisigView is what programs see of an owner of several keys.
type multisigView struct {
	Address    string   `json:"owner_address"`
	Script     string   `json:"owner_script"`
	Redeem     string   `json:"redeem_script"`
	Threshold  int      `json:"threshold"`
	Keys       []string `json:"public_keys"`
	Identities []uint32 `json:"identities"` // of this wallet, among the keys
	Label      string   `json:"label,omitempty"`
}

// viewMultisig turns a shared script into what programs see.
func viewMultisig(ctx context.Context, w *wallet.Wallet, s scripts.SharedScript) (multisigView, error) {
	v := multisigView{Address: s.Address, Script: voice.Hex(s.Script), Redeem: voice.Hex(s.Redeem), Threshold: s.Threshold,
		Keys: voice.Hexes(s.Keys), Identities: []uint32{}, Label: s.Label}
	for _, pub := range s.Keys {
		n, ours, err := w.OwnKey(ctx, pub)
		if err != nil {
			return v, err
		}
		if ours {
			v.Identities = append(v.Identities, n)
		}
	}
	return v, nil
}

// runIdentityMultisig makes an owner of several keys, or finds the one that is there.
func runIdentityMultisig(ctx context.Context, env *session.Session, o multisigOptions) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	var keys [][]byte
	for _, text := range o.Keys {
		pub, err := multisigKey(ctx, w, text)
		if err != nil {
			return err
		}
		keys = append(keys, pub)
	}
	redeem, err := wallet.NewShared(o.Threshold, keys)
	if err != nil {
		return err
	}
	s, err := w.AddShared(ctx, redeem, voice.Clean(o.Label))
	if errors.Is(err, wallet.ErrLocked) { // the list of scripts takes the password
		if err = env.Keys.UnlockHere(ctx, w); err == nil {
			s, err = w.AddShared(ctx, redeem, voice.Clean(o.Label))
		}
	}
	if err != nil {
		return err
	}
	v, err := viewMultisig(ctx, w, s)
	if err != nil {
		return err
	}
	return env.Out.Result("identity.multisig", v, func(t *voice.Text) {
		t.Field("owner address", "%s", v.Address)
		t.Field("signed by", "%d of %d keys", v.Threshold, len(v.Keys))
		for i, k := range v.Keys {
			label := ""
			if i == 0 {
				label = "keys"
			}
			t.Field(label, "%s", k)
		}
		t.Field("redeem script", "%s", v.Redeem)
		if v.Label != "" {
			t.Field("label", "%s", v.Label)
		}
	})
}

// multisigKey reads a public key, or the number of an identity.
func multisigKey(ctx context.Context, w *wallet.Wallet, text string) ([]byte, error) {
	if n, err := strconv.ParseUint(text, 10, 32); err == nil && n <= line.MaxIdentity {
		a, err := w.OwnerAddress(ctx, uint32(n))
		if errors.Is(err, wallet.ErrNeedKeys) {
			return nil, fault.New("not_found", "there is no identity %d yet", n).Hint("make the next one: blockstack identity create")
		}
		if err != nil {
			return nil, err
		}
		return a.PubKey.SerializeCompressed(), nil
	}
	raw, err := hex.DecodeString(text)
	if err == nil && len(raw) != btcec.PubKeyBytesLenCompressed {
		err = fmt.Errorf("%d bytes, a compressed key has %d", len(raw), btcec.PubKeyBytesLenCompressed)
	}
	if err == nil {
		_, err = btcec.ParsePubKey(raw)
	}
	if err != nil {
		return nil, fault.Usage("%.80q is neither the number of an identity nor a public key: %v", voice.Clean(text), err).
			Hint("the public key of an identity: blockstack identity show N")
	}
	return raw, nil
}

// multisigs are the owners of several keys that this wallet knows.
func multisigs(ctx context.Context, w *wallet.Wallet) ([]multisigView, error) {
	list, err := w.SharedScripts(ctx)
	if err != nil {
		return nil, err
	}
	views := []multisigView{}
	for _, s := range list {
		v, err := viewMultisig(ctx, w, s)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}
