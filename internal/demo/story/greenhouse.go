package story

import (
	"errors"
	"math"

	"lsmlab/solution/week3/timeseries"
)

// opened is the time of the first measurement, in seconds since 1970.
const opened = 1_700_000_000

// greenhouse stores a hundred temperatures, asks for the last half minute, and keeps as few of them as half a degree allows.
func (s *story) greenhouse() error {
	series := timeseries.New(s.db, nil)
	for i := range int64(100) {
		if err := series.Append("greenhouse/temperature", opened+i, 50+20*math.Sin(0.1*float64(i))); err != nil {
			return err
		}
	}
	latest, err := series.Latest("greenhouse/temperature")
	if err != nil {
		return err
	}
	last, err := series.Summarize("greenhouse/temperature", latest.Time-30, latest.Time)
	if err != nil {
		return err
	}
	s.say("100 points; the last 30 seconds hold %d, mean %.2f, from %.2f to %.2f", last.Count, last.Avg, last.Min, last.Max)
	thinned, err := series.Downsample("greenhouse/temperature", opened, opened+99, 0.5)
	if err != nil {
		return err
	}
	s.say("%d of %d points are enough to be nowhere more than 0.5 off", thinned.Kept, thinned.Before)
	_, err = series.Summarize("greenhouse/temperature", opened+100, opened+200)
	s.say("the mean of no points is not 0 but an error: %v", err)
	if !errors.Is(err, timeseries.ErrNoPoints) {
		return errors.New("a summary of nothing")
	}
	return errors.Join(want("points", 31, last.Count), want("mean", 6103, int(math.Round(100*last.Avg))), want("points before", 100, thinned.Before))
}
