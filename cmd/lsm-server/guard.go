package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"lsmlab/internal/relay"
	"lsmlab/internal/todo"
)

// childEnv is set in the environment of the process that serves, if there is another one that guards it.
const childEnv = "LSMLAB_SERVER_CHILD"

// guard runs the server in a child process, behind a relay that tells tasks which are not done, and returns its exit
// status: 1 if it met such a task, also one whose stub has a harmless default. It stops the child when ctx ends.
func guard(ctx context.Context, args []string, stderr io.Writer) int {
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, "lsm-server:", err)
		return 1
	}
	child := exec.Command(exe, args...)
	child.Env = append(os.Environ(), childEnv+"=1", todo.NotesEnv+"=1")
	child.Stdout = os.Stdout
	return watch(ctx, child, stderr)
}

// watch runs the child to its end. The child's standard input is a pipe on which nothing is ever sent: it ends when ctx
// does, or when this process ends, however that comes about, and then the child stops. So no server is left that nobody
// knows of.
func watch(ctx context.Context, child *exec.Cmd, stderr io.Writer) int {
	alive, err := child.StdinPipe()
	var pipe io.ReadCloser
	if err == nil {
		pipe, err = child.StderrPipe()
	}
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "lsm-server:", err)
		return 1
	}
	defer context.AfterFunc(ctx, func() { alive.Close() })()
	r := relay.New(stderr)
	r.Copy(pipe)
	err = child.Wait()
	if r.Tell("./cmd/lsm-server") {
		return 1
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(1, exit.ExitCode())
	}
	return 0
}

// guarded returns a context that ends when the process that guards this one wants it to stop, or is gone.
func guarded(ctx context.Context) context.Context {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return ctx
}
