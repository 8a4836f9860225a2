package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// scale maps a range of values to pixels.
type scale struct {
	low, high float64 // values
	from, to  float64 // pixels
}

// at returns the pixel of a value.
func (s scale) at(v float64) float64 { return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from) }

// ticks returns round values from low to high, about as many as wanted: steps of 1, 2 or 5 times a power of ten.
func ticks(low, high float64, wanted int) []float64 {
	rough := (high - low) / float64(wanted)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * power
	for _, factor := range []float64{5, 2, 1} {
		if rough <= factor*power {
			step = factor * power
		}
	}
	var out []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		out = append(out, i*step+0) // + 0 makes 0 of −0
	}
	return out
}

// extent returns the range of the values of all series, and 0.
func extent(series []Series, of func(Series) []float64) (low, high float64) {
	for _, s := range series {
		for _, v := range of(s) {
			low, high = min(low, v), max(high, v)
		}
	}
	if high == low {
		high = low + 1
	}
	return low, high
}

// draw draws a panel whose upper edge is at y.
func (p Panel) draw(b *strings.Builder, y float64, names []string) {
	lowX, highX := extent(p.Series, func(s Series) []float64 { return s.X })
	lowY, highY := extent(p.Series, func(s Series) []float64 { return s.Y })
	xs := scale{lowX, highX, left, width - right}
	if p.Names != nil { // room for a name on either side
		xs = scale{-0.5, float64(len(p.Names)) - 0.5, left, width - right}
	}
	ys := scale{lowY, lowY + (highY-lowY)*1.06, y + panelHeight - panelFloor, y + panelTop}
	text(b, left, y+panelTop-14, "ink panel", "start", p.Title)
	p.axes(b, xs, ys)
	for i, s := range p.Series {
		if p.Names != nil { // names have no order that a line could follow: dots, side by side
			s.dots(b, xs, ys, index(names, s.Name)%colours, 12*(float64(i)-float64(len(p.Series)-1)/2))
			continue
		}
		s.line(b, xs, ys, index(names, s.Name)%colours)
		if p.Marks {
			s.dots(b, xs, ys, index(names, s.Name)%colours, 0)
		}
	}
}

// axes draws the grid, the axes, and what they measure.
func (p Panel) axes(b *strings.Builder, xs, ys scale) {
	for _, v := range ticks(ys.low, ys.high, 6) {
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %.1fH%.1f"/>`+"\n", xs.from, ys.at(v), xs.to)
		text(b, xs.from-8, ys.at(v)+4.5, "soft", "end", number(v))
	}
	for i, v := range p.ticksX(xs) {
		name := number(v)
		if p.Names != nil {
			name = p.Names[i]
		}
		fmt.Fprintf(b, `<path class="axis" d="M%.1f %.1fv5"/>`+"\n", xs.at(v), ys.from)
		text(b, xs.at(v), ys.from+19, "soft", "middle", name)
	}
	fmt.Fprintf(b, `<path class="axis" d="M%.1f %.1fH%.1f"/>`+"\n", xs.from, ys.from, xs.to)
	text(b, (xs.from+xs.to)/2, ys.from+37, "soft", "middle", p.X)
	fmt.Fprintf(b, `<g transform="translate(22 %.1f) rotate(-90)">`+"\n", (ys.from+ys.to)/2)
	text(b, 0, 0, "soft", "middle", p.Y)
	b.WriteString("</g>\n")
}

// ticksX returns where the horizontal axis has a tick.
func (p Panel) ticksX(xs scale) (at []float64) {
	if p.Names == nil {
		return ticks(xs.low, xs.high, 8)
	}
	for i := range p.Names {
		at = append(at, float64(i))
	}
	return at
}

// number returns a tick's value with as many decimals as it needs.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64) }

// line draws the line.
func (s Series) line(b *strings.Builder, xs, ys scale, colour int) {
	fmt.Fprintf(b, `<path class="line s%d" stroke-dasharray="%s" d="`, colour, dashes[colour])
	for i := range s.X {
		letter := 'L'
		if i == 0 {
			letter = 'M'
		}
		fmt.Fprintf(b, "%c%.1f %.1f", letter, xs.at(s.X[i]), ys.at(s.Y[i]))
	}
	b.WriteString("\"/>\n")
}

// dots draws a dot at each point, some pixels to the right.
func (s Series) dots(b *strings.Builder, xs, ys scale, colour int, right float64) {
	for i := range s.X {
		fmt.Fprintf(b, `<circle class="d%d" cx="%.1f" cy="%.1f" r="4.5"/>`+"\n", colour, xs.at(s.X[i])+right, ys.at(s.Y[i]))
	}
}
