package tracker

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
)

// SumFile is where the checksum of a closed wallet.db stands: transaction SP size SP CRC-32C, as
// decimal text. While the file is of that transaction its bytes must have the checksum: one bit of
// an amount or a height is seen. After a crash it is of another one, and the pages alone are looked
// at.
func SumFile(path string) string { return path + ".sum" }

// noteSum writes the checksum. Without one, changed bits are seen less well, which is no reason to
// fail.
func noteSum(path string) {
	sum, err := dbfile.SumOf(path)
	if err == nil {
		text := fmt.Sprintf("%d %d %d\n", sum.Transaction, sum.Size, sum.CRC)
		err = os.WriteFile(SumFile(path), []byte(text), 0o600)
	}
	if err != nil {
		_ = os.Remove(SumFile(path))
	}
}

// checkSum compares a file, which nobody writes to meanwhile, with its checksum.
func checkSum(path string) error {
	text, err := os.ReadFile(SumFile(path))
	if err != nil || len(text) > 100 {
		return nil // there is none
	}
	fields := strings.Fields(string(text))
	if len(fields) != 3 {
		return nil
	}
	var want [3]uint64
	for i, f := range fields {
		if want[i], err = strconv.ParseUint(f, 10, 64); err != nil {
			return nil
		}
	}
	sum, err := dbfile.SumOf(path)
	if err != nil {
		return labels.FileError(err)
	}
	if sum.Transaction == want[0] && (uint64(sum.Size) != want[1] || uint64(sum.CRC) != want[2]) {
		return fmt.Errorf("%w: %s has changed since it was closed", labels.ErrMalformed, path)
	}
	return nil
}
