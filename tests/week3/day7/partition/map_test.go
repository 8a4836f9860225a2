package partition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// made returns a disk with a database of two partitions, which is closed, and what it holds.
func made(t *testing.T, n int) (*disk, []string) {
	t.Helper()
	d := newDisk()
	db := open(t, d, by(partition.Hash(n)))
	lines := fill(t, db, 8)
	closeDB(t, db)
	return d, lines
}

// A bit of the map turns over on the disk, or its end is cut off, or something stands behind it. If Open believed what
// it reads then, it might divide keys by a router that never was. It must say that the file is damaged, and which
// file.
//
//lab:task 2 points=2
func TestMap_DamageIsNoticed(t *testing.T) {
	d, lines := made(t, 2)
	const name = rigDir + "/PARTITIONS"
	good, err := vfs.ReadFile(d, name)
	require.NoError(t, err)
	damaged := map[string][]byte{"one more byte": append(append([]byte{}, good...), 'x'), "twice": append(append([]byte{}, good...), good...)}
	for i := range good {
		bad := append([]byte{}, good...)
		bad[i] ^= 4
		damaged[fmt.Sprintf("a bit of byte %d turned over", i)] = bad
		damaged[fmt.Sprintf("only the first %d bytes", i)] = good[:i]
	}
	for what, bad := range damaged {
		require.NoError(t, vfs.WriteFile(d.mem, name, bad))
		_, err := tryOpen(t, d, by(partition.Hash(2)))
		require.ErrorIs(t, err, kv.ErrCorrupt, what)
		require.ErrorContains(t, err, "PARTITIONS", what)
	}
	require.NoError(t, vfs.WriteFile(d.mem, name, good))
	allClosed(t, d, "after the refusals")
	has(t, "with the good map again", open(t, d, by(partition.Hash(2))), lines)
}

// Whatever bytes the file has, reading it ends with a map or with an error, and never with a panic.
//
//lab:task 2 points=1
func FuzzMap(f *testing.F) {
	mem := vfs.NewMem()
	closeDB(f, open(f, mem, by(partition.Hash(2))))
	good, err := vfs.ReadFile(mem, rigDir+"/PARTITIONS")
	require.NoError(f, err)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		fs := vfs.NewMem()
		require.NoError(t, fs.MkdirAll(rigDir))
		require.NoError(t, vfs.WriteFile(fs, rigDir+"/PARTITIONS", data))
		m, err := partition.ReadMap(fs, rigDir)
		if err == nil && m.Router == "" && m.Target == "" {
			t.Fatalf("a map that says nothing is read from %q", data)
		}
	})
}

// outcome is a way in which a crash may end.
type outcome struct {
	name   string
	policy vfs.Policy
}

// outcomes are those that are tried at each operation, with some torn ones.
func outcomes(torn ...uint64) []outcome {
	all := []outcome{{"what was not synced is lost", vfs.LoseUnsynced}, {"everything is kept", vfs.KeepUnsynced}}
	for _, seed := range torn {
		all = append(all, outcome{fmt.Sprintf("what was not synced is torn, seed %d", seed), vfs.Tear(seed)})
	}
	return all
}

// The power goes while a database is being made: at each operation, in turn. The first partitions are there then,
// perhaps, and others are not. Nothing was stored yet, so the next opener must be able to make the database all the
// same, also with another number of partitions, more or fewer; and what it stores must be there when the power goes
// again.
//
//lab:task 2 points=4
func TestOpen_CrashWhileItIsMade(t *testing.T) {
	labtest.NoLeaks(t)
	calm := vfs.NewMem()
	closeDB(t, open(t, calm, by(partition.Hash(2))))
	for point := 1; point <= calm.Ops(); point++ {
		mem := vfs.NewMem()
		mem.CrashAt(point)
		if db, err := tryOpen(t, mem, by(partition.Hash(2))); err == nil {
			_ = db.Close()
		}
		for _, end := range outcomes(uint64(point)) {
			after, what := mem.Crash(end.policy), end.name
			n := 1 + point%3
			m, err := partition.ReadMap(after, rigDir)
			if err == nil && m.Router != "" {
				n = 2 // it was made before the power went
			}
			db, err := tryOpen(t, after, by(partition.Hash(n)))
			require.NoError(t, err, "power cut at operation %d of %d, %s; then opened with %d partitions", point, calm.Ops(), what, n)
			put(t, db, "apple", "red", "banana", "yellow")
			require.NoError(t, db.Sync())
			again := open(t, after.Preview(vfs.LoseUnsynced), by(partition.Hash(n)))
			finds(t, fmt.Sprintf("power cut at operation %d, %s; written, and cut again", point, what), again, "apple=red", "banana=yellow")
			closeDB(t, again)
			closeDB(t, db)
			same(t, fmt.Sprintf("power cut at operation %d, %s: directories", point, what), partitions(n), directories(t, after))
			if t.Failed() {
				return // one example is enough
			}
		}
	}
}

// When Open returns, the database is made, durably: the map, and all partitions. The power may go right afterwards.
//
//lab:task 2 points=2
func TestOpen_IsDurableWhenItReturns(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Hash(3)))
	after := d.mem.Preview(vfs.LoseUnsynced)
	same(t, "directories after a power cut", partitions(3), directories(t, after))
	_, err := tryOpen(t, after, by(partition.Hash(2)))
	require.ErrorContains(t, err, "hash(3)", "opened with another router after a power cut")
	closeDB(t, open(t, after, by(partition.Hash(3))))
	closeDB(t, db)
}

// The map gets its name, and the directory's sync fails; or the process is killed in between. The next opener finds a
// map, but only in the operating system's memory. If it went on without making it durable, keys would be stored and
// synced, the power would go, and the map that is found then says that the database is still being made: any router
// could open it.
//
//lab:task 2 points=2
func TestOpen_MakesTheMapDurableThatItFinds(t *testing.T) {
	d, named := newDisk(), 0
	d.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpRename && strings.HasSuffix(c.To, "PARTITIONS") {
			named++
		}
		return named == 2 && c.Op == vfs.OpSyncDir && c.Name == rigDir
	}, nil)
	_, err := tryOpen(t, d, by(partition.Hash(2)))
	require.ErrorIs(t, err, vfs.ErrInjected)
	d.Clear()
	db := open(t, d, by(partition.Hash(2)))
	put(t, db, "apple", "red")
	require.NoError(t, db.Sync())
	after := d.mem.Preview(vfs.LoseUnsynced)
	_, err = tryOpen(t, after, by(partition.Hash(3)))
	require.ErrorContains(t, err, "hash(2)", "opened with another router after a power cut")
	finds(t, "after a power cut", open(t, after, by(partition.Hash(2))), "apple=red")
	closeDB(t, db)
}

// Each operation of an Open fails, in turn: one that makes the database, and one that finds it. Whoever called it gets
// an error, and nothing that he could close: so every file and every store that was open by then must be closed, and
// the lock be free. A second attempt, on a disk that works, finds all.
//
//lab:task 2 points=3
func TestOpen_FailureClosesWhatIsOpen(t *testing.T) {
	labtest.NoLeaks(t)
	full, lines := made(t, 3)
	for point := 1; failOpen(t, vfs.NewMem(), point, []string{}) && !t.Failed(); point++ {
	}
	for point := 1; failOpen(t, full.mem.Clone(), point, lines) && !t.Failed(); point++ {
	}
}

// failOpen opens the database of three partitions that a disk has, while one operation fails, and then once more. It
// returns false if Open has fewer operations.
func failOpen(t *testing.T, mem *vfs.Mem, point int, lines []string) bool {
	t.Helper()
	d, seen := diskOf(mem), 0
	var failed vfs.Call
	d.FailAt(func(c vfs.Call) bool {
		if seen++; seen == point {
			failed = c
		}
		return seen == point
	}, nil)
	db, err := tryOpen(t, d, by(partition.Hash(3)))
	d.Clear()
	if failed.Op == "" {
		require.Greater(t, point, 30, "operations of an Open")
		closeDB(t, db)
		return false
	}
	what := fmt.Sprintf("operation %d of Open, %s of %s, failed", point, failed.Op, failed.Name)
	if err != nil {
		require.ErrorIs(t, err, vfs.ErrInjected, what)
		allClosed(t, d, what)
		db = open(t, d, by(partition.Hash(3)))
	}
	has(t, what+"; what is there", db, lines)
	closeDB(t, db)
	return true
}
