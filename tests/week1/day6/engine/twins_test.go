package engine_test

import (
	"context"
	"fmt"
	"iter"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	refengine "lsmlab/solution/week1/engine"
)

// wrapMine wraps the learner's engine.
func wrapMine(e *engine.Engine) engineUnderTest {
	return engineUnderTest{
		apply: func(t labtest.TB, step labtest.Write) { applyStep(t, step, e.Apply) },
		flush: func() error { return e.Flush(context.Background()) },
		get:   func(key []byte) string { return answered(e.Get(key)) },
		scan: func(t labtest.TB, lower, upper kv.Bound) []string {
			s := e.Scan(lower, upper)
			defer s.Close()
			return scanLines(t, s.All(), s.NumActive, s.Err)
		},
		close: e.Close,
	}
}

// wrapReference wraps the reference's engine.
func wrapReference(e *refengine.Engine) engineUnderTest {
	return engineUnderTest{
		apply: func(t labtest.TB, step labtest.Write) { applyStep(t, step, e.Apply) },
		flush: func() error { return e.Flush(context.Background()) },
		get:   func(key []byte) string { return answered(e.Get(key)) },
		scan: func(t labtest.TB, lower, upper kv.Bound) []string {
			s := e.Scan(lower, upper)
			defer s.Close()
			return scanLines(t, s.All(), s.NumActive, s.Err)
		},
		close: e.Close,
	}
}

// applyStep applies one step of a random history.
func applyStep(t labtest.TB, step labtest.Write, apply func(*kv.Batch) error) {
	t.Helper()
	var b kv.Batch
	step.AddTo(&b)
	require.NoError(t, apply(&b))
}

// scanLines returns what a scan shows, with the number of active sources at each key.
func scanLines(t labtest.TB, all iter.Seq2[[]byte, []byte], active func() int, err func() error) []string {
	t.Helper()
	lines := []string{}
	for key, value := range all {
		lines = append(lines, fmt.Sprintf("%q = %q, %d active", key, value, active()))
	}
	require.NoError(t, err())
	return append(lines, fmt.Sprintf("%d active", active()))
}
