//lab:day 2.1

package compaction

import (
	"bytes"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
)

// #region outputs

// outputs are the tables that come of a merge, one behind the other. There is a table in the making only while something is
// in it: a merge that keeps nothing makes no file.
type outputs struct {
	begin  func() (*engine.Output, error) // Job.NewOutput
	target int64                          // bytes at which a table ends

	open   *engine.Output   // the table in the making, nil if there is none
	last   []byte           // the user key that was added last, a copy
	done   []*engine.Output // finished
	tables []*sstable.Table // of done
}

// #endregion

// add appends a version, to a new table if there is none in the making or if that one ends here.
//
//lab:todo 2 compaction#merge
//lab:hint First ask whether the table in the making ends before this key, then whether there is one.
//lab:hint The key is borrowed from the merge, which moves on. What you want to compare with later has to be copied.
func (o *outputs) add(key kv.Key, value []byte) error {
	// #region add
	if o.ends(key.User) {
		if err := o.finish(); err != nil {
			return err
		}
	}
	if o.open == nil {
		var err error
		if o.open, err = o.begin(); err != nil {
			return err
		}
	}
	o.last = append(o.last[:0], key.User...)
	return o.open.Add(key, value)
	// #endregion
}

// finish completes the table in the making, if there is one. After an error that is still the table in the making.
//
//lab:todo 2 compaction#merge
//lab:hint The output belongs into o.done, its table into o.tables. After that there is no table in the making.
func (o *outputs) finish() error {
	// #region finish
	if o.open == nil {
		return nil
	}
	t, err := o.open.Finish()
	if err != nil {
		return err
	}
	o.done, o.tables, o.open = append(o.done, o.open), append(o.tables, t), nil
	return nil
	// #endregion
}

// ends reports whether the table in the making is full and may end before user, the next key. All versions of one user key
// belong into one table: a reader asks one table of a run, and stops there.
//
//lab:todo 3 compaction#split
//lab:hint EstimatedSize of an output says how large its file would be now.
//lab:hint A table that is full and ends with "k" cannot end while the next version is of "k" too.
//lab:stub return false
func (o *outputs) ends(user []byte) bool {
	// #region ends
	return o.open != nil && o.open.EstimatedSize() >= o.target && !bytes.Equal(user, o.last)
	// #endregion
}

// abort removes every file of the merge: the one in the making, and those that were finished.
//
//lab:todo 3 compaction#cleanup
//lab:hint Output.Abort closes and removes a file, whatever state it is in.
//lab:stub return
func (o *outputs) abort() {
	// #region abort
	if o.open != nil {
		o.open.Abort()
	}
	for _, out := range o.done {
		out.Abort()
	}
	// #endregion
}
