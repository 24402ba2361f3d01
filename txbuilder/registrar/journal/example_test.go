package journal_test

import (
	"encoding/binary"
	"fmt"

	"blockstack/txbuilder/registrar/journal"
)

// A copy of a job as its grammar has it. Opening the sealed box is the keychain's; here nothing is
// sealed. A copy is refused on another network, and where the job in it has signed nothing.
func ExampleDecodeCopy() {
	document := `{"schema":"blockstack/job-copy/v1","network":"regtest","journal":"00112233445566778899aabbccddeeff","job":{"stages":[]}}`
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(document)))
	plain = append(plain, document...)
	plain = append(plain, make([]byte, 4096-len(plain))...)
	open := func(sealed []byte) ([]byte, error) { return sealed, nil }
	for _, network := range []string{"mainnet", "regtest"} {
		_, err := journal.DecodeCopy(append([]byte("BSKJOB01"), plain...), network, open)
		fmt.Println(err)
	}
	_, err := journal.DecodeCopy([]byte("BSKBAK01"), "regtest", open)
	fmt.Println(err)
	// Output:
	// the copy is of a job on regtest, not on mainnet
	// not a copy of a job: journal is damaged: job : no state 0
	// not a copy of a job
}
