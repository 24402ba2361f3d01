package profile

import "strings"

// Display is what people are shown of a profile. A nil field is one that the profile says nothing
// about.
type Display struct {
	Name        *string `json:"name,omitempty"`
	GivenName   *string `json:"given_name,omitempty"`
	FamilyName  *string `json:"family_name,omitempty"`
	Description *string `json:"description,omitempty"`
	AvatarURL   *string `json:"avatar_url,omitempty"`
	Address     *string `json:"address,omitempty"`
}

// Display derives the fields that the old clients showed (identity 3.1): the name from its parts or
// the parts from the name, the last image called avatar, and the postal address joined by commas.
// The texts are as hostile as the profile.
func (p *Profile) Display() Display {
	d := Display{
		Name:        p.textField("name"),
		GivenName:   p.textField("givenName"),
		FamilyName:  p.textField("familyName"),
		Description: p.textField("description"),
		AvatarURL:   p.avatar(),
		Address:     p.postalAddress(),
	}
	switch {
	case d.Name != nil:
		words := strings.Split(*d.Name, " ")
		last := len(words) - 1
		if d.GivenName == nil {
			d.GivenName = ptr(strings.Join(words[:last], " "))
		}
		if d.FamilyName == nil {
			d.FamilyName = ptr(words[last])
		}
	case d.GivenName != nil || d.FamilyName != nil:
		joined := ""
		if d.GivenName != nil {
			joined = *d.GivenName
		}
		if d.FamilyName != nil {
			joined += " " + *d.FamilyName
		}
		d.Name = &joined
	}
	return d
}

// textField gives a member that is text and not empty.
func (p *Profile) textField(name string) *string {
	if s, found := p.Text(name); found && s != "" {
		return &s
	}
	return nil
}

func (p *Profile) avatar() *string {
	var url *string
	for _, image := range p.entries("image") {
		if textOr(image, "name") != "avatar" {
			continue
		}
		if s, found := findText(image, "contentUrl"); found {
			url = &s
		}
	}
	return url
}

func (p *Profile) postalAddress() *string {
	raw, found := p.Field("address")
	if !found {
		return nil
	}
	address, _ := splitObject(raw)
	var parts []string
	for _, key := range []string{"streetAddress", "addressLocality", "postalCode", "addressCountry"} {
		if s := textOr(address, key); s != "" {
			parts = append(parts, s)
		}
	}
	if parts == nil {
		return nil
	}
	return ptr(strings.Join(parts, ", "))
}

func ptr(s string) *string { return &s }
