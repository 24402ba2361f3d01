package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

const (
	headersAtOnce = 2000 // that a btcd answers with, and that a bitcoind is asked for in a row
	maxUnbatched  = 3    // requests in a row with many questions that are not answered before there are no more
	chainChanges  = 5    // times that the best chain may change while its headers are fetched
)

// Lying means that what a node answered contradicts itself or the rules of the network: a header
// without its work, a block that is not the one of its header, a chain that is none. It may be the
// node, or somebody on the way to it.
type Lying struct {
	Host string
	Err  error
}

// Error names the node.
func (e *Lying) Error() string {
	return fmt.Sprintf("the node at %s is not to be believed: %s", e.Host, e.Err)
}

// Unwrap gives ErrBadAnswer, and what is wrong.
func (e *Lying) Unwrap() []error { return []error{chain.ErrBadAnswer, e.Err} }

// Behind means that a node's best chain has less work than one that was seen before: the node has
// not caught up, or hides blocks.
type Behind struct {
	Host string
	headers.LessWork
}

// Error names the node.
func (e *Behind) Error() string {
	return fmt.Sprintf("the node at %s is behind: %s", e.Host, e.LessWork.Error())
}

// headerSync brings the headers that are kept to the block that the node calls its best.
type headerSync struct {
	*link
	following sync.Mutex   // one at a time
	followed  atomic.Bool  // they were brought there once
	unbatched atomic.Int32 // how often in a row many questions in one request were not answered
}

// follow brings the known headers to the node's best block, each checked. It returns the best block
// that the node then names.
func (n *headerSync) follow(ctx context.Context, height int32, hash chainhash.Hash) (int32, chainhash.Hash, error) {
	c := n.cfg.Headers
	n.following.Lock()
	defer n.following.Unlock()
	for changes := 0; ; changes++ {
		var err error
		if at, known := c.Tip(); at != height || known != hash {
			err = n.fetchHeaders(ctx, height, hash)
		}
		switch {
		case err == nil:
			n.followed.Store(true)
			return height, hash, nil
		case !errors.Is(err, errOtherTip) && !errors.Is(err, chain.ErrBlockNotFound):
			return 0, chainhash.Hash{}, fmt.Errorf("headers up to block %d: %w", height, err)
		case changes == chainChanges:
			return 0, chainhash.Hash{}, fmt.Errorf("headers up to block %d: %w", height, n.lying(err))
		}
		if height, hash, err = n.saidTip(ctx); err != nil {
			return 0, chainhash.Hash{}, err
		}
	}
}

// errOtherTip means that the node's headers do not lead to the block that it called its best.
var errOtherTip = errors.New("its headers do not lead to the block that it calls its best")

// fetchHeaders fetches what is missing up to a block.
func (n *headerSync) fetchHeaders(ctx context.Context, height int32, hash chainhash.Hash) error {
	c := n.cfg.Headers
	tip, _ := c.Tip()
	fork, err := n.commonBlock(ctx, min(tip, height))
	if err != nil {
		return err
	}
	var branch []byte // above the fork; added as it comes where nothing has to give way
	for at := fork; at < height; {
		if n.cfg.HeadersProgress != nil {
			n.cfg.HeadersProgress(at, height)
		}
		raw, err := n.headersAfter(ctx, at, min(headersAtOnce, height-at))
		if err != nil {
			return err
		}
		at += int32(len(raw) / headers.Size)
		if fork == tip {
			if err := n.connect(at-int32(len(raw)/headers.Size), raw); err != nil {
				return err
			}
			continue
		}
		branch = append(branch, raw...)
	}
	if fork < tip || fork == height {
		if err := n.connect(fork, branch); err != nil {
			return err
		}
	}
	if now, err := c.HashAt(height); err != nil {
		return err
	} else if now != hash {
		return errOtherTip
	}
	return nil
}

// connect adds headers to the known ones.
func (n *headerSync) connect(fork int32, raw []byte) error {
	err := n.cfg.Headers.Connect(fork, raw)
	var less *headers.LessWork
	switch {
	case errors.As(err, &less):
		return &Behind{Host: n.cfg.Host, LessWork: *less}
	case errors.Is(err, headers.ErrBroken):
		return n.lying(err)
	}
	return err
}

// commonBlock is the last block not above a height that the node's best chain shares with the known
// one.
func (n *headerSync) commonBlock(ctx context.Context, height int32) (int32, error) {
	same := func(at int32) (bool, error) {
		theirs, err := n.saidHashAt(ctx, at)
		if err != nil {
			return false, err
		}
		ours, err := n.cfg.Headers.HashAt(at)
		return ours == theirs, err
	}
	differ := height + 1
	for step := int32(1); ; step *= 2 {
		ok, err := same(height)
		switch {
		case err != nil:
			return 0, err
		case !ok && height == 0:
			return 0, n.lying(errors.New("its first block is another one"))
		case !ok:
			differ, height = height, max(0, height-step)
			continue
		}
		for differ-height > 1 {
			middle := height + (differ-height)/2
			if ok, err = same(middle); err != nil {
				return 0, err
			}
			if ok {
				height = middle
			} else {
				differ = middle
			}
		}
		return height, nil
	}
}

// headersAfter fetches headers of the best chain that follow the block at a height: some, and at
// most so many. What they are is for the rules to say.
func (n *headerSync) headersAfter(ctx context.Context, height, count int32) ([]byte, error) {
	if n.cfg.Kind == Bitcoind {
		return n.headersByHash(ctx, height, count)
	}
	hash, err := n.saidHashAt(ctx, height)
	if err != nil {
		return nil, err
	}
	var texts []string
	if err := n.rpc.call(ctx, "getheaders", &texts, []string{hash.String()}, ""); err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, errOtherTip
	}
	raw := make([]byte, 0, int(count)*headers.Size)
	for _, text := range texts[:min(len(texts), int(count))] {
		one, err := decodeHeader(text)
		if err != nil {
			return nil, n.lying(err)
		}
		raw = append(raw, one...)
	}
	return raw, nil
}

// headersByHash asks for the hash of each block and then for its header: Core has no call that
// gives more. Many are asked about in one request, several of those at once; a node that does not
// answer that is asked about each by itself.
func (n *headerSync) headersByHash(ctx context.Context, height, count int32) ([]byte, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	parts := make([][]byte, (count+batchSize-1)/batchSize)
	next := make(chan int32)
	var workers sync.WaitGroup
	for range min(maxInFlight, len(parts)) {
		workers.Go(func() {
			for i := range next {
				var err error
				if parts[i], err = n.someHeaders(ctx, height+i*batchSize, min(batchSize, count-i*batchSize)); err != nil {
					stop(err)
				}
			}
		})
	}
	for i := range int32(len(parts)) {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return bytes.Join(parts, nil), nil
}

// someHeaders fetches at most a batch of headers.
func (n *headerSync) someHeaders(ctx context.Context, height, count int32) ([]byte, error) {
	if n.unbatched.Load() < maxUnbatched {
		raw, err := n.headerBatch(ctx, height, count)
		if err == nil {
			n.unbatched.Store(0)
		}
		if err == nil || ctx.Err() != nil {
			return raw, err
		}
		n.unbatched.Add(1)
	}
	raw := make([]byte, 0, int(count)*headers.Size)
	for i := range count {
		one, err := n.oneHeader(ctx, height+1+i)
		if err != nil {
			return nil, err
		}
		raw = append(raw, one...)
	}
	return raw, nil
}

// headerBatch fetches headers by two requests.
func (n *headerSync) headerBatch(ctx context.Context, height, count int32) ([]byte, error) {
	ask := make([][]any, count)
	for i := range ask {
		ask[i] = []any{height + 1 + int32(i)}
	}
	hashes, err := n.rpc.batch(ctx, "getblockhash", ask)
	if err != nil {
		return nil, err
	}
	for i := range ask {
		var text string
		if err := json.Unmarshal(hashes[i], &text); err != nil {
			return nil, errNoBatch
		}
		ask[i] = []any{text, false}
	}
	texts, err := n.rpc.batch(ctx, "getblockheader", ask)
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, int(count)*headers.Size)
	for _, answer := range texts {
		var text string
		if err := json.Unmarshal(answer, &text); err != nil {
			return nil, errNoBatch
		}
		one, err := decodeHeader(text)
		if err != nil {
			return nil, n.lying(err)
		}
		raw = append(raw, one...)
	}
	return raw, nil
}

// oneHeader fetches the header of the block at a height.
func (n *headerSync) oneHeader(ctx context.Context, height int32) ([]byte, error) {
	hash, err := n.saidHashAt(ctx, height)
	if err != nil {
		return nil, err
	}
	var text string
	if err = n.rpc.call(ctx, "getblockheader", &text, hash.String(), false); err != nil {
		return nil, blockError(err)
	}
	raw, err := decodeHeader(text)
	if err != nil {
		return nil, n.lying(err)
	}
	return raw, nil
}

func decodeHeader(text string) ([]byte, error) {
	if len(text) != 2*headers.Size {
		return nil, fmt.Errorf("a header of %d characters", len(text))
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return raw, nil
}
