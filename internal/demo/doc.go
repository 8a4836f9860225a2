// Package demo shows what a learner will have built: the reference engine at work on real input, which every machine with
// Go has. It stores every file of Go's own source tree under its path, reads each back, compares it with the disk, and
// says what that took. Between storing and reading, the store is closed and opened again.
package demo
