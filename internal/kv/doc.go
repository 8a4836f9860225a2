// Package kv is the vocabulary of the lab: what a key, a version of a key, a batch, a bound and an iterator are.
//
// It is given, and there is one copy of it. The student's packages and the reference's both speak it, so that a test can
// hold one beside the other, or plug a part of one between parts of the other.
//
// A store holds versions. A version is a [Key] and a value; the key is what the user wrote, plus a sequence number and
// a kind:
//
//	user key   sequence number   kind
//	"apple"    7                 set       = "red"     the newest version: this is what a reader finds
//	"apple"    4                 delete                a tombstone: from 4 to 6 there was no apple
//	"apple"    2                 set       = "green"
//	"banana"   3                 set       = ""        an empty value is a value
//
// Versions are ordered by user key, then by sequence number from high to low. So whoever walks in this order meets the
// newest version of each user key first.
package kv
