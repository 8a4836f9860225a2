package workspace

import (
	"fmt"
	"io"

	"lsmlab/internal/course"
)

// Solve fills in the reference for every day before day, and with through for that day as well, so that anyone can start
// anywhere. Files that the learner has changed are kept in a backup first.
func Solve(w io.Writer, root string, day course.Day, through bool) error {
	days, what := course.Before(day), "solve"
	if through {
		days, what = course.Through(day), "solve -through"
	}
	if len(days) == 0 {
		fmt.Fprintf(w, "There is no day before %s, so there is nothing to fill in. (-through fills in the day itself.)\n", day)
		return nil
	}
	t, err := open(root)
	if err != nil {
		return err
	}
	for _, d := range days {
		before := len(t.written)
		for _, f := range t.src.Of(d) {
			text, err := f.Reference()
			if err != nil {
				return err
			}
			if err := t.put(f.Path, text, true); err != nil {
				return err
			}
		}
		if len(t.written) > before {
			t.state.Spoiled(d.ID(), what)
		}
	}
	if err := t.state.Save(root); err != nil {
		return err
	}
	last := days[len(days)-1]
	return t.report(w, fmt.Sprintf("the reference up to %s", last), nextAfter(last))
}

// Reset brings a day's files back to the skeleton. Files that the learner has changed are kept in a backup first.
func Reset(w io.Writer, root string, day course.Day) error {
	t, err := open(root)
	if err != nil {
		return err
	}
	for _, f := range t.src.Of(day) {
		if err := t.put(f.Path, t.fresh[f.Path], false); err != nil {
			return err
		}
	}
	if err := t.state.Save(root); err != nil {
		return err
	}
	next := fmt.Sprintf("read %s, then: go tool mage copy-test -week=%d -day=%d", day.Chapter(), day.Week, day.Day)
	return t.report(w, fmt.Sprintf("the skeleton of %s", day), next)
}

// nextAfter says what to do when all days up to last are filled in.
func nextAfter(last course.Day) string {
	for _, d := range course.Released() {
		if last.Less(d) {
			return fmt.Sprintf("go tool mage copy-test -week=%d -day=%d, and read %s", d.Week, d.Day, d.Chapter())
		}
	}
	return fmt.Sprintf("go tool mage copy-test -week=%d -day=%d, then go tool mage scheck", last.Week, last.Day)
}

// report says what was written, what was kept and where, and what to do next. It moves files of the learner's own out of
// the way that would keep the package from compiling.
func (t *tree) report(w io.Writer, what, next string) error {
	if len(t.written) == 0 {
		fmt.Fprintf(w, "Your tree holds %s already; nothing was changed.\nNext: %s\n", what, next)
		return nil
	}
	found, err := t.collisions(t.written)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Your tree holds %s now. Files written:\n", what)
	for _, p := range t.written {
		fmt.Fprintf(w, "    %s\n", p)
	}
	for _, c := range found {
		if !c.own {
			fmt.Fprintf(w, "\n%s declares %s as well, and so the package does not compile: take it out there.\n", c.path, c.name)
			continue
		}
		if err := t.remove(c.path); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s is a file of your own that declares %s as well; it is out of the way now.\n", c.path, c.name)
	}
	if dir := t.backup.Dir(); dir != "" {
		fmt.Fprintf(w, "\nWhat you had written is in %s:\n", dir)
		for _, p := range t.backup.Kept {
			fmt.Fprintf(w, "    %s\n", p)
		}
	}
	fmt.Fprintf(w, "\nNext: %s\n", next)
	return nil
}
