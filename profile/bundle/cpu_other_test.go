//go:build !unix

package bundle

// cpuSeconds is not known here.
func cpuSeconds() float64 { return 0 }
