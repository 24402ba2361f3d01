package scripts

// MaxSteps bounds the path of an origin; BIP 32 allows 255.
const MaxSteps = 20

// Origin says where the key of an account came from (BIP 380): the fingerprint of a root key, as
// the psbt package carries it, and the steps from there. A wallet with a keychain has none: its
// paths follow from the role of a key.
type Origin struct {
	Fingerprint uint32
	Path        []uint32
}
