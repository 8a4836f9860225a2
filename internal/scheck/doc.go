// Package scheck checks the student's tree: gofmt, go vet, the graded tests of the days that are copied, the learner's own
// tests, and a random comparison with the reference. It only looks; what it writes is the copied tests, set right, and
// the results in .lab/.
package scheck
