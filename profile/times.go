package profile

import (
	"math"
	"strconv"
	"time"
)

// isoMillis is how times in profile tokens are written: ISO 8601, UTC, milliseconds and Z.
const isoMillis = "2006-01-02T15:04:05.000Z"

// stamp is a time that a token may leave out.
type stamp struct {
	at  time.Time
	set bool
}

// parseTime reads a time of a token: ISO 8601 text with a zone, or without one as Python wrote it
// (then UTC), or a number of seconds since 1970.
func parseTime(what string, raw []byte) (time.Time, error) {
	if s, isText := text(raw); isText {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.UTC(), nil
			}
		}
		return time.Time{}, malformed(what, "%s is not a date", quote(s))
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	// The bound is the year 9999, after which dates cannot be written in ISO form.
	if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > 253402300799 {
		return time.Time{}, malformed(what, "%s is not a date", quote(string(raw)))
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), nil
}
