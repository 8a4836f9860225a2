package skeleton

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in an annotation or an excerpt.
type Problem struct {
	// File is the path from the lab's root, with slashes.
	File string
	// Line counts from one.
	Line int
	// Text says what is wrong, and what would be right.
	Text string
}

// String returns the problem as compilers write theirs.
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// Problems are all the mistakes found, as one error.
type Problems []Problem

// Error returns the problems by file and line, one a line of text.
func (p Problems) Error() string {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	lines := make([]string, len(sorted))
	for i, one := range sorted {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// orNil returns the problems as an error, nil if there is none.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
