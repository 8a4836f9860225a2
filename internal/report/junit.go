package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"lsmlab/internal/run"
)

// junitSuites is the root of a JUnit report: a suite a day, one for the learner's own tests, one for all the rest.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

// junitSuite is one suite.
type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
}

// junitProperty is a name and a value.
type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitCase is one test.
type junitCase struct {
	Name       string          `xml:"name,attr"`
	Class      string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Skipped    *junitFault     `xml:"skipped"`
	Failure    *junitFault     `xml:"failure"`
	Error      *junitFault     `xml:"error"`
}

// junitFault is why a test did not pass.
type junitFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit's XML. A failure is a finding; an error is a test that could not say anything: a
// timeout, a package that does not compile.
func (r *Report) JUnit(w io.Writer) error {
	out := junitSuites{Name: "LSM Lab", Time: fmt.Sprintf("%.3f", r.Elapsed.Seconds())}
	for _, d := range r.Days {
		out.add(r, d.Day.String()+": "+d.Day.Title, d.Tests)
	}
	if len(r.Own) > 0 {
		out.add(r, "own tests", r.Own)
	}
	out.addTree(r)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add adds a suite of tests.
func (s *junitSuites) add(r *Report, name string, tests []Test) {
	suite := junitSuite{Name: name}
	total := 0.0
	for _, t := range tests {
		c := junitCase{Name: t.Name(), Class: strings.ReplaceAll(t.Package, "/", "."), Time: fmt.Sprintf("%.3f", t.Elapsed.Seconds())}
		if t.Task != "" {
			c.Properties = []junitProperty{{"task", t.Task}, {"points", fmt.Sprint(t.Points)}}
		}
		fault := &junitFault{Message: clean(firstLine(t.shown())), Type: string(t.Status), Text: clean(t.Reason + "\n\n" + t.shown() + "\n\nagain: " + t.Again)}
		switch t.Status {
		case run.Pass:
		case run.Skip:
			c.Skipped = fault
		case run.Fail, run.Todo:
			c.Failure = fault
		default:
			c.Error = fault
		}
		total += t.Elapsed.Seconds()
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = fmt.Sprintf("%.3f", total)
	s.append(r, suite)
}

// addTree adds a suite about the tree as a whole: the compiler, gofmt, go vet, the comparison with the reference.
func (s *junitSuites) addTree(r *Report) {
	suite := junitSuite{Name: "tree", Time: "0.000", Properties: []junitProperty{{"tests", r.TestDigest}, {"tree", r.TreeDigest}}}
	check := func(name string, findings []string) {
		c := junitCase{Name: name, Class: "tree", Time: "0.000"}
		if len(findings) > 0 {
			c.Failure = &junitFault{Message: clean(findings[0]), Text: clean(strings.Join(findings, "\n"))}
		}
		suite.Cases = append(suite.Cases, c)
	}
	var compiler []string
	for _, b := range r.Broken {
		compiler = append(compiler, b.Package+" does not compile")
		compiler = append(compiler, b.Lines...)
	}
	check("compiles", compiler)
	check("gofmt", r.Format)
	check("vet", r.Vet)
	for _, c := range r.Compared {
		var found []string
		if c.Difference != "" {
			found = strings.Split(c.Difference, "\n")
		}
		check("agrees with the reference: "+c.Subject, found)
	}
	s.append(r, suite)
}

// append adds a suite and counts its cases.
func (s *junitSuites) append(r *Report, suite junitSuite) {
	suite.Timestamp = r.Began.UTC().Format("2006-01-02T15:04:05")
	for _, c := range suite.Cases {
		suite.Tests++
		switch {
		case c.Skipped != nil:
			suite.Skipped++
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		}
	}
	s.Tests, s.Failures, s.Errors = s.Tests+suite.Tests, s.Failures+suite.Failures, s.Errors+suite.Errors
	s.Suites = append(s.Suites, suite)
}

// firstLine returns the first line of text.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// clean drops what may not stand in XML.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}
