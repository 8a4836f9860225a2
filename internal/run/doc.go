// Package run compiles the test binary of a package and runs single tests of it, each in a process of its own: a panic, a
// deadlock or an exit in one test hides no other.
//
// What a process says is not believed lightly:
//
//  1. A test has passed if its own PASS event was seen and the process ended with code 0. A process that ends early,
//     however politely, passes nothing.
//  2. A test that failed after a stub printed its line is "not implemented yet"; a test that passed stays passed.
//  3. A process that lives longer than its limit, or takes more memory, is killed with all of its children.
package run
