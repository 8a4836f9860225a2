package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week2/store"
)

// Config says what the demo works on.
type Config struct {
	Source string    // directory whose files are stored; "" for the source tree of the Go that is installed
	Prefix string    // for the prefix scan, relative to Source
	Out    io.Writer // where the story is told
	Steps  Steps     // progress
}

// Steps is told of progress: a new stage with so many steps, and each step.
type Steps interface {
	Begin(stage string, steps int)
	Step()
	End()
}

// demo is one run.
type demo struct {
	Config
	dir    string
	files  []string // relative to Source, with slashes
	engine *store.Store
	bytes  int64
	work   work // until the store was closed
}

// work is what the background has done.
type work struct{ flushes, compactions, bytes int64 }

// Run tells the whole story. It returns an error if a single byte comes back different.
func Run(c Config) (err error) {
	d := &demo{Config: c}
	if d.Source == "" {
		if d.Source, err = goSource(); err != nil {
			return err
		}
	}
	if d.files, err = list(d.Source); err != nil {
		return fmt.Errorf("list %s: %w", d.Source, err)
	}
	// Keys in order would make tables that do not overlap, which is too easy. The seed is fixed: the same work each time.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(d.files), func(i, j int) { d.files[i], d.files[j] = d.files[j], d.files[i] })
	if d.dir, err = os.MkdirTemp("", "lsm-demo-"); err != nil {
		return err
	}
	defer os.RemoveAll(d.dir)
	if err := d.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.engine.Close()) }()
	return d.tell()
}

// open opens the store.
func (d *demo) open() (err error) {
	d.engine, err = store.Open(d.dir, &store.Options{Options: engine.Options{Filter: filter.Bloom(10), Codec: block.Prefix()}})
	return err
}

// reopen closes the store and opens it again: what it holds is then what its files say.
func (d *demo) reopen() error {
	if err := d.engine.Close(); err != nil {
		return err
	}
	return d.open()
}

// goSource returns the directory with the source of Go's standard library.
func goSource() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("ask go for GOROOT: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src"), nil
}

// list returns all regular files below a directory.
func list(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	return files, err
}

// tell goes through the chapters of the story.
func (d *demo) tell() error {
	fmt.Fprintf(d.Out, "Storing the %d files of %s, path → contents …\n", len(d.files), d.Source)
	stored, err := d.timed(d.store)
	if err != nil {
		return err
	}
	s := d.engine.Stats()
	d.work = work{s.Flushes, s.Compactions, s.BytesWritten + s.BytesCompacted}
	fmt.Fprintf(d.Out, "Closing the store, with %d files still in memory and log only, and opening it again …\n", inMemory(s))
	reopened, err := d.timed(d.reopen)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "Reading each file back and comparing it with the disk …\n")
	verified, err := d.timed(d.verify)
	if err != nil {
		return err
	}
	missed, err := d.timed(d.miss)
	if err != nil {
		return err
	}
	before := d.engine.Stats()
	scanned, found := time.Duration(0), 0
	if scanned, err = d.timed(func() error { found, err = d.scan(); return err }); err != nil {
		return err
	}
	d.summary(times{stored, reopened, verified, missed, scanned}, found, before)
	return nil
}

// timed runs one chapter and returns how long it took.
func (d *demo) timed(chapter func() error) (time.Duration, error) {
	start := time.Now()
	err := chapter()
	return time.Since(start), err
}

// read returns a file's contents on disk.
func (d *demo) read(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(d.Source, filepath.FromSlash(file)))
}

// store puts every file. The background flushes and merges meanwhile.
func (d *demo) store() error {
	d.Steps.Begin("store", len(d.files))
	defer d.Steps.End()
	for _, file := range d.files {
		contents, err := d.read(file)
		if err != nil {
			return err
		}
		if err := d.engine.Put([]byte(file), contents); err != nil {
			return fmt.Errorf("put %s: %w", file, err)
		}
		d.bytes += int64(len(contents))
		d.Steps.Step()
	}
	return nil
}

// inMemory counts the entries of all memtables.
func inMemory(s engine.Stats) (n int) {
	for _, m := range s.Memtables {
		n += m.Entries
	}
	return n
}

// verify gets every file and compares.
func (d *demo) verify() error {
	d.Steps.Begin("verify", len(d.files))
	defer d.Steps.End()
	for _, file := range d.files {
		want, err := d.read(file)
		if err != nil {
			return err
		}
		got, err := d.engine.Get([]byte(file))
		if err != nil {
			return fmt.Errorf("get %s: %w", file, err)
		}
		if !bytes.Equal(want, got) {
			return fmt.Errorf("%s: %d bytes came back, and they differ from the %d on disk", file, len(got), len(want))
		}
		d.Steps.Step()
	}
	return nil
}

// miss asks for paths that do not exist, as many as there are files.
func (d *demo) miss() error {
	for _, file := range d.files {
		if _, err := d.engine.Get([]byte(file + "~")); !errors.Is(err, kv.ErrNotFound) {
			return fmt.Errorf("get %s~, which does not exist: %v", file, err)
		}
	}
	return nil
}

// scan walks the keys with the prefix, compares their number with the list, and returns it.
func (d *demo) scan() (found int, err error) {
	it := d.engine.ScanPrefix([]byte(d.Prefix))
	for range it.All() {
		found++
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		return 0, fmt.Errorf("scan %s: %w", d.Prefix, err)
	}
	want := 0
	for _, file := range d.files {
		if strings.HasPrefix(file, d.Prefix) {
			want++
		}
	}
	if found != want {
		return 0, fmt.Errorf("scan %s: %d keys, and the disk has %d", d.Prefix, found, want)
	}
	return found, nil
}
