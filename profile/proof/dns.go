package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// SystemTXT asks the system's resolver for the texts at a DNS name. None are no error.
func SystemTXT(ctx context.Context, name string) ([]string, error) {
	texts, err := net.DefaultResolver.LookupTXT(ctx, name)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	return texts, err
}

// PublicTXT makes what asks a public resolver over https (its JSON form), which checks DNSSEC where
// a domain has it. get reads a page.
func PublicTXT(get func(ctx context.Context, url string) ([]byte, error)) func(ctx context.Context, name string) ([]string, error) {
	return func(ctx context.Context, name string) ([]string, error) {
		body, err := get(ctx, "https://dns.google/resolve?type=TXT&name="+url.QueryEscape(name))
		if err != nil {
			return nil, err
		}
		return parseTXT(body)
	}
}

// maxTXT bounds the texts of an answer.
const maxTXT = 1000

// parseTXT reads an answer of the public resolver: a JSON object with the DNS status and the
// records, of which those of type TXT count.
//
//	answer = "{" "Status": 0 (no error) / 3 (no such name), "Answer": "[" *record "]", anything else "}"
//	record = "{" "type": number, "data": text, quoted or not, anything else "}"
func parseTXT(body []byte) ([]string, error) {
	var answer struct {
		Status *int
		Answer []struct {
			Type int    `json:"type"`
			Data string `json:"data"`
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("answer of dns.google: %w", err)
	}
	const noError, noName, txt = 0, 3, 16
	switch {
	case answer.Status == nil:
		return nil, errors.New("answer of dns.google: no status")
	case *answer.Status != noError && *answer.Status != noName:
		return nil, fmt.Errorf("dns.google answers with status %d", *answer.Status)
	}
	var texts []string
	for _, a := range answer.Answer {
		if a.Type != txt {
			continue
		}
		if len(texts) == maxTXT {
			return nil, fmt.Errorf("answer of dns.google: more than %d texts", maxTXT)
		}
		if text, err := strconv.Unquote(a.Data); err == nil {
			a.Data = text
		}
		texts = append(texts, a.Data)
	}
	return texts, nil
}
