// Package comparestore compares the student's durable store with the reference's.
package comparestore
