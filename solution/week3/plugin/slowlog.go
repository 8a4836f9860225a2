//lab:day 3.5

package plugin

import (
	"cmp"
	"fmt"
	"io"
	"time"
)

// SlowLog is a plugin that writes a line for each flush, compaction and stall that takes long, those that fail too:
//
//	1.204s: flush of memtable 7 to table 10, 4194304 bytes
//	2.5s: compaction of 5 tables into 2
//	5s: writers have waited
//
// A compaction has dropped five tables then, and added two.
// Reads and writes have no beginning that an engine tells, and so no length.
type SlowLog struct {
	w         io.Writer
	threshold time.Duration
	err       error // the first of w
}

// NewSlowLog returns a plugin that writes to w what takes threshold or longer.
func NewSlowLog(w io.Writer, threshold time.Duration) *SlowLog {
	return &SlowLog{w: w, threshold: threshold}
}

// Name returns "slow log".
func (s *SlowLog) Name() string { return "slow log" }

// Initialize does nothing.
func (s *SlowLog) Initialize() error { return nil }

// Handle writes a line if the event is the end of something slow.
//
//lab:todo 4 plugins#slow-log
//lab:hint Only ends count. Their beginnings may have been dropped; that is why each end says how long it took.
//lab:hint While eight writers wait, seven StallEnds come before the stall is over.
func (s *SlowLog) Handle(e Event) {
	// #region slow-log
	switch e := e.(type) {
	case FlushEnd:
		s.log(e.Took, "flush of memtable %d to table %d, %d bytes", e.Memtable, e.Table.Number, e.Table.Bytes)
	case CompactionEnd:
		s.log(e.Took, "compaction of %d tables into %d", len(e.Dropped), len(e.Added))
	case StallEnd:
		if e.Waiting == 0 {
			s.log(e.Took, "writers have waited")
		}
	}
	// #endregion
}

// log writes a line about what took so long, if that is long.
func (s *SlowLog) log(took time.Duration, format string, args ...any) {
	if took >= s.threshold {
		_, err := fmt.Fprintf(s.w, "%v: %s\n", took.Round(time.Millisecond), fmt.Sprintf(format, args...))
		s.err = cmp.Or(s.err, err)
	}
}

// Shutdown returns what first went wrong with writing.
func (s *SlowLog) Shutdown() error { return s.err }
