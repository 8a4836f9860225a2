package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/watch"
)

// The first check comes at once, the next when it has been quiet after a save, however many saves there were.
func TestLoop_ChecksOnceAfterABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saves := make(chan string)
		var checks atomic.Int32
		done := make(chan struct{})
		go func() {
			defer close(done)
			watch.Loop(t.Context(), saves, time.Second, func(context.Context) { checks.Add(1) })
		}()
		synctest.Wait()
		require.EqualValues(t, 1, checks.Load())
		for range 5 {
			saves <- "a.go"
			time.Sleep(time.Second / 2)
		}
		synctest.Wait()
		require.EqualValues(t, 1, checks.Load(), "it is not quiet yet")
		time.Sleep(time.Second)
		synctest.Wait()
		require.EqualValues(t, 2, checks.Load())
		close(saves)
		<-done
	})
}

// A check that is under way when a save comes is told to stop, and the next waits until it has.
func TestLoop_CancelsAnOldCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saves := make(chan string)
		var running, cancelled atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			watch.Loop(ctx, saves, time.Second, func(ctx context.Context) {
				running.Add(1)
				<-ctx.Done()
				cancelled.Add(1)
				time.Sleep(5 * time.Second)
				running.Add(-1)
			})
		}()
		synctest.Wait()
		saves <- "a.go"
		synctest.Wait()
		require.EqualValues(t, 1, cancelled.Load())
		time.Sleep(3 * time.Second)
		require.EqualValues(t, 1, running.Load())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.EqualValues(t, 1, running.Load())
		cancel()
		<-done
		require.EqualValues(t, 0, running.Load())
		require.EqualValues(t, 2, cancelled.Load())
	})
}

// A save of a Go file is told, one of a copied test or of another file is not; directories made later are watched, too.
func TestFiles(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "week1", "engine")
	require.NoError(t, os.MkdirAll(dir, 0o777))
	ctx, cancel := context.WithCancel(t.Context())
	saves, err := watch.Files(ctx, root)
	require.NoError(t, err)
	for _, name := range []string{"notes.txt", "w1d6_flush_test.go", ".flush.go.swp", "flush.go"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666))
	}
	require.Equal(t, "flush.go", filepath.Base(<-saves))
	cancel()
	for range saves {
	}
}
