package attack

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// fullDisk lets payments and registrations meet a disk with a little room left, then makes room:
// nothing is paid twice, and what the wallet says is true. It needs the right to mount a file
// system in memory.
func fullDisk(w *world) {
	if os.Getuid() != 0 {
		w.t.Log("full-disk: not run, it takes root to mount a small disk")
		return
	}
	disk := filepath.Join(w.dir, "disk")
	if err := os.MkdirAll(disk, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := syscall.Mount("attack", disk, "tmpfs", 0, "size=64m,mode=700"); err != nil {
		w.t.Logf("full-disk: not run: mount: %v", err)
		return
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }()
	home := filepath.Join(disk, "home")
	if err := os.CopyFS(home, os.DirFS(w.home)); err != nil {
		w.t.Logf("full-disk: not run: %v", err) // the home has outgrown the disk
		return
	}
	_ = os.Chmod(home, 0o700)
	_ = os.Chmod(filepath.Join(home, "keychain"), 0o600)
	kept := w.home
	w.home = home
	defer func() { w.home = kept }()
	since := w.height()
	w.must(home, "wallet", "unlock", "--for", "1h")
	defer w.run(home, "wallet", "lock")
	for range 4 {
		sat := 50_000 + w.fresh()
		args := []string{"pay", w.payee, amountOf(sat), "--request-id", fmt.Sprint("full-", sat), "--no-mine", "--wait", "broadcast"}
		w.fill(disk, w.rnd.IntN(200)<<10)
		tight := w.run(home, args...)
		w.free(disk)
		if o := w.run(home, args...); o.code != 0 {
			w.t.Errorf("%s: exit %d with room again (%d without): %s", o.commandLine, o.code, tight.code, o.err)
		}
		if n := w.paid(since, sat); n != 1 {
			w.t.Errorf("%d satoshi were paid %d times", sat, n)
		}
		w.fill(disk, w.rnd.IntN(64)<<10) // a block with a receipt arrives while there is no room
		mine := text(w.run(home, "wallet", "address", "--offline"), "address")
		if mine != "" {
			w.must(w.node, "sandbox", "fund", mine, "0.01")
		}
		w.run(home, "balance")
		w.free(disk)
		w.sound()
	}
}

// fill leaves so many bytes of the disk.
func (w *world) fill(disk string, leave int) {
	w.t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(disk, &s); err != nil {
		w.t.Fatal(err)
	}
	if n := int(s.Bavail)*int(s.Bsize) - leave; n > 0 {
		if err := os.WriteFile(filepath.Join(disk, "ballast"), make([]byte, n), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) free(disk string) { _ = os.Remove(filepath.Join(disk, "ballast")) }
