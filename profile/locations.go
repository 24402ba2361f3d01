package profile

import "fmt"

// FileName is what a token file is called in an owner's storage.
const FileName = "profile.json"

// Locations gives the URLs at which the old browser looked for the profile of one of its identities
// when the zone file did not tell (identity 3.7): first the owner's own place under the storage's
// read prefix, then, for index 0 and odd indexes, the place below the address of the first identity
// where a numbering fault of old versions has put it.
func Locations(readPrefix, ownerAddress, firstAddress string, ownerIndex uint32) []string {
	urls := []string{fmt.Sprintf("%s%s/%s", readPrefix, ownerAddress, FileName)}
	var number uint32
	switch {
	case ownerIndex <= 1:
		number = ownerIndex
	case ownerIndex%2 == 1:
		number = 1 + ownerIndex/2
	default:
		return urls
	}
	return append(urls, fmt.Sprintf("%s%s/%d/%s", readPrefix, firstAddress, number, FileName))
}
