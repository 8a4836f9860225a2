package wal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/wal"
	refwal "lsmlab/solution/week2/wal"
)

// vouches returns which of the logs say that all before them were on the disk.
func vouches(t labtest.TB, d *disk, numbers ...uint64) []bool {
	t.Helper()
	said := []bool{}
	for _, number := range numbers {
		c, err := refwal.Read(d, walDir, number)
		require.NoError(t, err)
		said = append(said, c.Vouches)
	}
	return said
}

// A log says once, between its batches, that all logs before it are on the disk; as soon as that is true, and not before: if the
// power takes what nobody has synced, this must not look like damage. Log 4 is on the disk first here, and log 1 is not yet.
//
//lab:task 2 points=2
func TestCommit_VouchesForOlderLogs(t *testing.T) {
	d := newDisk(t)
	logs := wal.New(walDir, wal.Options{FS: d})
	open := map[uint64]appender{}
	write := func(number uint64, first kv.Seq, sync bool) {
		t.Helper()
		if open[number] == nil {
			l, err := logs.Create(number)
			require.NoError(t, err)
			open[number] = l
		}
		put(t, open[number], first, sync, batch("a=1"))
	}
	write(1, 1, false)
	write(4, 2, true)
	write(6, 3, false)
	same(t, "log 1 is not synced: 4 and 6 vouch", []bool{false, false}, vouches(t, d, 4, 6))
	require.NoError(t, open[1].Close())
	write(6, 4, false)
	same(t, "logs 1 and 4 are synced, 6 gets a write: 4 and 6 vouch", []bool{false, true}, vouches(t, d, 4, 6))
	write(6, 5, false)
	write(8, 6, true)
	same(t, "log 6 is not synced: 8 vouches", []bool{false}, vouches(t, d, 8))
	same(t, "records of log 6", []string{"after write 2 of log 4", "#3 a=1", "#4 a=1", "#5 a=1"}, d.records(t, 6))
	require.NoError(t, open[6].Close())
	write(8, 7, true)
	same(t, "all is synced: 8 vouches", []bool{true}, vouches(t, d, 8))
}

// The same record, byte by byte: it stands behind the opening here, since log 1 was synced when log 4 began.
//
//lab:task 2 points=1
func TestCommit_GoldenVouch(t *testing.T) {
	d := newDisk(t)
	logs := wal.New(walDir, wal.Options{FS: d})
	for i, number := range []uint64{1, 4} {
		l, err := logs.Create(number)
		require.NoError(t, err)
		put(t, l, kv.Seq(i+1), true, batch("a=1"))
	}
	same(t, "bytes 38 to 51 of log 4", fmt.Sprintf("%x", fromHex(`
	01 00 00 00              // a body of 1 byte
	f4 6a f8 29              // CRC-32C of number, offset 38, and length
	51 53 a0 66              // CRC-32C of these and the body
	00                       // all logs before this one are on the disk
	`)), fmt.Sprintf("%x", d.contents(t, 4)[38:51]))
}

// Log 1 has lost its end, or is gone, and a later log says that it was on the disk. No power failure takes what was synced. So this
// is damage, whatever it looks like: an error with file and offset, and all files stay as they are. It need not be the next
// log that says so.
//
//lab:task 4 points=3
func TestOpen_HoleInWhatWasSyncedIsDamage(t *testing.T) {
	for _, lateness := range []int{0, 1} { // how many logs are begun before log 1 is synced
		for _, gone := range []bool{false, true} {
			d := newDisk(t)
			logs := refwal.New(walDir, refwal.Options{FS: d})
			var unsynced []appender
			for i, number := range []uint64{1, 4, 6} {
				l, err := logs.Create(number)
				require.NoError(t, err)
				put(t, l, kv.Seq(2*i+1), i >= lateness, batch("a=1"))
				unsynced = append(unsynced, l)
				if i == lateness {
					for _, l := range unsynced {
						require.NoError(t, l.Close())
					}
					unsynced = nil
				}
				if i > lateness {
					put(t, l, kv.Seq(2*i+2), true, batch("b=1"))
				}
			}
			data := d.contents(t, 1)
			words := "000001.log: corrupt at offset 38"
			d.replace(t, 1, data[:len(data)-1])
			if gone {
				words = "000001.log"
				require.NoError(t, d.mem.Remove(walDir+"/000001.log"))
			}
			before := labtest.Files(t, d.mem, walDir)
			_, _, err := wal.Open(walDir, wal.Options{FS: d}, 1)
			what := fmt.Sprintf("log 1 gone: %t; logs begun before it was synced: %d", gone, lateness)
			require.ErrorIs(t, err, kv.ErrCorrupt, what)
			require.ErrorContains(t, err, words, what)
			same(t, what+": files afterwards", before, labtest.Files(t, d.mem, walDir))
		}
	}

	d := newDisk(t) // and the log right behind the hole may be the only one that knows
	logs := refwal.New(walDir, refwal.Options{FS: d})
	for i, number := range []uint64{1, 4} {
		l, err := logs.Create(number)
		require.NoError(t, err)
		put(t, l, kv.Seq(i+1), true, batch("a=1"))
		require.NoError(t, l.Close())
	}
	same(t, "log 4 vouches", []bool{true}, vouches(t, d, 4))
	data := d.contents(t, 1)
	d.replace(t, 1, data[:len(data)-1])
	_, _, err := wal.Open(walDir, wal.Options{FS: d}, 1)
	require.ErrorIs(t, err, kv.ErrCorrupt, "log 1 has lost its end, and log 4, the only one behind it, says that it was on the disk")
}
