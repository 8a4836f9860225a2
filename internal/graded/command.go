package graded

import (
	"errors"
	"fmt"
	"io"

	"lsmlab/internal/course"
)

// Command is what mage copy-test does: it copies the tests of a day and of all days before it, or of a whole week, and
// says what it wrote.
func Command(w io.Writer, week, day int, bonus bool) error {
	root, err := course.Root()
	if err != nil {
		return err
	}
	days, err := chosen(week, day)
	if err != nil {
		return err
	}
	last := days[len(days)-1]
	if own, err := sources(root, last); err != nil || len(own) == 0 {
		return errors.Join(fmt.Errorf("%s (%s) has no tests yet", last, last.Title), err)
	}
	written, err := Copy(root, days, bonus)
	for _, name := range written {
		fmt.Fprintln(w, name)
	}
	if err != nil {
		return err
	}
	gone, err := dropGone(root, days)
	for _, name := range gone {
		fmt.Fprintf(w, "%s is no longer part of the course, and was removed\n", name)
	}
	if err != nil {
		return err
	}
	if len(written) == 0 {
		fmt.Fprintf(w, "The tests up to %s are all there already.\n", last)
	} else {
		fmt.Fprintf(w, "\n%d files written: the tests up to %s. They are not yours to edit; scheck sets them right.\n", len(written), last)
	}
	fmt.Fprintf(w, "Read %s, then: go tool mage scheck -week=%d -day=%d\n", last.Chapter(), last.Week, last.Day)
	return nil
}

// chosen returns the days up to the one asked for, or up to the last released one of a week.
func chosen(week, day int) ([]course.Day, error) {
	if week == 0 {
		return nil, errors.New("which day? Say, for example: go tool mage copy-test -week=1 -day=1")
	}
	if day != 0 {
		d, err := course.Find(week, day)
		if err != nil {
			return nil, err
		}
		return course.Through(d), nil
	}
	days, err := course.Week(week)
	if err != nil {
		return nil, err
	}
	return course.Through(days[len(days)-1]), nil
}
