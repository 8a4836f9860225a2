package compaction_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"lsmlab/internal/labtest"
)

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	diff := cmp.Diff(want, got)
	if diff == "" {
		return
	}
	if wants, ok := want.([]string); ok {
		diff = diffLines(wants, got.([]string))
	}
	t.Errorf("%s (-want +got)\n%s", what, diff)
}

// diffLines shows two lists of lines whole, which reads better than the pieces in which they differ. A line that is in
// both has no mark, unless it is the order that is wrong.
func diffLines(want, got []string) string {
	var b strings.Builder
	sameLines := slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got)))
	for _, line := range want {
		if slices.Contains(got, line) && !sameLines {
			fmt.Fprintf(&b, "    %s\n", line)
		} else {
			fmt.Fprintf(&b, "  - %s\n", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) || sameLines {
			fmt.Fprintf(&b, "  + %s\n", line)
		}
	}
	return b.String()
}

// patience ends a test that would wait for ever. It is spent in full only by a test that fails.
const patience = 5 * time.Second

// reaches waits until something is reached, and fails the test if it never is.
func reaches[T any](t labtest.TB, what string, reached <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-reached:
	case <-time.After(patience):
		t.Fatalf("%s: never reached", what)
	}
	return value
}

// inBackground calls f in a goroutine of its own.
func inBackground(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}
