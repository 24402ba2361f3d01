package gaiatest

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Hub is an http.Handler. Its fields are set before it serves, or with Do.
type Hub struct {
	URL       string    // where it is served, without a slash at the end
	Challenge string    // the text to sign
	MaxMB     int       // the largest file
	Now       time.Time // the hub's clock; zero: the system's
	WhiteList []string  // addresses that may write; none: everybody
	Fail      []int     // statuses that the next writes are answered with

	mu      sync.Mutex
	files   map[string][]byte // by address/path
	revoked map[string]int32  // the oldest valid time by address
	ops     []string          // what the driver did
	history int
}

// New makes an empty hub. URL is yet to be set.
func New() *Hub {
	return &Hub{
		Challenge: `["gaiahub","0","gaia-test","blockstack_storage_please_sign"]`, MaxMB: 1,
		files: map[string][]byte{}, revoked: map[string]int32{},
	}
}

// Do changes the hub while it serves.
func (h *Hub) Do(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// Ops gives what the driver did since the last call: write, delete, rename.
func (h *Hub) Ops() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	ops := h.ops
	h.ops = nil
	return ops
}

// File gives what is stored at address/path.
func (h *Hub) File(key string) ([]byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	data, ok := h.files[key]
	return data, ok
}

// Oldest gives the oldest valid time of an address as it is stored, cut to 32 bits.
func (h *Hub) Oldest(address string) int32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.revoked[address]
}

func (h *Hub) now() time.Time {
	if h.Now.IsZero() {
		return time.Now()
	}
	return h.Now
}

// answer is a status and a JSON document.
type answer struct {
	code int
	doc  any
}

func no(code int, format string, args ...any) answer {
	return answer{code, map[string]string{"message": fmt.Sprintf(format, args...)}}
}

// ServeHTTP answers one call.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	call, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	bucket, path, _ := strings.Cut(rest, "/")
	path = strings.TrimSuffix(path, "/")
	if call == "hub" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.read(w, bucket+"/"+path)
		return
	}
	a := no(http.StatusNotFound, "no such call")
	switch {
	case r.URL.Path == "/hub_info" && r.Method == http.MethodGet:
		a = answer{http.StatusOK, map[string]any{
			"challenge_text": h.Challenge, "latest_auth_version": "v1", "max_file_upload_size_megabytes": h.MaxMB, "read_url_prefix": h.URL + "/hub/"}}
	case call == "store" && r.Method == http.MethodPost:
		if len(h.Fail) > 0 {
			a, h.Fail = no(h.Fail[0], "told to fail"), h.Fail[1:]
			break
		}
		a = h.authorised(r, bucket, path, func(s scopes) answer { return h.store(r, bucket, path, s) })
	case call == "delete" && r.Method == http.MethodDelete:
		a = h.authorised(r, bucket, path, func(s scopes) answer { return h.remove(bucket, path, s) })
	case call == "revoke-all" && r.Method == http.MethodPost:
		a = h.revoke(r, bucket)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.code)
	if a.doc != nil {
		// A client that went away gets no answer.
		_ = json.NewEncoder(w).Encode(a.doc)
	}
}

func etag(data []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(data)) }

func (h *Hub) read(w http.ResponseWriter, key string) {
	data, ok := h.files[key]
	if !ok {
		http.NotFound(w, nil)
		return
	}
	w.Header().Set("ETag", etag(data))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

// authorised runs a write that the token allows.
func (h *Hub) authorised(r *http.Request, bucket, path string, write func(scopes) answer) answer {
	token, err := h.authorise(r.Header.Get("Authorization"), bucket)
	switch {
	case err != nil:
		return no(http.StatusUnauthorized, "%v", err)
	case strings.Contains(path, "..") || path == "":
		return no(http.StatusForbidden, "invalid path")
	}
	return write(token.scopes())
}

// store is POST /store.
func (h *Hub) store(r *http.Request, bucket, path string, s scopes) answer {
	archival, err := s.archival(bucket, path)
	if err == nil && !archival {
		err = s.allow(s.put, s.putPrefix, bucket, path, "write to")
	}
	if err != nil {
		return no(http.StatusUnauthorized, "%v", err)
	}
	key := bucket + "/" + path
	ifMatch, ifNone := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	old, exists := h.files[key]
	switch {
	case r.ContentLength > int64(h.MaxMB)<<20:
		return no(http.StatusRequestEntityTooLarge, "Max file upload size is %d megabytes", h.MaxMB)
	case ifMatch != "" && ifNone != "":
		return no(http.StatusPreconditionFailed, "Request should not contain both if-match and if-none-match headers")
	case ifNone != "" && ifNone != "*":
		return no(http.StatusPreconditionFailed, "Misuse of the if-none-match header. Expected to be * on write requests.")
	case ifNone == "*" && exists:
		return no(http.StatusPreconditionFailed, "The entity you are trying to create already exists")
	case ifMatch != "" && (!exists || ifMatch != "*" && ifMatch != etag(old)):
		return no(http.StatusPreconditionFailed, "The provided ETag does not match that of the resource on the server")
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, int64(h.MaxMB)<<20+1))
	switch {
	case err != nil:
		return no(http.StatusInternalServerError, "%v", err)
	case len(data) > h.MaxMB<<20:
		return no(http.StatusRequestEntityTooLarge, "Max file upload size is %d megabytes", h.MaxMB)
	}
	if archival && exists {
		h.rename(bucket, path)
	}
	h.ops = append(h.ops, "write")
	h.files[key] = data
	return answer{http.StatusAccepted, map[string]string{"publicURL": h.URL + "/hub/" + key, "etag": etag(data)}}
}

// remove is DELETE /delete.
func (h *Hub) remove(bucket, path string, s scopes) answer {
	archival, err := s.archival(bucket, path)
	if err == nil && !archival {
		err = s.allow(s.remove, s.removePrefix, bucket, path, "delete from")
	}
	if err != nil {
		return no(http.StatusUnauthorized, "%v", err)
	}
	if _, exists := h.files[bucket+"/"+path]; !exists {
		return no(http.StatusNotFound, "File does not exist")
	}
	if archival {
		h.rename(bucket, path)
	} else {
		h.ops = append(h.ops, "delete")
		delete(h.files, bucket+"/"+path)
	}
	return answer{code: http.StatusAccepted}
}

// rename moves a file to its historic name: DIR/.history.MILLISECONDS.RANDOM.FILE.
func (h *Hub) rename(bucket, path string) {
	dir, file := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, file = path[:i+1], path[i+1:]
	}
	h.history++
	h.files[fmt.Sprintf("%s/%s.history.%d.%d.%s", bucket, dir, h.now().UnixMilli(), h.history, file)] = h.files[bucket+"/"+path]
	delete(h.files, bucket+"/"+path)
	h.ops = append(h.ops, "rename")
}

// revoke is POST /revoke-all. It does not ask whether the token itself was revoked, and cuts the
// time to 32 bits, as the reference does.
func (h *Hub) revoke(r *http.Request, bucket string) answer {
	var body struct {
		Oldest *float64 `json:"oldestValidTimestamp"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&body)
	if err != nil || body.Oldest == nil || *body.Oldest <= 0 {
		return no(http.StatusBadRequest, "Invalid JSON: missing oldestValidTimestamp")
	}
	token, err := h.readToken(r.Header.Get("Authorization"))
	if err == nil {
		err = h.checkToken(token, bucket)
	}
	if err != nil {
		return no(http.StatusUnauthorized, "%v", err)
	}
	h.revoked[bucket] = int32(int64(*body.Oldest))
	return answer{http.StatusAccepted, map[string]string{"status": "success"}}
}
