package workspace

import (
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"lsmlab/internal/course"
)

// Diff shows a day's files of the learner's beside the reference's. It is for a day that is green; before that, spoil
// insists, and is noted in the log of spoils.
func Diff(w io.Writer, root string, day course.Day, green, spoil, colour bool) error {
	if !green && !spoil {
		return fmt.Errorf("%s is not green yet, as far as the last check knows, and the reference would spoil it.\n"+
			"A hint is nearer: go tool mage hint -week=%[2]d -day=%[3]d\n"+
			"If it is green by now: go tool mage scheck -week=%[2]d -day=%[3]d\n"+
			"To see the reference all the same: go tool mage diff -week=%[2]d -day=%[3]d -spoil (it is noted)", day, day.Week, day.Day)
	}
	t, err := open(root)
	if err != nil {
		return err
	}
	if !green {
		t.state.Spoiled(day.ID(), "diff -spoil")
		if err := t.state.Save(root); err != nil {
			return err
		}
	}
	same := true
	for _, f := range t.src.Of(day) {
		have, err := t.read(f.Path)
		if err != nil {
			return err
		}
		ref, err := f.Reference()
		if err != nil {
			return err
		}
		if d := udiff.Unified("yours/"+f.Path, "reference/"+f.Path, string(have), string(ref)); d != "" {
			fmt.Fprintln(w, paintDiff(d, colour))
			same = false
		}
	}
	if own := t.ownFiles(day); len(own) > 0 {
		fmt.Fprintf(w, "Only yours: %s\n", strings.Join(own, ", "))
		same = false
	}
	if same {
		fmt.Fprintf(w, "Your files of %s are the reference's, to the letter.\n", day)
	}
	return nil
}

// ownFiles returns the learner's own files in the packages in which the day has files, tests left out.
func (t *tree) ownFiles(day course.Day) []string {
	var own []string
	seen := map[string]bool{}
	for _, f := range t.src.Of(day) {
		dir := path.Dir(f.Path)
		if seen[dir] {
			continue
		}
		seen[dir] = true
		entries, _ := os.ReadDir(abs(t.root, dir)) // what cannot be listed has nothing to show
		for _, e := range entries {
			p := dir + "/" + e.Name()
			if path.Ext(p) == ".go" && !strings.HasSuffix(p, "_test.go") && t.src.Find(p) == nil {
				own = append(own, p)
			}
		}
	}
	return own
}

// paintDiff colours the lines of a unified diff, where there is colour.
func paintDiff(d string, colour bool) string {
	if !colour {
		return d
	}
	var b strings.Builder
	for line := range strings.Lines(d) {
		code := ""
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
			code = "1"
		case strings.HasPrefix(line, "@@"):
			code = "36"
		case strings.HasPrefix(line, "-"):
			code = "31"
		case strings.HasPrefix(line, "+"):
			code = "32"
		}
		if code == "" {
			b.WriteString(line)
			continue
		}
		fmt.Fprintf(&b, "\x1b[%sm%s\x1b[0m\n", code, strings.TrimSuffix(line, "\n"))
	}
	return b.String()
}
