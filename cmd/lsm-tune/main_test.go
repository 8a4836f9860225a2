//go:build reference

package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
)

// parse reads a command line.
func parse(t *testing.T, args ...string) flags {
	t.Helper()
	var f flags
	parser, err := kong.New(&f)
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
	return f
}

func TestMeasure(t *testing.T) {
	labtest.NoLeaks(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	m, err := median(parse(t, "--entries=20000", "--rounds=2", "--writers=4", "--cache=0"))
	require.NoError(t, err)
	for name, v := range map[string]float64{"puts": m.puts, "gets": m.gets, "misses": m.misses, "scanned": m.scanned} {
		require.Positive(t, v, name)
	}
	require.Greater(t, m.writeAmp, 0.8, "each byte goes to a table at least once, but for what is overwritten in a memtable")
	require.GreaterOrEqual(t, m.spaceAmp, 0.9)
	require.Positive(t, m.runs)
	require.GreaterOrEqual(t, m.readsGet, 0.9, "without a cache each get that is not answered by a memtable reads a block")
	require.Less(t, m.readsMiss, 0.1, "filters answer nearly all the others")
	left, err := filepath.Glob(filepath.Join(dir, "lsm-tune-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestRun_Sweeps(t *testing.T) {
	for _, sweep := range []string{
		"policy=none,simple,tiered,leveled", "log=off,buffered,written,synced", "filter-bits=0,10", "memtable=256KiB,1MiB",
	} {
		args := []string{"--entries=500", "--sweep=" + sweep}
		var out bytes.Buffer
		require.NoError(t, run(parse(t, args...), args, &out), sweep)
		require.Contains(t, out.String(), "The store of the reference: 500 keys of 16 bytes", sweep)
		values, lines := strings.Count(sweep, ",")+1, strings.Count(out.String(), "\n")
		require.Equal(t, values, lines-6, "a line a value\n%s", out.String())
	}
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	for want, args := range map[string][]string{
		"count from 1":             {"--entries=0"},
		"unknown flag --colour":    {"--sweep=colour=1"},
		"with --writers=0: entrie": {"--sweep=writers=0"},
	} {
		require.ErrorContains(t, run(parse(t, args...), args, &bytes.Buffer{}), want)
	}
}
