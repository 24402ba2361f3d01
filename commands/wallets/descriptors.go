package wallets

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/scripts"
)

// DescriptorsCommand is `wallet descriptors`.
func DescriptorsCommand() *cli.Command {
	return &cli.Command{
		Name:  "descriptors",
		Usage: "show what another wallet needs to watch this one (BIP 380)",
		Description: "They hold public keys only; who has them sees every payment and cannot spend. With --json the list under\n" +
			"descriptors is what Bitcoin Core's importdescriptors takes.\n\n" + line.Examples("blockstack wallet descriptors", "blockstack wallet descriptors --json"),
		Action: line.Verb(line.NoOptions, runWalletDescriptors),
	}
}

// descriptorView is what importdescriptors of Bitcoin Core takes.
type descriptorView struct {
	Desc      string  `json:"desc"`
	Timestamp int64   `json:"timestamp"`
	Range     *[2]int `json:"range,omitempty"`
	Internal  bool    `json:"internal"`
	Label     string  `json:"label,omitempty"`
}

// runWalletDescriptors shows descriptors.
func runWalletDescriptors(ctx context.Context, env *session.Session, _ line.None) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	info, err := w.Info(ctx)
	if err != nil {
		return err
	}
	list, err := w.Descriptors(ctx)
	if err != nil {
		return err
	}
	views := make([]descriptorView, len(list))
	for i, d := range list {
		v := descriptorView{Desc: d.Text, Timestamp: max(0, info.Birthday.Unix()), Internal: d.Role == scripts.Payment && d.Branch == scripts.Change}
		if d.Ranged {
			v.Range = &[2]int{0, int(d.Derived) - 1}
		}
		if d.Role == scripts.Owner {
			v.Label = "owner key"
		}
		views[i] = v
	}
	doc := map[string]any{"descriptors": views, "network": env.Config.Network, "fingerprint": w.Fingerprint()}
	return env.Out.Result("wallet.descriptors", doc, func(t *voice.Text) {
		for _, v := range views {
			t.Line("%s", v.Desc)
		}
	})
}
