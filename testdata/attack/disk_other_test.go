//go:build !linux

package attack

// fullDisk is run on Linux only.
func fullDisk(w *world) { w.t.Log("full-disk: not run, a small disk is made on Linux only") }
