package scheck

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
)

// Each released day says what can be done now, and which day comes next; behind the last one the course is over.
func TestOutlook(t *testing.T) {
	released := course.Released()
	for i := range released {
		can, next := outlook(released[:i+1])
		require.NotEmpty(t, abilities[released[i].ID()], released[i])
		require.Contains(t, can, abilities[released[i].ID()])
		if i+1 < len(released) {
			require.Len(t, can, 1)
			require.Contains(t, next, released[i+1].Chapter())
		} else {
			require.Len(t, can, 2)
			require.True(t, strings.HasPrefix(next, "read book/"), next)
		}
	}
	require.Len(t, abilities, len(released), "no sentence for a day that does not exist")
}
