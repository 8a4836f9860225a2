package chapters_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/chapters"
	"lsmlab/internal/course"
)

// The book itself is as it should be.
func TestCheck_Book(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	faults, err := chapters.Check(root)
	require.NoError(t, err)
	for _, f := range faults {
		t.Error(f)
	}
}
