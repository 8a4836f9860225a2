//go:build mage

package main

import (
	"context"
	"fmt"
	"os"

	"lsmlab/internal/checkpoint"
	"lsmlab/internal/course"
	"lsmlab/internal/mutant"
	"lsmlab/internal/skeleton"
	"lsmlab/internal/stages"
)

// Generate brings the student's tree and the book's excerpts up to date with solution/; -force replaces edits too.
func Generate(force *bool) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	source, err := skeleton.Load(root)
	if err != nil {
		return fail(err)
	}
	changes, err := source.Generate(force != nil && *force)
	for _, c := range changes {
		fmt.Println(c)
	}
	if err != nil {
		return fail(err)
	}
	if len(changes) == 0 {
		fmt.Println("everything is up to date")
	}
	return fail(source.CheckAnchors())
}

// Mutants lays each seeded bug over the reference and lets the day's own graded tests find it.
//
// -week and -day choose a week or a day, -name one mutant. -certain leaves out the random tests: what survives is killed
// by luck only.
func Mutants(week, day *int, name *string, certain *bool) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(mutant.Command(os.Stdout, root, value(week), value(day), value(name), value(certain)))
}

// Checkpoints makes sure that each day can be done with what came before: earlier tests pass, its own reach their TODOs.
//
// -week and -day choose a week or a day.
func Checkpoints(week, day *int) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(checkpoint.Command(os.Stdout, root, value(week), value(day)))
}

// Check is everything that CI does, with the time of each stage.
//
// -only=floors runs one stage.
func Check(only *string) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(stages.Run(context.Background(), os.Stdout, stages.All(root), value(only)))
}
