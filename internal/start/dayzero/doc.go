// Package dayzero holds the check of day 0: a test that is green on every machine that can build and run the lab's tests.
package dayzero
