package proof

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// maxTokens bounds how much of a page is looked at.
const maxTokens = 200_000

// walk gives the tokens of a page in order until visit says stop. No tree is built, so nothing
// grows with nesting.
func walk(body []byte, visit func(z *html.Tokenizer, kind html.TokenType) bool) {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(MaxPage)
	for range maxTokens {
		kind := z.Next()
		if kind == html.ErrorToken || !visit(z, kind) {
			return
		}
	}
}

// attrs gives the attributes of a tag, the first of each name.
func attrs(z *html.Tokenizer) map[string]string {
	m := map[string]string{}
	for range 100 {
		key, value, more := z.TagAttr()
		if k := string(key); k != "" {
			if _, there := m[k]; !there {
				m[k] = string(value)
			}
		}
		if !more {
			break
		}
	}
	return m
}

// metaContent gives the content of the first meta element with an attribute, in the head: what
// stands in the body may be by anybody.
func metaContent(body []byte, attr, name string) (content string, found bool) {
	walk(body, func(z *html.Tokenizer, kind html.TokenType) bool {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			return true
		}
		tag, hasAttr := z.TagName()
		switch {
		case string(tag) == "body":
			return false
		case string(tag) == "meta" && hasAttr:
			m := attrs(z)
			if strings.EqualFold(m[attr], name) {
				content, found = m["content"], true
				return false
			}
		}
		return true
	})
	return content, found
}

// hackerNewsText gives the row "about:" of the table of a user, after checking the row "user:".
func hackerNewsText(id string, body []byte) (text string, shown bool, err error) {
	inTable, cells := false, []string(nil)
	var cell strings.Builder
	inCell := false
	rows := map[string]string{}
	end := func() {
		if inCell {
			cells = append(cells, strings.TrimSpace(cell.String()))
			cell.Reset()
			inCell = false
		}
	}
	row := func() {
		end()
		if len(cells) >= 2 {
			key := cells[len(cells)-2]
			if _, there := rows[key]; !there {
				rows[key] = cells[len(cells)-1]
			}
		}
		cells = nil
	}
	walk(body, func(z *html.Tokenizer, kind html.TokenType) bool {
		switch kind {
		case html.TextToken:
			if inCell {
				cell.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, hasAttr := z.TagName()
			name := string(tag)
			if !inTable {
				inTable = name == "table" && hasAttr && attrs(z)["id"] == "hnmain"
				return true
			}
			switch name {
			case "tr":
				row()
			case "td":
				end()
				inCell = true
			case "p", "br":
				cell.WriteByte('\n')
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "td":
				end()
			case "tr":
				row()
			}
		}
		return true
	})
	row()
	if user, ok := rows["user:"]; !ok || user != id {
		if ok {
			return "", false, errOtherAuthor
		}
		return "", false, nil
	}
	text, shown = rows["about:"]
	if !shown { // a user page without the row says nothing
		return "", true, nil
	}
	return text, true, nil
}

// linkedInText gives the title of a post whose first link in the header of the main part is its
// author's.
func linkedInText(id string, body []byte) (string, bool, error) {
	text, found := metaContent(body, "property", "og:title")
	if !found {
		return "", false, nil
	}
	author, inMain, inHeader := "", false, false
	walk(body, func(z *html.Tokenizer, kind html.TokenType) bool {
		if kind != html.StartTagToken {
			return true
		}
		tag, hasAttr := z.TagName()
		switch string(tag) {
		case "main":
			inMain = true
		case "header":
			inHeader = inMain
		case "a":
			if inHeader && hasAttr {
				author = attrs(z)["href"]
				return false
			}
		}
		return true
	})
	u, err := url.Parse(author)
	if author == "" || err != nil {
		return "", false, nil
	}
	parts, ok := segments(u)
	if !ok || u.Scheme != "https" || !strings.HasSuffix("."+u.Hostname(), ".linkedin.com") || parts[len(parts)-1] != id {
		return "", false, errOtherAuthor
	}
	return text, true, nil
}

// meLinks gives the targets of links with rel=me.
func meLinks(body []byte) []string {
	var links []string
	walk(body, func(z *html.Tokenizer, kind html.TokenType) bool {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			return true
		}
		tag, hasAttr := z.TagName()
		if name := string(tag); hasAttr && (name == "a" || name == "link") {
			m := attrs(z)
			for _, rel := range strings.Fields(strings.ToLower(m["rel"])) {
				if rel == "me" {
					links = append(links, m["href"])
				}
			}
		}
		return len(links) < 100
	})
	return links
}
