package house_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/house"
)

// lay writes files below a new root.
func lay(t *testing.T, files map[string]string) string {
	root := t.TempDir()
	for _, dir := range []string{"solution", "internal", "cmd", "tests", "bench"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return root
}

// The lab itself is as it should be.
func TestCheck_TheLab(t *testing.T) {
	r, err := house.Check("../..")
	require.NoError(t, err)
	require.Empty(t, r.Faults)
	require.Greater(t, r.Lines, 5000)
}

// Each kind of fault is found, with its place.
func TestCheck_Faults(t *testing.T) {
	long := "package a\n\n// F has many lines.\nfunc F() {\n" + strings.Repeat("\n", 59) + "}\n"
	root := lay(t, map[string]string{
		"solution/a/long.go":      long,
		"solution/a/bare.go":      "package a\n\ntype T struct{}\n\nfunc (T) one() {}\n\nfunc (T) two() {\n}\n\nfunc free() {}\nfunc bound() {}\n\nvar v = 1\n\nvar _ any = T{}\n\nconst (\n\t// c is one.\n\tc = 1\n)\n",
		"solution/a/bare_test.go": "package a\n\nfunc helper() {}\n",
		"internal/huge.go":        "package huge\n" + strings.Repeat("\n", 500),
	})
	r, err := house.Check(root)
	require.NoError(t, err)
	var got []string
	for _, f := range r.Faults {
		got = append(got, f.String())
	}
	require.ElementsMatch(t, []string{
		"solution/a/long.go:4: F has 61 lines; at most 60",
		"solution/a/bare.go:3: T has no comment",
		"solution/a/bare.go:7: two has no comment",
		"solution/a/bare.go:10: free has no comment",
		"solution/a/bare.go:13: constants or variables without a comment",
		"internal/huge.go:500: 501 lines; at most 500",
	}, got)
}

// What is counted is code of the reference.
func TestCheck_Counts(t *testing.T) {
	root := lay(t, map[string]string{
		"solution/a/a.go":      "// Package a is one.\npackage a\n\n// F does\n// nothing.\nfunc F() {\n\t// at all\n}\n",
		"solution/a/a_test.go": "package a\n\nfunc helper() {}\n",
		"cmd/b.go":             "package b\n",
	})
	r, err := house.Check(root)
	require.NoError(t, err)
	require.Equal(t, "reference: 3 lines of code in 1 files; longest file solution/a/a.go, 8 lines; longest function F, 3 lines; median 3", r.String())
}
