package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"

	"github.com/peterh/liner"

	"lsmlab/internal/relay"
	"lsmlab/internal/todo"
)

// childEnv is set in the environment of the process in which the session runs.
const childEnv = "LSMLAB_CLI_CHILD"

// guard runs the session in a child process, behind a relay that tells tasks which are not done, and returns its exit status.
//
// The session ends with status 1 if it met a task that is not done, also one whose stub has a harmless default. Bonus tasks
// do not count.
func guard(args []string, stderr io.Writer) int {
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, "lsm-cli:", err)
		return 1
	}
	child := exec.Command(exe, args...)
	child.Env = append(os.Environ(), childEnv+"=1", todo.NotesEnv+"=1")
	child.Stdin, child.Stdout = os.Stdin, os.Stdout
	return watch(child, stderr)
}

// watch runs the child to its end.
func watch(child *exec.Cmd, stderr io.Writer) int {
	// Ctrl-C goes to both processes. The child decides; this one stays to tell what happened, and to set the terminal right.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if mode, err := liner.TerminalMode(); err == nil {
		defer mode.ApplyMode()
	}
	pipe, err := child.StderrPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "lsm-cli:", err)
		return 1
	}
	r := relay.New(stderr)
	r.Copy(pipe)
	err = child.Wait()
	if r.Tell("./cmd/lsm-cli") {
		return 1
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(1, exit.ExitCode())
	}
	return 0
}
