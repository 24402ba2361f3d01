package proof

import (
	"context"
	"fmt"
	"strings"

	"blockstack/profile"
)

// Claim is an account that a profile is to claim, with its evidence.
type Claim struct {
	Service, Identifier string
	URL                 string // of the statement; for pgp, of the armored public key
	Message, Signature  string // the statement as it was signed, and the signature
}

// ClaimError says why evidence is not that of a service.
type ClaimError struct {
	Text  string
	Place string // where the statement of the account goes; empty: that is known
}

// Error gives the text.
func (e *ClaimError) Error() string { return e.Text }

// Check says what evidence is not what the service has; an error is a *ClaimError.
func (c Claim) Check() error {
	url, message, _ := Evidence(c.Service)
	switch _, ok := PageFor(c.Service, c.Identifier, c.URL); {
	case c.URL != "" && (!url || c.Service == "pgp" && !strings.HasPrefix(c.URL, "https://")):
		return &ClaimError{fmt.Sprintf("%.100q is not where a proof of %s is looked for", c.URL, c.Service), Place(c.Service, c.Identifier)}
	case c.URL != "" && c.Service != "pgp" && !ok:
		return &ClaimError{Text: fmt.Sprintf("%s is not where %s of %s could publish a proof", c.URL, c.Identifier, c.Service)}
	case (c.Message != "" || c.Signature != "") && !message:
		return &ClaimError{fmt.Sprintf("a proof of %s is not a signature", c.Service), Place(c.Service, c.Identifier)}
	}
	return nil
}

// Complete reports whether all the evidence is there that the service needs.
func (c Claim) Complete() bool {
	url, message, signature := Evidence(c.Service)
	return (!url || c.URL != "") && (!message || c.Message != "") && (!signature || c.Signature != "")
}

// Put adds the claim to a profile. Of the bitcoin addresses one is paid, and this one takes its
// place.
func (c Claim) Put(p *profile.Profile) error {
	var members [][2]string
	switch {
	case c.URL == "":
	case c.Service == "pgp":
		members = append(members, [2]string{"contentUrl", c.URL})
	default:
		members = append(members, [2]string{"proofType", "http"}, [2]string{"proofUrl", c.URL})
	}
	if c.Message != "" {
		members = append(members, [2]string{"proofMessage", c.Message})
	}
	if c.Signature != "" {
		members = append(members, [2]string{"proofSignature", strings.TrimSpace(c.Signature)})
	}
	path := AccountPath(c.Service)
	if c.Service == "bitcoin" {
		if err := p.Set(path, c.Identifier); err != nil {
			return err
		}
	}
	return p.PutAccount(path, c.Identifier, members)
}

// Refuted checks the claim in a profile as far as no network is needed, and reports whether it is
// false already.
func (c Claim) Refuted(ctx context.Context, s Subject, p *profile.Profile) (Result, bool) {
	for _, a := range p.Accounts() {
		if a.Service != c.Service || a.Identifier != c.Identifier {
			continue
		}
		if r := new(Checker).Check(ctx, s, a); r.State == False {
			return r, true
		}
	}
	return Result{}, false
}

// AccountPath is where accounts of a service stand in a profile.
func AccountPath(service string) string {
	switch service {
	case "bitcoin":
		return "payment." + service
	case "ssh", "pgp":
		return "key." + service
	}
	return "account." + service
}
