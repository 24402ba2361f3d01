package labels_test

import (
	"fmt"

	"blockstack/wallet/labels"
)

// Labels, as BIP 329 has them.
func ExampleReadFile() {
	f, err := labels.ReadFile([]byte(`{"type":"output","ref":"f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1","label":"from the faucet","spendable":false}` + "\n"))
	if err != nil {
		panic(err)
	}
	for outpoint, spendable := range f.Spendable {
		fmt.Println(f.Labels[0].Type, f.Labels[0].Text, outpoint.Index, spendable)
	}
	// Output:
	// output from the faucet 1 false
}
