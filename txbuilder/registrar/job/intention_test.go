package job

import (
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
)

// TestIntention holds what a user agrees to to its bytes. Marks in journals are made of them: with
// another order of fields, another key, or a part that is left out, no job that was begun before
// could go on. What may change afterwards is no part of them.
func TestIntention(t *testing.T) {
	alice := name(t, "alice.id")
	all := Request{Kind: KindRenew, Name: alice, Owner: []byte{1}, To: []byte{2}, Erase: true, ZoneFile: []byte{3}, List: "x", PayWith: names.MicroStacks, MaxTotal: 7, Confirmations: 3,
		Rate: 1000, HighRate: 3000, Hold: true, External: true, Assured: 9}
	for want, r := range map[string]Request{
		`{"id":"0123456789","request":{"kind":"renew","name":"alice.id","owner":"AQ==","to":"Ag==","erase":true,"zone_file":"Aw==","list":"x","pay_with":"STACKS","rate":0,"high_rate":0,"max_total":7,"confirmations":3}}`:                                                 all,
		`{"id":"0123456789","request":{"kind":"launch","owner":"AQ==","namespace":{"ID":"lab","Version":1,"Lifetime":9,"Coeff":1,"Base":2,"Buckets":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4],"NonAlphaDiscount":5,"NoVowelDiscount":6},"rate":0,"high_rate":0,"confirmations":3}}`: {Kind: KindLaunch, Owner: []byte{1}, Namespace: &nameop.NamespaceReveal{ID: "lab", Version: 1, Lifetime: 9, Coeff: 1, Base: 2, Buckets: [16]byte{15: 4}, NonAlphaDiscount: 5, NoVowelDiscount: 6}, Confirmations: 3},
		`{"id":"0123456789","request":{"kind":"split","owner":"AQ==","split":{"outputs":[{"script":"BA==","amount":5}]},"list":"x","rate":0,"high_rate":0,"confirmations":3}}`:                                                                                              {Kind: KindSplit, Owner: []byte{1}, Split: &Split{Outputs: []SplitOutput{{Script: []byte{4}, Amount: 5}}}, List: "x", Confirmations: 3},
		`{"id":"0123456789","request":{"kind":"series","owner":"AQ==","series":{"split":"s","output":2,"amount":6,"items":[{"kind":"transfer","name":"alice.id","owner":"AQ==","to":"Ag==","erase":true,"zone_file":"Aw=="}]},"rate":0,"high_rate":0,"confirmations":3}}`: {Kind: KindSeries, Owner: []byte{1}, Series: &Series{Split: "s", Output: 2, Amount: 6, Items: []Item{{Kind: KindTransfer, Name: alice, Owner: []byte{1}, To: []byte{2}, Erase: true,
			ZoneFile: []byte{3}}}}, Confirmations: 3},
		`{"id":"0123456789","request":{"kind":"import","owner":"AQ==","import":{"namespace":"lab","names":[{"name":"alice.id","owner":"AQ==","zonefile_hash":"0100000000000000000000000000000000000000","zone_file":"Aw=="}],"ring":["CA=="]},"rate":0,"high_rate":0,"confirmations":3}}`: {Kind: KindImport, Owner: []byte{1}, Import: &ImportSet{Namespace: "lab", Ring: [][]byte{{8}}, Names: []Import{{Name: alice, Owner: []byte{1}, Hash: names.ZoneFileHash{1}, ZoneFile: []byte{3}}}},
			Confirmations: 3},
	} {
		j := &Job{ID: "0123456789", State: Planned, Request: r}
		if r.Series != nil {
			j.Items = []Progress{{State: Planned}}
		}
		got, err := j.Intention()
		if err != nil || string(got) != want {
			t.Errorf("%s, %v", got, err)
		}
	}
}
