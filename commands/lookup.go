package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
)

// isFile reports whether a path is there.
func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fetchProfile reads and judges the profile of a resolved name. clock nil is the system's.
func (e *Env) fetchProfile(ctx context.Context, res *resolver.Resolution, clock func() time.Time) (*profile.Found, error) {
	if res.Problem != nil {
		return nil, res.Problem
	}
	if len(res.URLs) == 0 {
		return nil, fault("not_found", "%s has no zone file, so no profile", res.Name)
	}
	owner, err := profile.OwnerRecord(res.Record, res.DataKeys...)
	if err != nil {
		return nil, err
	}
	v := &profile.Verifier{Owner: owner, Clock: clock}
	found, err := v.Find(ctx, res.URLs, func(ctx context.Context, url string) ([]byte, error) {
		page, err := e.Fetcher().Fetch(ctx, url)
		if err != nil {
			return nil, err
		}
		if page.Insecure && e.Config.Network != "sandbox" {
			e.Out.Warn("the profile came over plain http: anybody on the way could have held back a newer one")
		}
		return page.Body, nil
	})
	if err != nil {
		return nil, fmt.Errorf("profile of %s: %w", res.Name, err)
	}
	return found, nil
}

// lookupCommand is `lookup`.
func lookupCommand() *cli.Command {
	return &cli.Command{
		Name:      "lookup",
		Usage:     "find everything about a name: owner, zone file, profile, and whether the profile is the owner's",
		ArgsUsage: "NAME",
		Category:  catNames,
		Description: "The owner comes from the index, the zone file from --zonefiles, the profile from where the zone file says; each is\n" +
			"checked against the one before.\n\n" + examples("blockstack lookup alice.id --zonefiles https://zonefiles.example"),
		Action: verb(nameArgument, runLookup),
	}
}

// lookupView is what programs see of a name and what is behind it.
type lookupView struct {
	nameView
	ZoneFile       string          `json:"zonefile,omitempty"`
	ZoneFileSource string          `json:"zonefile_source,omitempty"`
	ProfileURL     string          `json:"profile_url,omitempty"`
	Verdict        *profile.Report `json:"verdict"`
	Profile        json.RawMessage `json:"profile"`
}

// runLookup resolves a name, fetches its profile and judges it.
func runLookup(ctx context.Context, env *Env, n names.Name) error {
	r, err := env.Resolver(ctx)
	if err != nil {
		return err
	}
	res, err := r.Resolve(ctx, n)
	if err != nil {
		return err
	}
	v := lookupView{nameView: viewName(res.Record), ZoneFile: string(res.Text), ZoneFileSource: res.Source}
	v.ExactUntil = env.exactUntil()
	var outcome error
	if len(res.URLs) > 0 || res.Problem != nil {
		found, err := env.fetchProfile(ctx, res, nil)
		if err != nil {
			return err
		}
		v.ProfileURL, v.Verdict = found.URL, found.Report
		if p, err := found.Report.Readable(); err == nil {
			if v.Profile, err = p.MarshalJSON(); err != nil {
				return err
			}
		}
		outcome = verdict(found.Report)
	}
	if err := env.Out.Result("lookup", v, func(t *Text) { writeLookup(t, v) }); err != nil {
		return err
	}
	return outcome
}

// writeLookup writes a name and its profile in words. Nothing of a profile that does not verify is shown.
func writeLookup(t *Text, v lookupView) {
	writeName(t, v.nameView)
	t.Field("zone file from", "%s", v.ZoneFileSource)
	t.Field("profile at", "%s", v.ProfileURL)
	if v.Verdict == nil {
		t.Field("profile", "none")
		return
	}
	t.Gap()
	writeReport(t, v.Verdict)
	if len(v.Profile) == 0 {
		return
	}
	p, err := profile.Parse(v.Profile)
	if err != nil {
		return
	}
	t.Gap()
	d := p.Display()
	for _, f := range []struct {
		label string
		value *string
	}{{"called", d.Name}, {"about", d.Description}} {
		if f.value != nil {
			t.Field(f.label, "%s", *f.value)
		}
	}
	for _, a := range p.Accounts() {
		t.Field(a.Service, "%s", a.Identifier)
	}
}
