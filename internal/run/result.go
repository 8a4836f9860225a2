package run

import "time"

// Status is how a test ended.
type Status string

const (
	Pass    Status = "pass"    // its own PASS event, and exit code 0
	Fail    Status = "fail"    // it found something wrong, or panicked, or its process ended without a word
	Todo    Status = "todo"    // it failed, and had reached a task that is not done yet
	Timeout Status = "timeout" // it was still running at its limit
	Memory  Status = "memory"  // it took more memory than it may
	Skip    Status = "skip"    // it skipped itself
	Compile Status = "compile" // its package could not be compiled
	Missing Status = "missing" // the binary has no such test
	NotRun  Status = "not run" // too many tests of its package hung: see Config.Impatient
)

// Result is how one test ended, and what there is to say about it.
type Result struct {
	Test    string        // name of the function
	Status  Status        // how it ended
	Todo    string        // the first task reached that is not done: "week 1 day 6 task 2 (Engine.flush)"
	Message string        // what it said, for people: no file:line of the test, no stack
	Where   []string      // positions in the student's code, most telling first: "week1/engine/flush.go:41"
	Seed    string        // of a random test, as flags: "-rapid.seed=42"
	Output  string        // everything it printed, shortened if it was much
	Elapsed time.Duration // of its process
	Began   bool          // a test was reached: what went wrong did not go wrong in an init
}

// OK reports whether the test passed.
func (r Result) OK() bool { return r.Status == Pass }
