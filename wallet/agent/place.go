package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
)

// Where the agent of a home listens:
//
//	socket = folder "/" name ".sock"
//	name   = the first 32 hex digits of SHA-256 of the home's path, absolute and with its links followed
//	folder = $XDG_RUNTIME_DIR "/blockstack"       where that is set and only its owner can enter it
//	       / "/run/user/" UID "/blockstack"       on Linux, as above
//	       / "/tmp/blockstack-" UID               made with mode 0700; refused when it is not ours alone
//
// A new agent takes the first that can be used. A client looks in all of them, since programs that
// the system starts, from cron say, lack the variable. No path is longer than the 103 bytes that
// every system takes for a socket, wherever the home is.

// maxSocket is the longest path of a socket that every system takes, without the zero byte behind
// it.
const maxSocket = 103

// ErrNoFolder is wrapped by refusals of the folders that a socket might be in.
var ErrNoFolder = errors.New("no safe folder for the socket of the agent")

// socketName is the name of the socket of a home.
func socketName(home string) string {
	if abs, err := filepath.Abs(home); err == nil {
		home = abs
	}
	if real, err := filepath.EvalSymlinks(home); err == nil {
		home = real
	}
	sum := sha256.Sum256([]byte(home))
	return hex.EncodeToString(sum[:16]) + ".sock"
}

// sockets are the places where the agent of a home may listen, best first.
func sockets(home string) []string {
	var list []string
	for _, dir := range folders() {
		if s := filepath.Join(dir, socketName(home)); len(s) <= maxSocket {
			list = append(list, s)
		}
	}
	return list
}

// Socket is where the agent of a home listens, or would. Empty: this system has no agent.
func Socket(home string) string {
	list := sockets(home)
	for _, s := range list {
		if usable(filepath.Dir(s)) == nil {
			return s
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// MakeSocketFolder makes the folder for the socket of a home and says where the socket belongs.
// ErrNoFolder, ErrUnsupported.
func MakeSocketFolder(home string) (socket string, err error) {
	list := sockets(home)
	if len(list) == 0 {
		return "", ErrUnsupported
	}
	var refused error
	for _, s := range list {
		if refused = makeFolder(filepath.Dir(s)); refused == nil {
			return s, nil
		}
	}
	return "", fmt.Errorf("%w: %w", ErrNoFolder, refused)
}
