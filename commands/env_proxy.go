package commands

import (
	"net/http"
	"net/url"
	"time"
)

// proxyURL is the proxy as fetchers take it; nil: none.
func (c *Config) proxyURL() *url.URL {
	if p := c.proxy(); p.Used() {
		return &url.URL{Scheme: "socks5", Host: p.Address}
	}
	return nil
}

// webClient speaks to servers that the user has chosen, through the proxy if there is one. It takes no proxy from the
// environment: what one of those sees is not for us to give away.
func (e *Env) webClient() *http.Client {
	const handshake = 15 * time.Second
	return &http.Client{Transport: &http.Transport{DialContext: e.Config.proxy().Dial, TLSHandshakeTimeout: handshake, ForceAttemptHTTP2: true}}
}
