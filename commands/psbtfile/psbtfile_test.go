package psbtfile

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/testdata"
	"blockstack/txbuilder/psbtmap"
)

// A file is written with everything that was read from it, and with what was added since: fields of
// others, and signatures beside a finished input, which the library drops.
func TestPSBTFileKeepsAll(t *testing.T) {
	var v struct{ Finish []struct{ PSBT string } }
	if err := json.Unmarshal(testdata.Vectors(t, "psbt/psbt.json"), &v); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(v.Finish[0].PSBT)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := psbtmap.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	extra := []psbtmap.Pair{{Key: []byte{0x07}, Value: []byte{0x51}}, {Key: []byte{0x1a, 2, 3}, Value: []byte("MuSig2")}, {Key: []byte{0xfc, 1, 'x', 0}, Value: nil}}
	at := len(doc.Inputs[0])
	for at > 0 && doc.Inputs[0][at-1].Key[0] > 0x07 {
		at--
	}
	doc.Inputs[0] = append(append(append(psbtmap.Map{}, doc.Inputs[0][:at]...), extra...), doc.Inputs[0][at:]...)
	f, err := parsePSBT(doc.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	f.Packet.Unknowns = append(f.Packet.Unknowns, &psbt.Unknown{Key: []byte{0xfc, 1, 'y', 0}, Value: []byte("added")})
	out, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	back, err := psbtmap.Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range doc.Inputs[0] {
		if got, ok := back.Inputs[0].Get(p.Key...); !ok || string(got) != string(p.Value) {
			t.Errorf("%x is lost", p.Key)
		}
	}
	if got, _ := back.Global.Get(0xfc, 1, 'y', 0); string(got) != "added" {
		t.Error("what was added is lost")
	}
}

// FuzzParsePSBT: hostile bytes give a packet or an error.
func FuzzParsePSBT(f *testing.F) {
	f.Add([]byte("cHNidP8BAHUCAAAAASaBcTce3/KF6Tet7qSze3gADAVmy7OtZGQXE8pCFxv2AAAAAAD+////AtPf9QUAAAAAGXapFNDFmQPFusKGh2DpD9UhpGZap2UgiKwA4fUFAAAAABepFDVF5uM7gyxHBQ8k0+65PJwDlIvHh7MuEwAAAQD9pQEBAAAAAAECiaPHHqtNIOA3G7ukzGmPopXJRjr6Ljl/hTPMti+VZ+UBAAAAFxYAFL4Y0VKpsBIDna89p95PUzSe7LmF/////4b4qkOnHf8USIk6UwpyN+9rRgi7st0tAXHmOuxqSJC0AQAAABcWABT+Pp7xp0XpdNkCxDVZQ6vLNL1TU/////8CAMLrCwAAAAAZdqkUhc/xCX/Z4Ai7NK9wnGIZeziXikiIrHL++E4sAAAAF6kUM5cluiHv1irHU6m80GfWx6ajnQWHAkcwRAIgJxK+IuAnDzlPVoMR3HyppolwuAJf3TskAinwf4pfOiQCIAGLONfc0xTnNMkna9b7QPZzMlvEuqFEyADS8vAtsnZcASED0uFWdJQbrUqZY3LLh+GFbTZSYG2YVi/jnF6efkE/IQUCSDBFAiEA0SuFLYXc2WHS9fSrZgZU327tzHlMDDPOXMMJ/7X85Y0CIGczio4OFyXBl/saiK9Z9R5E5CVbIBZ8hoQDHAXR8lkqASECI7cr7vCWXRC+B3jv7NYfysb3mk6haTkzgHNEZPhPKrMAAAAAAAAA"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePSBT(raw)
		if err == nil && len(p.Packet.Inputs) == 0 {
			t.Fatal("no inputs")
		}
	})
}
