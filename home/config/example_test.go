package config_test

import (
	"fmt"

	"blockstack/home/config"
)

// The file of choices; a key that nobody knows is refused.
func ExampleParse() {
	for _, file := range []string{
		`{"schema": "blockstack/config/v1", "network": "regtest", "confirmations": 2, "peer": ["127.0.0.1:18444"]}`,
		`{"schema": "blockstack/config/v1", "pasword_file": "/run/secrets/wallet"}`,
	} {
		v, err := config.Parse([]byte(file))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(*v.Network, *v.Confirmations, v.Peers, v.Offline == nil)
	}
	// Output:
	// regtest 2 [127.0.0.1:18444] true
	// json: unknown field "pasword_file"
}
