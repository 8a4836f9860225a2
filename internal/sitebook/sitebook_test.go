package sitebook

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Without Node the error says so, and what to do instead.
func TestServe_WithoutNode(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	require.False(t, Available())
	var out strings.Builder
	err := Serve(context.Background(), &out, t.TempDir())
	require.ErrorIs(t, err, ErrNoNode)
	require.ErrorContains(t, err, "book/README.md")
	require.Empty(t, out.String())
}

// What is installed counts as long as the lock file is not newer.
func TestUpToDate(t *testing.T) {
	book := t.TempDir()
	require.False(t, upToDate(book))
	lock, have := filepath.Join(book, "package-lock.json"), filepath.Join(book, "node_modules", ".package-lock.json")
	require.NoError(t, os.Mkdir(filepath.Dir(have), 0o777))
	now := time.Now()
	for _, name := range []string{lock, have} {
		require.NoError(t, os.WriteFile(name, nil, 0o666))
		require.NoError(t, os.Chtimes(name, now, now))
	}
	require.True(t, upToDate(book))
	require.NoError(t, os.Chtimes(lock, now, now.Add(time.Hour)))
	require.False(t, upToDate(book))
}
