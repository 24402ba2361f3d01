package profile

// Payee gives the bitcoin address that a profile wants to be paid at: the account with service
// bitcoin and role payment, or without a role (identity 11.1). None gives ErrNoPayee, several
// different ones a *SeveralPayeesError. Whether the address is one of the network in use is for the
// caller to check. Give it only profiles that Report.Profile gave.
func Payee(p *Profile) (string, error) {
	var addresses []string
	seen := map[string]bool{}
	for _, a := range p.Accounts() {
		if a.Service != "bitcoin" || a.Role != "payment" && a.Role != "" || a.Identifier == "" || seen[a.Identifier] {
			continue
		}
		seen[a.Identifier] = true
		addresses = append(addresses, a.Identifier)
	}
	switch len(addresses) {
	case 0:
		return "", ErrNoPayee
	case 1:
		return addresses[0], nil
	}
	return "", &SeveralPayeesError{Addresses: addresses}
}
