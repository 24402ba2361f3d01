package commands

import (
	"net/http"
	"time"
)

// webClient speaks to servers that the user has chosen, through the proxy if there is one. It takes no proxy from the
// environment: what one of those sees is not for us to give away.
func (e *Env) webClient() *http.Client {
	const handshake = 15 * time.Second
	return &http.Client{Transport: &http.Transport{DialContext: e.Config.ChainProxy().Dial, TLSHandshakeTimeout: handshake, ForceAttemptHTTP2: true}}
}
