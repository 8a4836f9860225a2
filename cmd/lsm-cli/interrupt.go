package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
)

// errInterrupted is the error of a command that somebody has ended.
var errInterrupted = errors.New("interrupted")

// statusInterrupted is the exit status of a session that was ended by Ctrl-C, as shells have it.
const statusInterrupted = 130

// interruptible runs a command. At a terminal Ctrl-C then ends the command, and not the session with all that is in its
// memory. A second one ends the process: the store of somebody who is not done yet may wait for ever. From a pipe Ctrl-C
// ends the process, as usual.
func (s *session) interruptible(command func() error) error {
	if !s.in.interactive() {
		return command()
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s.ctx = ctx
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.watchInterrupts(signals, done, cancel)
	}()
	defer func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}()
	return command()
}

// watchInterrupts deals with those who press Ctrl-C, until done is closed.
func (s *session) watchInterrupts(signals <-chan os.Signal, done <-chan struct{}, cancel context.CancelCauseFunc) {
	select {
	case <-signals:
		cancel(errInterrupted)
	case <-done:
		return
	}
	select {
	case <-signals:
		s.in.Close() // gives the terminal back
		exit(statusInterrupted)
	case <-done:
	}
}
