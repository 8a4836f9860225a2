package scheck

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
)

// choose returns the days to check: of the copied ones, those that week and day ask for, where 0 asks for all.
func choose(s graded.State, week, day int) ([]course.Day, error) {
	if day != 0 && week == 0 {
		return nil, fmt.Errorf("which week's day %d? Say -week=1 -day=%d", day, day)
	}
	if week != 0 && day != 0 {
		d, err := course.Find(week, day)
		if err != nil {
			return nil, err
		}
		if !s.Has(d) {
			return nil, fmt.Errorf("the tests of %s are not copied yet: go tool mage copy-test -week=%d -day=%d", d, week, day)
		}
		return []course.Day{d}, nil
	}
	if week != 0 {
		if _, err := course.Week(week); err != nil {
			return nil, err
		}
	}
	var days []course.Day
	for _, d := range s.Days {
		if week == 0 || d.Week == week {
			days = append(days, d)
		}
	}
	switch {
	case len(days) > 0:
		return days, nil
	case week != 0:
		return nil, fmt.Errorf("no tests of week %d are copied yet: go tool mage copy-test -week=%d -day=1", week, week)
	}
	return nil, errors.New("no tests are copied yet, so there is nothing to check. Begin with: go tool mage start\n" +
		"or, for a day of your choice: go tool mage copy-test -week=1 -day=1")
}

// tell returns what a learner should know about copied tests that were set right. Edited ones are kept in .lab/backup.
func tell(root string, changes []graded.Change) ([]string, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	dir := filepath.Join(".lab", "backup", time.Now().Format("2006-01-02T150405"))
	backed := 0
	var parts []string
	for _, c := range changes {
		if c.Old != nil {
			name := filepath.Join(root, dir, filepath.FromSlash(c.Path))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				return nil, err
			}
			if err := os.WriteFile(name, c.Old, 0o666); err != nil {
				return nil, err
			}
			backed++
		}
		if len(parts) < 5 {
			parts = append(parts, c.Path+" ("+c.Why+")")
		}
	}
	if more := len(changes) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	note := "Copied tests set right: " + strings.Join(parts, ", ") + "."
	if backed > 0 {
		note += " What stood there is in " + filepath.ToSlash(dir) + "; own tests belong in files of your own."
	}
	return []string{note}, nil
}
