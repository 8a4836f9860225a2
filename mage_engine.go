//go:build mage

package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/magefile/mage/mg"

	"lsmlab/internal/course"
	"lsmlab/internal/demo"
	"lsmlab/internal/demo/story"
)

// Demo stores Go's source tree in the reference engine, reads each file back, and compares; -week=3 tells another story.
//
// That is of what week 3 builds on the engine: versions, transactions, plugins, time series, partitions.
func Demo(week *int) (err error) {
	switch value(week) {
	case 0, 1, 2:
		err = demo.Run(demo.Config{Prefix: "net/http/", Out: os.Stdout, Steps: demo.Progress()})
	case 3:
		err = story.Run(os.Stdout)
	default:
		err = fmt.Errorf("there is no week %d", *week)
	}
	if err != nil {
		return mg.Fatalf(1, "demo: %v", err)
	}
	return nil
}

// Torture looks for the crash that loses data, in your store, for -minutes (default 1); -reference in the reference's.
//
// -seed brings a run back, and -kills=N only kills N processes in mid-write.
func Torture(minutes *float64, seed, kills *int, reference *bool) error {
	root, err := course.Root()
	if err != nil {
		return mg.Fatalf(1, "%v", err)
	}
	cmd := exec.Command("go", "run")
	if reference != nil && *reference {
		cmd.Args = append(cmd.Args, "-tags=reference")
	}
	cmd.Args = append(cmd.Args, "./cmd/lsm-torture")
	if minutes != nil {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--minutes=%g", *minutes))
	}
	if seed != nil {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--seed=%d", *seed))
	}
	if kills != nil {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--kills=%d", *kills))
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return mg.Fatalf(1, "torture: %v", err)
	}
	return nil
}

// Bench measures your engine beside the reference; -peers the reference beside other engines.
func Bench(peers *bool, entries, rounds *int) error {
	root, err := course.Root()
	if err != nil {
		return mg.Fatalf(1, "%v", err)
	}
	cmd := exec.Command("go", "run", "./cmd/lsm-bench")
	cmd.Dir = root
	if peers != nil && *peers {
		cmd = exec.Command("go", "run", ".") // a module of its own, so that nobody downloads the peers unasked
		cmd.Dir = root + string(os.PathSeparator) + "bench"
	}
	if entries != nil {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--entries=%d", *entries))
	}
	if rounds != nil {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--rounds=%d", *rounds))
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return mg.Fatalf(1, "bench: %v", err)
	}
	return nil
}
