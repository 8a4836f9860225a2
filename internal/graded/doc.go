// Package graded knows the graded tests: where they stand, what they say about themselves, and how they are laid beside
// the student's packages.
//
// A graded test is an ordinary external test of the reference. It stands under tests/, the folders say the day and the
// package, and its doc comment says everything else:
//
//	tests/week1/day6/engine/prune_test.go
//
//	// A scan from "k200" must still look at the table that ends with exactly "k200" …     why the rule holds
//	//
//	//lab:task 3 points=2                                                                   task and points
//	func TestScan_LooksAtTableEndingAtItsIncludedLowerBound(t *testing.T) { … }
//
// [Scan] reads them, [Retarget] turns one file to the student's packages, [Copy] writes
//
//	week1/engine/w1d6_prune_test.go
package graded
