//go:build !unix

package agent

// folders are none: this system has no agent.
func folders() []string { return nil }

func usable(string) error { return ErrUnsupported }

func makeFolder(string) error { return ErrUnsupported }
