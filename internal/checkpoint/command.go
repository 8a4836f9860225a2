package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// Command checks the days that week and day ask for (0 means all) and tells how it goes. The error says how many things
// do not hold, if any.
func Command(w io.Writer, root string, week, day int) error {
	days := course.Released()
	var err error
	switch {
	case week != 0 && day != 0:
		var d course.Day
		d, err = course.Find(week, day)
		days = []course.Day{d}
	case week != 0:
		days, err = course.Week(week)
	case day != 0:
		err = errors.New("which week? Say, for example: go tool mage checkpoints -week=1 -day=1")
	}
	if err != nil {
		return err
	}
	ok, why := run.RaceDetector(context.Background())
	if !ok {
		fmt.Fprintln(w, "without the race detector:", why)
	}
	faults, err := Run(context.Background(), Options{Root: root, Days: days, NoRace: !ok, Log: w})
	for _, f := range faults {
		fmt.Fprintln(w, f)
	}
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("the checkpoints do not hold: %d faults", len(faults))
	}
	return err
}
