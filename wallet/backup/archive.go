package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	schemaName  = "blockstack/backup/v"
	schema      = schemaName + "2"
	oldSchema   = schemaName + "1" // it has neither profiles nor zone files
	manifest    = "manifest.json"
	maxSize     = 256 << 20
	maxManifest = 64 << 10
	maxFiles    = 32
)

// The names of files in an archive.
const (
	Keychain = "keychain"
	Settings = "config.json"

	// Behind NETWORK/:
	Labels    = "labels.db"
	Journal   = "journal.db"
	Profiles  = "profiles.db"
	ZoneFiles = "zonefiles.tar" // the files of the folder zonefiles
)

var fileName = regexp.MustCompile(`^(keychain|config\.json|[a-z0-9]{1,20}/((labels|journal|profiles)\.db|zonefiles\.tar))$`)

// Archive is the contents of a backup: names and bytes. A keychain is always there.
type Archive struct {
	Created time.Time
	Files   map[string][]byte

	beforeWrite func() // what tests do before each file of Restore; nil: nothing
}

type manifestDoc struct {
	Schema  string            `json:"schema"`
	Created time.Time         `json:"created"`
	Files   map[string]string `json:"files"`
}

// Names lists the files, sorted.
func (a *Archive) Names() []string { return slices.Sorted(maps.Keys(a.Files)) }

// pack writes the archive.
func (a *Archive) pack() ([]byte, error) {
	doc := manifestDoc{Schema: schema, Created: a.Created.UTC().Truncate(time.Second), Files: map[string]string{}}
	for name, b := range a.Files {
		if !fileName.MatchString(name) {
			return nil, fmt.Errorf("a backup has no place for %q", name)
		}
		sum := sha256.Sum256(b)
		doc.Files[name] = hex.EncodeToString(sum[:])
	}
	if _, ok := a.Files[Keychain]; !ok {
		return nil, errors.New("a backup without a keychain")
	}
	head, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	put := func(name string, b []byte) error {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(b)), Mode: 0o600, ModTime: doc.Created, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err := w.Write(b)
		return err
	}
	err = put(manifest, head)
	for _, name := range a.Names() {
		if err == nil {
			err = put(name, a.Files[name])
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil && out.Len() > maxSize {
		err = fmt.Errorf("a backup of %d bytes is larger than %d", out.Len(), maxSize)
	}
	if err != nil {
		return nil, fmt.Errorf("pack backup: %w", err)
	}
	return out.Bytes(), nil
}

// unpack reads an archive. It was authenticated, but the password may be known to who made it.
func unpack(b []byte) (*Archive, error) {
	r := tar.NewReader(bytes.NewReader(b))
	var doc manifestDoc
	a := &Archive{Files: map[string][]byte{}}
	for i := 0; ; i++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the archive: %w", ErrMalformed, err)
		}
		if i > maxFiles || h.Typeflag != tar.TypeReg || h.Size < 0 || h.Size > int64(len(b)) {
			return nil, fmt.Errorf("%w: the archive has something other than files, or too many", ErrMalformed)
		}
		if i == 0 {
			if h.Name != manifest || h.Size > maxManifest {
				return nil, fmt.Errorf("%w: it does not begin with %s", ErrMalformed, manifest)
			}
			if doc, err = readManifest(r); err != nil {
				return nil, err
			}
			a.Created = doc.Created
			continue
		}
		if _, twice := a.Files[h.Name]; twice || !fileName.MatchString(h.Name) {
			return nil, fmt.Errorf("%w: the file %.60q is there twice or has no place", ErrMalformed, h.Name)
		}
		data := make([]byte, h.Size)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, fmt.Errorf("%w: %s is cut off", ErrMalformed, h.Name)
		}
		sum := sha256.Sum256(data)
		if doc.Files[h.Name] != hex.EncodeToString(sum[:]) {
			return nil, fmt.Errorf("%w: %s is not as the manifest says", ErrMalformed, h.Name)
		}
		a.Files[h.Name] = data
	}
	if len(a.Files) != len(doc.Files) || a.Files[Keychain] == nil {
		return nil, fmt.Errorf("%w: files are missing", ErrMalformed)
	}
	return a, nil
}

func readManifest(r io.Reader) (manifestDoc, error) {
	var doc manifestDoc
	b, err := io.ReadAll(r)
	if err != nil {
		return doc, fmt.Errorf("%w: manifest: %w", ErrMalformed, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil && json.Unmarshal(b, &doc) != nil {
		return doc, fmt.Errorf("%w: manifest: %w", ErrMalformed, err)
	} else if err != nil && (doc.Schema == schema || doc.Schema == oldSchema) { // a newer one may have more members
		return doc, fmt.Errorf("%w: manifest: %w", ErrMalformed, err)
	}
	if n, ok := strings.CutPrefix(doc.Schema, schemaName); ok {
		if n, err := strconv.ParseUint(n, 10, 31); err == nil && n > 2 {
			return doc, fmt.Errorf("%w: version %d, this program knows 2", ErrNewer, n)
		}
	}
	if doc.Schema != schema && doc.Schema != oldSchema {
		return doc, fmt.Errorf("%w: schema %.60q is not %q", ErrMalformed, doc.Schema, schema)
	}
	return doc, nil
}
