package wallet

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// Lists of descriptors are bounded: a wallet has a dozen, and one for each identity.
const (
	maxDescriptorList = 1 << 20
	maxDescriptor     = 512
)

// WatchedKey is a payment account, or the key of one identity.
type WatchedKey struct {
	Kind   scripts.Kind
	Origin scripts.Origin

	Account *hdkeychain.ExtendedKey // of an account: public, with the version of the network

	Single   *btcec.PublicKey // of an identity
	Identity uint32
}

// DescriptorError says which line of a list is wrong. Sum is the checksum that the line would need,
// when that is all.
type DescriptorError struct {
	Line int
	Sum  string
	Err  error
}

// Error never quotes the line, which may hold a private key.
func (e *DescriptorError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap makes errors.Is see the cause and ErrDescriptor.
func (e *DescriptorError) Unwrap() []error { return []error{e.Err, ErrDescriptor} }

// ReadDescriptors reads what a watch-only wallet is made from: output descriptors (BIP 380 to 389,
// those of single keys) with their checksums, and account keys as wallets show them (SLIP 132).
// Either text, one a line, or JSON as `wallet descriptors --json` writes it and Bitcoin Core's
// listdescriptors.
//
//	list        = *( [ descriptor / account-key / comment ] LF )    comment = "#" text
//	descriptor  = script "#" checksum
//	script      = "pkh(" key ")" / "sh(wpkh(" key "))" / "wpkh(" key ")" / "tr(" key ")"
//	key         = [ origin ] xpub "/" branch "/*"                     a payment account
//	            / "[" fingerprint "/888'/0'/" N "']" public-key       identity N, in pkh()
//	origin      = "[" fingerprint *( "/" step ) "]"                   step = number [ "'" / "h" ]
//	branch      = "0" / "1" / "<0;1>"
//	account-key = [ origin ] ( xpub / ypub / zpub / tpub / upub / vpub )
//
// The kind of an account key is that of its first letter (x and t: pkh, y and u: sh(wpkh), z and v:
// wpkh); for xpub and tpub the first step of the origin decides where it is there: 44', 49', 84' or
// 86'.
//
// Both branches of an account are watched even if one is described. birthday is the earliest
// timestamp of a JSON list; zero: unknown.
func ReadDescriptors(net *chaincfg.Params, text []byte) (list []WatchedKey, birthday time.Time, err error) {
	if len(text) > maxDescriptorList {
		return nil, birthday, fmt.Errorf("%w: the list has more than %d bytes", ErrDescriptor, maxDescriptorList)
	}
	lines := strings.Split(string(text), "\n")
	s := strings.TrimSpace(string(text))
	if inner, array := strings.CutPrefix(s, "["); strings.HasPrefix(s, "{") || array && strings.HasPrefix(strings.TrimSpace(inner), "{") {
		if lines, birthday, err = jsonDescriptors([]byte(s)); err != nil {
			return nil, birthday, err
		}
	}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, sum, err := readDescriptor(net, line)
		if err != nil {
			return nil, birthday, &DescriptorError{Line: i + 1, Sum: sum, Err: err}
		}
		list = append(list, key)
	}
	if len(list) == 0 {
		return nil, birthday, fmt.Errorf("%w: there is none", ErrDescriptor)
	}
	return list, birthday, nil
}

// jsonDescriptors takes the descriptors out of a JSON list.
func jsonDescriptors(text []byte) (lines []string, birthday time.Time, err error) {
	type row struct {
		Desc      string          `json:"desc"`
		Timestamp json.RawMessage `json:"timestamp"` // a number, or "now"
	}
	var rows []row
	if text[0] == '{' {
		var doc struct {
			Descriptors []row `json:"descriptors"`
		}
		err = json.Unmarshal(text, &doc)
		rows = doc.Descriptors
	} else {
		err = json.Unmarshal(text, &rows)
	}
	if err != nil {
		return nil, birthday, fmt.Errorf("%w: not a JSON list of descriptors", ErrDescriptor)
	}
	for i, r := range rows {
		lines = append(lines, r.Desc)
		var at int64
		if json.Unmarshal(r.Timestamp, &at) != nil || at < 0 {
			at = 0
		}
		if t := time.Unix(at, 0); i == 0 || t.Before(birthday) {
			birthday = t
		}
	}
	return lines, birthday, nil
}

// readDescriptor reads one line. sum is the right checksum when it is missing or wrong.
func readDescriptor(net *chaincfg.Params, line string) (k WatchedKey, sum string, err error) {
	if len(line) > maxDescriptor {
		return k, "", fmt.Errorf("it has more than %d letters", maxDescriptor)
	}
	if !strings.ContainsAny(line, "(#") {
		k, err = accountKey(net, line)
		return k, "", err
	}
	script, given, _ := strings.Cut(line, "#")
	if sum, err = descriptorChecksum(script); err != nil {
		return k, "", err
	}
	if k, err = readScript(net, script); err != nil {
		return k, "", err
	}
	switch given {
	case sum:
		return k, "", nil
	case "":
		return k, sum, errors.New("the checksum is missing")
	}
	return k, sum, errors.New("the checksum does not fit: a letter of the descriptor or of the checksum is wrong")
}

// accountKey reads an account key that says its kind by its first letters (SLIP 132) or by its
// origin.
func accountKey(net *chaincfg.Params, text string) (WatchedKey, error) {
	origin, text, err := cutOrigin(text)
	if err != nil {
		return WatchedKey{}, err
	}
	xpub, version, err := publicKeyOf(text)
	if err != nil {
		return WatchedKey{}, err
	}
	kinds, test := map[uint32]scripts.Kind{0x0488b21e: scripts.P2PKH, 0x049d7cb2: scripts.P2SHP2WPKH, 0x04b24746: scripts.P2WPKH}, false
	kind, ok := kinds[version]
	if !ok {
		kinds, test = map[uint32]scripts.Kind{0x043587cf: scripts.P2PKH, 0x044a5262: scripts.P2SHP2WPKH, 0x045f1cf6: scripts.P2WPKH}, true
		kind, ok = kinds[version]
	}
	if !ok {
		return WatchedKey{}, errors.New("it is no account key of a single-key wallet (xpub, ypub, zpub, tpub, upub, vpub)")
	}
	if test != (net.HDPublicKeyID != chaincfg.MainNetParams.HDPublicKeyID) {
		return WatchedKey{}, fmt.Errorf("it is a key of another network than %s", net.Name)
	}
	if origin != nil && len(origin.Path) > 0 {
		for _, said := range scripts.Kinds() {
			switch {
			case origin.Path[0] != said.Purpose()+keychain.Hardened || said == kind:
			case kind != scripts.P2PKH:
				return WatchedKey{}, errors.New("the key and its origin say different kinds of account")
			default:
				return newAccount(net, said, xpub, origin)
			}
		}
	}
	return newAccount(net, kind, xpub, origin)
}

// cutOrigin takes the origin off the front of a key; nil: it has none.
func cutOrigin(text string) (*scripts.Origin, string, error) {
	inside, ok := strings.CutPrefix(text, "[")
	if !ok {
		return nil, text, nil
	}
	place, key, closed := strings.Cut(inside, "]")
	if !closed {
		return nil, "", errors.New("the origin of the key is not closed with ]")
	}
	o, err := readOrigin(place)
	return &o, key, err
}

// publicKeyOf reads an extended key and refuses private ones.
func publicKeyOf(text string) (*hdkeychain.ExtendedKey, uint32, error) {
	key, err := hdkeychain.NewKeyFromString(text)
	if err != nil {
		return nil, 0, errors.New("it is neither a descriptor nor an extended public key, or a letter is wrong") // err may quote it
	}
	if key.IsPrivate() {
		key.Zero()
		return nil, 0, ErrPrivateDescriptor
	}
	return key, binary.BigEndian.Uint32(key.Version()), nil
}

// newAccount is the account of a key. Without an origin the key itself counts as the root, as in
// Bitcoin Core.
func newAccount(net *chaincfg.Params, kind scripts.Kind, key *hdkeychain.ExtendedKey, origin *scripts.Origin) (WatchedKey, error) {
	account, err := key.CloneWithVersion(net.HDPublicKeyID[:])
	if err != nil {
		return WatchedKey{}, err
	}
	if origin == nil {
		pub, err := account.ECPubKey()
		if err != nil {
			return WatchedKey{}, errors.New("it holds no public key")
		}
		origin = &scripts.Origin{Fingerprint: binary.LittleEndian.Uint32(address.Hash160(pub.SerializeCompressed())), Path: []uint32{}}
	}
	return WatchedKey{Kind: kind, Account: account, Origin: *origin}, nil
}

// readScript reads a descriptor without its checksum.
func readScript(net *chaincfg.Params, script string) (WatchedKey, error) {
	for _, form := range []struct {
		before, after string
		kind          scripts.Kind
	}{
		{"pkh(", ")", scripts.P2PKH}, {"sh(wpkh(", "))", scripts.P2SHP2WPKH}, {"wpkh(", ")", scripts.P2WPKH}, {"tr(", ")", scripts.P2TR},
	} {
		key, ok := strings.CutPrefix(script, form.before)
		if !ok {
			continue
		}
		if key, ok = strings.CutSuffix(key, form.after); !ok || strings.ContainsAny(key, "(),{}") {
			return WatchedKey{}, errors.New("it is not the script of a single key")
		}
		return readKeyExpression(net, form.kind, key)
	}
	return WatchedKey{}, errors.New("only pkh, sh(wpkh), wpkh and tr of a single key are watched")
}

// readKeyExpression reads the key of a descriptor.
func readKeyExpression(net *chaincfg.Params, kind scripts.Kind, text string) (WatchedKey, error) {
	origin, text, err := cutOrigin(text)
	if err != nil {
		return WatchedKey{}, err
	}
	key, way, ranged := strings.Cut(text, "/")
	if !ranged {
		return readSingle(kind, key, origin)
	}
	xpub, version, err := publicKeyOf(key)
	if err != nil {
		return WatchedKey{}, err
	}
	if version != binary.BigEndian.Uint32(net.HDPublicKeyID[:]) {
		return WatchedKey{}, fmt.Errorf("its key is not an extended public key of %s", net.Name)
	}
	switch way {
	case "0/*", "1/*", "<0;1>/*":
		return newAccount(net, kind, xpub, origin)
	}
	return WatchedKey{}, errors.New("the keys of an account are at /0/* and /1/*, behind the account key")
}

// readOrigin reads what stands between [ and ].
func readOrigin(text string) (scripts.Origin, error) {
	fp, steps, _ := strings.Cut(text, "/")
	raw, err := hex.DecodeString(fp)
	if err != nil || len(raw) != 4 {
		return scripts.Origin{}, errors.New("the fingerprint in the origin is not 8 hex digits")
	}
	o := scripts.Origin{Fingerprint: binary.LittleEndian.Uint32(raw), Path: []uint32{}}
	if steps == "" {
		return o, nil
	}
	path, err := keychain.ParsePath("m/" + steps)
	if err != nil {
		return o, errors.New("the path in the origin is not steps like 84'/0'/0'")
	}
	o.Path = path
	return o, nil
}

// readSingle reads the key of an identity.
func readSingle(kind scripts.Kind, text string, origin *scripts.Origin) (WatchedKey, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		if _, _, err := publicKeyOf(text); errors.Is(err, ErrPrivateDescriptor) {
			return WatchedKey{}, err
		}
		return WatchedKey{}, errors.New("its key is not a public key in hex, nor an extended one with /0/*")
	}
	pub, err := btcec.ParsePubKey(raw)
	if err != nil || len(raw) != btcec.PubKeyBytesLenCompressed {
		return WatchedKey{}, errors.New("its key is not a compressed public key")
	}
	if kind == scripts.P2PKH && origin != nil && len(origin.Path) == 3 && origin.Path[2] >= keychain.Hardened {
		i := origin.Path[2] - keychain.Hardened
		if keychain.OwnerPath(i).String() == keychain.Path(origin.Path).String() {
			return WatchedKey{Kind: kind, Single: pub, Identity: i, Origin: *origin}, nil
		}
	}
	return WatchedKey{}, errors.New("single keys are watched as identities only: pkh([fingerprint/888'/0'/N']key)")
}
