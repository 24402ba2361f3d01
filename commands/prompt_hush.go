package commands

// Hush stops the terminal from showing what is typed until undo is called. It is for the seconds in which a password is tried:
// the next one may be typed before it is asked for, and must not stand on the screen. Ctrl-C works as ever.
func (p *terminalPrompter) Hush() (undo func()) {
	t, err := openTerminal(Question{})
	if err != nil {
		return func() {}
	}
	shown, err := echoOff(t.in)
	if err != nil {
		t.close()
		return func() {}
	}
	return func() {
		shown()
		t.close()
	}
}

// Hush has nothing to stop: nobody is asked.
func (p refusingPrompter) Hush() (undo func()) { return func() {} }
