package textfile

import (
	"strings"
	"testing"
)

// TestDecodeStrict takes what the grammar allows, and says of anything else where it is.
func TestDecodeStrict(t *testing.T) {
	type doc struct {
		Name  string   `json:"name"`
		Count int      `json:"count"`
		List  []string `json:"list"`
	}
	var d doc
	if err := DecodeStrict([]byte(` {"name":"a","count":3,"list":["x"]} `), &d); err != nil || d.Name != "a" || d.Count != 3 || len(d.List) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	for text, says := range map[string]string{
		``:                      "EOF",
		`[]`:                    "not a JSON object",
		`{"name":"a"} {}`:       "follows",
		`{"name":"a","name":1}`: `repeated key "name"`,
		`{"Name":"a"}`:          `unknown key "Name"`,
		`{"other":1}`:           `unknown field "other"`,
		`{"name":1}`:            "name: a number stands where a string belongs",
		`{"list":{}}`:           "list: a object stands where a array belongs",
	} {
		if err := DecodeStrict([]byte(text), &d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}
