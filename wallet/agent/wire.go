package agent

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"blockstack/wallet/keychain"
)

const maxLine = 8 << 20

var (
	// ErrNoAgent is returned when no agent answers at a socket.
	ErrNoAgent = errors.New("no agent is running")
	// ErrRunning is returned by Serve when an agent answers at the socket already.
	ErrRunning = errors.New("an agent is running already")
	// ErrUnsupported is returned on systems without what an agent needs.
	ErrUnsupported = errors.New("this system has no agent")
	// ErrProtocol is returned for answers and requests that cannot be read.
	ErrProtocol = errors.New("not what an agent says")
)

type request struct {
	Op      string `json:"op"`
	PSBT    []byte `json:"psbt,omitempty"`
	Path    string `json:"path,omitempty"`
	Header  []byte `json:"header,omitempty"`
	Payload []byte `json:"payload,omitempty"`
	Text    []byte `json:"text,omitempty"`
	Digest  []byte `json:"digest,omitempty"`
	MAC     []byte `json:"mac,omitempty"`
}

type answer struct {
	Error     string     `json:"error,omitempty"`
	Message   string     `json:"message,omitempty"`
	Keychain  string     `json:"keychain,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	PSBT      []byte     `json:"psbt,omitempty"`
	Signed    int        `json:"signed,omitempty"`
	PublicKey string     `json:"public_key,omitempty"`
	Signature string     `json:"signature,omitempty"`
	Vouched   bool       `json:"vouched,omitempty"`
	Mark      []byte     `json:"mark,omitempty"`
}

// codes are the errors that keep their meaning across the socket.
func codes() map[string]error {
	return map[string]error{
		"locked": keychain.ErrLocked, "refused": keychain.ErrPSBT, "nothing_to_sign": keychain.ErrNothingToSign,
		"bad_path": keychain.ErrBadPath, "bad_token": keychain.ErrToken, "protocol": ErrProtocol, "fault": errFault,
	}
}

func refusal(err error) answer {
	for code, e := range codes() {
		if errors.Is(err, e) {
			return answer{Error: code, Message: err.Error()}
		}
	}
	return answer{Error: "failed", Message: err.Error()}
}

// err is the error of an answer.
func (a *answer) err() error {
	if a.Error == "" {
		return nil
	}
	if e := codes()[a.Error]; e != nil {
		return fmt.Errorf("agent: %w (%.300s)", e, a.Message)
	}
	return fmt.Errorf("agent: %.300s", a.Message)
}

// readLine reads one line of JSON, never more than the largest one.
func readLine(r io.Reader, v any) error {
	line, err := bufio.NewReader(io.LimitReader(r, maxLine+1)).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%w: a line is missing or too long", ErrProtocol)
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("%w: it is not JSON", ErrProtocol)
	}
	return nil
}

func writeLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}
