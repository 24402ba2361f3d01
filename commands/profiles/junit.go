package profiles

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"blockstack/commands/voice"
	"blockstack/profile"
)

// junitReport writes results as JUnit XML, the form that build servers read. The counts stand at
// the top, so the cases are kept in a file beside it until all are known.
type junitReport struct {
	path string
	tmp  *os.File
	w    *bufio.Writer
}

// openJUnit begins a report.
func openJUnit(path string) (*junitReport, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("junit report: %w", err)
	}
	return &junitReport{path: path, tmp: tmp, w: bufio.NewWriter(tmp)}, nil
}

// junitCase is one testcase.
type junitCase struct {
	XMLName   xml.Name      `xml:"testcase"`
	ClassName string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	Failure   *junitProblem `xml:"failure,omitempty"`
	Error     *junitProblem `xml:"error,omitempty"`
	Output    string        `xml:"system-out,omitempty"`
}

// junitProblem is why a case did not pass.
type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
}

// add writes one result.
func (j *junitReport) add(r profile.Result) error {
	c := junitCase{ClassName: "blockstack.profile", Name: voice.Clean(r.Label)}
	if r.ID != "" {
		c.Name += " " + voice.Clean(r.ID)
	}
	switch {
	case r.Err != nil:
		c.Error = &junitProblem{Type: "unjudged", Message: voice.Clean(r.Err.Error())}
	case !r.Report.Valid:
		c.Failure = &junitProblem{Type: string(r.Report.Reason), Message: voice.Clean(r.Report.Err().Error())}
	default:
		for _, w := range r.Report.Warnings {
			c.Output += "warning: " + w.Text() + "\n"
		}
	}
	b, err := xml.Marshal(c)
	if err == nil {
		_, err = fmt.Fprintf(j.w, "  %s\n", b)
	}
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	return nil
}

// close writes the report.
func (j *junitReport) close(s *profile.Summary) error {
	failures := s.Total - s.Valid - s.Unjudged
	err := j.w.Flush()
	if err == nil {
		_, err = j.tmp.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	out, err := os.Create(j.path)
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s<testsuites tests=\"%d\" failures=\"%d\" errors=\"%d\">\n<testsuite name=\"blockstack profile verify\" tests=\"%d\" failures=\"%d\" errors=\"%d\">\n",
		xml.Header, s.Total, failures, s.Unjudged, s.Total, failures, s.Unjudged)
	if err == nil {
		_, err = io.Copy(out, j.tmp)
	}
	if err == nil {
		_, err = io.WriteString(out, "</testsuite>\n</testsuites>\n")
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	return nil
}

// discard removes the file of the cases.
func (j *junitReport) discard() error {
	err := os.Remove(j.tmp.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, j.tmp.Close())
}
