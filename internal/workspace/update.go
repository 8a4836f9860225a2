package workspace

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/aymanbagabas/go-udiff"

	"lsmlab/internal/graded"
	"lsmlab/internal/skeleton"
)

// Update brings a learner's clone up to the edition of the course that was pulled. Chapters and graded tests have come
// with the pull; of the student's tree, new files come in, and untouched ones follow their skeleton. The learner's own
// files stay as they are: where their skeleton has changed, the change is shown.
func Update(w io.Writer, root string, colour bool) error {
	t, err := open(root)
	if err != nil {
		return err
	}
	u := &update{tree: t, w: w, colour: colour}
	for _, path := range slices.Sorted(maps.Keys(t.fresh)) {
		if err := u.file(path); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(t.state.Edition)) {
		if t.fresh[path] == nil {
			if err := u.gone(path); err != nil {
				return err
			}
		}
	}
	if err := u.tests(); err != nil {
		return err
	}
	if err := t.state.keepEdition(root, t.fresh); err != nil {
		return err
	}
	if err := t.state.Save(root); err != nil {
		return err
	}
	u.sum()
	return nil
}

// update is one update while it runs.
type update struct {
	*tree
	w      io.Writer
	colour bool

	stayed int // files of the learner's whose skeleton has changed
	other  int // further things that were said
}

// file brings one file of the student's tree up to date.
func (u *update) file(path string) error {
	have, err := u.read(path)
	if err != nil {
		return err
	}
	fresh, digest := u.fresh[path], skeleton.Digest(u.fresh[path])
	old, known := u.state.Edition[path]
	switch {
	case bytes.Equal(have, fresh) && have != nil:
		return nil
	case have == nil && known && old == digest:
		return nil // the learner has removed it, or moved what it held
	case have == nil:
		u.say("new", path)
		return u.put(path, fresh, false)
	case skeleton.Digest(have) == old:
		u.say("follows its skeleton", path)
		return u.put(path, fresh, false)
	case skeleton.Digest(have) == u.state.Filled[path]:
		return u.refill(path)
	case known && old != digest:
		return u.differs(path)
	}
	return nil
}

// refill puts the new edition's reference where the old one's was filled in.
func (u *update) refill(path string) error {
	text, err := u.src.Find(path).Reference()
	if err != nil {
		return err
	}
	before := len(u.written)
	if err := u.put(path, text, true); err != nil {
		return err
	}
	if len(u.written) > before {
		u.say("follows the reference", path)
	}
	return nil
}

// differs shows what has changed in the skeleton of a file that the learner works on.
func (u *update) differs(path string) error {
	u.stayed++
	fmt.Fprintf(u.w, "\n%s is yours and stays as it is. Its skeleton has changed", path)
	old := oldSkeleton(u.root, path)
	if old == nil {
		fmt.Fprintf(u.w, "; the new one is in %s\n", Dir+"/edition/"+path)
		return nil
	}
	fmt.Fprintf(u.w, " (git may have merged this already):\n\n")
	d := udiff.Unified("skeleton before", "skeleton now", string(old), string(u.fresh[path]))
	fmt.Fprintln(u.w, paintDiff(d, u.colour))
	return nil
}

// gone deals with a file that is no longer part of the course: an untouched one goes, the learner's stays.
func (u *update) gone(path string) error {
	have, err := u.read(path)
	if err != nil || have == nil {
		return err
	}
	if digest := skeleton.Digest(have); digest != u.state.Edition[path] && digest != u.state.Filled[path] {
		u.say("is no longer part of the course; it is yours and stays", path)
		return nil
	}
	u.say("is no longer part of the course, and gone", path)
	delete(u.state.Filled, path)
	return os.Remove(abs(u.root, path))
}

// tests sets the copied tests right.
func (u *update) tests() error {
	copied, err := graded.Look(u.root)
	if err != nil {
		return err
	}
	changes, err := graded.Refresh(u.root, copied)
	for _, c := range changes {
		if c.Old != nil {
			if err := u.keepTest(c); err != nil {
				return err
			}
		}
		u.say(c.Why, c.Path)
	}
	return err
}

// keepTest saves what stood in a copied test that was edited.
func (u *update) keepTest(c graded.Change) error {
	if err := u.backup.begin(); err != nil {
		return err
	}
	u.backup.Kept = append(u.backup.Kept, c.Path)
	return write(abs(u.root, u.backup.Dir()+"/"+c.Path), c.Old)
}

// say says what became of a file.
func (u *update) say(what, path string) {
	u.other++
	fmt.Fprintf(u.w, "%s: %s\n", path, what)
}

// sum ends the report.
func (u *update) sum() {
	if dir := u.backup.Dir(); dir != "" {
		fmt.Fprintf(u.w, "\nWhat was replaced is in %s.\n", dir)
	}
	switch {
	case u.stayed+u.other == 0:
		fmt.Fprintln(u.w, "Everything is up to date: nothing has changed in the skeletons since you got them.")
	case u.stayed > 0:
		fmt.Fprintln(u.w, "Look at the changes above, take over what you need, then: go tool mage scheck")
	default:
		fmt.Fprintln(u.w, "\nThat was all. Next: go tool mage scheck")
	}
}
