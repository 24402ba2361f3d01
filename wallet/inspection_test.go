package wallet

import "testing"

// TestInspectionSums: what others get, and what is left of ours in all.
func TestInspectionSums(t *testing.T) {
	r := &Inspection{Ours: 1000, Back: 300, Outputs: []InspectedPart{{Amount: 300, Ours: true}, {Amount: 450}, {Amount: 150, TooFar: true}}}
	if r.Paid() != 600 || r.Net() != -700 {
		t.Errorf("paid %d, net %d", r.Paid(), r.Net())
	}
	if r = (&Inspection{Back: 5}); r.Net() != 5 {
		t.Errorf("a gift counts %d", r.Net())
	}
}
