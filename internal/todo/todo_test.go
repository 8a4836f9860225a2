package todo_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/todo"
)

// TestRecovered_TellsStubsFromOthers recovers a stub's panic and nothing else.
func TestRecovered_TellsStubsFromOthers(t *testing.T) {
	text, ok := todo.Recovered(todo.Reached("week 1 day 1 task 1", "f"))
	require.True(t, ok)
	require.Equal(t, "not implemented yet: week 1 day 1 task 1 (f)", text)
	_, ok = todo.Recovered(nil)
	require.False(t, ok)
	require.Panics(t, func() { todo.Recovered(errors.New("other")) })
	require.Panics(t, func() { todo.Recovered("other") })
}
