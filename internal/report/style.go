package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// widest is how wide text is set at most: longer lines are hard to read. Narrowest is for tiny terminals.
const (
	widest    = 100
	narrowest = 60
)

// Style says how text is set.
type Style struct {
	Width    int  // of a line
	Colour   bool // use it
	Terminal bool // somebody is watching: progress and tables are welcome
	All      bool // every failure in full, however many there are
}

// StyleFor returns the style for a writer: colour and tables only at a terminal, colour only if NO_COLOR is not set.
func StyleFor(w io.Writer) Style {
	s := Style{Width: widest}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.Terminal = true
	s.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.Width = min(max(width, narrowest), widest)
	}
	return s
}

// paint sets text in a colour, where there is colour.
func (s Style) paint(text string, attributes ...color.Attribute) string {
	if !s.Colour {
		return text
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(text)
}

// good, bad, quiet and strong are what text can be painted as.
func (s Style) good(text string) string   { return s.paint(text, color.FgGreen) }
func (s Style) bad(text string) string    { return s.paint(text, color.FgRed) }
func (s Style) quiet(text string) string  { return s.paint(text, color.Faint) }
func (s Style) strong(text string) string { return s.paint(text, color.Bold) }

// Apart returns left and right at the two ends of a line, before they are painted by the given functions.
func (s Style) apart(left, right string, paintLeft, paintRight func(string) string) string {
	gap := s.Width - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	return paintLeft(left) + strings.Repeat(" ", max(gap, 2)) + paintRight(right)
}

// Wrap sets paragraphs to a width; indented lines keep their breaks.
func Wrap(text string, width int) []string {
	var out []string
	for _, par := range strings.Split(text, "\n") {
		if strings.HasPrefix(par, " ") || strings.HasPrefix(par, "\t") {
			out = append(out, par)
			continue
		}
		line := ""
		for _, word := range strings.Fields(par) {
			if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				out, line = append(out, line), ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, line)
	}
	return out
}

// plural returns "1 test", "2 tests".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// thousands returns a number with commas: 4,200.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
