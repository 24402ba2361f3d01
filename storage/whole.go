package storage

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// File is an object in memory.
type File struct {
	Data    []byte
	Version Version
}

// Read gets a whole object of at most limit bytes; ErrTooLarge otherwise.
func Read(ctx context.Context, from Getter, name string, limit int64) (File, error) {
	body, info, err := from.Get(ctx, name, Part{})
	if err != nil {
		return File{}, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return File{}, err
	}
	if int64(len(data)) > limit {
		return File{}, Of(ErrTooLarge, fmt.Errorf("%s: larger than %d bytes", name, limit))
	}
	return File{Data: data, Version: info.Version}, nil
}

// Write puts a whole object.
func Write(ctx context.Context, to Putter, name string, data []byte, c Condition) (Version, error) {
	return to.Put(ctx, name, bytes.NewReader(data), int64(len(data)), c)
}
