package fault

import (
	"encoding/json"
)

// MarshalJSON writes the documented shape of an error.
func (f *Fault) MarshalJSON() ([]byte, error) {
	body := struct {
		Code      string         `json:"code"`
		Exit      ExitCode       `json:"exit"`
		Message   string         `json:"message"`
		Hints     []string       `json:"hints"`
		Details   map[string]any `json:"details"`
		Retryable bool           `json:"retryable"`
	}{f.Code, f.Exit(), f.Message, f.Hints, f.Details, f.Retryable}
	if body.Hints == nil {
		body.Hints = []string{}
	}
	if body.Details == nil {
		body.Details = map[string]any{}
	}
	return json.Marshal(map[string]any{"error": body})
}
