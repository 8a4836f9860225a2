package skeleton

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// excerptMark matches the line above a fence that is filled from the reference: indent, file, region.
var excerptMark = regexp.MustCompile(`^([ \t]*)<!-- excerpt: ([^ #]+)#([^ ]+) -->\s*$`)

// PlanExcerpts returns the Markdown files of book/ whose excerpts are not what the reference says now. Its error, a
// Problems, names the excerpts that have no fence, file or region.
func (s *Source) PlanExcerpts() ([]Change, error) {
	var out []Change
	var problems Problems
	err := filepath.WalkDir(filepath.Join(s.Root, "book"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".md") {
			return nil
		}
		have, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.Root, name)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(rel)
		want, found := s.fill(path, unixLines(have))
		problems = append(problems, found...)
		if len(found) == 0 && !bytes.Equal(want, unixLines(have)) {
			out = append(out, Change{Path: path, Text: want})
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return out, problems.orNil()
}

// fill returns a Markdown text with its excerpts up to date. A mark inside another fence is an example, not a mark.
func (s *Source) fill(path string, text []byte) ([]byte, Problems) {
	var problems Problems
	var out strings.Builder
	lines := strings.SplitAfter(string(text), "\n")
	fence := "" // what closes the fence that we are in
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		bare := strings.TrimSpace(lines[i])
		if fence != "" {
			if bare == fence {
				fence = ""
			}
			continue
		}
		fence = opens(bare)
		m := excerptMark.FindStringSubmatch(strings.TrimRight(lines[i], "\n"))
		if m == nil {
			if strings.HasPrefix(bare, "<!-- excerpt") {
				problems = append(problems, Problem{path, i + 1, "write <!-- excerpt: week1/package/file.go#region -->"})
			}
			continue
		}
		end := closing(lines, i+1)
		if end < 0 {
			problems = append(problems, Problem{path, i + 1, "an excerpt's mark stands directly above a ```go fence that is closed by ```"})
			continue
		}
		code, err := s.Excerpt(m[2], m[3])
		if err != nil {
			problems = append(problems, Problem{path, i + 1, err.Error()})
			continue
		}
		out.WriteString(lines[i+1])
		for line := range strings.Lines(string(code)) {
			if line != "\n" {
				line = m[1] + line
			}
			out.WriteString(line)
		}
		out.WriteString(lines[end])
		i = end
	}
	return []byte(out.String()), problems
}

// opens returns the line that closes the fence which a line opens, "" if it opens none.
func opens(line string) string {
	ticks := len(line) - len(strings.TrimLeft(line, "`"))
	if ticks < 3 || strings.Contains(line[ticks:], "`") {
		return ""
	}
	return line[:ticks]
}

// closing returns the index of the line that closes the Go fence which lines[at] opens, -1 if there is no such fence.
func closing(lines []string, at int) int {
	if at >= len(lines) || strings.TrimSpace(lines[at]) != "```go" {
		return -1
	}
	for i := at + 1; i < len(lines); i++ {
		if strings.TrimSpace(lines[i]) == "```" {
			return i
		}
	}
	return -1
}

// Excerpt returns a region of a file as the book shows it. A path as in the student's tree means the reference's file;
// any other path is taken from the lab's root, for the given packages.
func (s *Source) Excerpt(path, region string) ([]byte, error) {
	if f := s.Find(path); f != nil {
		return f.Excerpt(region)
	}
	if !strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "cmd/") {
		return nil, fmt.Errorf("there is no solution/%s", path)
	}
	src, err := os.ReadFile(s.abs(path))
	if err != nil {
		return nil, fmt.Errorf("there is no %s", path)
	}
	f, _ := parseFile(path, src) // it has no owner and needs none
	if f.tree == nil {
		return nil, fmt.Errorf("%s does not parse", path)
	}
	return f.Excerpt(region)
}
