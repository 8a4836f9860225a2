// Package report holds what a check has found, and says it: as text for the learner's screen, as JSON, as JUnit's XML, and
// as Gradescope's results.
package report
