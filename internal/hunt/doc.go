// Package hunt plants a seeded bug in a scratch copy of a learner's green tree, and lets them find it.
//
// The bugs are the day's mutants. Where a mutant's text stands in the learner's own file, that is where it goes; where
// not, the file is replaced by the reference's with the bug in it. Only a bug that the day's graded tests notice there is
// planted. The learner hears what its users would see, and which tests are red; not where it is.
package hunt
