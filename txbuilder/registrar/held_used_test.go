package registrar

import (
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
)

// TestPreorderUsedBy: only the registration of the name for the owner, from the sender of the
// preorder, uses it.
func TestPreorderUsedBy(t *testing.T) {
	params := names.Mainnet()
	script := func(b byte) []byte {
		return append(append([]byte{0x76, 0xa9, 20}, make([]byte, 19)...), b, 0x88, 0xac)
	}
	sender, owner, other := script(1), script(2), script(3)
	address, err := params.ScriptAddress(owner)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(x string) names.PreorderHash {
		h, err := nameop.HashPreorder(x, sender, address)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	name := &Sent{Outstanding: Outstanding{Hash: hash("alice.id"), Sender: sender}}
	space := &Sent{Outstanding: Outstanding{Hash: hash("id"), Sender: sender, Namespace: true}}
	registration := nameop.NameRegistration{Name: "alice.id"}
	reveal := nameop.NamespaceReveal{ID: "id"}
	for what, c := range map[string]struct {
		s    *Sent
		op   *txbuilder.Reading
		want bool
	}{
		"its registration":     {name, &txbuilder.Reading{Op: registration, Subject: "alice.id", Sender: sender, Owner: owner}, true},
		"its reveal":           {space, &txbuilder.Reading{Op: reveal, Subject: "id", Sender: sender, Owner: owner}, true},
		"a payment":            {name, nil, false},
		"another name":         {name, &txbuilder.Reading{Op: registration, Subject: "bob.id", Sender: sender, Owner: owner}, false},
		"another owner":        {name, &txbuilder.Reading{Op: registration, Subject: "alice.id", Sender: sender, Owner: other}, false},
		"another sender":       {name, &txbuilder.Reading{Op: registration, Subject: "alice.id", Sender: other, Owner: owner}, false},
		"a renewal":            {name, &txbuilder.Reading{Op: nameop.NameRenewal{Name: "alice.id"}, Subject: "alice.id", Sender: sender, Owner: owner}, false},
		"what is not read":     {name, &txbuilder.Reading{Op: registration, Subject: "alice.id", Sender: sender, Owner: owner, Problem: "no"}, false},
		"a namespace's name":   {space, &txbuilder.Reading{Op: registration, Subject: "id", Sender: sender, Owner: owner}, false},
		"a name's namespace":   {name, &txbuilder.Reading{Op: reveal, Subject: "alice.id", Sender: sender, Owner: owner}, false},
		"an owner of no names": {name, &txbuilder.Reading{Op: registration, Subject: "alice.id", Sender: sender}, false},
	} {
		if got := c.s.UsedBy(params, c.op); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
