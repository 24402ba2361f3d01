package paid

// Fate is what became of a payment.
type Fate struct {
	// Entry is the transaction that pays it: its own, or one that replaced it and pays all of its
	// targets. nil: none is known.
	Entry *Entry
	// Rival took a coin of it and does not pay its targets, so that it can be mined only if the
	// rival is not; nil: there is none.
	Rival *Entry
}

// FateOf finds a payment in the history.
func FateOf(history []Entry, p *Record) Fate {
	var f Fate
	for i := range history {
		e := &history[i]
		switch {
		case !shareInput(e.Tx, p.Tx):
		case sameButSigned(e.Tx, p.Tx):
			return Fate{Entry: e}
		case paysAll(e.Tx, p):
			f.Entry = e
		default:
			f.Rival = e
		}
	}
	if f.Entry != nil {
		f.Rival = nil
	}
	return f
}
