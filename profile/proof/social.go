package proof

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"blockstack/profile"
)

// social is one of the services that old clients knew (identity 5.3): where a proof may be, and
// which part of the page its author wrote.
type social struct {
	// page gives the URL to read for an identifier's proof URL.
	page func(identifier string, u *url.URL) (string, bool)
	// answers are the other hosts that the service sends readers of such a page to.
	answers []string
	// author gives the account whose post a URL of the service is, as far as the URL says; false:
	// it is no post, a log-in for instance.
	author func(u *url.URL) (string, bool)
	// text gives what the author wrote; false when the page does not show it. An author in the page
	// that is another one is an error.
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
		"twitter": {page: userFirst("twitter.com", 3, "status"), answers: []string{"x.com", "www.x.com", "mobile.twitter.com", "www.twitter.com"},
			author: pathAuthor(3, "status"), text: meta("property", "og:description")},
		"facebook": {page: facebookPage, answers: []string{"facebook.com", "m.facebook.com", "web.facebook.com"},
			author: pathAuthor(3, "posts"), text: meta("name", "description")},
		"github": {page: githubPage, answers: []string{"gist.githubusercontent.com"},
			author: pathAuthor(2, ""), text: func(_ string, body []byte) (string, bool, error) {
				return string(body), true, nil
			}},
		"instagram":  {page: instagramPage, answers: []string{"instagram.com"}, text: instagramText},
		"hackerNews": {page: hackerNewsPage, author: hackerNewsAuthor, text: hackerNewsText},
		"linkedIn":   {page: linkedInPage, answers: []string{"linkedin.com"}, text: linkedInText},
	}
}

// pathAuthor reads the author off a path /USER/KIND/…; an empty kind stands for any.
func pathAuthor(length int, kind string) func(*url.URL) (string, bool) {
	return func(u *url.URL) (string, bool) {
		parts, ok := segments(u)
		if !ok || len(parts) < length || kind != "" && parts[1] != kind {
			return "", false
		}
		return parts[0], true
	}
}

func hackerNewsAuthor(u *url.URL) (string, bool) {
	return u.Query().Get("id"), u.Path == "/user"
}

// checkSocial reads the page of an account's proof.
func (c *Checker) checkSocial(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	service := socialServices()[a.Service]
	page, ok := PageFor(a.Service, a.Identifier, a.ProofURL)
	if !ok {
		return r.is(False, "the proof is not at an address of the account %.80q of %s", a.Identifier, a.Service)
	}
	got, ok := c.fetch(ctx, page, &r, service.answers...)
	if !ok {
		return r
	}
	// Twitter shows a status whatever the user part says, and redirects to its real author.
	if state, detail := service.judgeAnswer(a.Identifier, page, got.URL); state != "" {
		return r.is(state, "%s", detail)
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

// judgeAnswer decides by where a page was found in the end, and gives no state when its text is to
// be read. Another account's post is a false proof; a page that is no post at all, as services show
// to readers whom they do not know, says nothing.
func (s *social) judgeAnswer(identifier, asked, answered string) (State, string) {
	u, err := url.Parse(answered)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" {
		return Unchecked, "the page has moved to " + strconv.QuoteToASCII(cut(answered))
	}
	from, err := url.Parse(asked)
	if err != nil || u.Host != from.Host && !slices.Contains(s.answers, strings.ToLower(u.Host)) {
		return False, "the page has moved to " + strconv.QuoteToASCII(cut(answered)) + ", which is not the account's"
	}
	if s.author == nil { // the page itself says who wrote it
		return "", ""
	}
	switch author, isPost := s.author(u); {
	case !isPost:
		return Unchecked, "instead of the post the service shows " + strconv.QuoteToASCII(cut(answered)) + ", perhaps a log-in"
	case !strings.EqualFold(author, identifier):
		return False, "the page has moved to " + strconv.QuoteToASCII(cut(answered)) + ", which is not the account's"
	}
	return "", ""
}

// cut bounds a URL in a sentence.
func cut(url string) string { return url[:min(len(url), 200)] }

// PageFor gives the page that is read for a proof URL, or false when the URL cannot be a proof of
// this account.
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

// segments splits the path of a URL; a final slash does not count. Empty and dot segments and
// escapes are refused.
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
	case "gist.github.com", "gist.githubusercontent.com": // people give the second too, which is where /raw leads
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

// instagramText takes the post out of `1 Likes, 0 Comments - Some One (@alice) on Instagram:
// “text”`.
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
