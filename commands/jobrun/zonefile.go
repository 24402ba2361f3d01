package jobrun

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/storage/textfile"
)

// ZoneFileFlags say what the zone file of a name is.
func ZoneFileFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile-url", Usage: "make a zone file that says the profile is at `URL`"},
		&cli.StringFlag{Name: "zonefile", Usage: "take the zone file from `FILE`; - is standard input"},
		&cli.BoolFlag{Name: "no-zonefile", Usage: "register without a zone file; one can be set later"},
	}
}

// ZoneFileOptions say where a zone file comes from.
type ZoneFileOptions struct {
	URL  string
	File string
}

// ParseZoneFileOptions wants exactly one of ZoneFileFlags, so that nobody registers without a zone
// file by mistake.
func ParseZoneFileOptions(c *cli.Context) (ZoneFileOptions, error) {
	n := 0
	for _, name := range []string{"profile-url", "zonefile", "no-zonefile"} {
		if c.IsSet(name) {
			n++
		}
	}
	if n != 1 {
		return ZoneFileOptions{}, fault.Usage("say what the name points to").
			Hint("give one of --profile-url URL, --zonefile FILE and --no-zonefile")
	}
	return ZoneFileOptions{URL: c.String("profile-url"), File: c.String("zonefile")}, nil
}

// Text makes or reads the zone file; nil when there is none.
func (o ZoneFileOptions) Text(env *session.Session, n names.Name) ([]byte, error) {
	switch {
	case o.URL != "":
		return zonefile.Make(n, o.URL)
	case o.File != "":
		text, err := line.ReadZoneFile(o.File, env.In)
		if err != nil {
			return nil, err
		}
		text = textfile.WithoutMark(text) // it is not on the chain yet
		z, err := zonefile.Parse(text)
		if err == nil {
			_, err = z.ProfileURLs(n)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.File, err)
		}
		return text, nil
	}
	return nil, nil
}
