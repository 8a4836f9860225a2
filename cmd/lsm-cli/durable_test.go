//go:build reference

package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
)

// crashed is what the test's exit panics with, so that nothing after it is done.
type crashed struct{}

// durable holds a session over a store that survives, and returns what it says. A crash ends it.
func durable(t *testing.T, dir, compaction string, lines ...string) (out []string) {
	t.Helper()
	f, err := parse([]string{"--path", dir, "--wal", "written", "--compaction", compaction, "--memtable-size", "65536"})
	require.NoError(t, err)
	var b bytes.Buffer
	defer func() {
		if p := recover(); p != nil && p != (crashed{}) {
			panic(p)
		}
		out = strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")[1:]
	}()
	status := run(f, &plain{lines: bufio.NewReader(strings.NewReader(strings.Join(lines, "\n")))}, &b)
	require.Equal(t, 0, status, b.String())
	return nil
}

// A session fills a store, and closes it; a second one reads it all, with each policy.
func TestSession_SurvivesARestart(t *testing.T) {
	for _, compaction := range []string{"none", "simple", "tiered", "leveled"} {
		t.Run(compaction, func(t *testing.T) {
			labtest.NoLeaks(t)
			dir := t.TempDir()
			durable(t, dir, compaction, "fill 1000 9000", "flush", "batch put a 1 del 1000", "fill 5000 5100", "sync")
			got := durable(t, dir, compaction, "get 1000", "get 2333", "get 5050", "get a", "scan 8999 9000", "full_compaction", "verify", "reopen", "get 5050")
			want := []string{"1000 not found", "2333 = value2333@1", "5050 = value5050@2", "a = 1", "8999 = value8999@1", "9000 = value9000@1",
				"2 entries", "compacted", "verified 1 table", "reopened", "5050 = value5050@2"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the second session says (-want +got)\n%s", diff)
			}
		})
	}
}

// A batch is read whole before any of it is written.
func TestSession_RefusesHalfABatch(t *testing.T) {
	got := durable(t, t.TempDir(), "none", "batch put a 1 put b", "get a", "batch put a 1 del b", "get a")
	require.Equal(t, `error: batch: "put" does not begin put KEY VALUE or del KEY; nothing is written`, got[0])
	require.Equal(t, []string{"a not found", "batch of 2 writes", "a = 1"}, got[1:])
}

// A directory with a manifest is opened as the store that it is, log or no log.
func TestSession_KnowsADurableStore(t *testing.T) {
	dir := t.TempDir()
	durable(t, dir, "leveled", "put a 1")
	got, status := talk(t, dir, "get a", "put b 2")
	require.Equal(t, 0, status)
	require.Equal(t, []string{"a = 1", "put b = 2"}, got)
	require.Equal(t, []string{"b = 2"}, durable(t, dir, "tiered", "get b"))
}

// crash ends the process, and nothing is closed.
func TestSession_Crashes(t *testing.T) {
	defer func(was func(int)) { exit = was }(exit)
	left := 0
	exit = func(status int) { left = 1 + status; panic(crashed{}) }
	got := durable(t, t.TempDir(), "none", "put a 1", "crash", "put b 2")
	require.Equal(t, []string{"put a = 1", "crashing"}, got)
	require.Equal(t, 1, left)
}

// What needs a store that survives says so.
func TestSession_SaysWhatAForgetfulStoreCannot(t *testing.T) {
	got, status := talk(t, t.TempDir(), "sync", "verify", "reopen")
	require.Equal(t, 0, status)
	for _, line := range got {
		require.Contains(t, line, "--wal written")
	}
}
