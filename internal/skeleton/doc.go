// Package skeleton makes the student's tree, and the book's excerpts, out of the annotated reference in solution/.
//
// The annotations are comment directives, which go doc hides and gofmt keeps:
//
//	//lab:day 1.6                       first line of every file: the day that owns it
//	//lab:todo 2 write-path#flush       on a function: task number (or bonus) and the chapter's anchor; its body becomes a stub
//	//lab:hint An SST's number is …     printed in the stub; at least one, repeatable
//	//lab:stub return tables            the stub's body where a harmless default beats a panic; a line of code each
//	//lab:omit                          on a declaration that the skeleton does not show
//	// #region name … // #endregion     an excerpt for the book
//
// Everything is done by splices of the source's bytes, so comments and layout survive. Only the import block is written
// anew, because a body that is gone no longer needs its imports. The result is formatted as gofmt does and bears no
// trace of a directive, and no "generated" header either: from then on it is the learner's.
//
//	src, err := skeleton.Load(root)
//	tree, err := src.Skeleton()        // week1/memtable/stack.go → what the learner finds there
package skeleton
