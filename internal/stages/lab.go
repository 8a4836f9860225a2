package stages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"lsmlab/internal/chapters"
	"lsmlab/internal/checkpoint"
	"lsmlab/internal/course"
	"lsmlab/internal/floors"
	"lsmlab/internal/house"
	"lsmlab/internal/mutant"
	"lsmlab/internal/run"
	"lsmlab/internal/skeleton"
)

// All returns the stages for the lab at root, quick ones first.
func All(root string) []Stage {
	l := &lab{root: root, learner: course.Started(root)}
	return []Stage{
		{"gofmt", "every Go file is formatted", l.gofmt},
		{"sync", "skeletons and excerpts are what the reference says", l.sync},
		{"chapters", "frame, figures, answers, links and commands of the book", l.chapters},
		{"vet", "go vet, with each build tag", l.vet},
		{"lint", "staticcheck", l.lint},
		{"tidy", "go.mod lists what is used", l.tidy},
		{"floors", "no day uses a later one", l.floors},
		{"house", "no file or function is too long, and everything in the reference is explained", l.house},
		{"test", "go test ./...", l.test},
		{"reference", "the tools' tests over the reference", l.reference},
		{"race", "what is given, and the reference's own tests, under the race detector", l.race},
		{"windows", "go vet for Windows", l.other("windows")},
		{"darwin", "go vet for macOS", l.other("darwin")},
		{"bench", "the module that compares engines builds", l.bench},
		{"site", "the book builds as a site, without a dead link", l.site},
		{"checkpoints", "each day can be done with what came before", l.checkpoints},
		{"mutants", "every seeded bug is killed by its day's tests", l.mutants},
	}
}

// lab is the lab that is checked.
type lab struct {
	root string
	// learner tells that somebody works in week*/, whose state is then none of the check's business.
	learner bool
}

// sync compares generated files with what would be generated now.
func (l *lab) sync(_ context.Context, w io.Writer) error {
	source, err := skeleton.Load(l.root)
	if err != nil {
		return err
	}
	stale, err := source.InSync(l.learner)
	if err != nil {
		return err
	}
	for _, path := range stale {
		fmt.Fprintln(w, path)
	}
	if len(stale) > 0 {
		return errors.New("out of date: go tool mage generate")
	}
	return nil
}

// chapters checks the book.
func (l *lab) chapters(_ context.Context, w io.Writer) error {
	faults, err := chapters.Check(l.root)
	return report(w, faults, err)
}

// floors checks who uses what.
func (l *lab) floors(_ context.Context, w io.Writer) error {
	faults, err := floors.Check(l.root)
	return report(w, faults, err)
}

// house checks what of the house style a program can check.
func (l *lab) house(_ context.Context, w io.Writer) error {
	r, err := house.Check(l.root)
	err = report(w, r.Faults, err)
	fmt.Fprintln(w, sumMark+r.String())
	return err
}

// report writes faults, a line each, and returns an error if there is one.
func report[F fmt.Stringer](w io.Writer, faults []F, err error) error {
	for _, f := range faults {
		fmt.Fprintln(w, f)
	}
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%d faults", len(faults))
	}
	return err
}

// checkpoints checks the tree of each day. Without a race detector it is only half of what it should be.
func (l *lab) checkpoints(ctx context.Context, w io.Writer) error {
	ok, why := run.RaceDetector(ctx)
	if !ok && os.Getenv("CI") != "" {
		return errors.New("CI needs the race detector: " + why)
	}
	faults, err := checkpoint.Run(ctx, checkpoint.Options{Root: l.root, Days: course.Released(), NoRace: !ok, Log: w})
	if !ok {
		fmt.Fprintln(w, sumMark+"without the race detector: "+why)
	}
	return report(w, faults, err)
}

// mutants tries the whole zoo.
func (l *lab) mutants(ctx context.Context, w io.Writer) error {
	begin := time.Now()
	results, err := mutant.Run(ctx, mutant.Options{Root: l.root, Days: course.Released()})
	if err != nil {
		return err
	}
	if err := mutant.Summary(w, results, time.Since(begin)); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s%d mutants\n", sumMark, len(results))
	return nil
}
