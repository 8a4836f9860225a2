// Package compareiterator compares the student's iterators, merged, visible and bounded, with the reference's.
package compareiterator
