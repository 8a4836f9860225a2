package run

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// graceAfterLimit is how long a process that has reached its own time limit may take to say where it hangs.
const graceAfterLimit = 2 * time.Second

// outputLimit is how many bytes of each stream of a process are kept at its beginning, and as many at its end.
const outputLimit = 256 << 10

// ended is a process that has ended, one way or another.
type ended struct {
	stdout, stderr string
	code           int  // exit code; -1 if it was killed
	late           bool // killed at the limit
	fat            bool // killed because of its memory
	elapsed        time.Duration
}

// start runs a binary until it ends, or until it must.
func (b Binary) start(ctx context.Context, c Config, args ...string) (ended, error) {
	scratch, err := os.MkdirTemp("", "lsmlab")
	if err != nil {
		return ended{}, err
	}
	defer os.RemoveAll(scratch)
	var stdout, stderr clipped
	cmd := exec.Command(b.Path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.Dir, &stdout, &stderr
	// What a test that is killed leaves behind goes with the scratch directory.
	cmd.Env = append(c.environ(), "TMPDIR="+scratch, "TMP="+scratch, "TEMP="+scratch)
	cmd.WaitDelay = time.Second // a child that outlives the process must not keep its pipes open
	begin := time.Now()
	group, err := startGroup(cmd, c.Memory)
	if err != nil {
		return ended{}, err
	}
	var late, fat atomic.Bool
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() { // owned by this call: it ends when done is closed
		defer close(watched)
		watch(ctx, c, group, done, &late, &fat)
	}()
	err = cmd.Wait()
	close(done)
	<-watched
	group.kill() // children that the process left behind
	group.close()
	e := ended{stdout: stdout.String(), stderr: stderr.String(), late: late.Load(), fat: fat.Load(), elapsed: time.Since(begin)}
	e.code = cmd.ProcessState.ExitCode()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return e, err
	}
	return e, ctx.Err()
}

// watch kills the group when the caller gives up, when time is up, or when it holds too much memory.
func watch(ctx context.Context, c Config, g *group, done <-chan struct{}, late, fat *atomic.Bool) {
	limit := time.NewTimer(c.Limit + graceAfterLimit)
	defer limit.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			g.kill()
			return
		case <-limit.C:
			late.Store(true)
			g.kill()
			return
		case <-look.C:
			if g.memory() > c.Memory {
				fat.Store(true)
				g.kill()
				return
			}
		}
	}
}

// arguments returns the arguments with which a binary runs the given tests.
func arguments(c Config, tests ...string) []string {
	quoted := make([]string, len(tests))
	for i, t := range tests {
		quoted[i] = regexp.QuoteMeta(t)
	}
	pattern := "^(" + strings.Join(quoted, "|") + ")$"
	if len(tests) == 1 {
		pattern = "^" + quoted[0] + "$"
	}
	return []string{
		"-test.v=test2json",
		"-test.paniconexit0", // os.Exit(0) in a test is no pass
		"-test.timeout=" + c.Limit.String(),
		"-test.run=" + pattern,
	}
}

// Run runs one test in a process of its own. Of a fuzz target it runs the seed corpus.
func (b Binary) Run(ctx context.Context, c Config, test string) (Result, error) {
	c = c.withDefaults()
	e, err := b.start(ctx, c, arguments(c, test)...)
	if err != nil {
		return Result{Test: test, Status: Fail, Message: "the test could not be started: " + err.Error()}, err
	}
	r := judge(c, b.Package, test, e)
	r.Began = strings.Contains(e.stdout, frame+"=== RUN ")
	return r, nil
}

// RunTogether runs several tests in one process. It returns results only of those that may be believed without a process
// of their own: of a process that ended in order, the tests that passed. All others must be run alone. The limit is one for them all.
func (b Binary) RunTogether(ctx context.Context, c Config, tests []string) (map[string]Result, error) {
	c = c.withDefaults()
	passed := map[string]Result{}
	e, err := b.start(ctx, c, arguments(c, tests...)...)
	if err != nil || e.late || e.fat || e.code != 0 && e.code != 1 {
		return passed, err
	}
	p := parse(e.stdout)
	if !p.finished || strings.Contains(e.stderr, "panic: ") || c.Proof != "" && !strings.Contains(e.stdout, c.Proof+" ") {
		return passed, nil
	}
	for _, t := range tests {
		if p.action[t] == "PASS" {
			passed[t] = Result{Test: t, Status: Pass, Elapsed: p.elapsed[t]}
		}
	}
	return passed, nil
}
