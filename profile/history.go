package profile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// ErrBadHistory is wrapped by every error about a history that does not hold together; the error is
// a *HistoryError.
var ErrBadHistory = errors.New("history does not hold together")

// historyType marks the payload of a link, so that it cannot be taken for anything else that the
// same key signs.
const historyType = "blockstack/profile-history/v1"

// maxHistoryLine bounds a line: a token, its link and the little around them.
const maxHistoryLine = 2*MaxSize + 64<<10

// A history is the versions that one owner has signed, oldest first, each bound to the one before:
// nobody can take one out, put one in or change their order without the owner's key. Only its end
// can be cut off, which whoever remembers its Head notices.
//
//	history = *( line LF )
//	line    = "{" "link": text, "token": text "}"      without white space
//	token   = the profile token of this version
//	link    = token form with the payload
//	          {"type":"blockstack/profile-history/v1","seq":n,"previous":hex,"token":hex,"iat":time,"issuer":{"publicKey":hex}}
//
// seq counts from 1; previous is the SHA-256 of what the signature of the link before covers, its
// first two parts with their dot (64 zeros in the first link); token is the SHA-256 of the whole
// text of this version's token; iat is when the link was signed, as in profile tokens. Link and
// token are signed by keys of one owner.

// Version is one entry of a history.
type Version struct {
	Seq      uint64
	Token    *Token
	LinkedAt time.Time

	hash [32]byte // of what the link's signature covers
}

// Head is where a history ends. Remembered, it shows later that the history was only added to. The
// zero Head is that of the empty history.
type Head struct {
	Seq  uint64   // 0: empty
	Hash [32]byte // of what the last link's signature covers
}

// String gives seq and hash.
func (h Head) String() string { return fmt.Sprintf("%d:%x", h.Seq, h.Hash) }

// HistoryError says where a history does not hold together. It wraps ErrBadHistory.
type HistoryError struct {
	Line   int
	Reason string
}

// Error gives line and reason.
func (e *HistoryError) Error() string { return fmt.Sprintf("history, line %d: %s", e.Line, e.Reason) }

// Unwrap gives ErrBadHistory.
func (e *HistoryError) Unwrap() error { return ErrBadHistory }

// NextVersion makes the line that adds a token to a history that ends at head, and the new head.
// The token must be signed by s.
func NextVersion(ctx context.Context, head Head, t *Token, s Signer, at time.Time) ([]byte, Head, error) {
	if !t.issuer.IsEqual(s.PublicKey()) {
		return nil, Head{}, fmt.Errorf("add to history: %w", ErrSigner)
	}
	tokenHash := sha256.Sum256([]byte(t.raw))
	payload := joinObject([]field{
		newField("type", quoteJSON(historyType)),
		newField("seq", []byte(strconv.FormatUint(head.Seq+1, 10))),
		newField("previous", quoteJSON(hex.EncodeToString(head.Hash[:]))),
		newField("token", quoteJSON(hex.EncodeToString(tokenHash[:]))),
		newField("iat", quoteJSON(at.UTC().Format(isoMillis))),
		newField("issuer", textObject("publicKey", keyText(s.PublicKey()))),
	})
	link, err := signText(ctx, []byte(header), payload, s, false)
	if err != nil {
		return nil, Head{}, fmt.Errorf("add to history: %w", err)
	}
	line := append(textObject("link", link, "token", t.raw), '\n')
	return line, Head{Seq: head.Seq + 1, Hash: sha256.Sum256([]byte(link[:strings.LastIndexByte(link, '.')]))}, nil
}

// ReadHistory reads a history and checks it against an owner as it goes, holding one version at a
// time. After an error, which wraps ErrBadHistory when the history is at fault, nothing more comes.
// Whether the tokens are past their end does not matter here.
func ReadHistory(ctx context.Context, r io.Reader, v *Verifier) iter.Seq2[*Version, error] {
	return func(yield func(*Version, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		head := Head{}
		for number := 1; ; number++ {
			line, err := readHistoryLine(in)
			if errors.Is(err, io.EOF) && len(line) == 0 {
				return
			}
			version, err := nextVersion(ctx, number, line, err, head, v)
			if !yield(version, err) || err != nil {
				return
			}
			head = version.Head()
		}
	}
}

// Head gives the head of the history that ends with this version.
func (v *Version) Head() Head { return Head{Seq: v.Seq, Hash: v.hash} }

// CheckHistory reads a whole history and gives its head. since is a head seen before, which the
// history must have passed; the zero Head asks for nothing.
func CheckHistory(ctx context.Context, r io.Reader, v *Verifier, since Head) (Head, error) {
	head, passed := Head{}, since == Head{}
	for version, err := range ReadHistory(ctx, r, v) {
		if err != nil {
			return Head{}, err
		}
		head = version.Head()
		passed = passed || head == since
	}
	if !passed {
		return Head{}, &HistoryError{Line: int(head.Seq), Reason: "does not contain version " + since.String() + ", which was seen before"}
	}
	return head, nil
}

// readHistoryLine reads a line without its line feed. A line that does not end gives
// io.ErrUnexpectedEOF.
func readHistoryLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxHistoryLine:
			return line[:1], errors.New("longer than allowed")
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, io.ErrUnexpectedEOF
		default:
			return line, err
		}
	}
}

func nextVersion(ctx context.Context, number int, line []byte, readErr error, head Head, v *Verifier) (*Version, error) {
	wrong := func(format string, args ...any) (*Version, error) {
		return nil, &HistoryError{Line: number, Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(readErr, io.ErrUnexpectedEOF):
		return wrong("is cut off")
	case readErr != nil:
		return wrong("%v", readErr)
	}
	linkText, tokenText, err := splitHistoryLine(line)
	if err != nil {
		return wrong("%v", err)
	}
	link, payload, err := parseLink(linkText)
	if err != nil {
		return wrong("%v", err)
	}
	token, err := ParseToken([]byte(tokenText))
	if err != nil {
		return wrong("%v", err)
	}
	switch {
	case payload.Seq != head.Seq+1:
		return wrong("is version %d; want %d", payload.Seq, head.Seq+1)
	case payload.Previous != hex.EncodeToString(head.Hash[:]):
		return wrong("is not linked to the version before it")
	case payload.Token != fmt.Sprintf("%x", sha256.Sum256([]byte(tokenText))):
		return wrong("its link is to another token")
	}
	if fault := link.verify(); fault != "" {
		return wrong("link: %s", fault)
	}
	for _, issuer := range []*btcec.PublicKey{link.issuer, token.issuer} {
		r := &Report{Reason: OK, IssuerPublicKey: keyText(issuer)}
		if err := v.checkSigner(ctx, r, issuer); err != nil {
			return nil, err
		}
		if r.Reason != OK {
			return wrong("%v", r.Err())
		}
	}
	if fault := token.verify(); fault != "" {
		return wrong("token: %s", fault)
	}
	linkedAt, err := parseTime("link iat", payload.At)
	if err != nil {
		return wrong("%v", err)
	}
	return &Version{Seq: payload.Seq, Token: token, LinkedAt: linkedAt, hash: link.digest}, nil
}

func splitHistoryLine(line []byte) (link, token string, err error) {
	fields, err := checkObject(line)
	if err != nil {
		return "", "", err
	}
	link, hasLink := findText(fields, "link")
	token, hasToken := findText(fields, "token")
	if !hasLink || !hasToken || len(fields) != 2 || !bytes.Equal(line, textObject("link", link, "token", token)) {
		return "", "", errors.New("not an object of link and token")
	}
	return link, token, nil
}

// linkPayload is the payload of a link, as far as it is text or a number.
type linkPayload struct {
	Seq             uint64
	Previous, Token string
	At              json.RawMessage
}

func parseLink(linkText string) (*signed, *linkPayload, error) {
	const what = "link"
	link := &signed{}
	raw, err := link.parse([]byte(linkText))
	if err != nil {
		return nil, nil, err
	}
	fields, err := readObject(what, raw)
	if err != nil {
		return nil, nil, err
	}
	if kind, _ := findText(fields, "type"); kind != historyType {
		return nil, nil, malformed(what, "type is %s; want %q", quote(kind), historyType)
	}
	seqText, _ := find(fields, "seq")
	seq, err := strconv.ParseUint(string(seqText), 10, 63)
	if err != nil {
		return nil, nil, malformed(what, "seq is not a whole number")
	}
	p := &linkPayload{Seq: seq}
	p.Previous, _ = findText(fields, "previous")
	p.Token, _ = findText(fields, "token")
	p.At, _ = find(fields, "iat")
	issuer, err := partyKey(what+" issuer", fields, "issuer")
	if err != nil {
		return nil, nil, err
	}
	link.issuer, err = parseKey(what+" issuer", issuer)
	return link, p, err
}
