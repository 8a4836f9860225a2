package run

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Job is one test to run.
type Job struct {
	Binary Binary
	Test   string
}

// Each runs jobs, some at a time, and returns their results in the same order. It calls done, if not nil, after each one;
// calls do not overlap in time with those for other jobs only if done takes care of it itself.
func Each(ctx context.Context, c Config, jobs []Job, done func(i int, r Result)) ([]Result, error) {
	c = c.withDefaults()
	results := make([]Result, len(jobs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.Jobs)
	for i, job := range jobs {
		g.Go(func() error {
			r, err := job.Binary.Run(ctx, c, job.Test)
			if results[i] = r; done != nil && err == nil {
				done(i, r)
			}
			return err
		})
	}
	return results, g.Wait()
}
