//go:build !unix

package agent

// There is no agent on this system, so no folder for its socket.
func folders() []string { return nil }

func usable(string) error { return ErrUnsupported }

func makeFolder(string) error { return ErrUnsupported }
