package names

import (
	"encoding/json"
	"fmt"
	"io"
)

// RegistrySchema is the value of a registry file's schema field.
const RegistrySchema = "blockstack/registry/v1"

// maxRegistryBytes bounds a registry file. A full genesis table of the public registry would have a
// few megabytes.
const maxRegistryBytes = 32 << 20

// registryFile is a registry as JSON, and with the schema left out the settings object of a
// recorded chain. Unknown and repeated keys are refused, and every key is required that is not
// marked optional.
//
//	registry  = { "schema": "blockstack/registry/v1", "network": text, "constants": constants,
//	              "genesis": { "rows": [ row* ], "unknown": boolean (optional; true: nobody can tell the rows, which are none),
//	                           "history": [ … ] (optional, not read) },
//	              "genesis_patches": { height: { "add": [ row* ], "del": [ row* ] } } (optional),
//	              "announcers": the names of constants.announcers joined with "," (optional),
//	              "reference_env": { … } (optional, not read) }
//	constants = { "magic_bytes": two characters, "first_block": height, "initial_consensus_hashes": { height: 32 hex digits },
//	              "consensus_hash_window": blocks, "name_preorder_expire": blocks, "namespace_preorder_expire": blocks,
//	              "namespace_reveal_expire": blocks, "max_names_per_sender": count, "name_import_keyring_size": count,
//	              "name_cost_unit_satoshis": satoshi, "name_cost_unit_microstacks": microSTACKS,
//	              "p2pkh_version": byte, "p2sh_version": byte, "burn_address": base58 address,
//	              "announcers": [ name* ], "epochs": [ epoch+ ] }
//	epoch     = { "end_block": height, -1 in the last one, "features": [ feature* ],
//	              "namespace_price_units": "BTC" or "STACKS",
//	              "namespace_prices": null or [ number* ], "namespace_prices_stacks": null or [ number* ]   by length of the id, from 0
//	              "namespaces": { namespace id, or "*" for all others: rules },
//	              "script_types": [ type* ], "sender_types": [ type* ] }
//	rules     = { "NAMESPACE_LIFETIME_MULTIPLIER": count, "NAMESPACE_LIFETIME_GRACE_PERIOD": blocks,
//	              "NAMESPACE_RECEIVE_FEES_PERIOD": blocks,
//	              "PRICE_MULTIPLIER": number or null, "PRICE_MULTIPLIER_STACKS": number or null     without BLOCKSTACK_INT_DIVISION
//	              "PRICE_DIVISOR": integer or null, "PRICE_DIVISOR_STACKS": integer or null }       with it
//	row       = { "address": base58 or c32 address, or a word that is none, "type": token type, "value": amount,
//	              "vesting": { height: amount } , "vesting_total": amount (optional, the sum), "lock_send": height,
//	              "receive_whitelisted": boolean, "metadata": text or null }
//	amount    = decimal text or integer, in the base unit
//	number    = integer of any size, or with a point or exponent an IEEE 754 double; null: no price
//	feature   = "BLOCKSTACK_MULTISIG" and so on, see Feature
//	type      = "p2pkh" "p2sh" "nulldata" "p2wpkh" "p2wsh" "multisig" "p2pk" "nonstandard" "p2sh-p2wpkh" "p2sh-p2wsh"
//
// A complete example stands in docs/formats.md; WriteRegistry(Sandbox(...)) writes one.
type registryFile struct {
	Schema         string               `json:"schema,omitempty"`
	Network        string               `json:"network"`
	Constants      constantsFile        `json:"constants"`
	Announcers     *string              `json:"announcers,omitempty"`
	Genesis        genesisFile          `json:"genesis"`
	GenesisPatches map[string]patchFile `json:"genesis_patches,omitempty"`
	ReferenceEnv   json.RawMessage      `json:"reference_env,omitempty"`
}

type constantsFile struct {
	MagicBytes             string            `json:"magic_bytes"`
	FirstBlock             int32             `json:"first_block"`
	InitialConsensusHashes map[string]string `json:"initial_consensus_hashes"`
	ConsensusHashWindow    int32             `json:"consensus_hash_window"`
	NamePreorderExpire     int32             `json:"name_preorder_expire"`
	NamespacePreorder      int32             `json:"namespace_preorder_expire"`
	NamespaceRevealExpire  int32             `json:"namespace_reveal_expire"`
	MaxNamesPerSender      int               `json:"max_names_per_sender"`
	NameImportKeyringSize  int               `json:"name_import_keyring_size"`
	UnitSatoshis           int64             `json:"name_cost_unit_satoshis"`
	UnitMicrostacks        int64             `json:"name_cost_unit_microstacks"`
	P2PKHVersion           uint8             `json:"p2pkh_version"`
	P2SHVersion            uint8             `json:"p2sh_version"`
	BurnAddress            string            `json:"burn_address"`
	Announcers             []string          `json:"announcers"`
	Epochs                 []epochFile       `json:"epochs"`
}

type epochFile struct {
	EndBlock              int32                `json:"end_block"`
	Features              []string             `json:"features"`
	NamespacePriceUnits   string               `json:"namespace_price_units"`
	NamespacePrices       []Number             `json:"namespace_prices"`
	NamespacePricesStacks []Number             `json:"namespace_prices_stacks"`
	Namespaces            map[string]rulesFile `json:"namespaces"`
	ScriptTypes           []string             `json:"script_types"`
	SenderTypes           []string             `json:"sender_types"`
}

type rulesFile struct {
	LifetimeMultiplier    int32    `json:"NAMESPACE_LIFETIME_MULTIPLIER"`
	GracePeriod           int32    `json:"NAMESPACE_LIFETIME_GRACE_PERIOD"`
	ReceiveFeesPeriod     int32    `json:"NAMESPACE_RECEIVE_FEES_PERIOD"`
	PriceMultiplier       *float64 `json:"PRICE_MULTIPLIER"`
	PriceMultiplierStacks *float64 `json:"PRICE_MULTIPLIER_STACKS"`
	PriceDivisor          *int64   `json:"PRICE_DIVISOR"`
	PriceDivisorStacks    *int64   `json:"PRICE_DIVISOR_STACKS"`
}

type genesisFile struct {
	Rows    []rowFile       `json:"rows"`
	Unknown bool            `json:"unknown,omitempty"`
	History json.RawMessage `json:"history,omitempty"`
}

type patchFile struct {
	Add []rowFile `json:"add"`
	Del []rowFile `json:"del"`
}

type rowFile struct {
	Address            string                `json:"address"`
	Type               string                `json:"type"`
	Value              amountText            `json:"value"`
	Vesting            map[string]amountText `json:"vesting"`
	VestingTotal       *amountText           `json:"vesting_total,omitempty"`
	LockSend           int32                 `json:"lock_send"`
	ReceiveWhitelisted bool                  `json:"receive_whitelisted"`
	Metadata           *string               `json:"metadata"`
}

// ReadRegistry reads a registry file. Every error wraps ErrBadRegistry, except those of the reader,
// and says where the fault is.
func ReadRegistry(r io.Reader) (*Params, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxRegistryBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	if len(b) > maxRegistryBytes {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrBadRegistry, maxRegistryBytes)
	}
	var f registryFile
	if err := decodeStrict(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadRegistry, err)
	}
	switch f.Schema {
	case RegistrySchema:
	case "":
		return nil, fmt.Errorf("%w: schema: the key is missing, want %q", ErrBadRegistry, RegistrySchema)
	default:
		return nil, fmt.Errorf("%w: schema: %s is not known, want %q", ErrBadRegistry, quote(f.Schema), RegistrySchema)
	}
	return f.params()
}

// ParseSettings reads the settings object of a recorded chain, which is a registry file without the
// schema.
func ParseSettings(b []byte) (*Params, error) {
	var f registryFile
	if err := decodeStrict(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadRegistry, err)
	}
	return f.params()
}

// WriteRegistry writes the params as a registry file that ReadRegistry reads back to equal params.
func WriteRegistry(w io.Writer, p *Params) error {
	b, err := registryJSON(p)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// registryJSON is the registry file's text; it is the same for equal params.
func registryJSON(p *Params) ([]byte, error) {
	b, err := json.MarshalIndent(registryFileOf(p), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write registry: %w", err)
	}
	return append(b, '\n'), nil
}
