package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"
	"golang.org/x/term"
)

// input is where lines come from.
type input interface {
	// line returns the next line without its end, and io.EOF behind the last.
	line() (string, error)
	// interactive reports whether somebody sits there.
	interactive() bool
	// Close gives back what the input holds.
	Close() error
}

// terminal returns a line editor if somebody sits at both ends, and plain lines otherwise.
func terminal(in, out *os.File) (input, io.Writer) {
	if term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) {
		return newEditor(), out
	}
	return &plain{lines: bufio.NewReader(in)}, out
}

// plain reads lines from a pipe or a file.
type plain struct{ lines *bufio.Reader }

func (p *plain) line() (string, error) {
	line, err := p.lines.ReadString('\n')
	if line != "" && errors.Is(err, io.EOF) {
		err = nil // the last line, with no line end
	}
	return strings.TrimRight(line, "\r\n"), err
}

func (p *plain) interactive() bool { return false }

func (p *plain) Close() error { return nil }

// editor reads lines at a terminal, with history, which it keeps for the next time, and completion.
type editor struct{ state *liner.State }

// newEditor sets the terminal up.
func newEditor() *editor {
	e := &editor{state: liner.NewLiner()}
	e.state.SetCtrlCAborts(true)
	e.state.SetTabCompletionStyle(liner.TabPrints)
	e.state.SetCompleter(complete)
	if f, err := os.Open(historyFile()); err == nil {
		e.state.ReadHistory(f) // what cannot be read is no loss
		f.Close()
	}
	return e
}

func (e *editor) line() (string, error) {
	line, err := e.state.Prompt("lsm> ")
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", nil // Ctrl-C gives up this line; Ctrl-D ends the session
	}
	if strings.TrimSpace(line) != "" {
		e.state.AppendHistory(line)
	}
	return line, err
}

func (e *editor) interactive() bool { return true }

// Close saves the history, as far as it can, and gives the terminal back.
func (e *editor) Close() error {
	if name := historyFile(); name != "" && os.MkdirAll(filepath.Dir(name), 0o700) == nil {
		if f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err == nil {
			e.state.WriteHistory(f)
			f.Close()
		}
	}
	return e.state.Close()
}

// historyFile returns where the history is kept, "" if there is no place for it.
func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "lsmlab", "lsm-cli-history")
}

// complete returns what the line may become: a command's name, or, behind load, a file's.
func complete(line string) (candidates []string) {
	if pattern, ok := strings.CutPrefix(line, "load "); ok {
		names, _ := filepath.Glob(pattern + "*")
		for _, name := range names {
			candidates = append(candidates, "load "+name)
		}
		return candidates
	}
	for _, c := range commands() {
		for _, name := range c.names {
			if strings.HasPrefix(name, line) {
				candidates = append(candidates, name+" ")
			}
		}
	}
	return candidates
}
