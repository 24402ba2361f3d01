package node

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzBatchAnswers: whatever a node answers, there is one result for each question, or none at all.
func FuzzBatchAnswers(f *testing.F) {
	for _, s := range []string{
		`[{"id":7,"result":"00ff"},{"id":8,"result":1,"error":null}]`, `[{"id":8,"result":"b"},{"id":7,"result":"a"}]`, `[{"id":7,"result":"a"}]`,
		`[{"id":7,"result":"a"},{"id":7,"result":"a"}]`, `[{"id":7,"result":null},{"id":8,"result":"a"}]`, `{"error":{"code":-32600}}`,
		`[{"id":7,"error":{"code":-8}},{"id":8,"result":"a"}]`, `[{"id":-1},{"id":1e30}]`, `[[],[]]`, `null`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := batchAnswers(raw, 7, 2)
		if err != nil && (list != nil || !errors.Is(err, errNoBatch)) {
			t.Fatalf("%d results and %v", len(list), err)
		}
		if err == nil && (len(list) != 2 || !json.Valid(list[0]) || !json.Valid(list[1])) {
			t.Fatalf("results %q", list)
		}
	})
}
