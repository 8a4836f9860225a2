//go:build reference

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// made returns a store's files: two tables, of which one is merged from two, a log with a batch of two.
func made(t *testing.T) *vfs.Mem {
	t.Helper()
	fs := vfs.NewMem()
	o := &subject.StoreOptions{}
	o.FS = fs
	s, err := subject.OpenStore("db", o)
	require.NoError(t, err)
	ctx := context.Background()
	require.NoError(t, s.Put([]byte("apple"), []byte("green")))
	require.NoError(t, s.Flush(ctx))
	require.NoError(t, s.Put([]byte("apple"), []byte("red")))
	require.NoError(t, s.Compact(ctx))
	require.NoError(t, s.Put([]byte("fig"), []byte("violet")))
	require.NoError(t, s.Flush(ctx))
	var b kv.Batch
	b.Set([]byte("kiwi"), bytes.Repeat([]byte("x"), 100))
	b.Delete([]byte("fig"))
	require.NoError(t, s.Apply(&b))
	left := fs.Clone()
	require.NoError(t, s.Close())
	return left
}

// say runs a command and returns what it says.
func say(t *testing.T, fs vfs.FS, command, path string, asJSON bool) (string, error) {
	t.Helper()
	var f flags
	f.Wal, f.Manifest, f.Dir = fileFlags{path, asJSON}, fileFlags{path, asJSON}, dirFlags{path, asJSON}
	var b bytes.Buffer
	err := show(&b, fs, command, f)
	return b.String(), err
}

// The log that a crash leaves, the manifest, and the directory as a whole.
func TestShow_AStoresFiles(t *testing.T) {
	fs := made(t)
	names, err := fs.List("db")
	require.NoError(t, err)
	log := ""
	for _, name := range names {
		if strings.HasSuffix(name, ".log") {
			log = filepath.Join("db", name)
		}
	}
	text, err := say(t, fs, "wal", log, false)
	require.NoError(t, err)
	require.Contains(t, text, "#4 … #5  kiwi = "+strings.Repeat("x", 40)+"… (100 bytes), delete fig")
	require.Contains(t, text, "undamaged: every checksum of 1 record\n")

	text, err = say(t, fs, "manifest", "db/MANIFEST", false)
	require.NoError(t, err)
	require.Contains(t, text, "snapshot")
	require.Contains(t, text, "the tree that they make")
	require.Contains(t, text, "L6")

	text, err = say(t, fs, "dir", "db", false)
	require.NoError(t, err)
	require.Contains(t, text, "table of L6")
	require.Contains(t, text, "log of 1 batch, to be replayed")
	require.Contains(t, text, "undamaged: every file was read")

	for command, path := range map[string]string{"wal": log, "manifest": "db", "dir": "db"} {
		text, err = say(t, fs, command, path, true)
		require.NoError(t, err)
		require.True(t, json.Valid([]byte(text)), text)
	}
}

// flip changes one byte of a file.
func flip(t *testing.T, fs vfs.FS, name string, at int) {
	t.Helper()
	data, err := vfs.ReadFile(fs, name)
	require.NoError(t, err)
	data[at] ^= 0x40
	require.NoError(t, vfs.WriteFile(fs, name, data))
}

// A flipped bit is found in each kind of file, and a table that is gone is missed.
func TestShow_Damage(t *testing.T) {
	for _, suffix := range []string{".sst", "MANIFEST"} {
		fs := made(t)
		names, err := fs.List("db")
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, suffix) {
				flip(t, fs, filepath.Join("db", name), 26)
				break
			}
		}
		text, err := say(t, fs, "dir", "db", false)
		require.ErrorIs(t, err, errDamaged)
		require.Contains(t, text, "DAMAGED")
	}
	fs := made(t)
	names, err := fs.List("db")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			require.NoError(t, fs.Remove(filepath.Join("db", name)))
			break
		}
	}
	text, err := say(t, fs, "dir", "db", false)
	require.ErrorIs(t, err, errDamaged)
	require.Contains(t, text, "MISSING")
}

// Where no manifest can be read, no table is called an orphan: the store would not open, and nothing would be removed.
func TestShow_DirWithoutManifest(t *testing.T) {
	fs := made(t)
	data, err := vfs.ReadFile(fs, "db/MANIFEST")
	require.NoError(t, err)
	data[30] ^= 1
	require.NoError(t, vfs.WriteFile(fs, "db/MANIFEST", data))
	text, err := say(t, fs, "dir", "db", false)
	require.ErrorIs(t, err, errDamaged)
	require.Contains(t, text, "no manifest that says where it stands")
	require.NotContains(t, text, "orphan")
	require.NoError(t, fs.Remove("db/MANIFEST"))
	text, _ = say(t, fs, "dir", "db", false)
	require.Contains(t, text, "no manifest that says where it stands")
	require.NotContains(t, text, "orphan")
}

// A torn tail is no damage; a file of another name is no log; an orphan is called one.
func TestShow_TornAndStrange(t *testing.T) {
	fs := made(t)
	f, err := fs.OpenAppend("db/MANIFEST")
	require.NoError(t, err)
	_, err = f.Write([]byte("torn"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	text, err := say(t, fs, "manifest", "db/MANIFEST", false)
	require.NoError(t, err)
	require.Contains(t, text, "torn: 4 bytes")
	_, err = say(t, fs, "wal", "db/MANIFEST", false)
	require.ErrorContains(t, err, "named by its number")
	data, err := vfs.ReadFile(fs, "db/MANIFEST")
	require.NoError(t, err)
	require.NoError(t, vfs.WriteFile(fs, "db/MANIFEST.tmp", data))
	require.NoError(t, vfs.WriteFile(fs, "db/notes.txt", []byte("mine")))
	text, err = say(t, fs, "dir", "db", false)
	require.NoError(t, err)
	require.Contains(t, text, "never finished")
	require.Contains(t, text, "none of the store's files")
}

// A directory in which nothing is a store's is not called undamaged: it is another one than was meant.
func TestShow_NothingOfAStore(t *testing.T) {
	fs := vfs.NewMem()
	require.NoError(t, fs.MkdirAll("db"))
	_, err := say(t, fs, "dir", "db", false)
	require.ErrorContains(t, err, "nothing of a store")
	require.NoError(t, vfs.WriteFile(fs, "db/notes.txt", []byte("mine")))
	require.NoError(t, vfs.WriteFile(fs, "db/LOCK", nil))
	_, err = say(t, fs, "dir", "db", true)
	require.ErrorContains(t, err, "nothing of a store")
}

// In JSON a file without records has none, and not null: a program may go over them.
func TestShow_NoRecords(t *testing.T) {
	fs := vfs.NewMem()
	require.NoError(t, fs.MkdirAll("db"))
	require.NoError(t, vfs.WriteFile(fs, "db/000004.log", nil))
	require.NoError(t, vfs.WriteFile(fs, "db/MANIFEST", nil))
	for command, path := range map[string]string{"wal": "db/000004.log", "manifest": "db/MANIFEST"} {
		text, _ := say(t, fs, command, path, true)
		require.Contains(t, text, `"records": []`, command)
	}
}
