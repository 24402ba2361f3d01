package gaia

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"

	"blockstack/storage"
	"blockstack/storage/web"
)

// ErrBadHub means that a server does not answer as a Gaia hub, or asks to sign something else than
// hubs do.
var ErrBadHub = errors.New("not a Gaia hub")

// Hub is the bucket of one key on a Gaia hub. Writes are conditional, and each token lets only the
// written path be written.
type Hub struct {
	hub     *url.URL
	key     Key
	clock   func() time.Time
	web     *web.Client
	address string // the bucket: the mainnet address of the compressed key
	info    hubInfo
}

// hubInfo is what a hub says about itself.
type hubInfo struct {
	Challenge  string `json:"challenge_text"`
	ReadPrefix string `json:"read_url_prefix"`
	MaxMB      int64  `json:"max_file_upload_size_megabytes"`
}

// Open asks a hub about itself and makes a place of the key's bucket. client gives the transport;
// nil: the default one. clock nil is the system's.
func Open(ctx context.Context, hubURL string, key Key, client *http.Client, clock func() time.Time) (*Hub, error) {
	u, err := web.ParseURL(hubURL)
	if err != nil {
		return nil, err
	}
	if clock == nil {
		clock = time.Now
	}
	h := &Hub{hub: u, key: key, clock: clock, web: web.New(client),
		address: base58.CheckEncode(address.Hash160(key.PublicKey().SerializeCompressed()), 0)}
	return h, h.ask(ctx)
}

// ask reads hub_info.
func (h *Hub) ask(ctx context.Context) error {
	r := web.Request{Method: http.MethodGet, URL: h.hub.JoinPath("hub_info").String()}
	a, err := h.web.Do(ctx, r)
	if err != nil {
		return err
	}
	if a.Code != http.StatusOK {
		return r.Refused(a.Code, "")
	}
	var info hubInfo
	if err := json.Unmarshal(a.Body, &info); err != nil {
		return fmt.Errorf("%s: %w: %w", r.URL, ErrBadHub, err)
	}
	// The text is signed, so it must be the challenge of a hub and nothing else.
	var challenge []string
	if err := json.Unmarshal([]byte(info.Challenge), &challenge); err != nil || len(challenge) != 4 || len(info.Challenge) > 1024 ||
		challenge[0] != "gaiahub" || challenge[3] != "blockstack_storage_please_sign" {
		return fmt.Errorf("%s: %w: its challenge is %.100q", r.URL, ErrBadHub, info.Challenge)
	}
	prefix, err := web.ParseURL(info.ReadPrefix)
	if err != nil {
		return fmt.Errorf("%s: %w: read prefix: %w", r.URL, ErrBadHub, err)
	}
	info.ReadPrefix = prefix.String()
	h.info = info
	return nil
}

// String gives the hub and the bucket.
func (h *Hub) String() string { return h.hub.String() + " (" + h.address + ")" }

// PublicURL is where others read an object of the bucket.
func (h *Hub) PublicURL(_ context.Context, name string) (string, error) {
	if err := storage.CheckName(name); err != nil {
		return "", err
	}
	return h.readURL(name), nil
}

func (h *Hub) readURL(name string) string { return h.info.ReadPrefix + h.address + "/" + escape(name) }

// callURL is where an object of the bucket is written or deleted.
func (h *Hub) callURL(call, name string) string {
	return strings.TrimSuffix(h.hub.String(), "/") + "/" + call + "/" + h.address + "/" + escape(name)
}

// escape percent-encodes each segment.
func escape(name string) string {
	segments := strings.Split(name, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// Get gets a file from where everybody reads it.
func (h *Hub) Get(ctx context.Context, name string, part storage.Part) (io.ReadCloser, storage.Info, error) {
	if err := storage.CheckName(name); err != nil {
		return nil, storage.Info{}, err
	}
	return h.web.Get(ctx, name, h.readURL(name), "", part)
}

// Keeps is true where the hub gives tags: it compares them under a lock of its own.
func (h *Hub) Keeps(c storage.Condition) bool {
	_, tag := web.Tag(c.Match)
	return tag || c.Match == ""
}

// Put stores a file.
func (h *Hub) Put(ctx context.Context, name string, body io.ReaderAt, size int64, c storage.Condition) (storage.Version, error) {
	if err := h.compare(ctx, name, c); err != nil {
		return "", err
	}
	if h.info.MaxMB > 0 && size > h.info.MaxMB<<20 {
		return "", storage.Of(storage.ErrTooLarge, fmt.Errorf("%s: %d bytes, and the hub takes %d MB", name, size, h.info.MaxMB))
	}
	kind, err := web.ContentType(body, size)
	if err != nil {
		return "", err
	}
	r := web.Request{Method: http.MethodPost, URL: h.callURL("store", name), Header: web.Conditional(c), Body: body, Size: size}
	r.Header.Set("Content-Type", kind)
	a, err := h.write(ctx, name, scopePut, r)
	if err != nil {
		return "", err
	}
	var stored struct{ ETag string }
	_ = json.Unmarshal(a.Body, &stored) // a hub that says nothing of tags gives none
	return web.TagOf(http.Header{"Etag": {stored.ETag}}), nil
}

// Delete deletes a file. Hubs look at no conditions here.
func (h *Hub) Delete(ctx context.Context, name string, c storage.Condition) error {
	if !c.None() && !c.Compared {
		return fmt.Errorf("%s: %w", h, storage.ErrNoCondition)
	}
	if err := storage.CheckName(name); err != nil {
		return err
	}
	if !c.None() {
		if err := h.compareNow(ctx, name, c); err != nil {
			return err
		}
	}
	_, err := h.write(ctx, name, scopeDelete, web.Request{Method: http.MethodDelete, URL: h.callURL("delete", name)})
	if status := (*web.StatusError)(nil); errors.As(err, &status) && status.Code == http.StatusNotFound {
		return fmt.Errorf("%s: %w", name, storage.ErrNotFound)
	}
	return err
}

// compare begins a write: where the hub gave no tag, what is there is compared by ourselves.
func (h *Hub) compare(ctx context.Context, name string, c storage.Condition) error {
	if err := storage.CheckName(name); err != nil {
		return err
	}
	if h.Keeps(c) {
		return nil
	}
	if !c.Compared {
		return fmt.Errorf("%s: %w", h, storage.ErrNoCondition)
	}
	return h.compareNow(ctx, name, c)
}

// compareNow compares what is there with a condition.
func (h *Hub) compareNow(ctx context.Context, name string, c storage.Condition) error {
	body, have, err := h.Get(ctx, name, storage.Part{})
	if err == nil {
		web.Drop(body)
	}
	if c.Absent && errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil || have.Version != c.Match {
		return fmt.Errorf("%s: %w", name, errors.Join(storage.ErrChanged, err))
	}
	return nil
}

// write sends a write. A hub that says that the token is not good, that another write is under way,
// or that it is broken, is asked once more with a fresh token.
func (h *Hub) write(ctx context.Context, name, scope string, r web.Request) (web.Answer, error) {
	for again := false; ; again = true {
		token, err := h.token(ctx, scope, name)
		if err != nil {
			return web.Answer{}, err
		}
		r.Auth = "bearer v1:" + token
		a, err := h.web.Do(ctx, r)
		if err != nil {
			return web.Answer{}, err
		}
		switch {
		case a.Code/100 == 2:
			return a, nil
		case a.Code == http.StatusPreconditionFailed:
			return web.Answer{}, fmt.Errorf("%s: %w", name, storage.ErrChanged)
		case !again && (a.Code == http.StatusUnauthorized || a.Code == http.StatusConflict || a.Code/100 == 5):
			if err := h.ask(ctx); err != nil {
				return web.Answer{}, err
			}
			continue
		}
		var answer struct{ Message string }
		_ = json.Unmarshal(a.Body, &answer) // an answer that is not JSON only has no message
		return web.Answer{}, r.Refused(a.Code, answer.Message)
	}
}
