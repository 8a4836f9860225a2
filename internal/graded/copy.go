package graded

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// copiedName matches the name of a copied test and takes out week and day.
var copiedName = regexp.MustCompile(`^w([1-3])d([1-7])_.*_test\.go$`)

// CopiedName returns the name that a day's test file has beside the student's package: "w1d6_prune_test.go".
func CopiedName(day course.Day, file string) string {
	return fmt.Sprintf("w%dd%d_%s", day.Week, day.Day, path.Base(filepath.ToSlash(file)))
}

// CopiedPath returns the path below the root of the copy of file.
func CopiedPath(day course.Day, pkg, file string) string {
	return path.Join(pkg, CopiedName(day, file))
}

// File is a file that belongs beside the student's packages.
type File struct {
	Path string     // slash-separated below the root
	Data []byte     // what it must hold
	Day  course.Day // whose it is
}

// Files returns what the given days' tests are once copied: test files and all that their testdata folders hold.
func Files(root string, days []course.Day, bonus bool) ([]File, error) {
	var files []File
	for _, day := range days {
		names, err := sources(root, day)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasPrefix(path.Base(name), "bonus_") && !bonus {
				continue
			}
			f, err := copyOf(root, day, name)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
		data, err := testdata(root, day)
		if err != nil {
			return nil, err
		}
		files = append(files, data...)
	}
	return files, nil
}

// copyOf returns the copy of one test file.
func copyOf(root string, day course.Day, name string) (File, error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return File{}, err
	}
	data, err := Copied(name, src)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	return File{Path: CopiedPath(day, packageOf(day, name), name), Data: data, Day: day}, nil
}

// testdata returns the copies of everything in the day's testdata folders.
func testdata(root string, day course.Day) ([]File, error) {
	var files []File
	dir := filepath.Join(root, filepath.FromSlash(day.TestDir()))
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return fs.SkipAll
		}
		if d != nil && d.IsDir() && d.Name() == "rapid" {
			return fs.SkipDir // rapid's memory of failures
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || !strings.Contains("/"+filepath.ToSlash(rel), "/testdata/") {
			return err
		}
		data, err := os.ReadFile(name)
		files = append(files, File{Path: path.Join(weekDir(day), filepath.ToSlash(rel)), Data: data, Day: day})
		return err
	})
	return files, err
}

// weekDir returns the folder of the student's packages of a day's week.
func weekDir(day course.Day) string { return "week" + strconv.Itoa(day.Week) }

// Copy writes the given days' tests beside the student's packages and returns the paths of the files that were not
// there as they must be.
func Copy(root string, days []course.Day, bonus bool) ([]string, error) {
	files, err := Files(root, days, bonus)
	if err != nil {
		return nil, err
	}
	var written []string
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Path))
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, f.Data) {
			continue
		}
		if err := write(name, f.Data); err != nil {
			return written, err
		}
		written = append(written, f.Path)
	}
	return written, nil
}

// write writes a file and makes the folders above it.
func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// digest returns the first bytes of a SHA-256 sum as text.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// CopiedDay returns the day whose copied test name is, and false if name is no copied test's.
func CopiedDay(name string) (week, day int, ok bool) {
	m := copiedName.FindStringSubmatch(path.Base(filepath.ToSlash(name)))
	if m == nil {
		return 0, 0, false
	}
	return int(m[1][0] - '0'), int(m[2][0] - '0'), true
}
