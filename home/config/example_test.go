package config_test

import (
	"fmt"
	"os"
	"path/filepath"

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

// The file with the user and password of a node: one line. The password shows nowhere, whoever
// prints it.
func ExampleConfig_NodeConfig() {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	url, path := "http://127.0.0.1:18443", filepath.Join(home, "node-auth")
	c, err := config.Load(config.Given{Home: home, Values: config.Values{Node: &url, NodeAuthFile: &path}}, false)
	if err != nil {
		panic(err)
	}
	for _, file := range []string{"alice:correct-horse:battery\n", "alice\n", "alice:correct\nhorse\n"} {
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			panic(err)
		}
		node, err := c.NodeConfig()
		if err != nil {
			fmt.Printf("%T\n", err)
			continue
		}
		fmt.Println(node.Host, node.User, node.Pass, node.Pass.Reveal())
	}
	// Output:
	// 127.0.0.1:18443 alice [password] correct-horse:battery
	// *config.NodeError
	// *config.NodeError
}
