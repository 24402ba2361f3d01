package profile

import "encoding/json"

// IsLegacy reports whether a document is a profile in the form used before 2016, which was itself
// the content that a name's hash commits to (identity 4.4). Such a profile is authentic by its hash
// on the chain, not by a signature.
func IsLegacy(p *Profile) bool {
	for _, key := range []string{"@type", "@context"} {
		if _, found := p.Field(key); found {
			return false
		}
	}
	for _, key := range []string{"avatar", "cover", "bio", "twitter", "facebook"} {
		if _, found := p.Field(key); found {
			return true
		}
	}
	return false
}

// FromLegacy converts a profile of the form used before 2016 into a Person. What it does not know
// is left out, as the old library did.
func FromLegacy(old *Profile) *Profile {
	p := &Profile{}
	p.set("@type", quoteJSON(Person))
	p.set("@context", quoteJSON(schemaContext))
	if s := old.at("name", "formatted"); s != "" {
		p.set("name", quoteJSON(s))
	}
	if s := old.at("bio"); s != "" {
		p.set("description", quoteJSON(s))
	}
	if s := old.at("location", "formatted"); s != "" {
		p.set("address", textObject("@type", "PostalAddress", "addressLocality", s))
	}
	var images []json.RawMessage
	for _, name := range []string{"avatar", "cover"} {
		if url := old.at(name, "url"); url != "" {
			images = append(images, textObject("@type", "ImageObject", "name", name, "contentUrl", url))
		}
	}
	if images != nil {
		p.set("image", joinArray(images))
	}
	if url := old.at("website"); url != "" {
		p.set("website", joinArray([]json.RawMessage{textObject("@type", "WebSite", "url", url)}))
	}
	p.set("account", joinArray(legacyAccounts(old)))
	return p
}

// legacyAccounts gives the accounts in the order of the JavaScript library.
func legacyAccounts(old *Profile) []json.RawMessage {
	var accounts []json.RawMessage
	if s := old.at("bitcoin", "address"); s != "" {
		accounts = append(accounts, textObject("@type", "Account", "role", "payment", "service", "bitcoin", "identifier", s))
	}
	for _, service := range []string{"twitter", "facebook", "github"} {
		user := old.at(service, "username")
		if user == "" {
			continue
		}
		pairs := []string{"@type", "Account", "service", service, "identifier", user, "proofType", "http"}
		if url := old.at(service, "proof", "url"); url != "" {
			pairs = append(pairs, "proofUrl", url)
		}
		accounts = append(accounts, textObject(pairs...))
	}
	if auth, found := old.Field("auth"); found {
		if elems, _ := splitArray(auth); len(elems) > 0 {
			if s := textAt(elems[0], "publicKeychain"); s != "" {
				accounts = append(accounts, textObject("@type", "Account", "role", "key", "service", "bip32", "identifier", s))
			}
		}
	}
	if url, fingerprint := old.at("pgp", "url"), old.at("pgp", "fingerprint"); url != "" && fingerprint != "" {
		accounts = append(accounts, textObject(
			"@type", "Account", "role", "key", "service", "pgp", "identifier", fingerprint, "contentUrl", url))
	}
	return accounts
}

// at gives the text at a path of members, or nothing.
func (p *Profile) at(path ...string) string {
	raw, found := p.Field(path[0])
	if !found {
		return ""
	}
	return textAt(raw, path[1:]...)
}

func textAt(raw json.RawMessage, path ...string) string {
	for _, key := range path {
		fields, _ := splitObject(raw)
		next, found := find(fields, key)
		if !found {
			return ""
		}
		raw = next
	}
	s, _ := text(raw)
	return s
}

// textObject makes an object of keys and texts.
func textObject(pairs ...string) json.RawMessage {
	fields := make([]field, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, newField(pairs[i], quoteJSON(pairs[i+1])))
	}
	return joinObject(fields)
}
