//go:build reference

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// TestMain runs the tests, or is the process that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "--child" {
		var f flags
		kong.Parse(&f)
		if err := work(f); err != nil {
			os.Stderr.WriteString(err.Error())
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// A short torture of the reference: one of everything, and the figures are told.
func TestTorture_Reference(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, torture(flags{Seed: 3, Writers: 4, Minutes: 0.001}, &out))
	require.Regexp(t, `1 scripts: [1-9]\d+ crash points, [1-9]\d+ failing operations, 8 storms; [1-9]\d+ recoveries; 1 processes killed after [1-9]\d* ack`, out.String())
	require.Contains(t, out.String(), "nothing was lost")
	t.Log(out.String())
}

// Only kills, as many as asked for.
func TestTorture_Kills(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, torture(flags{Seed: 3, Writers: 4, Minutes: 1, Kills: 3}, &out))
	require.Contains(t, out.String(), "3 processes killed")
}

// A time that is over before it begins is refused, and not taken for a moment in which nothing was lost.
func TestTorture_ChecksItsFlags(t *testing.T) {
	for _, f := range []flags{{Writers: 4, Minutes: -1}, {Writers: 4}, {Writers: 4, Minutes: 1, Kills: -1}} {
		var out bytes.Buffer
		require.ErrorContains(t, torture(f, &out), "above 0")
		require.Empty(t, out.String())
	}
}
