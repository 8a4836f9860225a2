package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What cannot be measured is refused in words, before anything is.
func TestRun_ChecksItsFlags(t *testing.T) {
	good := flags{Entries: 1, Rounds: 1, Memtable: 1, Cache: 1}
	for _, spoil := range []func(f *flags){
		func(f *flags) { f.Entries = 0 },
		func(f *flags) { f.Rounds = 0 },
		func(f *flags) { f.Memtable = -1 },
		func(f *flags) { f.Cache = 0 },
	} {
		f := good
		spoil(&f)
		require.ErrorContains(t, run(f), "count from 1")
	}
}
