//go:build !unix || aix || solaris

package keyfile

// Lock does nothing where folders cannot be locked: of two processes that rewrite the keychain at
// the same moment, the later one wins.
func Lock(string) (done func() error, err error) { return func() error { return nil }, nil }
