package engine

import "lsmlab/internal/todo"

// ScanPrefix returns a scan of all keys that begin with prefix. An empty prefix begins every key.
func (e *Engine) ScanPrefix(prefix []byte) *Scan {
	// TODO(week 1, day 6, bonus): implement ScanPrefix. Chapter: book/week1/day6-write-path.md#prefix
	//
	// Hint: The keys that begin with "ab" are those from "ab" up to "ac", "ac" itself excluded.
	// Hint: What comes after the last key that begins with "a\xff"? And with "\xff\xff"?
	panic(todo.Reached("week 1 day 6 bonus", "Engine.ScanPrefix"))
}
