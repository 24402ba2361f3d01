package registrar

import "time"

// systemClock is the real one.
type systemClock struct{}

// Now is the time in UTC.
func (systemClock) Now() time.Time { return time.Now().UTC() }
