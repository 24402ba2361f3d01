package legacy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"golang.org/x/crypto/scrypt"

	"blockstack/wallet/secret"
)

// The wallet file of the Python client from version 0.14 on (identity 2.4) is a JSON object with
// lists of addresses and
//
//	"enc": base64( scrypt-file( {"data_privkey": key, "owner_privkey": key, "payment_privkey": key} ) )
//	key  = HEX / {"address": …, "private_keys": [HEX, …], "redeem_script": HEX, "segwit": BOOL}
//
// scrypt-file is the format of the program scrypt(1):
//
//	"scrypt" 00 log2(N)(1) r(4) p(4) salt(32) sha256-of-that(16) mac1(32) AES-256-CTR(text) mac2(32)
//	keys = scrypt(password, salt, N, r, p, 64 bytes) = AES key(32) MAC key(32)
//	mac1 = HMAC-SHA256(MAC key, the 64 bytes before it); mac2 = the same of all bytes before it
//
// Files of older versions, whose keys are under AES in ECB mode, are not read.
const (
	maxWalletFile  = 1 << 20
	scryptHead     = 96
	maxScryptBytes = 1 << 30 // of memory: 128 N r
	maxScryptP     = 16
	maxScryptWork  = 4 << 30 // 128 N r p: all that is gone over
)

// PythonWallet is what the wallet file of the Python client holds.
type PythonWallet struct {
	Owner, Payment, Data *Bundle
}

// Wipe zeroes the private keys.
func (w *PythonWallet) Wipe() {
	for _, b := range []*Bundle{w.Owner, w.Payment, w.Data} {
		if b != nil {
			b.Wipe()
		}
	}
}

// Format prints nothing of the keys.
func (w *PythonWallet) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("wallet of the Python client"))
}

// ReadPythonWallet opens a wallet.json. Addresses that stand in it are compared with the keys.
func ReadPythonWallet(file []byte, password *secret.Bytes) (*PythonWallet, error) {
	if len(file) > maxWalletFile {
		return nil, fmt.Errorf("%w: the file has more than %d bytes", ErrMalformed, maxWalletFile)
	}
	var doc struct {
		Enc              string          `json:"enc"`
		OwnerAddresses   []string        `json:"owner_addresses"`
		PaymentAddresses []string        `json:"payment_addresses"`
		Master           json.RawMessage `json:"encrypted_master_private_key"`
		OwnerKey         json.RawMessage `json:"encrypted_owner_privkey"`
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		return nil, fmt.Errorf("%w: the wallet file is not JSON", ErrMalformed)
	}
	if doc.Enc == "" {
		if doc.Master != nil || doc.OwnerKey != nil {
			return nil, fmt.Errorf("%w: a wallet file from before version 0.14; the old program turns it into a new one", ErrUnsupported)
		}
		return nil, fmt.Errorf("%w: the wallet file has no member enc", ErrMalformed)
	}
	enc, err := base64.StdEncoding.DecodeString(doc.Enc)
	if err != nil {
		return nil, fmt.Errorf("%w: enc is not base64", ErrMalformed)
	}
	plain, err := inSpellings(password, func(form *secret.Bytes) (*secret.Bytes, error) { return openScryptFile(enc, form) })
	if err != nil {
		return nil, err
	}
	defer plain.Wipe()
	w := &PythonWallet{}
	plain.Use(func(b []byte) { err = w.read(b) })
	if err == nil {
		err = errors.Join(mentions(w.Owner, doc.OwnerAddresses), mentions(w.Payment, doc.PaymentAddresses))
	}
	if err != nil {
		w.Wipe()
		return nil, err
	}
	return w, nil
}

// openScryptFile opens the format of scrypt(1). Its parameters are bounded first.
func openScryptFile(b []byte, password *secret.Bytes) (*secret.Bytes, error) {
	if len(b) < scryptHead+sha256.Size || !bytes.HasPrefix(b, []byte("scrypt\x00")) {
		return nil, fmt.Errorf("%w: enc is not in the format of scrypt", ErrMalformed)
	}
	logN, r, p := uint(b[7]), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	sum := sha256.Sum256(b[:48])
	if subtle.ConstantTimeCompare(sum[:16], b[48:64]) != 1 {
		return nil, fmt.Errorf("%w: the checksum of the scrypt header is wrong", ErrMalformed)
	}
	if logN < 1 || logN > 30 || r < 1 || r > 1<<10 || p < 1 || p > maxScryptP || uint64(128)<<logN*uint64(r) > maxScryptBytes || uint64(128)<<logN*uint64(r)*uint64(p) > maxScryptWork {
		return nil, fmt.Errorf("%w: scrypt with N 2^%d, r %d, p %d", ErrUnsupported, logN, r, p)
	}
	var keys []byte
	var err error
	password.Use(func(pw []byte) { keys, err = scrypt.Key(pw, b[16:48], 1<<logN, int(r), int(p), 64) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer secret.Zero(keys)
	mac := func(b []byte) []byte {
		h := hmac.New(sha256.New, keys[32:])
		h.Write(b)
		return h.Sum(nil)
	}
	end := len(b) - sha256.Size
	if !hmac.Equal(mac(b[:64]), b[64:scryptHead]) || !hmac.Equal(mac(b[:end]), b[end:]) {
		return nil, ErrWrongPassword
	}
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		return nil, err
	}
	plain := make([]byte, end-scryptHead)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(plain, b[scryptHead:end])
	return secret.New(plain), nil
}

// read takes the keys out of the decrypted object. What the decoder copies it copies as bytes,
// which are wiped.
func (w *PythonWallet) read(b []byte) error {
	var doc struct {
		Owner   json.RawMessage `json:"owner_privkey"`
		Payment json.RawMessage `json:"payment_privkey"`
		Data    json.RawMessage `json:"data_privkey"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return fmt.Errorf("%w: what is encrypted is not JSON", ErrMalformed)
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		to   **Bundle
	}{{"owner_privkey", doc.Owner, &w.Owner}, {"payment_privkey", doc.Payment, &w.Payment}, {"data_privkey", doc.Data, &w.Data}} {
		if len(part.raw) == 0 || bytes.Equal(part.raw, []byte("null")) {
			continue
		}
		bundle, err := pythonKey(part.raw)
		secret.Zero(part.raw)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		*part.to = bundle
	}
	if w.Owner == nil && w.Payment == nil {
		return fmt.Errorf("%w: it holds no keys", ErrMalformed)
	}
	return nil
}

// pythonKey reads one key, or the object of several.
func pythonKey(raw json.RawMessage) (*Bundle, error) {
	if raw[0] == '"' {
		return parseBundle(bytes.Trim(raw, `"`))
	}
	var doc struct {
		Address string            `json:"address"`
		Keys    []json.RawMessage `json:"private_keys"`
		Redeem  string            `json:"redeem_script"`
		Segwit  bool              `json:"segwit"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%w: neither a key nor an object of keys", ErrMalformed)
	}
	if len(doc.Keys) > maxKeys {
		return nil, fmt.Errorf("%w: %d keys", ErrBadKey, len(doc.Keys))
	}
	// Which m it is stands in the script alone; the address says when it is found.
	text := make([]byte, 0, len(doc.Keys)*67)
	defer func() { secret.Zero(text) }()
	for _, k := range doc.Keys {
		text = append(append(text, ','), bytes.Trim(k, `"`)...)
		secret.Zero(k)
	}
	for m := 1; m <= len(doc.Keys); m++ {
		b, err := many(fmt.Appendf(nil, "%d%s", m, text), doc.Segwit)
		if err != nil {
			return nil, err
		}
		if mentions(b, []string{doc.Address}) == nil {
			return b, nil
		}
		b.Wipe()
	}
	return nil, fmt.Errorf("%w: the keys do not make the address that stands beside them", ErrBadKey)
}

// mentions compares a bundle with the addresses that a file gives for it; a file without any says
// nothing.
func mentions(b *Bundle, addresses []string) error {
	if b == nil || len(addresses) == 0 {
		return nil
	}
	for _, net := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.TestNet3Params} {
		a, err := b.Address(net)
		if err != nil {
			return err
		}
		for _, want := range addresses {
			if a.EncodeAddress() == want {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: it is not the key of the address that stands in the file", ErrBadKey)
}
