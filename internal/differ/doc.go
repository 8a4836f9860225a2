// Package differ compares the student's code with the reference: the same random operations go through both, in one
// process, and what they answer is compared. A difference is shrunk to a short list of operations before it is shown.
//
// The comparisons themselves are tests below this folder, one a subject, behind the build tag labcompare: they import the
// student's packages, which on a fresh clone do nothing yet.
package differ
