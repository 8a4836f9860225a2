package skeleton

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RecordPath is where the digests of the generated files stand.
//
// How a learner's edit is told from an old skeleton: each generation records the digest of what it wrote, in a file that
// is committed together with the student's tree. A file whose digest is the recorded one is as some generation left it,
// whatever the reference says now, and may be replaced; any other was edited. That holds in every clone: on the authors'
// own the record moves with each commit of a generation, and in a learner's fork, on any machine, with or without
// .lab/, an edited file no longer fits it. (The state in .lab/ could not tell that, as it is not committed; nor could
// git, as learners commit their work.)
const RecordPath = "internal/skeleton/generated.sum"

// record holds a digest for each generated file.
type record map[string]string

// readRecord reads what the last generation wrote. Where there is no record, nothing was generated.
func readRecord(root string) (record, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(RecordPath)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r := record{}
	for line := range strings.Lines(string(text)) {
		if sum, path, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			r[path] = sum
		}
	}
	return r, nil
}

// bytes returns the record as it is stored: a line a file, as sha256sum writes it, sorted by path.
func (r record) bytes() []byte {
	var b bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(r)) {
		fmt.Fprintf(&b, "%s  %s\n", r[path], path)
	}
	return b.Bytes()
}

// Digest returns the SHA-256 of a text file's contents, which does not depend on how the lines end.
func Digest(text []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256(unixLines(text)))
}

// unixLines returns the text with lines that end in \n alone; git on Windows may have put \r\n there.
func unixLines(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// Edited returns the generated files below root whose contents are not what the last generation wrote, sorted; files
// that are gone are not among them.
func Edited(root string) ([]string, error) {
	r, err := readRecord(root)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, path := range slices.Sorted(maps.Keys(r)) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if Digest(text) != r[path] {
			out = append(out, path)
		}
	}
	return out, nil
}
