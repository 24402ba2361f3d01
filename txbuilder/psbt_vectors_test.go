package txbuilder

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"blockstack/testdata"
	"blockstack/txbuilder/psbtmap"
)

// psbtVectors is testdata/vectors/psbt/psbt.json.
type psbtVectors struct {
	Combine []struct {
		Comment  string
		Parts    []string
		Combined string
	}
	Finish []struct{ Comment, PSBT string }
}

// TestVectorsPSBT combines and finishes PSBTs of BIP 174 and of other programs.
func TestVectorsPSBT(t *testing.T) {
	var v psbtVectors
	if err := json.Unmarshal(testdata.Vectors(t, "psbt/psbt.json"), &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Combine {
		t.Run(c.Comment, func(t *testing.T) {
			var docs []*psbtmap.Document
			for _, part := range c.Parts {
				docs = append(docs, parsed(t, part))
			}
			all, leftOut, err := CombineDocuments(docs...)
			if err != nil || len(leftOut) > 0 {
				t.Fatalf("left out %v: %v", leftOut, err)
			}
			if c.Combined != "" && !bytes.Equal(all.Bytes(), parsed(t, c.Combined).Bytes()) {
				t.Errorf("is %s", base64.StdEncoding.EncodeToString(all.Bytes()))
			}
			if !bytes.Equal(all.Bytes(), parsed(t, base64.StdEncoding.EncodeToString(all.Bytes())).Bytes()) {
				t.Error("does not come back")
			}
			for i, d := range docs {
				missing(t, i, all.Global, d.Global)
				for n := range d.Inputs {
					missing(t, i, all.Inputs[n], d.Inputs[n])
				}
				for n := range d.Outputs {
					missing(t, i, all.Outputs[n], d.Outputs[n])
				}
			}
		})
	}
	for _, c := range v.Finish {
		t.Run(c.Comment, func(t *testing.T) {
			p, err := PacketOf(parsed(t, c.PSBT))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Finish(p); err != nil {
				t.Error(err)
			}
			// Whoever states another amount than was signed has no transaction.
			for i := range p.Inputs {
				if o := p.Inputs[i].WitnessUtxo; o != nil {
					o.Value++
					if _, err := Finish(p); err == nil {
						t.Errorf("input %d: finished with a wrong amount", i)
					}
					o.Value--
				}
			}
		})
	}
	testdata.Cases(t, "psbt/psbt.json", len(v.Combine)+len(v.Finish))
}

// parsed reads a PSBT in base64.
func parsed(t *testing.T, text string) *psbtmap.Document {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := psbtmap.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// missing says which pairs of a part are not in the whole.
func missing(t *testing.T, part int, all, m psbtmap.Map) {
	t.Helper()
	for _, p := range m {
		if got, ok := all.Get(p.Key...); !ok || !bytes.Equal(got, p.Value) {
			t.Errorf("part %d: %x is lost", part, p.Key)
		}
	}
}
