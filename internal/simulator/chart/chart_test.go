package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// read parses a picture, and returns its texts and how many elements of each name it has.
func read(t *testing.T, svg string) (texts []string, count map[string]int) {
	t.Helper()
	count = map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	inside := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts, count
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			inside = x.Name.Local
			count[inside]++
		case xml.CharData:
			if inside == "text" && strings.TrimSpace(string(x)) != "" {
				texts = append(texts, string(x))
			}
		}
	}
}

func TestDraw(t *testing.T) {
	var b strings.Builder
	line := Series{Name: "a<b", X: []float64{1, 2, 3}, Y: []float64{0.5, 4, 2}}
	other := Series{Name: "other", X: []float64{1, 3}, Y: []float64{1, 1}}
	require.NoError(t, Draw(&b, Picture{Title: "Title & more", Subtitle: "how", Panels: []Panel{
		{Title: "one", X: "steps", Y: "bytes", Series: []Series{line, other}},
		{Title: "two", X: "steps", Y: "runs", Series: []Series{line}, Marks: true},
		{Title: "three", Series: []Series{{Name: "a<b", X: []float64{0, 1}, Y: []float64{1, 2}}}, Names: []string{"left", "right"}},
	}}))
	texts, count := read(t, b.String())
	for _, want := range []string{"Title & more", "how", "a<b", "other", "one", "two", "steps", "bytes", "runs", "left", "0", "0.5", "4"} {
		require.Contains(t, texts, want)
	}
	require.Equal(t, 3+2, count["circle"], "one panel has marks, and one has names")
	require.Equal(t, 1, strings.Count(b.String(), ">other<"), "the legend names each series once")
	require.Contains(t, b.String(), "prefers-color-scheme: dark")
	require.NotContains(t, b.String(), "NaN")
}

func TestDraw_OfNothing(t *testing.T) {
	for _, s := range [][]Series{nil, {{Name: "empty"}}, {{Name: "flat", X: []float64{5}, Y: []float64{0}}}} {
		var b strings.Builder
		require.NoError(t, Draw(&b, Picture{Title: "t", Panels: []Panel{{Series: s}}}))
		read(t, b.String())
		require.NotContains(t, b.String(), "NaN")
		require.NotContains(t, b.String(), "Inf")
	}
}

func TestTicks(t *testing.T) {
	require.Equal(t, []float64{0, 2, 4, 6, 8, 10}, ticks(0, 10, 5))
	require.Equal(t, []float64{0, 50, 100, 150, 200}, ticks(0, 200, 4))
	require.Equal(t, []float64{0, 1, 2}, ticks(0, 2.9, 3))
	require.Equal(t, []string{"0", "0.5", "1200"}, []string{number(0), number(0.5), number(1200)})
}

// broken is a writer that fails.
type broken struct{}

// Write fails.
func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestDraw_TellsAFailure(t *testing.T) {
	require.ErrorContains(t, Draw(broken{}, Picture{}), "disk full")
}
