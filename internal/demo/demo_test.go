package demo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun_ComparesEveryFile runs the demo over a small tree with an empty file, a large one, and one with every byte.
func TestRun_ComparesEveryFile(t *testing.T) {
	dir := t.TempDir()
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	for name, contents := range map[string][]byte{
		"empty": {}, "net/http/all": all, "net/http/large": bytes.Repeat(all, 40_000), "net/ip": []byte("127.0.0.1"),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, contents, 0o644))
	}
	var out strings.Builder
	require.NoError(t, Run(Config{Source: dir, Prefix: "net/http/", Out: &out, Steps: Quiet{}}))
	require.Contains(t, out.String(), "4 keys, 10.2 MB of contents")
	require.Contains(t, out.String(), "2 keys in")
	require.True(t, strings.HasSuffix(out.String(), "all bytes equal\n"), out.String())
}

// TestRun_NoticesADifference changes a file between storing and comparing.
func TestRun_NoticesADifference(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
	steps := &saboteur{path: path}
	err := Run(Config{Source: dir, Out: new(bytes.Buffer), Steps: steps})
	require.ErrorContains(t, err, "file: 6 bytes came back, and they differ from the 5 on disk")
}

// saboteur changes a file when the second stage begins.
type saboteur struct {
	Quiet
	path   string
	stages int
}

// Begin changes the file.
func (s *saboteur) Begin(string, int) {
	if s.stages++; s.stages == 2 {
		if err := os.WriteFile(s.path, []byte("after"), 0o644); err != nil {
			panic(fmt.Sprint("sabotage: ", err))
		}
	}
}
