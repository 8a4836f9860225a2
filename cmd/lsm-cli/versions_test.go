//go:build reference

package main

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
)

// held holds a session over a store that keeps versions, and returns what it says.
func held(t *testing.T, dir string, lines ...string) []string {
	t.Helper()
	labtest.NoLeaks(t)
	f, err := parse([]string{"--path", dir, "--wal", "written", "--versions", "all"})
	require.NoError(t, err)
	var b bytes.Buffer
	require.Equal(t, 0, run(f, &plain{lines: bufio.NewReader(strings.NewReader(strings.Join(lines, "\n")))}, &b), b.String())
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")[1:]
}

// same compares what a session says.
func same(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the session says (-want +got)\n%s", diff)
	}
}

// A store with a past shows every version of a key, in this session and in the next, and reads at any of them.
func TestSession_History(t *testing.T) {
	dir := t.TempDir()
	same(t, []string{"put apple = green, version 1", "put apple = red, version 2", "deleted apple, version 3", "put apple = gold, version 4"},
		held(t, dir, "put apple green", "put apple red", "del apple", "put apple gold"))
	same(t, []string{"flushed to 000003.sst [apple … apple] 4 entries, SIZE", "version 1: green", "version 2: red", "version 3: deleted", "version 4: gold", "4 versions",
		"apple = red", "apple not found", "apple = gold", `error: get: "x" is no version: that is a number`,
		"error: get: get at 9: this version has not been written yet: the newest is 4", "0 versions"},
		sizeless(held(t, dir, "flush", "history apple", "get apple 2", "get apple 3", "get apple", "get apple x", "get apple 9", "history fig")))
}

// sizeless takes out what depends on the format of tables.
func sizeless(lines []string) (out []string) {
	sizes := regexp.MustCompile(`, [0-9.]+ (B|KiB)$`)
	for _, line := range lines {
		out = append(out, sizes.ReplaceAllString(line, ", SIZE"))
	}
	return out
}

// A snapshot shows what was there when it was taken, until it is closed.
func TestSession_Snapshot(t *testing.T) {
	same(t, []string{"put apple = green, version 1", "snapshot 1 is of version 1", "put apple = red, version 2", "put fig = blue, version 3", "snapshot 2 is of version 3",
		"apple = green", "apple = green", "1 entry", "snapshot 1 is of version 1", "snapshot 2 is of version 3", "2 open snapshots", "closed snapshot 1",
		"error: snapshot: there is no open snapshot 1", "fig = blue", "1 open snapshot"},
		without(held(t, t.TempDir(), "put apple green", "snapshot", "put apple red", "put fig blue", "snapshot", "snapshot get 1 apple", "snapshot scan 1", "snapshot list",
			"snapshot close 1", "snapshot get 1 apple", "snapshot get 2 fig", "snapshot list"), "snapshot 2 is of version 3", 3))
}

// without takes the n-th line of that text out, counted from 1.
func without(lines []string, text string, n int) (out []string) {
	for _, line := range lines {
		if line == text {
			if n--; n == 0 {
				continue
			}
		}
		out = append(out, line)
	}
	return out
}

// A transaction sees its own writes and nobody else does until it commits; of two that collide the second is refused.
func TestSession_Transactions(t *testing.T) {
	same(t, []string{"put apple = 1, version 1", "began a transaction that reads version 1, under serializable", "put apple = 2, when the transaction commits",
		"deleted fig, when the transaction commits", "apple = 2", "apple = 2", "1 entry", "error: fill writes to the store itself: commit or rollback comes first",
		"error: begin: a transaction is under way: commit or rollback ends it", "version 1: 1", "1 version", "committed 2 writes", "version 1: 1", "version 2: 2", "2 versions",
		"began a transaction that reads version 3, under snapshot isolation", "put apple = 9, when the transaction commits", "rolled back 1 write", "apple = 2",
		"error: there is no transaction: begin begins one", "began a transaction that reads version 3, under snapshot isolation", "note: the transaction that was under way is rolled back"},
		held(t, t.TempDir(), "put apple 1", "begin serializable", "put apple 2", "del fig", "get apple", "scan", "fill 1 2", "begin", "history apple", "commit", "history apple",
			"begin", "put apple 9", "rollback", "get apple", "commit", "begin"))
}

// Points are stored, summed up and thinned; their times are whole numbers.
func TestSession_TimeSeries(t *testing.T) {
	seriesUsage := "error: " + errSeriesUsage.Error()
	want := []string{"cpu at -5: 1", "cpu at 10: 2", "cpu at 20: 3", "3 points from -5 to 20: min 1, max 3, avg 2, sum 6", "20: 3", "20: 3", "10: 2", "2 points", "cpu", "1 series",
		"kept 2 of 3 points, none of the others further than 0.5 off", `error: ts append: "soon" is no time: that is a whole number`, "error: ts summary: no points", seriesUsage, seriesUsage,
		"began a transaction that reads version 4, under snapshot isolation", "error: ts append writes to the store itself: commit or rollback comes first",
		"note: the transaction that was under way is rolled back"}
	same(t, strings.Split(strings.Join(want, "\n"), "\n"), // the usage is several lines
		held(t, t.TempDir(), "ts append cpu -5 1", "ts append cpu 10 2", "ts append cpu 20 3", "ts summary cpu -5 20", "ts latest cpu", "ts range cpu 0 99", "ts names", "ts downsample cpu -5 20 0.5",
			"ts append cpu soon 1", "ts summary cpu 30 40", "ts wat", "ts", "begin", "ts append cpu 9 9"))
}

// Partitions stand beside the session's store, are found again, refuse another number, and can be made more.
func TestSession_Partitions(t *testing.T) {
	dir := t.TempDir()
	got := held(t, dir, "partitions put a 1", "partitions open 4 consistent", "partitions fill 1000 1999", "partitions get 1000 7 1999", "partitions scan 1998", "partitions stats", "partitions close", "partitions open 5 consistent")
	require.Equal(t, "error: "+errNoParts.Error(), got[0])
	require.Regexp(t, "^opened 4 partitions: ", got[1])
	require.Equal(t, []string{"filled 1000 … 1999: 1,000 entries", "1000 = value1000", "7 not found", "1999 = value1999", "1998 = value1998", "1999 = value1999", "2 entries"}, got[2:9])
	require.Regexp(t, `^partition_0 +\d+ entries, 1 memtable, 0 tables, `, got[9])
	require.Regexp(t, `^total +1,000 entries, 4 memtables, 0 tables, `, got[13])
	require.Equal(t, "closed", got[14])
	require.Regexp(t, "^error: partitions open: .*consistent", got[15])

	got = held(t, dir, "partitions rebalance 5 consistent", "partitions get 1500", "partitions stats")
	require.Regexp(t, `^moved \d\d\d keys$`, got[0])
	require.Equal(t, "1500 = value1500", got[2])
	require.Regexp(t, `^partition_4 +\d\d\d entries`, got[7])
	require.Equal(t, "error: "+errPartsUsage.Error(), strings.Join(held(t, dir, "partitions"), "\n"))
}

// A plain store says what it lacks.
func TestSession_WithoutVersions(t *testing.T) {
	got, status := talk(t, t.TempDir(), "history a", "snapshot", "begin", "commit", "ts latest cpu", "get a 1")
	require.Zero(t, status)
	for i, line := range got {
		want := errNoPast
		if i == 3 {
			want = errNoTransaction
		}
		require.Equal(t, "error: "+want.Error(), strings.Replace(line, "ts latest: ", "", 1))
	}
	_, err := parse([]string{"--versions", "0"})
	require.ErrorContains(t, err, "off, needed, all, or a number")
}
