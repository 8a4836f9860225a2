// Package comparememtable compares the student's memtables, in a stack, with the reference's.
package comparememtable
