package floors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/course"
	"lsmlab/internal/floors"
)

// The lab itself stands as it should.
func TestCheck_Lab(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	faults, err := floors.Check(root)
	require.NoError(t, err)
	for _, f := range faults {
		t.Error(f)
	}
}

// lab is a small lab in which nothing is wrong; each test spoils it.
const lab = `
-- go.mod --
module lsmlab

go 1.26
-- internal/kv/kv.go --
package kv

type Seq uint64
-- internal/vfs/vfs.go --
package vfs
-- internal/todo/todo.go --
package todo
-- internal/labtest/labtest.go --
package labtest

import _ "lsmlab/internal/kv"
-- solution/week1/block/plain.go --
//lab:day 1.3

package block

type Codec struct{ id byte }

func (c Codec) ID() byte { return c.id }

func Plain() Codec { return Codec{} }
-- solution/week1/block/prefix.go --
//lab:day 1.7

package block

func Prefix() Codec { return Codec{1} }

func (c Codec) Shared() int { return 1 }
-- solution/week1/sstable/writer.go --
//lab:day 1.4

package sstable

import (
	"bytes"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/block"
)

var _, _, _ = kv.Seq(0), block.Plain().ID(), bytes.Equal
-- tests/week1/day4/sstable/writer_test.go --
package sstable_test

import (
	"testing"

	_ "lsmlab/internal/labtest"
	_ "lsmlab/solution/week1/sstable"
)

// Why.
//
//lab:task 1 points=1
func TestWriter(t *testing.T) { helper() }

func helper() {}
`

// Every rule is seen to be broken, and nothing else is complained of.
func TestCheck_Faults(t *testing.T) {
	for _, test := range []struct{ name, files, want string }{
		{"nothing", "", ""},
		{"later file of a package", `
-- solution/week1/sstable/codec.go --
//lab:day 1.4

package sstable

import "lsmlab/solution/week1/block"

var _ = block.Prefix()
`, "solution/week1/sstable/codec.go:7: a file of week 1 day 4 uses Prefix, which week 1 day 7 declares"},
		{"later file of the same package", `
-- solution/week1/block/use.go --
//lab:day 1.3

package block

var _ = Prefix()
`, "solution/week1/block/use.go:5: a file of week 1 day 3 uses Prefix, which week 1 day 7 declares"},
		{"later method", `
-- solution/week1/block/use.go --
//lab:day 1.3

package block

var _ = Plain().Shared()
`, "solution/week1/block/use.go:5: a file of week 1 day 3 uses Shared, which week 1 day 7 declares"},
		{"later package", `
-- solution/week1/memtable/use.go --
//lab:day 1.1

package memtable

import _ "lsmlab/solution/week1/sstable"
`, "solution/week1/memtable/use.go:5: a file of week 1 day 1 imports lsmlab/solution/week1/sstable, which begins on week 1 day 4"},
		{"machinery", `
-- internal/course/course.go --
package course
-- solution/week1/sstable/use.go --
//lab:day 1.4

package sstable

import _ "lsmlab/internal/course"
`, "solution/week1/sstable/use.go:5: lsmlab/internal/course is not for student packages: standard library, each other, kv, vfs and shape only"},
		{"test aids in a package", `
-- solution/week1/sstable/use.go --
//lab:day 1.4

package sstable

import _ "lsmlab/internal/labtest"
`, "solution/week1/sstable/use.go:5: lsmlab/internal/labtest is not for student packages: standard library, each other, kv, vfs and shape only"},
		{"test of a later day's function", `
-- tests/week1/day3/block/block_test.go --
package block_test

import "lsmlab/solution/week1/block"

var _ = block.Prefix()
`, "tests/week1/day3/block/block_test.go:5: a file of week 1 day 3 uses Prefix, which week 1 day 7 declares"},
		{"given package that knows the reference", `
-- internal/labtest/use.go --
package labtest

import _ "lsmlab/solution/week1/block"
`, "internal/labtest/use.go:3: a given package imports lsmlab/solution/week1/block"},
		{"name of two days", `
-- tests/week1/day7/sstable/more_test.go --
package sstable_test

func helper() {}
`, "week1/sstable/w1d7_more_test.go:7: helper is declared in week1/sstable/w1d4_writer_test.go too: names are unique in a package across days"},
		{"internal test", `
-- tests/week1/day7/sstable/more_test.go --
package sstable
`, "week1/sstable/w1d7_more_test.go:5: a graded test is external: package sstable_test, not sstable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for _, f := range append(txtar.Parse([]byte(lab)).Files, txtar.Parse([]byte(test.files)).Files...) {
				name := filepath.Join(root, filepath.FromSlash(f.Name))
				require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
				require.NoError(t, os.WriteFile(name, f.Data, 0o666))
			}
			faults, err := floors.Check(root)
			require.NoError(t, err)
			var got []string
			for _, f := range faults {
				got = append(got, f.String())
			}
			if test.want == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, test.want)
			require.Len(t, got, 1)
		})
	}
}
