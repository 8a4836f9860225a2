package mutant

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"lsmlab/internal/course"
)

// suspect is a mutant on its way to a verdict.
type suspect struct {
	Mutant
	original, mutated []byte
	// variant is the mutant as other bodies; nil if it is more than that, or does not compile.
	variant *variant
	// err says why it cannot be tried.
	err error
}

// newSuspect applies a mutant. number is what chooses it in a schema.
func newSuspect(root string, number int, m Mutant, tests []testPackage) *suspect {
	s := &suspect{Mutant: m}
	if s.original, s.err = os.ReadFile(filepath.Join(root, "solution", filepath.FromSlash(m.File))); s.err != nil {
		s.err = fmt.Errorf("there is no solution/%s", m.File)
		return s
	}
	if s.mutated, s.err = m.Apply(s.original); s.err != nil {
		return s
	}
	if len(m.witnesses(tests)) == 0 {
		s.err = fmt.Errorf("no test of %s imports %s/solution/%s", m.Day, course.Module, m.subject())
		return s
	}
	s.variant, _ = newVariant(number, s.original, s.mutated) // those without are tried alone
	return s
}

// group is the mutants that are tried by the same tests: those of a day, with or without the race detector. Its schema
// is one build of the reference that holds all of them that are mere variants.
type group struct {
	root     string
	dir      string // for what it writes
	day      course.Day
	race     bool
	tests    []testPackage
	suspects []*suspect
	random   map[string][]string      // tests to leave out, by package
	limits   map[string]time.Duration // of a run with a mutant, by package
	// binaries are the tests over the schema, by package. A package that is missing has to be built for each mutant.
	binaries map[string]*binary
}

// prepare builds the schema and makes sure that the tests are green while no mutant is active: with a red test to begin
// with, nothing would be proven.
func (g *group) prepare(ctx context.Context) error {
	if err := g.build(ctx); err != nil {
		return err
	}
	g.limits = map[string]time.Duration{}
	for _, p := range g.tests {
		if err := g.settle(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// build builds the schema. Variants that do not compile leave it until it does.
func (g *group) build(ctx context.Context) error {
	for try := 0; ; try++ {
		variants := g.variants()
		if len(variants) == 0 {
			return nil
		}
		err := g.compile(ctx, filepath.Join(g.dir, fmt.Sprint("schema", try)), variants)
		var said notBuilt
		if !errors.As(err, &said) {
			return err
		}
		culprits := g.culprits(string(said))
		for _, s := range g.suspects {
			if s.variant != nil && (len(culprits) == 0 || slices.Contains(culprits, s.variant.number)) {
				s.variant = nil
			}
		}
	}
}

// variants returns those mutants that fit into a schema, by file.
func (g *group) variants() map[string][]*suspect {
	out := map[string][]*suspect{}
	for _, s := range g.suspects {
		if s.variant != nil {
			out[s.File] = append(out[s.File], s)
		}
	}
	return out
}

// compile writes the schema as an overlay and compiles the tests over it.
func (g *group) compile(ctx context.Context, dir string, variants map[string][]*suspect) error {
	files := map[string][]byte{}
	for name, suspects := range variants {
		var all []*variant
		for _, s := range suspects {
			files[path.Join(s.subject(), fmt.Sprintf("lab_mutant%d.go", s.variant.number))] = []byte(s.variant.text())
			all = append(all, s.variant)
		}
		text, err := dispatch(suspects[0].original, all)
		if err != nil {
			return err
		}
		files[name] = text
		files[path.Join(path.Dir(name), "lab_mutant.go")] = fmt.Appendf(nil, chooser, all[0].pkg, chosen)
	}
	overlay, err := layer(g.root, dir, files)
	if err != nil {
		return err
	}
	g.binaries = map[string]*binary{}
	for _, p := range g.tests {
		b, err := build(ctx, g.root, dir, overlay, g.race, p)
		if err != nil {
			return err
		}
		b.skip = slices.Clone(g.random[p.path])
		g.binaries[p.path] = b
	}
	return nil
}

// blamed matches the file of a variant where the compiler complains about it.
var blamed = regexp.MustCompile(`lab_mutant(\d+)\.go:`)

// culprits returns the numbers of the variants that the compiler complains about.
func (g *group) culprits(said string) []int {
	var out []int
	for _, found := range blamed.FindAllStringSubmatch(said, -1) {
		n, _ := strconv.Atoi(found[1])
		out = append(out, n)
	}
	return out
}

// settle runs a package's tests with no mutant active. What is red only because of the dispatchers, such as a test that
// counts allocations, is left out from now on.
func (g *group) settle(ctx context.Context, p testPackage) error {
	b := g.binaries[p.path]
	if b == nil {
		return g.green(ctx, p)
	}
	for {
		r, err := b.run(ctx, 0, 1, true)
		if err != nil {
			return err
		}
		if r.passed {
			g.limits[p.path] = limit(r.took)
			b.limit = g.limits[p.path]
			return nil
		}
		if err := g.green(ctx, p); err != nil {
			return err
		}
		if len(r.failed) == 0 {
			delete(g.binaries, p.path)
			return nil
		}
		b.skip = append(b.skip, r.failed...)
	}
}

// green runs a package's tests on the reference as it stands.
func (g *group) green(ctx context.Context, p testPackage) error {
	b, err := build(ctx, g.root, g.dir, "", g.race, p)
	if err == nil {
		var r ran
		if r, err = b.run(ctx, 0, 1, true); err == nil && !r.passed {
			err = errors.New(r.by + "\n" + r.output)
		}
		g.limits[p.path] = limit(r.took)
	}
	if err != nil {
		return fmt.Errorf("without any mutant, the tests of %s are not green: %s: %w", g.day, p.path, err)
	}
	return nil
}

// limit returns how long tests that took some time may take with a mutant in their way.
func limit(took time.Duration) time.Duration { return min(Timeout, Grace+4*took) }

// try comes to a verdict about a mutant: by the schema if it is in there, else, and if it has survived where tests had
// to be left out, alone.
func (g *group) try(ctx context.Context, s *suspect) Result {
	if s.err != nil {
		return Result{Mutant: s.Mutant, Verdict: Broken, Why: s.err.Error()}
	}
	witnesses := s.witnesses(g.tests)
	unbuilt := func(p testPackage) bool { return g.binaries[p.path] == nil }
	if s.variant != nil && !slices.ContainsFunc(witnesses, unbuilt) {
		built := func(p testPackage) (*binary, error) { return g.binaries[p.path], nil }
		r := g.hunt(ctx, s, s.variant.number, built)
		if r.Verdict != Survived || !slices.ContainsFunc(witnesses, g.lame) {
			return r
		}
	}
	return g.alone(ctx, s)
}

// lame reports whether some tests of a package are left out on account of the dispatchers.
func (g *group) lame(p testPackage) bool {
	return len(g.binaries[p.path].skip) > len(g.random[p.path])
}

// alone tries a mutant that is laid over the reference all by itself.
func (g *group) alone(ctx context.Context, s *suspect) Result {
	dir := filepath.Join(g.dir, s.Name)
	defer os.RemoveAll(dir)
	overlay, err := layer(g.root, dir, map[string][]byte{s.File: s.mutated})
	if err != nil {
		return Result{Mutant: s.Mutant, Verdict: Broken, Why: err.Error()}
	}
	built := map[string]*binary{}
	return g.hunt(ctx, s, 0, func(p testPackage) (*binary, error) {
		if built[p.path] == nil {
			b, err := build(ctx, g.root, dir, overlay, g.race, p)
			if err != nil {
				return nil, err
			}
			b.skip, b.limit = g.random[p.path], g.limits[p.path]
			built[p.path] = b
		}
		return built[p.path], nil
	})
}

// hunt runs the tests that can see the mutant until one fails, and all of them again with other seeds.
func (g *group) hunt(ctx context.Context, s *suspect, number int, binary func(testPackage) (*binary, error)) Result {
	result := Result{Mutant: s.Mutant, Verdict: Survived, Alone: number == 0}
	for result.Try = 1; result.Try <= Tries; result.Try++ {
		for _, p := range s.witnesses(g.tests) {
			b, err := binary(p)
			var r ran
			if err == nil {
				r, err = b.run(ctx, number, result.Try, false)
			}
			switch {
			case err != nil:
				result.Verdict, result.Why = Broken, err.Error()
				return result
			case !r.passed:
				result.Verdict, result.By = Killed, r.by
				return result
			}
		}
	}
	return result
}
