package course

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the lab's root directory: the nearest one, from the working directory upwards, whose go.mod is the lab's.
func Root() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if isRoot(dir) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside the lab: no go.mod of module %s here or above", wd, Module)
		}
	}
}

// isRoot reports whether dir holds the lab's go.mod.
func isRoot(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	line, _, _ := bytes.Cut(mod, []byte("\n"))
	return string(bytes.TrimSpace(line)) == "module "+Module
}

// Started reports whether a learner works in the clone at root; from then on the student's tree is theirs.
func Started(root string) bool {
	_, err := os.Stat(filepath.Join(root, ".lab", "state.json"))
	return !errors.Is(err, os.ErrNotExist)
}
