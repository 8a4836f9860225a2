package grade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/scheck"
)

// Command is what mage grade does: it grades by the tests of a day, a week, or all (0), writes the table to w, and CSV and
// JSON beside the submissions' folder, or to files that begin with out.
func Command(w io.Writer, o Options, week, day int, out string) (err error) {
	if o.Days, err = days(week, day); err != nil {
		return err
	}
	if o.Dir == "" {
		return errors.New("which folder? Say, for example: go tool mage grade -dir=submissions")
	}
	if out == "" {
		out = strings.TrimRight(filepath.Clean(o.Dir), string(filepath.Separator)) + "-grades"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	bar := scheck.NewBar(os.Stderr, "grading")
	o.Progress = bar.Set
	grades, err := Run(ctx, o)
	bar.Clear()
	if err != nil {
		return err
	}
	Table(w, grades)
	if names := others(o.Dir); len(names) > 0 {
		fmt.Fprintf(w, "\nNot graded, as a submission is a folder: %s\n", strings.Join(names, ", "))
	}
	if err := save(out+".csv", func(f io.Writer) error { return CSV(f, grades) }); err != nil {
		return err
	}
	if err := save(out+".json", func(f io.Writer) error { return JSON(f, grades) }); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d submissions graded in %s. Each test's verdict: %s.csv, %s.json\n", len(grades), time.Since(began).Round(100*time.Millisecond), out, out)
	return nil
}

// days returns the days of a week, or the one day, or all of them.
func days(week, day int) ([]course.Day, error) {
	switch {
	case week == 0 && day == 0:
		return course.Released(), nil
	case week == 0:
		return nil, fmt.Errorf("which week's day %d? Say -week=1 -day=%d", day, day)
	case day == 0:
		return course.Week(week)
	}
	d, err := course.Find(week, day)
	return []course.Day{d}, err
}

// save writes a file.
func save(name string, fill func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}
