package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Backup is a directory of its own below .lab/backup, into which files are copied before they are changed. It is made
// with the first file.
type Backup struct {
	root string
	now  time.Time
	dir  string // slash-separated below root; "" as long as nothing was kept

	// Kept lists the files that were copied, slash-separated below root.
	Kept []string
}

// NewBackup returns a backup of files of the clone at root, named by the time now.
func NewBackup(root string, now time.Time) *Backup { return &Backup{root: root, now: now} }

// Keep copies a file, given slash-separated below the root, into the backup.
func (b *Backup) Keep(path string) error {
	if err := b.keep(path); err != nil {
		return fmt.Errorf("back up %s: %w", path, err)
	}
	b.Kept = append(b.Kept, path)
	return nil
}

// keep copies.
func (b *Backup) keep(path string) error {
	text, err := os.ReadFile(abs(b.root, path))
	if err != nil {
		return err
	}
	if err := b.begin(); err != nil {
		return err
	}
	return write(abs(b.root, b.dir+"/"+path), text)
}

// begin makes the directory. Two backups of one second do not share one, or the second would replace files of the first.
func (b *Backup) begin() error {
	if b.dir != "" {
		return nil
	}
	stamp := b.now.Format("2006-01-02T150405")
	if err := os.MkdirAll(filepath.Join(b.root, Dir, "backup"), 0o777); err != nil {
		return err
	}
	for n := 1; ; n++ {
		dir := Dir + "/backup/" + stamp
		if n > 1 {
			dir += fmt.Sprintf("-%d", n)
		}
		err := os.Mkdir(abs(b.root, dir), 0o777)
		if err == nil {
			b.dir = dir
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// Dir returns where the copies are, slash-separated below the root; "" if nothing was kept.
func (b *Backup) Dir() string { return b.dir }

// abs returns the name of a file that is given from the root, with slashes.
func abs(root, path string) string { return filepath.Join(root, filepath.FromSlash(path)) }

// write writes a file and makes the directories above it.
func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}
