package commands_test

import (
	"testing"

	"blockstack/commands/scripttest"
)

// TestMain lets the test binary be the program, and makes passwords cheap.
func TestMain(m *testing.M) { scripttest.Main(m) }
