package profile

import "encoding/json"

// TokenFile is what was found in a token file, usually profile.json.
type TokenFile struct {
	Token *Token
	Extra int // further records, which do not count
}

// ParseTokenFile reads a token file. Its grammar stands in the package comment. Only the token of
// the first record counts; the decoded copy beside it is never read. Errors wrap ErrMalformed.
func ParseTokenFile(raw []byte) (*TokenFile, error) {
	const what = "token file"
	if len(raw) > MaxSize {
		return nil, malformed(what, "longer than %d bytes", MaxSize)
	}
	if err := checkJSON(raw); err != nil {
		return nil, malformed(what, "%v", err)
	}
	records, isArray := splitArray(raw)
	switch {
	case !isArray:
		return nil, malformed(what, "not a JSON array")
	case len(records) == 0:
		return nil, malformed(what, "no record inside")
	}
	record, isObject := splitObject(records[0])
	if !isObject {
		return nil, malformed(what, "first record is not an object")
	}
	compactForm, found := findText(record, "token")
	if !found {
		return nil, malformed(what, "first record has no token that is text")
	}
	t, err := ParseToken([]byte(compactForm))
	if err != nil {
		return nil, err
	}
	if err := checkParent(what, record, t); err != nil {
		return nil, err
	}
	return &TokenFile{Token: t, Extra: len(records) - 1}, nil
}

// checkParent compares the parentPublicKey that Python clients wrote with the issuer.
func checkParent(what string, record []field, t *Token) error {
	raw, found := find(record, "parentPublicKey")
	if !found {
		return nil
	}
	hexKey, isText := text(raw)
	if !isText {
		return malformed(what, "parentPublicKey is not text")
	}
	parent, err := parseKey(what+" parentPublicKey", hexKey)
	if err != nil {
		return err
	}
	if !parent.IsEqual(t.issuer) {
		return malformed(what, "parentPublicKey is not the issuer's key")
	}
	return nil
}

// File writes the token as a token file, as the old clients did: an array of one record with the
// token and its decoded copy, indented by two spaces.
func (t *Token) File() []byte {
	header, payload, signature := t.parts()
	decoded := joinObject([]field{
		newField("header", header),
		newField("payload", payload),
		newField("signature", quoteJSON(signature)),
	})
	record := joinObject([]field{newField("token", quoteJSON(t.raw)), newField("decodedToken", decoded)})
	return append(indent(joinArray([]json.RawMessage{record})), '\n')
}
