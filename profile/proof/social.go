package proof

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"blockstack/profile"
)

// social is one of the services that old clients knew (identity 5.3): where a proof may be, and which part of the page its author wrote.
type social struct {
	// page gives the URL to read for an identifier's proof URL. It is also asked about the URL after redirects.
	page func(identifier string, u *url.URL) (string, bool)
	// text gives what the author wrote; false when the page does not show it. An author in the page that is another one is an error.
	text func(identifier string, body []byte) (text string, shown bool, err error)
}

var errOtherAuthor = errors.New("the page is by another account")

// socialServices are the services by their keys.
func socialServices() map[string]social {
	meta := func(attr, name string) func(string, []byte) (string, bool, error) {
		return func(_ string, body []byte) (string, bool, error) {
			text, found := metaContent(body, attr, name)
			return text, found, nil
		}
	}
	return map[string]social{
		"twitter":  {page: userFirst("twitter.com", 3, "status"), text: meta("property", "og:description")},
		"facebook": {page: facebookPage, text: meta("name", "description")},
		"github": {page: githubPage, text: func(_ string, body []byte) (string, bool, error) {
			return string(body), true, nil
		}},
		"instagram":  {page: instagramPage, text: instagramText},
		"hackerNews": {page: hackerNewsPage, text: hackerNewsText},
		"linkedIn":   {page: linkedInPage, text: linkedInText},
	}
}

// checkSocial reads the page of an account's proof.
func (c *Checker) checkSocial(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	service := socialServices()[a.Service]
	page, ok := PageFor(a.Service, a.Identifier, a.ProofURL)
	if !ok {
		return r.is(False, "the proof is not at an address of the account %.80q of %s", a.Identifier, a.Service)
	}
	got, ok := c.fetch(ctx, page, &r)
	if !ok {
		return r
	}
	// Twitter shows a status whatever the user part says, and redirects to its real author.
	if final, ok := PageFor(a.Service, a.Identifier, got.URL); !ok || !sameUpToCase(final, page) && a.Service != "github" {
		return r.is(False, "the page has moved to %.200s, which is not the account's", got.URL)
	}
	text, shown, err := service.text(a.Identifier, got.Body)
	switch {
	case err != nil:
		return r.is(False, "%v", err)
	case !shown:
		return r.is(Unchecked, "the page does not show what its author wrote, or only to people who are logged in")
	}
	return r.judge(s, text)
}

func sameUpToCase(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// PageFor gives the page that is read for a proof URL, or false when the URL cannot be a proof of this account.
func PageFor(service, identifier, proofURL string) (string, bool) {
	svc, known := socialServices()[service]
	if !known || identifier == "" || len(proofURL) > 2048 {
		return "", false
	}
	rest, secure := strings.CutPrefix(proofURL, "https://")
	if !secure {
		rest = strings.TrimPrefix(proofURL, "http://")
	}
	u, err := url.Parse("https://" + rest)
	if err != nil || u.User != nil || u.Port() != "" || u.Fragment != "" || u.Opaque != "" {
		return "", false
	}
	u.Host = strings.ToLower(u.Host)
	return svc.page(identifier, u)
}

// segments splits the path of a URL; a final slash does not count. Empty and dot segments and escapes are refused.
func segments(u *url.URL) ([]string, bool) {
	if u.RawPath != "" || strings.Contains(u.EscapedPath(), "%") {
		return nil, false
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/"), "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." {
			return nil, false
		}
	}
	return parts, true
}

// userFirst is for services whose paths begin with the user: /USER/KIND/ID.
func userFirst(host string, length int, kind string) func(string, *url.URL) (string, bool) {
	return func(id string, u *url.URL) (string, bool) {
		parts, ok := segments(u)
		if !ok || u.Host != host || len(parts) < length || !strings.EqualFold(parts[0], id) || parts[1] != kind {
			return "", false
		}
		return "https://" + host + "/" + strings.Join(parts[:length], "/"), true
	}
}

func facebookPage(id string, u *url.URL) (string, bool) {
	parts, ok := segments(u)
	if !ok || u.Host != "facebook.com" && !strings.HasSuffix(u.Host, ".facebook.com") {
		return "", false
	}
	if len(parts) < 3 || !strings.EqualFold(parts[0], id) || parts[1] != "posts" {
		return "", false
	}
	return "https://www.facebook.com/" + strings.Join(parts[:3], "/"), true
}

func githubPage(id string, u *url.URL) (string, bool) {
	parts, ok := segments(u)
	if !ok || len(parts) < 2 || !strings.EqualFold(parts[0], id) {
		return "", false
	}
	switch u.Host {
	case "gist.github.com", "gist.githubusercontent.com": // the second is where /raw leads
	default:
		return "", false
	}
	return "https://gist.github.com/" + parts[0] + "/" + parts[1] + "/raw", true
}

func instagramPage(_ string, u *url.URL) (string, bool) {
	parts, ok := segments(u)
	if !ok || u.Host != "instagram.com" && u.Host != "www.instagram.com" || len(parts) < 2 {
		return "", false
	}
	u.Host, u.RawQuery = "www.instagram.com", ""
	return u.String(), true
}

// instagramText takes the post out of `1 Likes, 0 Comments - Some One (@alice) on Instagram: “text”`.
func instagramText(id string, body []byte) (string, bool, error) {
	text, found := metaContent(body, "property", "og:description")
	if !found {
		return "", false, nil
	}
	head, post, found := strings.Cut(text, ":")
	if !found {
		return "", false, nil
	}
	m := regexp.MustCompile(`\(@([A-Za-z0-9._]+)\)`).FindAllStringSubmatch(head, -1)
	if len(m) == 0 || !strings.EqualFold(m[len(m)-1][1], id) {
		return "", false, errOtherAuthor
	}
	return post, true, nil
}

func hackerNewsPage(id string, u *url.URL) (string, bool) {
	page := "https://news.ycombinator.com/user?id=" + url.QueryEscape(id)
	return page, u.String() == page
}

func linkedInPage(_ string, u *url.URL) (string, bool) {
	parts, ok := segments(u)
	if !ok || u.Host != "www.linkedin.com" || len(parts) < 3 || parts[0] != "feed" || parts[1] != "update" {
		return "", false
	}
	u.RawQuery = ""
	return u.String(), true
}
