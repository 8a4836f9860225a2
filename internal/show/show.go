// Package show draws what the learner's own code has just produced: a skip list's towers, a block's bytes, a table's
// layout, a tree.
//
// Each day has a small program of its own, in the directory of its prefix (w1d3 for week 1 day 3), which imports the
// student's packages, feeds them something small, and prints a picture. Command compiles it against the tree as it
// is, runs it, and turns what goes wrong into words: a task that is not done yet, code that does not compile, a panic.
package show

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/todo"
)

// limit is how long a picture may take to draw; longer means that the code hangs.
const limit = 30 * time.Second

// towers is laid into the student's package memtable while day 1's program is compiled: the towers of a skip list are
// nobody's business but its own, so only code inside the package can see them.
//
//go:embed towers.go.txt
var towers []byte

// Command is what mage show does.
func Command(ctx context.Context, w io.Writer, root string, d course.Day) error {
	return Draw(ctx, w, root, d, nil)
}

// Draw compiles and runs a day's program. replace gives files of the tree, slash-separated below the root, other contents,
// so that a test can draw the reference.
func Draw(ctx context.Context, w io.Writer, root string, d course.Day, replace map[string][]byte) error {
	if _, err := os.Stat(filepath.Join(root, "internal", "show", d.Prefix())); err != nil {
		return fmt.Errorf("there is no picture of %s yet", d)
	}
	dir, err := os.MkdirTemp("", "lab-show-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := build(ctx, dir, root, d, replace)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin)
	cmd.Env = append(os.Environ(), todo.NotesEnv+"=1")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("the picture was not finished after %v: your code seems to wait for something, or to turn in a circle", limit)
	}
	return explain(w, d, stderr.String(), err)
}

// build compiles the program of a day against the student's tree.
func build(ctx context.Context, dir, root string, d course.Day, replace map[string][]byte) (bin string, err error) {
	overlay, err := layOver(dir, root, replace)
	if err != nil {
		return "", err
	}
	bin = filepath.Join(dir, "show")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-tags=labshow", "-overlay="+overlay, "-o", bin, "./internal/show/"+d.Prefix())
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return bin, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	text := strings.TrimSpace(string(out))
	if strings.Contains(text, filepath.Base(towersPath)) {
		return "", fmt.Errorf("the picture of %s looks at head, tower and node of the skip list, and yours is built in another way:\n%s", d, text)
	}
	return "", fmt.Errorf("your tree does not compile, so there is nothing to draw yet:\n%s", text)
}

// towersPath is where the towers are laid.
const towersPath = "week1/memtable/lab_towers.go"

// layOver writes a file for go's -overlay that replaces files, and adds the towers.
func layOver(dir, root string, replace map[string][]byte) (string, error) {
	files := map[string]string{}
	lay := func(path string, text []byte) error {
		name := filepath.Join(dir, fmt.Sprint(len(files)), filepath.Base(path)) // the compiler's messages show the name
		files[filepath.Join(root, filepath.FromSlash(path))] = name
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		return os.WriteFile(name, text, 0o666)
	}
	if err := lay(towersPath, towers); err != nil {
		return "", err
	}
	for path, text := range replace {
		if err := lay(path, text); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": files})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o666)
}

// explain puts into words how a program ended.
func explain(w io.Writer, d course.Day, stderr string, err error) error {
	var open []string
	for line := range strings.Lines(stderr) {
		if task, ok := strings.CutPrefix(strings.TrimSpace(line), todo.Marker); ok && !slices.Contains(open, task) {
			open = append(open, task)
		}
	}
	switch {
	case len(open) > 0 && err != nil:
		return fmt.Errorf("not implemented yet: %s\nThe picture can be drawn once that is done. The chapter is %s", strings.Join(open, ", "), chapter(d, open[0]))
	case len(open) > 0:
		fmt.Fprintf(w, "\nNot implemented yet: %s. So this is not what it will look like.\n", strings.Join(open, ", "))
		return nil
	case err != nil:
		return fmt.Errorf("your code ended before the picture was finished: %s", reason(stderr, err))
	}
	return nil
}

// chapter returns the chapter of the day that a task belongs to.
func chapter(d course.Day, task string) string {
	if other, _, ok := course.ParseTaskText(task); ok {
		return other.Chapter()
	}
	return d.Chapter()
}

// studentLine matches a position in the student's tree, as a stack shows it.
var studentLine = regexp.MustCompile(`(week\d/[\w/.-]+\.go:\d+)`)

// reason returns the first line of a panic, or what the program said, and where in the student's tree that was.
func reason(stderr string, err error) string {
	said := err.Error()
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			said = strings.TrimSpace(line)
			break
		}
	}
	if text := strings.TrimSpace(stderr); said == err.Error() && text != "" {
		said, _, _ = strings.Cut(text, "\n")
	}
	if m := studentLine.FindString(strings.ReplaceAll(stderr, "\\", "/")); m != "" {
		said += "\nat " + m
	}
	return said
}
