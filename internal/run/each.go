package run

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Job is one test to run.
type Job struct {
	Binary Binary
	Test   string
}

// A mistake that makes one test of a package hang makes most of them hang. So when as many as patience have, the others
// of that package get the limit divided by hurry: nobody should wait ten minutes for one sentence.
const (
	patience = 2
	hurry    = 5
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
			one := c
			mu.Lock()
			if c.Impatient && hung[job.Binary.Package] >= patience {
				one.Limit /= hurry
			}
			mu.Unlock()
			r, err := job.Binary.Run(ctx, one, job.Test)
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
