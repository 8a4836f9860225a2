package main

import (
	"errors"
	"fmt"
	"strconv"

	"lsmlab/internal/subject"
)

// errSeriesUsage is returned for a use of ts that makes no sense.
var errSeriesUsage = errors.New(`usage:
  ts append SERIES TIME VALUE
  ts range SERIES FROM TO
  ts summary SERIES FROM TO
  ts latest SERIES
  ts downsample SERIES FROM TO THRESHOLD
  ts names`)

// seriesCommands are the subcommands of ts, each with the number of arguments that it takes, and whether it writes.
var seriesCommands = map[string]struct {
	args   int
	writes bool
	run    func(s *session, args []string) error
}{
	"append":     {3, true, (*session).seriesAppend},
	"range":      {3, false, (*session).seriesRange},
	"summary":    {3, false, (*session).seriesSummary},
	"latest":     {1, false, (*session).seriesLatest},
	"downsample": {4, true, (*session).seriesDownsample},
	"names":      {0, false, (*session).seriesNames},
}

// ts works with time series. Times are whole numbers in a unit of the user's choice.
func (s *session) ts(args []string) error {
	if len(args) == 0 {
		return errSeriesUsage
	}
	c, ok := seriesCommands[args[0]]
	if !ok || len(args)-1 != c.args {
		return errSeriesUsage
	}
	if s.db == nil {
		return errNoPast
	}
	if c.writes {
		if err := s.outside("ts " + args[0]); err != nil {
			return err
		}
	}
	if err := c.run(s, args[1:]); err != nil {
		return fmt.Errorf("ts %s: %w", args[0], err)
	}
	return nil
}

// times reads numbers of a time axis.
func times(args []string) (list []int64, err error) {
	for _, arg := range args {
		t, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no time: that is a whole number", arg)
		}
		list = append(list, t)
	}
	return list, nil
}

// float reads a value.
func float(arg string) (float64, error) {
	v, err := strconv.ParseFloat(arg, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", arg)
	}
	return v, nil
}

// series returns the time series of the store.
func (s *session) series() *subject.Series { return subject.NewSeries(s.db, nil) }

// seriesAppend stores a point.
func (s *session) seriesAppend(args []string) error {
	t, err := times(args[1:2])
	if err != nil {
		return err
	}
	v, err := float(args[2])
	if err != nil {
		return err
	}
	if err := s.series().Append(args[0], t[0], v); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s at %d: %v\n", show([]byte(args[0])), t[0], v)
	return nil
}

// seriesRange lists the points of a range, newest first.
func (s *session) seriesRange(args []string) error {
	t, err := times(args[1:])
	if err != nil {
		return err
	}
	r := s.series().Range(args[0], t[0], t[1])
	n := 0
	for p := range r.All() {
		fmt.Fprintf(s.out, "%d: %v\n", p.Time, p.Value)
		n++
	}
	fmt.Fprintln(s.out, count(n, "point", "points"))
	return errors.Join(r.Err(), r.Close())
}

// seriesSummary summarizes a range.
func (s *session) seriesSummary(args []string) error {
	t, err := times(args[1:])
	if err != nil {
		return err
	}
	sum, err := s.series().Summarize(args[0], t[0], t[1])
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s from %d to %d: min %v, max %v, avg %v, sum %v\n", count(sum.Count, "point", "points"),
		sum.First.Time, sum.Last.Time, sum.Min, sum.Max, sum.Avg, sum.Sum)
	return nil
}

// seriesLatest shows the newest point.
func (s *session) seriesLatest(args []string) error {
	p, err := s.series().Latest(args[0])
	if err == nil {
		fmt.Fprintf(s.out, "%d: %v\n", p.Time, p.Value)
	}
	return err
}

// seriesDownsample drops points that the lines between the others tell well enough.
func (s *session) seriesDownsample(args []string) error {
	t, err := times(args[1:3])
	if err != nil {
		return err
	}
	threshold, err := float(args[3])
	if err != nil {
		return err
	}
	result, err := s.series().Downsample(args[0], t[0], t[1], threshold)
	if err == nil {
		fmt.Fprintf(s.out, "kept %d of %s, none of the others further than %v off\n", result.Kept, count(result.Before, "point", "points"), threshold)
	}
	return err
}

// seriesNames lists the series.
func (s *session) seriesNames([]string) error {
	n := 0
	for name, err := range s.series().Names() {
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, show([]byte(name)))
		n++
	}
	fmt.Fprintln(s.out, count(n, "series", "series"))
	return nil
}
