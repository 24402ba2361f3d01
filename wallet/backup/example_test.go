package backup_test

import (
	"errors"
	"fmt"
	"time"

	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// A backup is sealed for a password and opened again; another password opens nothing. cost is small
// here: DefaultCost is meant to be slow.
func ExampleSeal() {
	password := secret.New([]byte("correct horse battery"))
	archive := &backup.Archive{Created: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Files: map[string][]byte{backup.Keychain: []byte("{}")}}
	file, err := backup.Seal(archive, password, keychain.Cost{Time: 1, MemoryKiB: 8, Threads: 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", file[:8])
	opened, err := backup.Open(file, password)
	if err != nil {
		panic(err)
	}
	fmt.Println(opened.Names())
	_, err = backup.Open(file, secret.New([]byte("wrong")))
	fmt.Println(errors.Is(err, backup.ErrWrongPassword))
	// Output:
	// BSKBAK01
	// [keychain]
	// true
}
