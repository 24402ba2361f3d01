package sandbox

import (
	"encoding/json"
	"fmt"
)

// hidden is a secret of the state file: it is stored there and shown nowhere. It is a function,
// because fmt prints the fields of values that it reaches through unexported fields without asking
// their methods.
type hidden struct{ reveal func() string }

func hide(text string) hidden { return hidden{func() string { return text }} }

func (h hidden) text() string {
	if h.reveal == nil {
		return ""
	}
	return h.reveal()
}

// Format prints a placeholder under every verb.
func (h hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[hidden]")) }

// MarshalJSON stores the secret.
func (h hidden) MarshalJSON() ([]byte, error) { return json.Marshal(h.text()) }

// UnmarshalJSON reads the secret back.
func (h *hidden) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	*h = hide(text)
	return nil
}
