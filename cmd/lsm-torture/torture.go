package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/subject"
	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
)

// total is what has been tried so far.
type total struct {
	runs    int
	crashes crashlab.Report
	fails   crashlab.Report
	storms  crashlab.Report
	kills   int
	acked   int // writes that killed processes had acknowledged
}

// String returns the total for people.
func (t total) String() string {
	return fmt.Sprintf("%d scripts: %d crash points, %d failing operations, %d storms; %d recoveries; %d processes killed after %d acknowledged writes",
		t.runs, t.crashes.Points, t.fails.Points, t.storms.Points,
		t.crashes.Recoveries+t.fails.Recoveries+t.storms.Recoveries, t.kills, t.acked)
}

// torture runs until its time is over, or something is wrong.
func torture(f flags, out io.Writer) (err error) {
	defer func() {
		if text, ok := todo.Recovered(recover()); ok {
			err = errors.New(text)
		}
	}()
	if f.Minutes <= 0 || f.Kills < 0 {
		return errors.New("--minutes and --kills count from above 0")
	}
	seed := f.Seed
	if seed == 0 {
		seed = rand.Uint64N(1e9) + 1
	}
	fmt.Fprintf(out, "torturing the store of the %s; seed %d\n", subject.Name, seed)
	dir, err := os.MkdirTemp("", "lsm-torture-")
	if err != nil {
		return err
	}
	k := &killer{dir: dir, writers: f.Writers}
	var t total
	end := time.Now().Add(time.Duration(f.Minutes * float64(time.Minute)))
	told := time.Now()
	for more := true; more; seed++ {
		if f.Kills > 0 {
			err = k.kill(seed, &t)
			more = t.kills < f.Kills
		} else {
			err = round(seed, k, &t)
			more = time.Now().Before(end)
		}
		if err != nil {
			return fmt.Errorf("%w\n%s\nso far: %s\nagain: lsm-torture --seed %d", err, k.left(), t, seed)
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			fmt.Fprintln(out, t)
		}
	}
	fmt.Fprintf(out, "%s\nnothing was lost, nothing came back, no batch was half\n", t)
	return os.RemoveAll(dir)
}

// round tries one of everything.
func round(seed uint64, k *killer, t *total) error {
	script := crashlab.Random(seed, 30)
	lab := crashlab.Lab{Seed: seed, Open: opener(seed)}
	report, err := lab.Crash(script)
	t.crashes.Add(report)
	if err == nil {
		report, err = lab.Fail(script, [...]error{syscall.ENOSPC, syscall.EIO}[seed%2])
		t.fails.Add(report)
	}
	for i := uint64(0); err == nil && i < 8; i++ {
		report, err = lab.Storm(seed*8+i, 4, 60)
		t.storms.Add(report)
	}
	t.runs++
	if err != nil {
		return err
	}
	return k.kill(seed, t)
}

// killer kills processes that write to one store, again and again.
type killer struct {
	dir     string
	writers int
	pairs   []crashlab.Pair // what the store held last
}

// left tells where the store is that a killed process has left.
func (k *killer) left() string { return "the killed processes' store is in " + k.dir }

// kill kills one process.
func (k *killer) kill(seed uint64, t *total) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "--child", k.dir, "--seed", strconv.FormatUint(seed, 10), "--writers", strconv.Itoa(k.writers))
	lab := crashlab.Lab{Open: func(fs vfs.FS) (crashlab.Store, error) { return open(fs, k.dir, seed) }}
	pairs, acked, err := lab.Kill(child, seed, k.writers, k.pairs)
	if err != nil {
		return err
	}
	k.pairs = pairs
	t.kills++
	t.acked += acked
	return nil
}

// work is what a killed process does.
func work(f flags) error {
	store, err := open(vfs.OS(), f.Child, f.Seed)
	if err != nil {
		return err
	}
	return crashlab.Work(store, f.Seed, f.Writers, os.Stdout)
}
