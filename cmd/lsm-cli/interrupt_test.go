//go:build reference

package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// person is an input at which somebody sits. It counts how often it was closed.
type person struct {
	plain
	closed int
}

// interactive reports that somebody sits there.
func (p *person) interactive() bool { return true }

// Close counts.
func (p *person) Close() error {
	p.closed++
	return nil
}

// sitting returns a session over a fresh store, with somebody who types these lines.
func sitting(t *testing.T, lines ...string) (*session, *person, *bytes.Buffer) {
	t.Helper()
	f, err := parse([]string{"--path", t.TempDir()})
	require.NoError(t, err)
	p := &person{plain: plain{lines: bufio.NewReader(strings.NewReader(strings.Join(lines, "\n")))}}
	out := new(bytes.Buffer)
	s := &session{flags: f, dir: f.Path, ctx: context.Background(), in: p, out: bufio.NewWriter(out)}
	require.NoError(t, s.open())
	t.Cleanup(func() { require.NoError(t, s.close()) })
	return s, p, out
}

// Ctrl-C ends what takes long, and what was written before it stays.
func TestInterrupt_EndsTheCommand(t *testing.T) {
	s, _, out := sitting(t)
	require.NoError(t, s.obey("fill 1 9"))
	file := filepath.Join(t.TempDir(), "lines")
	require.NoError(t, os.WriteFile(file, []byte("a\t1\nb\t2\n"), 0o644))
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errInterrupted)
	s.ctx = ctx
	require.EqualError(t, s.obey("fill 10 20"), "fill stopped at 10: interrupted")
	require.EqualError(t, s.obey("scan"), "scan: interrupted")
	require.ErrorIs(t, s.obey("load "+file), errInterrupted)
	s.ctx = context.Background()
	require.NoError(t, s.obey("get 9"))
	s.out.Flush()
	require.Contains(t, out.String(), "9 = value9@1\n")
}

// The first Ctrl-C ends the command; the second gives the terminal back and ends the process.
func TestInterrupt_SecondEndsTheProcess(t *testing.T) {
	s, p, _ := sitting(t)
	status := -1
	defer func(was func(int)) { exit = was }(exit)
	exit = func(code int) { status = code }
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signals <- os.Interrupt
	signals <- os.Interrupt
	s.watchInterrupts(signals, nil, cancel)
	require.ErrorIs(t, context.Cause(ctx), errInterrupted)
	require.Equal(t, 1, p.closed)
	require.Equal(t, statusInterrupted, status)
}

// A crash leaves the store as it is, and gives the terminal back: else nobody would see what he types in his shell.
func TestCrash_GivesTheTerminalBack(t *testing.T) {
	s, p, _ := sitting(t, "crash")
	closed := -1
	defer func(was func(int)) { exit = was }(exit)
	exit = func(int) { closed = p.closed }
	s.loop()
	require.Equal(t, 1, closed)
}

// Help, and what else has columns, fits into a terminal of the usual width.
func TestHelp_FitsIntoATerminal(t *testing.T) {
	s, _, out := sitting(t)
	require.NoError(t, s.obey("help"))
	s.out.Flush()
	usages := []string{errPartsUsage.Error(), errSeriesUsage.Error(), errSnapshotUsage.Error()}
	for line := range strings.Lines(out.String() + strings.Join(usages, "\n")) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 79, line)
	}
	for _, c := range commands() {
		require.Contains(t, out.String(), "  "+c.usage)
	}
}

// What cannot be loaded, and an option that makes no sense, are told in words.
func TestSession_TellsWhatMakesNoSense(t *testing.T) {
	s, _, _ := sitting(t)
	dir := t.TempDir()
	require.EqualError(t, s.obey("load "+`"`+filepath.ToSlash(dir)+`"`), "load: "+filepath.ToSlash(dir)+" is a directory")
	_, err := parse([]string{"--filter-bits=-1"})
	require.ErrorContains(t, err, "--filter-bits")
}
