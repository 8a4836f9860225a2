//go:build reference

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/todo"
)

// unfinishedEnv makes the test binary be a server that meets a task in a goroutine where nobody can recover.
const unfinishedEnv = "LSMLAB_SERVER_UNFINISHED"

// meetTODO is what that server does.
func meetTODO() {
	done := make(chan struct{})
	go func() { panic(todo.Reached("week 1 day 6 task 1", "Engine.flush")) }()
	<-done
}

// A task that is not done is told in a sentence, though it was a goroutine of the engine's that panicked.
func TestGuard_TellsWhatIsNotImplemented(t *testing.T) {
	child := command()
	child.Env = append(os.Environ(), unfinishedEnv+"=1")
	var out bytes.Buffer
	require.Equal(t, 1, watch(t.Context(), child, &out))
	require.Equal(t, `Not implemented yet in your tree:
  week 1 day 6 task 1 (Engine.flush)
Where to begin: book/week1/day6-write-path.md, or go tool mage start.
What it will be like: go run -tags reference ./cmd/lsm-server
`, out.String())
}

// The guard stops the server that it guards, which then ends as it would by itself: also on Windows, which has no signal for it.
func TestGuard_StopsTheServer(t *testing.T) {
	dir := t.TempDir()
	child := command("--path", dir, "--addr", "127.0.0.1:0", "--wal", "loses-on-kill")
	child.Env = append(child.Env, childEnv+"=1")
	listening, told := io.Pipe()
	child.Stdout = told
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		addr := addrOf(listening)
		go io.Copy(io.Discard, listening)
		if a, err := putLate(addr); err == nil && a == 204 {
			cancel()
		}
	}()
	var out bytes.Buffer
	require.Equal(t, 0, watch(ctx, child, &out), out.String())
	require.ErrorIs(t, ctx.Err(), context.Canceled, "it was not the clock")
	require.Equal(t, "after", late(t, start(t, dir)))
}
