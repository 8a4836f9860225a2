package vfs

import (
	"errors"
	"os"
	"path/filepath"
)

// openFile opens through os.Root, which on Windows permits others to remove and rename the file while it is open; a
// plain os.OpenFile does not.
func openFile(name string, flag int) (f *os.File, err error) {
	err = inDir(name, func(root *os.Root, base string) error {
		f, err = root.OpenFile(base, flag, 0o666)
		return err
	})
	return f, err
}

// removeFile removes a file that may be open.
func removeFile(name string) error {
	return inDir(name, func(root *os.Root, base string) error { return root.Remove(base) })
}

// renameFile renames a file that may be open. Within one directory it goes through os.Root for the same reason.
func renameFile(oldname, newname string) error {
	if filepath.Dir(oldname) != filepath.Dir(newname) {
		return os.Rename(oldname, newname)
	}
	return inDir(oldname, func(root *os.Root, base string) error { return root.Rename(base, filepath.Base(newname)) })
}

// inDir opens the directory of name and calls do with it and with the name's last element.
func inDir(name string, do func(root *os.Root, base string) error) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(do(root, filepath.Base(name)), root.Close())
}

// syncDir does nothing but look: Windows cannot sync a directory, and NTFS keeps a journal of its entries.
func syncDir(dir string) error {
	_, err := os.Stat(dir)
	return err
}
