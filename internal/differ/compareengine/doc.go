// Package compareengine compares the student's engine with the reference's.
package compareengine
