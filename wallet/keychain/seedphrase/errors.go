package seedphrase

import "errors"

// ErrBadMnemonic is wrapped by every refusal of a phrase.
var ErrBadMnemonic = errors.New("not a BIP 39 phrase")
