package publish

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"

	"blockstack/profile"
)

// ErrBadHub means that a server does not answer as a Gaia hub, or asks to sign something else than hubs do.
var ErrBadHub = errors.New("not a Gaia hub")

// hubTokenLife is how long a token for a hub lasts; the reference's last for ever.
const hubTokenLife = time.Hour

// Hub is the bucket of one key on a Gaia hub (identity 8). Writes are conditional, and each token lets only the written path be written.
type Hub struct {
	hub     *url.URL
	signer  profile.Signer
	clock   func() time.Time
	web     *http.Client
	address string // the bucket: the mainnet address of the compressed key
	info    hubInfo
}

// hubInfo is what a hub says about itself.
type hubInfo struct {
	Challenge  string `json:"challenge_text"`
	ReadPrefix string `json:"read_url_prefix"`
	MaxMB      int64  `json:"max_file_upload_size_megabytes"`
}

// OpenHub asks a hub about itself and makes a place of the signer's bucket. client gives the transport; nil: the default one. clock nil
// is the system's.
func OpenHub(ctx context.Context, hubURL string, s profile.Signer, client *http.Client, clock func() time.Time) (*Hub, error) {
	u, err := placeURL(hubURL)
	if err != nil {
		return nil, err
	}
	if clock == nil {
		clock = time.Now
	}
	h := &Hub{hub: u, signer: s, clock: clock, web: bounded(client),
		address: base58.CheckEncode(address.Hash160(s.PublicKey().SerializeCompressed()), 0)}
	return h, h.ask(ctx)
}

// ask reads hub_info.
func (h *Hub) ask(ctx context.Context) error {
	at := h.hub.JoinPath("hub_info").String()
	status, _, body, err := do(ctx, h.web, http.MethodGet, at, "", nil, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return &StatusError{Method: http.MethodGet, URL: at, Code: status}
	}
	var info hubInfo
	if err := json.Unmarshal(body, &info); err != nil {
		return fmt.Errorf("%s: %w: %w", at, ErrBadHub, err)
	}
	// The text is signed, so it must be the challenge of a hub and nothing else.
	var challenge []string
	if err := json.Unmarshal([]byte(info.Challenge), &challenge); err != nil || len(challenge) != 4 || len(info.Challenge) > 1024 ||
		challenge[0] != "gaiahub" || challenge[3] != "blockstack_storage_please_sign" {
		return fmt.Errorf("%s: %w: its challenge is %.100q", at, ErrBadHub, info.Challenge)
	}
	prefix, err := placeURL(info.ReadPrefix)
	if err != nil {
		return fmt.Errorf("%s: %w: read prefix: %w", at, ErrBadHub, err)
	}
	info.ReadPrefix = prefix.String()
	h.info = info
	return nil
}

// String gives the hub and the bucket.
func (h *Hub) String() string { return h.hub.String() + " (" + h.address + ")" }

// ReadURL is where others read a path of the bucket.
func (h *Hub) ReadURL(path string) string { return h.info.ReadPrefix + h.address + "/" + escape(path) }

// StoreURL is where a path of the bucket is written.
func (h *Hub) StoreURL(path string) string {
	return strings.TrimSuffix(h.hub.String(), "/") + "/store/" + h.address + "/" + escape(path)
}

// escape percent-encodes each segment.
func escape(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// Read gets a file from where everybody reads it.
func (h *Hub) Read(ctx context.Context, path string) (File, error) {
	if err := checkPath(path); err != nil {
		return File{}, err
	}
	return read(ctx, h.web, h.ReadURL(path), "")
}

// Guards is true where the hub gives tags: it compares them under a lock of its own.
func (h *Hub) Guards(version string) bool { return !strings.HasPrefix(version, hashVersion) }

// Write stores a file. A hub that says that the token is not good, that another write is under way, or that it is broken, is asked once
// more with a fresh token.
func (h *Hub) Write(ctx context.Context, path string, data []byte, c Condition) error {
	if err := checkPath(path); err != nil {
		return err
	}
	if h.info.MaxMB > 0 && int64(len(data)) > h.info.MaxMB<<20 {
		return fmt.Errorf("%s: %d bytes, and the hub takes %d MB", path, len(data), h.info.MaxMB)
	}
	if strings.HasPrefix(c.Version, hashVersion) { // the hub gave no tag to compare with
		old, err := h.Read(ctx, path)
		if err != nil || old.Version != c.Version {
			return fmt.Errorf("%s: %w", path, errors.Join(ErrConflict, err))
		}
	}
	at := h.StoreURL(path)
	for again := false; ; again = true {
		token, err := h.token(ctx, path)
		if err != nil {
			return err
		}
		header := conditional(c)
		header.Set("Content-Type", contentType(data))
		status, _, body, err := do(ctx, h.web, http.MethodPost, at, "bearer v1:"+token, data, header)
		if err != nil {
			return err
		}
		switch {
		case status/100 == 2:
			return nil
		case status == http.StatusPreconditionFailed:
			return fmt.Errorf("%s: %w", path, ErrConflict)
		case !again && (status == http.StatusUnauthorized || status == http.StatusConflict || status/100 == 5):
			if err := h.ask(ctx); err != nil {
				return err
			}
			continue
		}
		var answer struct{ Message string }
		// An answer that is not JSON only has no message.
		_ = json.Unmarshal(body, &answer)
		return &StatusError{Method: http.MethodPost, URL: at, Code: status, Message: answer.Message}
	}
}

// hubToken is the payload of a token for a hub, its fields in the order of the old clients (identity 8.2).
type hubToken struct {
	Challenge string     `json:"gaiaChallenge"`
	HubURL    string     `json:"hubUrl"`
	Issuer    string     `json:"iss"`
	Salt      string     `json:"salt"`
	Expires   int64      `json:"exp"`
	IssuedAt  int64      `json:"iat"`
	Scopes    []hubScope `json:"scopes"`
}

// hubScope limits a token to a path.
type hubScope struct {
	Scope  string `json:"scope"`
	Domain string `json:"domain"`
}

// token signs a token that lets one path be written for an hour.
func (h *Hub) token(ctx context.Context, path string) (string, error) {
	var salt [16]byte
	rand.Read(salt[:]) // never gives an error
	now := h.clock()
	payload, err := json.Marshal(hubToken{
		Challenge: h.info.Challenge, HubURL: strings.TrimSuffix(h.hub.String(), "/"),
		Issuer: hex.EncodeToString(h.signer.PublicKey().SerializeCompressed()), Salt: hex.EncodeToString(salt[:]),
		Expires: now.Add(hubTokenLife).Unix(), IssuedAt: now.Unix(), Scopes: []hubScope{{"putFile", path}},
	})
	if err != nil {
		return "", fmt.Errorf("token for %s: %w", h.hub, err)
	}
	return profile.SignPayload(ctx, payload, h.signer)
}
