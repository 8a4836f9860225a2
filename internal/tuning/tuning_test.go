package tuning_test

import (
	"errors"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/tuning"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]tuning.Size{
		"0": 0, "100": 100, "64KiB": 64 << 10, "8MiB": 8 << 20, "1GiB": 1 << 30, "1025KiB": 1025 << 10,
	} {
		var got tuning.Size
		require.NoError(t, got.UnmarshalText([]byte(text)))
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "MiB", "-1", "4MB", "1.5MiB", "9223372036854775807KiB"} {
		require.Error(t, new(tuning.Size).UnmarshalText([]byte(text)), text)
	}
}

func TestSweep_Positions(t *testing.T) {
	at, unit, ok := tuning.Sweep{Values: []string{"512KiB", "4MiB"}}.Positions()
	require.Equal(t, []float64{0.5, 4}, at)
	require.Equal(t, ", MiB", unit)
	require.True(t, ok)
	at, unit, ok = tuning.Sweep{Values: []string{"2", "10"}}.Positions()
	require.Equal(t, []float64{2, 10}, at)
	require.Empty(t, unit)
	require.True(t, ok)
	_, _, ok = tuning.Sweep{Values: []string{"hot", "2"}}.Positions()
	require.False(t, ok)
}

// command is a command line with two flags.
type command struct {
	Sweep string
	Size  tuning.Size `default:"1KiB"`
	Kind  string      `enum:"${kinds}" default:"a"`
}

func TestEach(t *testing.T) {
	options := []kong.Option{kong.Vars{"kinds": "a,b"}}
	var got []command
	take := func(c command) error {
		got = append(got, c)
		return nil
	}
	s, err := tuning.ParseSweep("size=2KiB,4MiB")
	require.NoError(t, err)
	require.NoError(t, tuning.Each(s, []string{"--kind=b", "--size=9"}, options, take))
	want := []command{{Size: 2 << 10, Kind: "b"}, {Size: 4 << 20, Kind: "b"}}
	require.Equal(t, want, got, "the sweep's value is the one that counts")

	for want, spec := range map[string]string{
		"write it like":             "size",
		"unknown flag --colour":     "colour=1",
		`"4MB" is not a size`:       "--size=4MB",
		`--kind must be one of "a"`: "kind=c",
	} {
		s, err := tuning.ParseSweep(spec)
		if err == nil {
			err = tuning.Each(s, nil, options, take)
		}
		require.ErrorContains(t, err, want)
	}
	err = tuning.Each(s, nil, options, func(command) error { return errors.New("disk full") })
	require.ErrorContains(t, err, "with --size=2KiB: disk full")
}
