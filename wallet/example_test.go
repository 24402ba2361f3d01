package wallet_test

import (
	"fmt"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet"
)

// A list of what a wallet without keys watches.
func ExampleReadDescriptors() {
	keys, birthday, err := wallet.ReadDescriptors(&chaincfg.MainNetParams, []byte(`# savings
[73c5da0a/84h/0h/0h]zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs
tr([73c5da0a/86'/0'/0']xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/<0;1>/*)#kjk9q86c
`))
	if err != nil {
		panic(err)
	}
	for _, k := range keys {
		fmt.Println(k.Kind, k.Account.IsPrivate())
	}
	fmt.Println(birthday.IsZero())
	_, _, err = wallet.ReadDescriptors(&chaincfg.MainNetParams, []byte("wpkh(nothing)"))
	fmt.Println(err != nil)
	// Output:
	// p2wpkh false
	// p2tr false
	// true
	// true
}
