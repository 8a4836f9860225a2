// Package today finds out which day a learner means: the one they name, or the one they are at.
package today

import (
	"fmt"

	"lsmlab/internal/course"
	"lsmlab/internal/scheck"
)

// Day returns the day that a command's flags name. Without flags it is the first released day that is not green as far as
// the last checks know; the last one, if all are.
func Day(root string, week, day int) (course.Day, error) {
	switch {
	case week != 0 && day != 0:
		return course.Find(week, day)
	case week != 0 || day != 0:
		return course.Day{}, fmt.Errorf("name the day in full, for example -week=1 -day=%d, or leave both away for the day that you are at", max(day, 1))
	}
	results, err := scheck.LoadResults(root)
	if err != nil {
		return course.Day{}, err
	}
	released := course.Released()
	for _, d := range released {
		if !results.Days[d.ID()].Green() {
			return d, nil
		}
	}
	return released[len(released)-1], nil
}

// Green reports whether a day was green when it was checked last.
func Green(root string, d course.Day) (bool, error) {
	results, err := scheck.LoadResults(root)
	return results.Days[d.ID()].Green(), err
}

// NameIt returns the error of a command that wants its day named.
func NameIt(command string) error {
	return fmt.Errorf("which day? Say, for example: go tool mage %s -week=1 -day=1", command)
}
