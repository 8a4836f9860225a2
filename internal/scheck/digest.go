package scheck

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lsmlab/internal/graded"
	"lsmlab/internal/workspace"
)

// digests returns the digests of the graded tests and of the student's tree, the copied tests left out.
func digests(root string, s graded.State) (tests, tree string) {
	return Digest(root, []string{"tests"}, func(rel string) bool { return strings.Contains(rel, "/testdata/rapid/") }), TreeDigest(root, s)
}

// TreeDigest returns the digest of the student's tree.
func TreeDigest(root string, s graded.State) string {
	return Digest(root, []string{"week1", "week2", "week3"}, func(rel string) bool {
		return s.Copied(rel) || strings.Contains(rel, "/testdata/")
	})
}

// Digest returns a digest of the names and contents of all files below some directories of root, but for those to skip.
// Line ends count as on any system.
func Digest(root string, dirs []string, skip func(rel string) bool) string {
	sum := sha256.New()
	for _, dir := range dirs {
		filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			rel, err := filepath.Rel(root, name)
			if rel = filepath.ToSlash(rel); err != nil || skip != nil && skip(rel) {
				return nil
			}
			data, err := os.ReadFile(name)
			if err == nil {
				fmt.Fprintf(sum, "%s %d\n", rel, len(data))
				sum.Write(data)
			}
			return nil
		})
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// spoils returns the log of when the reference was looked at or filled in, a line each.
func spoils(root string) []string {
	state, err := workspace.Load(root)
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range state.Spoils {
		out = append(out, s.Time.Format(time.RFC3339)+" "+s.Day+" "+s.What)
	}
	return out
}
