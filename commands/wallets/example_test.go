package wallets_test

import (
	"fmt"

	"blockstack/commands/wallets"
)

// Labels, as BIP 329 has them.
func ExampleReadLabels() {
	f, err := wallets.ReadLabels([]byte(`{"type":"output","ref":"f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1","label":"from the faucet","spendable":false}` + "\n"))
	if err != nil {
		panic(err)
	}
	for outpoint, spendable := range f.Spendable {
		fmt.Println(f.Labels[0].Type, f.Labels[0].Text, outpoint.Index, spendable)
	}
	// Output:
	// output from the faucet 1 false
}
