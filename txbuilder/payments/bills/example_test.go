package bills_test

import (
	"fmt"

	"blockstack/txbuilder/payments/bills"
)

// A list of payments is CSV or JSON.
func ExampleParseList() {
	list, err := bills.ParseList([]byte("target,amount_btc,label\nalice.id,0.1,rent\n2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9,0.00000546,\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range list {
		fmt.Println(b.Target, int64(b.Amount), b.Label)
	}
	// Output:
	// alice.id 10000000 rent
	// 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 546
}
