// Package chart draws line charts as SVG: panels one above the other, with one legend. Pictures bring their own background,
// and have a dark one where the reader's system is dark, so that they can be read on any page.
//
//	tiered := chart.Series{Name: "tiered", X: x, Y: y}
//	chart.Draw(w, chart.Picture{
//		Title:  "Write amplification",
//		Panels: []chart.Panel{{X: "memtables flushed", Y: "bytes written / put", Series: []chart.Series{tiered}}},
//	})
package chart

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Picture is a title and panels that share their series' names and colours.
type Picture struct {
	Title, Subtitle string
	Panels          []Panel
}

// Panel is one system of axes. X and Y say what is measured, in which unit.
type Panel struct {
	Title, X, Y string
	Series      []Series
	// Marks draws a dot at each point.
	Marks bool
	// Names, if there are any, stand below the axis instead of numbers: the first at 0, the second at 1. There are only
	// dots then.
	Names []string
}

// Series is a line: at X[i] it is Y[i].
type Series struct {
	Name string
	X, Y []float64
}

// The measures of a picture in pixels.
const (
	width                = 860
	left, right          = 76, 24
	headHeight           = 92
	panelHeight          = 250
	panelTop, panelFloor = 38, 46
)

// style holds the colours: a palette that people of every kind of colour vision tell apart (Okabe and Ito, 2008), lighter
// where the ground is dark. Lines have different dashes besides.
const style = `
  .ground { fill: #ffffff } .grid { stroke: #e3e6ea } .axis { stroke: #8a939c } .ink { fill: #1f2328 } .soft { fill: #59636e }
  text { font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; font-size: 13px }
  .title { font-size: 18px; font-weight: 600 } .panel { font-weight: 600 } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  .s0 { stroke: #0072b2 } .s1 { stroke: #d55e00 } .s2 { stroke: #00805e } .s3 { stroke: #a3538a } .s4 { stroke: #7a6a00 } .s5 { stroke: #444c56 }
  .d0 { fill: #0072b2 } .d1 { fill: #d55e00 } .d2 { fill: #00805e } .d3 { fill: #a3538a } .d4 { fill: #7a6a00 } .d5 { fill: #444c56 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12161c } .grid { stroke: #2b323b } .axis { stroke: #7d8791 } .ink { fill: #e9edf1 } .soft { fill: #a7b0ba }
    .s0 { stroke: #56b4e9 } .s1 { stroke: #ff9a57 } .s2 { stroke: #3fd6a6 } .s3 { stroke: #e79bc9 } .s4 { stroke: #f0e442 } .s5 { stroke: #c9d1d9 }
    .d0 { fill: #56b4e9 } .d1 { fill: #ff9a57 } .d2 { fill: #3fd6a6 } .d3 { fill: #e79bc9 } .d4 { fill: #f0e442 } .d5 { fill: #c9d1d9 }
  }
`

// colours is how many there are; dashes are the patterns that go with them.
const colours = 6

var dashes = [colours]string{"", "7 4", "2 3", "10 3 2 3", "4 2", "1 2"}

// Draw writes the picture.
func Draw(w io.Writer, p Picture) error {
	height := headHeight + panelHeight*len(p.Panels)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<style>%s</style>\n", html.EscapeString(p.Title), style)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", width, height)
	text(&b, left, 30, "ink title", "start", p.Title)
	text(&b, left, 51, "soft", "start", p.Subtitle)
	names := p.names()
	legend(&b, names)
	for i, panel := range p.Panels {
		panel.draw(&b, float64(headHeight+i*panelHeight), names)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// names returns the names of all series, each once, in the order of their colours.
func (p Picture) names() (names []string) {
	for _, panel := range p.Panels {
		for _, s := range panel.Series {
			if index(names, s.Name) == len(names) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// index returns where a name is, the length if it is not there.
func index(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return len(names)
}

// legend draws a line of each colour with its name.
func legend(b *strings.Builder, names []string) {
	x := float64(left)
	for i, name := range names {
		fmt.Fprintf(b, `<path class="line s%d" stroke-dasharray="%s" d="M%.1f 70h26"/>`+"\n", i%colours, dashes[i%colours], x)
		text(b, x+32, 74, "ink", "start", name)
		x += 32 + 7.5*float64(len([]rune(name))) + 26
	}
}

// text writes a line of text that starts, ends or is centred at x.
func text(b *strings.Builder, x, y float64, class, anchor, s string) {
	if s != "" {
		fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", class, x, y, anchor, html.EscapeString(s))
	}
}
