package txbuilder

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// URIScheme is what payment URIs begin with, in any case.
const URIScheme = "bitcoin:"

// maxURI is far above what anybody can mean.
const maxURI = 4096

// PaymentURI is a request for payment as BIP 21 writes it.
type PaymentURI struct {
	Address string
	// Amount is what is asked for; zero: the payer decides.
	Amount  btcutil.Amount
	Label   string // for the address
	Message string // what the payment is for
}

// IsURI says whether a text is meant as a payment URI.
func IsURI(text string) bool {
	return len(text) >= len(URIScheme) && strings.EqualFold(text[:len(URIScheme)], URIScheme)
}

// ParseURI reads a payment URI (BIP 21). The address is not looked at.
//
//	uri     = "bitcoin:" address [ "?" param *( "&" param ) ]
//	param   = "amount=" decimal / "label=" text / "message=" text / "req-" key "=" value / key "=" value
//
// The scheme may be in any case; texts are percent-encoded UTF-8, where "+" is a plus. A parameter
// that begins with "req-" and is not known here must be understood by who pays, so such a URI is
// refused; other unknown ones are ignored. A parameter that stands twice is refused.
func ParseURI(text string) (PaymentURI, error) {
	var u PaymentURI
	bad := func(format string, args ...any) (PaymentURI, error) {
		return PaymentURI{}, fmt.Errorf("%w: %w", ErrBadURI, fmt.Errorf(format, args...))
	}
	if !IsURI(text) || len(text) > maxURI {
		return bad("it must begin with %s and have at most %d characters", URIScheme, maxURI)
	}
	address, query, _ := strings.Cut(text[len(URIScheme):], "?")
	if address == "" || strings.ContainsAny(address, "/#&=%") {
		return bad("%.100q is not an address", address)
	}
	u.Address = address
	values, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	if err != nil {
		return bad("%w", err)
	}
	for key, list := range values {
		if len(list) != 1 {
			return bad("%.40q stands in it twice", key)
		}
		value := list[0]
		switch key {
		case "amount":
			if u.Amount, err = ParseAmount(value); err != nil {
				return PaymentURI{}, fmt.Errorf("payment URI: %w", err)
			}
			if u.Amount == 0 {
				return bad("it asks for nothing")
			}
		case "label":
			u.Label = value
		case "message":
			u.Message = value
		default:
			if strings.HasPrefix(strings.ToLower(key), "req-") {
				return bad("it requires %.40q, which is not known here, so it must not be paid", key)
			}
		}
	}
	return u, nil
}

// String writes the URI.
func (u PaymentURI) String() string {
	var params []string
	if u.Amount > 0 {
		params = append(params, "amount="+strings.TrimSuffix(FormatAmount(u.Amount), " BTC"))
	}
	for _, p := range [][2]string{{"label", u.Label}, {"message", u.Message}} {
		if p[1] != "" {
			params = append(params, p[0]+"="+strings.ReplaceAll(url.QueryEscape(p[1]), "+", "%20"))
		}
	}
	text := URIScheme + u.Address
	if len(params) > 0 {
		text += "?" + strings.Join(params, "&")
	}
	return text
}
