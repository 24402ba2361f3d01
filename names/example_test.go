package names_test

import (
	"fmt"
	"strings"

	"blockstack/names"
)

// A complete registry for the sandbox with short lifetimes: names preordered for at most 20 blocks,
// no grace period.
const shortLives = `{
  "schema": "blockstack/registry/v1",
  "network": "regtest",
  "constants": {
    "magic_bytes": "id",
    "first_block": 5,
    "initial_consensus_hashes": {
      "1": "17ac43c1d8549c3181b200f1bf97eb7d",
      "2": "17ac43c1d8549c3181b200f1bf97eb7d",
      "3": "17ac43c1d8549c3181b200f1bf97eb7d",
      "4": "17ac43c1d8549c3181b200f1bf97eb7d"
    },
    "consensus_hash_window": 24,
    "name_preorder_expire": 20,
    "namespace_preorder_expire": 144,
    "namespace_reveal_expire": 144,
    "max_names_per_sender": 25,
    "name_import_keyring_size": 5,
    "name_cost_unit_satoshis": 100,
    "name_cost_unit_microstacks": 1733,
    "p2pkh_version": 111,
    "p2sh_version": 196,
    "burn_address": "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8",
    "announcers": [],
    "epochs": [
      {
        "end_block": -1,
        "features": [
          "BLOCKSTACK_MULTISIG",
          "BLOCKSTACK_SEGWIT",
          "BLOCKSTACK_OP_REGISTER_UPDATE",
          "BLOCKSTACK_OP_RENEW_TRANSFER_UPDATE",
          "BLOCKSTACK_NAMESPACE_BURN_TO_CREATOR",
          "BLOCKSTACK_NAMESPACE_PAY_WITH_STACKS",
          "BLOCKSTACK_STACKS_BUY_NAMESPACES",
          "BLOCKSTACK_PREORDER_EXPIRE",
          "BLOCKSTACK_NAMEOPS_COST_TOKENS",
          "BLOCKSTACK_TOKEN_TRANSFER",
          "BLOCKSTACK_INT_DIVISION",
          "BLOCKSTACK_TOKEN_TRANSFER_CONSENSUS_HASH_OPTIONAL"
        ],
        "namespace_price_units": "STACKS",
        "namespace_prices": null,
        "namespace_prices_stacks": [
          null, 640000000000, 64000000000, 64000000000, 6400000000, 6400000000, 6400000000, 6400000000, 640000000, 640000000,
          640000000, 640000000, 640000000, 640000000, 640000000, 640000000, 640000000, 640000000, 640000000, 640000000
        ],
        "namespaces": {
          "*": {
            "NAMESPACE_LIFETIME_MULTIPLIER": 1,
            "NAMESPACE_LIFETIME_GRACE_PERIOD": 0,
            "NAMESPACE_RECEIVE_FEES_PERIOD": 144,
            "PRICE_MULTIPLIER": null,
            "PRICE_MULTIPLIER_STACKS": null,
            "PRICE_DIVISOR": 10,
            "PRICE_DIVISOR_STACKS": 1
          }
        },
        "script_types": ["p2pkh", "p2sh", "nulldata", "p2sh-p2wpkh", "p2sh-p2wsh"],
        "sender_types": ["p2pkh", "p2sh"]
      }
    ]
  },
  "genesis": {
    "rows": [
      {
        "address": "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8",
        "type": "STACKS",
        "value": "1000000000000",
        "vesting": {"100": "500"},
        "lock_send": 0,
        "receive_whitelisted": true,
        "metadata": null
      }
    ]
  },
  "genesis_patches": {
    "200": {"add": [], "del": []}
  }
}
`

func ExampleReadRegistry() {
	p, err := names.ReadRegistry(strings.NewReader(shortLives))
	if err != nil {
		fmt.Println(err)
		return
	}
	price, unit, err := p.NamespacePrice("id", p.FirstBlock)
	fmt.Println(p.NamePreorderLifetime, price, unit, err)

	_, err = names.ReadRegistry(strings.NewReader(strings.Replace(shortLives, "first_block", "frist_block", 1)))
	fmt.Println(err)
	// Output:
	// 20 64000000000 STACKS <nil>
	// not a valid registry: constants.frist_block: unknown key
}
