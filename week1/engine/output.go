package engine

import (
	"fmt"
	"path/filepath"

	"lsmlab/week1/sstable"
)

// Output is a table file in the making. Add versions to it in order, then Finish; after an error, or to give it up, Abort.
type Output struct {
	*sstable.Writer
	engine *Engine
	number uint64
	name   string         // with the directory
	table  *sstable.Table // after Finish
}

// newOutput creates the file of a table, under a number that no file ever had.
func (e *Engine) newOutput() (*Output, error) {
	number := e.freeNumber()
	name := filepath.Join(e.dir, sstable.FileName(number))
	f, err := e.opts.FS.Create(name)
	if err != nil {
		return nil, fmt.Errorf("create table: %w", err)
	}
	return &Output{Writer: sstable.NewWriter(f, e.tables), engine: e, number: number, name: name}, nil
}

// Number returns the file's number.
func (o *Output) Number() uint64 { return o.number }

// Finish completes the file, makes its contents durable, and opens it. Its name is durable once the directory is synced,
// which is left to whoever installs the table.
func (o *Output) Finish() (*sstable.Table, error) {
	if _, err := o.Writer.Finish(); err != nil {
		return nil, err
	}
	f, err := o.engine.opts.FS.Open(o.name)
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	o.table, err = sstable.Open(f, filepath.Base(o.name), o.number, o.engine.tables)
	return o.table, err
}

// Abort closes and removes the file, finished or not. That removing fails harms only the disk's free space, so it is just
// reported.
func (o *Output) Abort() {
	o.Writer.Abort()
	if o.table != nil {
		o.table.Close()
	}
	if err := o.engine.opts.FS.Remove(o.name); err != nil {
		o.engine.report(fmt.Errorf("remove unfinished table: %w", err))
	}
}

// syncDir makes the names of finished tables durable.
func (e *Engine) syncDir() error {
	if err := e.opts.FS.SyncDir(e.dir); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
