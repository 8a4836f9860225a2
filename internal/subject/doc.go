// Package subject is the store that the tools work on: the student's tree, or, built with -tags reference, the reference.
//
// It is aliases and nothing else, twice: student.go and reference.go differ in what they import. So there is one copy of each
// tool, and a learner watches their own code work in it.
//
//	go run ./cmd/lsm-cli                    the student's engine
//	go run -tags reference ./cmd/lsm-cli    the reference
package subject
