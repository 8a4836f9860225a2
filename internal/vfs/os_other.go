//go:build !windows

package vfs

import (
	"errors"
	"os"
)

// openFile opens a file.
func openFile(name string, flag int) (*os.File, error) { return os.OpenFile(name, flag, 0o666) }

// removeFile removes a file; those who have it open keep it.
func removeFile(name string) error { return os.Remove(name) }

// renameFile renames a file.
func renameFile(oldname, newname string) error { return os.Rename(oldname, newname) }

// syncDir syncs a directory as it would a file.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
