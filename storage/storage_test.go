package storage_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"blockstack/storage"
)

// TestKinds holds the kinds to the families that callers decide by, and Of to the text of the
// error.
func TestKinds(t *testing.T) {
	for _, c := range []struct{ kind, family error }{
		{storage.ErrExists, storage.ErrChanged}, {storage.ErrLocked, storage.ErrChanged},
		{storage.ErrUncertain, storage.ErrUnreachable}, {storage.ErrBusy, storage.ErrUnreachable}, {storage.ErrFull, storage.ErrUnreachable},
		{storage.ErrAuth, storage.ErrUnreachable}, {storage.ErrDenied, storage.ErrUnreachable},
	} {
		if !errors.Is(c.kind, c.family) || errors.Is(c.family, c.kind) {
			t.Errorf("%v is not of the family %v", c.kind, c.family)
		}
	}
	err := storage.Of(storage.ErrTooLarge, io.ErrShortBuffer)
	if err.Error() != io.ErrShortBuffer.Error() || !errors.Is(err, io.ErrShortBuffer) || !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("%v is not both", err)
	}
	if storage.Of(storage.ErrTooLarge, nil) != nil || storage.Of(storage.ErrTooLarge, err) != err {
		t.Error("a kind was given to nothing, or twice")
	}
}

func TestCheckName(t *testing.T) {
	long := strings.Repeat("a", 100)
	for _, good := range []string{"profile.json", "0/profile.json", "h/0011223344556677/0000000001-0011223344556677", "A-b_c.d", long, strings.Repeat(long+"/", 10) + "a"} {
		if err := storage.CheckName(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "/", "a//b", "../a", ".a", "a/", "a b", "ä", "a\n", long + "a", strings.Repeat(long+"/", 10) + strings.Repeat("a", 15)} {
		if err := storage.CheckName(bad); !errors.Is(err, storage.ErrBadName) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

// broken is an object that cannot be read to its end.
type broken struct{ io.Reader }

func (b broken) Get(context.Context, string, storage.Part) (io.ReadCloser, storage.Info, error) {
	return io.NopCloser(b), storage.Info{Version: "1"}, nil
}

func TestRead(t *testing.T) {
	f, err := storage.Read(t.Context(), broken{strings.NewReader("12345")}, "f", 5)
	if err != nil || string(f.Data) != "12345" || f.Version != "1" {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := storage.Read(t.Context(), broken{strings.NewReader("12345")}, "f", 4); !errors.Is(err, storage.ErrTooLarge) || f.Data != nil {
		t.Errorf("over the bound: %+v, %v", f, err)
	}
	torn := io.MultiReader(strings.NewReader("12"), errReader{})
	if f, err := storage.Read(t.Context(), broken{torn}, "f", 5); !errors.Is(err, io.ErrClosedPipe) || f.Data != nil {
		t.Errorf("torn: %+v, %v", f, err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
