package run

import (
	"os"
	"runtime"
	"time"

	"lsmlab/internal/todo"
)

// Config says how test binaries are built and run. The zero value runs in the working directory, without race detector.
type Config struct {
	Root    string        // the module's root
	Race    bool          // build with the race detector
	Overlay string        // a file for go's -overlay; "" for none
	Tags    string        // build tags, separated by commas
	Linker  string        // flags for the linker
	Bin     string        // where binaries go; a directory that may hold those of last time
	Dir     string        // working directory of the tests; "" for their package's
	Env     []string      // further variables for the tests
	Limit   time.Duration // for one process. Default 10 s, 20 s with race detector
	// Impatient gives the tests of a package of which two have reached Limit a fifth of it, and does not run the rest once eight
	// have: for people who wait, and can look again.
	// Who counts points must not do it: a test that is slow and right would fail.
	Impatient bool
	Memory    int64  // bytes that one process may hold, where the system tells. Default 2 GiB, 4 GiB with race detector
	Proof     string // if set, no test passes whose process does not end with this line and "0": see package grade
	Jobs      int    // processes at a time. Default: one a core
	// Explains reports whether a stub with a harmless default, reached by a test of a package, can be why that test fails;
	// the stub names its task as in "week 1 day 6 task 2 (Engine.wake)". Default: each can. See graded.Explainer.
	Explains func(pkg, test, stub string) bool
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	factor := 1
	if c.Race {
		factor = 2
	}
	if c.Limit == 0 {
		c.Limit = time.Duration(factor) * 10 * time.Second
	}
	if c.Memory == 0 {
		c.Memory = int64(factor) * 2 << 30
	}
	if c.Jobs == 0 {
		c.Jobs = runtime.NumCPU()
	}
	return c
}

// environ returns the environment of a test process.
func (c Config) environ() []string {
	env := append(os.Environ(),
		"GORACE=atexit_sleep_ms=0", // a race report needs no second of patience
		todo.NotesEnv+"=1",         // harmless stubs tell, too
		"RAPID_NOFAILFILE=true",    // the learner's folder stays as it is
		"RAPID_SHRINKTIME=1s",
	)
	return append(env, c.Env...)
}
