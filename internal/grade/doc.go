// Package grade grades a folder of student trees, many at once.
//
// Of a submission only the Go files of its week*/ folders are taken, without tests; all else, tests above all, is a pristine
// copy of the grader's own lab. No tree can cost another one points, and none can give itself any:
//
//  1. A pass needs the test's own PASS event, exit code 0, and a proof: a line that only the test binary's main function
//     knows, printed after the last test. os.Exit(0) in an init, or a forged event, has no proof.
//  2. A test that hangs or takes too much memory is killed; a tree that hangs again and again is given less and less time.
//  3. A file that imports the reference, cgo, or anything that the course does not allow is left out.
//  4. A verdict depends on the contents of a package and of the packages that it and its tests import. Where these are the
//     same, in two submissions, the verdict is the same, and found once.
//
// It is no sandbox: submitted code runs with the grader's rights. Who does not trust it grades in a container.
package grade
