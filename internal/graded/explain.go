package graded

import (
	"strconv"

	"lsmlab/internal/course"
)

// Explainer returns what run.Config wants to know about stubs that answer with a harmless default: whether such a stub, of
// a task, can be why a graded test fails. A test builds on the tasks before its own and on its own, never on later ones,
// and only bonus tests build on the bonus. So a test of task 1 that fails while the worker of task 2 is still a stub is a
// real failure. Of a test that is not graded, nothing is known, and every stub may be the reason.
func Explainer(tests []Test) func(pkg, test, stub string) bool {
	byName := make(map[string]Test, len(tests))
	for _, t := range tests {
		byName[t.Package+" "+t.Name] = t
	}
	return func(pkg, test, stub string) bool {
		t, known := byName[pkg+" "+test]
		day, task, ok := course.ParseTaskText(stub)
		if !known || !ok {
			return true
		}
		if day != t.Day {
			return day.Less(t.Day) && task != "bonus"
		}
		return t.Bonus || task != "bonus" && number(task) <= number(t.Task)
	}
}

// number returns the number of a task, 0 for what is none.
func number(task string) int {
	n, _ := strconv.Atoi(task)
	return n
}
