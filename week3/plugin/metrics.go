package plugin

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"lsmlab/internal/todo"
)

// defaultEvery is how often Metrics writes a line.
const defaultEvery = 30 * time.Second

// Metrics is a plugin that counts writes and reads, each write of a batch too, and writes a line with the sums every now and then,
// and at the end:
//
//	PUT: 100, GET: 10, DELETE: 0
//
// If its queue was full at times, the line ends with how many events are not in the sums: ", MISSED: 7".
type Metrics struct {
	w     io.Writer
	every time.Duration

	stop    chan struct{}  // closed by Shutdown
	printer sync.WaitGroup // print

	mu                          sync.Mutex // Handle and print meet here
	puts, gets, deletes, missed int64      // guarded by mu
	err                         error      // the first of w; touched by print, and when that has ended by Shutdown
}

// NewMetrics returns a plugin that writes to w. every is the time between two lines, 30 s if it is 0.
func NewMetrics(w io.Writer, every time.Duration) *Metrics {
	if every <= 0 {
		every = defaultEvery
	}
	return &Metrics{w: w, every: every}
}

// Name returns "metrics".
func (m *Metrics) Name() string { return "metrics" }

// Initialize starts the printer.
func (m *Metrics) Initialize() error {
	m.stop = make(chan struct{})
	m.printer.Go(m.print)
	return nil
}

// Handle counts.
func (m *Metrics) Handle(e Event) {
	// TODO(week 3, day 5, task 4): implement Handle. Chapter: book/week3/day5-plugins.md#metrics
	//
	// Hint: switch e := e.(type) { case Put: … }. Which events hold writes, and how many?
	panic(todo.Reached("week 3 day 5 task 4", "Metrics.Handle"))
}

// print is a goroutine that Initialize starts and Shutdown stops. It writes a line each time that m.every is over.
func (m *Metrics) print() {
	// TODO(week 3, day 5, task 4): implement print. Chapter: book/week3/day5-plugins.md#metrics
	//
	// Hint: time.NewTicker, and m.stop. A ticker is stopped by who has made it.
	panic(todo.Reached("week 3 day 5 task 4", "Metrics.print"))
}

// line writes the sums. It formats under the lock and writes without it: w may be slow.
func (m *Metrics) line() {
	m.mu.Lock()
	text := fmt.Sprintf("PUT: %d, GET: %d, DELETE: %d", m.puts, m.gets, m.deletes)
	if m.missed > 0 {
		text += fmt.Sprintf(", MISSED: %d", m.missed)
	}
	m.mu.Unlock()
	_, err := fmt.Fprintln(m.w, text)
	m.err = cmp.Or(m.err, err)
}

// Shutdown stops the printer and writes the last line. It returns what first went wrong with writing.
func (m *Metrics) Shutdown() error {
	// TODO(week 3, day 5, task 4): implement Shutdown. Chapter: book/week3/day5-plugins.md#metrics
	//
	// Hint: Two goroutines must not write at a time. When has the printer ended?
	panic(todo.Reached("week 3 day 5 task 4", "Metrics.Shutdown"))
}
