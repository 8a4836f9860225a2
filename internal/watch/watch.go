// Package watch re-checks a day whenever one of the learner's files is saved.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/scheck"
)

// settle is how long it must be quiet after a save: editors write a file in several steps, and several files at once.
const settle = 200 * time.Millisecond

// Command is what mage watch does: it checks the day, and again after each save, until ctx ends. It goes without the race
// detector, as the answer shall be there before the learner has looked up; scheck is thorough.
func Command(ctx context.Context, w io.Writer, root string, d course.Day, style report.Style) error {
	saves, err := Files(ctx, root)
	if err != nil {
		return err
	}
	written, err := graded.Copy(root, course.Through(d), false)
	if err != nil {
		return err
	}
	if len(written) > 0 {
		fmt.Fprintf(w, "Copied the tests up to %s.\n", d)
	}
	write, err := report.Writer("")
	if err != nil {
		return err
	}
	Loop(ctx, saves, settle, func(ctx context.Context) {
		if style.Terminal {
			fmt.Fprint(w, "\x1b[H\x1b[2J")
		}
		r, err := scheck.Run(ctx, scheck.Options{Root: root, Week: d.Week, Day: d.Day, NoRace: true})
		if err == nil {
			err = write(w, r, style)
		}
		if ctx.Err() != nil {
			return // a newer save has come; what this check says is of no interest
		}
		if err != nil {
			fmt.Fprintln(w, err)
		}
		fmt.Fprintf(w, "\nChecked at %s without the race detector. Waiting for the next save; Ctrl-C ends.\n", time.Now().Format("15:04:05"))
	})
	return nil
}

// Loop calls check once, and again when saves have come and it has been quiet for a while. A check that is under way when
// a save comes has its context cancelled, and the next begins when it has returned. Loop returns when ctx ends or saves is
// closed, after the last check has returned.
func Loop(ctx context.Context, saves <-chan string, quiet time.Duration, check func(context.Context)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	cancel, done := func() {}, make(chan struct{})
	close(done)
	defer func() { cancel(); <-done }()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-saves:
			if !ok {
				return
			}
			cancel()
			timer.Reset(quiet)
		case <-timer.C:
			<-done
			cancel, done = begin(ctx, check)
		}
	}
}

// begin starts a check and returns how to cancel it, and a channel that is closed when it has returned.
func begin(ctx context.Context, check func(context.Context)) (cancel func(), done chan struct{}) {
	ctx, cancel = context.WithCancel(ctx)
	done = make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		check(ctx)
	}()
	return cancel, done
}

// Files returns a channel that tells the name of each of the learner's Go files that is saved below root, until ctx ends;
// copied tests, which only the lab writes, are left out. The name is empty where the system lost track of which it was.
func Files(ctx context.Context, root string) (<-chan string, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	for week := 1; week <= course.Weeks; week++ {
		if err := addTree(watcher, filepath.Join(root, fmt.Sprint("week", week))); err != nil {
			return nil, errors.Join(fmt.Errorf("watch files: %w", err), watcher.Close())
		}
	}
	saves := make(chan string)
	go forward(ctx, watcher, saves)
	return saves, nil
}

// forward hands on what the watcher sees and is of interest. It owns the watcher and the channel.
func forward(ctx context.Context, watcher *fsnotify.Watcher, saves chan<- string) {
	defer close(saves)
	defer watcher.Close()
	for {
		name := ""
		select {
		case <-ctx.Done():
			return
		case _, ok := <-watcher.Errors:
			if !ok {
				return
			}
			// Events were lost: look as if something had been saved.
		case e, ok := <-watcher.Events:
			if !ok {
				return
			}
			if e.Has(fsnotify.Create) {
				_ = addTree(watcher, e.Name) // a new directory; what has gone again is not missed
			}
			if !interesting(e) {
				continue
			}
			name = e.Name
		}
		select {
		case saves <- name:
		case <-ctx.Done():
			return
		}
	}
}

// interesting reports whether an event is a change of one of the learner's Go files.
func interesting(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod || !strings.HasSuffix(e.Name, ".go") || strings.HasPrefix(filepath.Base(e.Name), ".") {
		return false
	}
	_, _, copied := graded.CopiedDay(e.Name)
	return !copied
}

// addTree watches a directory and those below it, if it is one.
func addTree(watcher *fsnotify.Watcher, dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		if e.Name() == "testdata" {
			return fs.SkipDir
		}
		return watcher.Add(name)
	})
}
