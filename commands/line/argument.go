package line

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/zonefile"
)

// NameArgument parses the first argument as a name.
func NameArgument(c *cli.Context) (names.Name, error) { return names.Parse(c.Args().First()) }

// ReadZoneFile reads the bytes of a zone file; - is standard input.
func ReadZoneFile(path string, in io.Reader) ([]byte, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("zone file: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, zonefile.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("zone file: %w", err)
	}
	if len(text) > zonefile.MaxSize {
		return nil, fault.New("malformed", "%s: larger than the %d bytes that a zone file may have", path, zonefile.MaxSize)
	}
	return text, nil
}
