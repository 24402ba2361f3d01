package wallets

import (
	"testing"

	"blockstack/commands/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m) }

func TestScripts(t *testing.T) { scripttest.Run(t, "wallets") }
