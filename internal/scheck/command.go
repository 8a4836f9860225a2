package scheck

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"lsmlab/internal/report"
)

// Command is what mage scheck does: it checks and writes the report to standard output. It returns whether all is green.
func Command(o Options, format string, all bool) (green bool, err error) {
	write, err := report.Writer(format)
	if err != nil {
		return false, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	style := report.StyleFor(os.Stdout)
	style.All = all
	bar := NewBar(os.Stderr, "testing")
	o.Progress = bar.Set
	r, err := Run(ctx, o)
	bar.Clear()
	if err != nil {
		return false, err
	}
	return r.Green(), write(os.Stdout, r, style)
}
