// W2d1 draws a tree before and after three tasks: a merge above the bottom, one at the bottom, and a move.
package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week1/engine"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
	"lsmlab/week2/compaction"
)

func main() { draw.Main(picture) }

// picture fills an engine, merges the two newest runs, then all, and moves what comes last.
func picture() (err error) {
	p := &policy{}
	done := make(chan error, 1)
	e, err := engine.Open("db", &engine.Options{
		FS:        vfs.NewMem(),
		Compactor: compaction.New(p, compaction.Options{}),
		Listener:  engine.Listener{CompactionEnd: func(_ *version.Edit, err error) { done <- err }},
	})
	if err != nil {
		return err
	}
	defer e.Close()
	for _, words := range []string{"apple=white banana=green cherry=red", "apple=green banana- date=brown", "apple=red date- fig=blue"} {
		if err := write(e, words); err != nil {
			return err
		}
	}
	draw.Title("Three flushes: a run each on level 0, the newest on top")
	tree(e)

	for _, step := range []struct {
		title string
		runs  int
	}{
		{"The two newest are merged. Tombstones stay where a table below may hold their keys", 2},
		{"Everything is merged. Nothing lies below, so tombstones go", 2},
	} {
		p.newest = step.runs
		before := e.Stats().BytesCompacted
		if err := e.Compact(context.Background()); err != nil {
			return err
		}
		<-done
		draw.Title("%s (%s written)", step.title, draw.Bytes(e.Stats().BytesCompacted-before))
		tree(e)
	}
	return move(e, p, done)
}

// move flushes keys that lie behind all others, and lets the policy take them down.
func move(e *engine.Engine, p *policy, done <-chan error) error {
	before := e.Stats().BytesCompacted
	p.moves.Store(true)
	if err := write(e, "kiwi=green lime=green"); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	draw.Title("A flush of keys behind all others. It does not overlap, so it is moved (%s written)", draw.Bytes(e.Stats().BytesCompacted-before))
	tree(e)
	return nil
}

// policy merges the newest runs into the place of the last of them when it is asked for everything. By itself it does
// nothing, but for one thing, if moves is set: a second run joins the first.
type policy struct {
	newest int
	moves  atomic.Bool // the engine's worker reads it
}

// Full returns the task that the picture shows next.
func (p *policy) Full(t shape.Tree) (shape.Task, bool) {
	in := t.Runs[:min(p.newest, len(t.Runs))]
	return shape.Task{Inputs: in, Output: in[len(in)-1].Place, Reason: "for the picture"}, true
}

// Pick returns the move.
func (p *policy) Pick(t shape.Tree) (shape.Task, bool) {
	if len(t.Runs) != 2 || !p.moves.Load() {
		return shape.Task{}, false
	}
	return shape.Task{Inputs: t.Runs[:1], Output: t.Runs[1].Place, Reason: "for the picture"}, true
}

// write writes "key=value" and "key-", and flushes.
func write(e *engine.Engine, words string) error {
	var b kv.Batch
	for _, word := range strings.Fields(words) {
		if key, value, set := strings.Cut(word, "="); set {
			b.Set([]byte(key), []byte(value))
		} else {
			b.Delete([]byte(strings.TrimSuffix(word, "-")))
		}
	}
	if err := e.Apply(&b); err != nil {
		return err
	}
	return e.Flush(context.Background())
}

// tree prints all versions in all tables.
func tree(e *engine.Engine) {
	v, _ := e.View()
	for i, r := range compaction.TreeOf(v).Runs {
		fmt.Printf("  %-6s", r.Place)
		for j, t := range v.Runs[i].Tables() {
			if j > 0 {
				fmt.Print("\n        ")
			}
			fmt.Printf(" %s: %s", sstable.FileName(t.Number()), versions(t.NewScanner()))
		}
		fmt.Println()
	}
}

// versions returns what a table holds, which it shows, and closes it.
func versions(it kv.Iterator) string {
	var words []string
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		word := fmt.Sprintf("%s#%d deleted", it.Key().User, it.Key().Seq())
		if it.Key().Kind() == kv.KindSet {
			word = fmt.Sprintf("%s#%d = %s", it.Key().User, it.Key().Seq(), it.Value())
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
