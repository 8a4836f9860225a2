package report

import (
	"fmt"
	"io"
)

// Writer returns the function that writes a report in a format: text (or nothing), json, junit, gradescope.
func Writer(format string) (func(io.Writer, *Report, Style) error, error) {
	switch format {
	case "", "text":
		return func(w io.Writer, r *Report, s Style) error {
			r.Text(w, s)
			return nil
		}, nil
	case "json":
		return func(w io.Writer, r *Report, _ Style) error { return r.JSON(w) }, nil
	case "junit":
		return func(w io.Writer, r *Report, _ Style) error { return r.JUnit(w) }, nil
	case "gradescope":
		return func(w io.Writer, r *Report, _ Style) error { return r.Gradescope(w) }, nil
	}
	return nil, fmt.Errorf("unknown format %q: there are text, json, junit and gradescope", format)
}
