package run

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Job is one test to run.
type Job struct {
	Binary Binary
	Test   string
}

// A mistake that makes one test of a package hang makes most of them hang. So when as many as patience have, the others
// of that package get the limit divided by hurry; and when as many as hopeless have, the rest is not run: nobody should
// wait ten minutes for one sentence.
const (
	patience = 2
	hurry    = 5
	hopeless = 8
)

// Each runs jobs, some at a time, and returns their results in the same order. It calls done, if not nil, after each one;
// calls do not overlap in time with those for other jobs only if done takes care of it itself.
func Each(ctx context.Context, c Config, jobs []Job, done func(i int, r Result)) ([]Result, error) {
	c = c.withDefaults()
	results := make([]Result, len(jobs))
	var mu sync.Mutex
	hung := map[string]int{} // guarded by mu: how many tests of a package have reached the limit
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.Jobs)
	for i, job := range jobs {
		g.Go(func() error {
			mu.Lock()
			before := hung[job.Binary.Package]
			mu.Unlock()
			r, err := job.after(ctx, c, before)
			if r.Status == Timeout {
				mu.Lock()
				hung[job.Binary.Package]++
				mu.Unlock()
			}
			if results[i] = r; done != nil && err == nil {
				done(i, r)
			}
			return err
		})
	}
	return results, g.Wait()
}

// after runs a job, of whose package's tests so many have hung before.
func (j Job) after(ctx context.Context, c Config, hung int) (Result, error) {
	switch {
	case c.Impatient && hung >= hopeless:
		return Result{Test: j.Test, Status: NotRun, Message: fmt.Sprintf("%d tests of this package hang; the rest was not run", hopeless)}, nil
	case c.Impatient && hung >= patience:
		c.Limit /= hurry
	}
	return j.Binary.Run(ctx, c, j.Test)
}
