//go:build linux || darwin

package index

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"blockstack/names/index/scenario"
	"blockstack/testdata"
)

// diskFile is the index of a process whose disk is full.
const diskFile = "INDEX_DISK_FILE"

// fullDiskProcess follows the chain while files may not grow; it ends with 0 when that gave a
// proper error.
func fullDiskProcess(path string) int {
	signal.Ignore(syscall.SIGXFSZ)
	raw, err := os.ReadFile(os.Getenv("INDEX_CRASH_CHAIN"))
	if err != nil {
		return 1
	}
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		return 1
	}
	x, err := Open(path, s.Params, Options{BatchBytes: 1})
	if err != nil {
		return 1
	}
	info, err := os.Stat(path)
	if err != nil {
		return 1
	}
	limit := syscall.Rlimit{Cur: uint64(info.Size()), Max: uint64(info.Size())}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return 1
	}
	err = x.Follow(context.Background(), s, nil)
	if err == nil || !strings.Contains(err.Error(), syscall.EFBIG.Error()) { // the store gives the text alone
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	if tip, err := x.Tip(context.Background()); err != nil || int(tip.Height) >= lastOf(s) {
		return 1
	}
	if err := x.Close(); err != nil {
		return 1
	}
	return 0
}

// TestFullDisk lets the file stop growing in the middle; with room again the index goes on where it
// was.
func TestFullDisk(t *testing.T) {
	const chain = "chain/d25-prices.json"
	path := filepath.Join(t.TempDir(), "index.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), diskFile+"="+path, "INDEX_CRASH_CHAIN="+testdata.Path(t, chain))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw := testdata.Vectors(t, chain)
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(path, s.Params, Options{})
	if err != nil {
		t.Fatal(err)
	}
	follow(t, x, s)
	compareDumps(t, dump(t, x), dump(t, followScenario(t, raw)))
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}
