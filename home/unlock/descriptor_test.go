//go:build unix

package unlock

import (
	"os"
	"runtime"
	"syscall"
	"testing"

	"blockstack/home/config"
)

// TestDescriptor: a descriptor gives a password a line, also to the keys of the next configuration,
// and is not closed when nobody has read of it for a while.
func TestDescriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	number, err := syscall.Dup(int(r.Fd())) // which the keys own
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("one\ntwo\nthree\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	cfg := &config.Config{PasswordFD: number}
	k := New(cfg, Ports{Tell: &heard{}})
	for i, want := range []string{"one", "two", "three"} {
		if i > 0 {
			k = k.For(&config.Config{PasswordFD: cfg.PasswordFD})
		}
		s, err := k.Configured(t.Context())
		if text(s) != want || err != nil {
			t.Errorf("%q, %v; want %q", text(s), err, want)
		}
		runtime.GC()
	}
	if _, err := k.Configured(t.Context()); !bad(cfg.PasswordFD)(err) {
		t.Errorf("at the end: %v", err)
	}
	if err := k.fd.file.Close(); err != nil {
		t.Error(err)
	}
}
