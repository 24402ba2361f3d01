package commands

import (
	"net/http"
	"time"

	"blockstack/storage/dial"
)

// webClient speaks to servers that the user has chosen, through the proxy if there is one. It takes no proxy from the
// environment: what one of those sees is not for us to give away.
func (e *Env) webClient() *http.Client {
	const handshake = 15 * time.Second
	return dial.Rules{Proxy: e.Config.ChainProxy(), Connect: dial.ConnectTimeout, Handshake: handshake, Keep: 2, HTTP2: true}.Client()
}
