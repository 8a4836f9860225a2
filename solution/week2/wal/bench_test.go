//lab:day 2.6

package wal_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/wal"
)

// mode is a way to write logs, and what it is called.
type mode struct {
	name string
	o    wal.Options
	sync bool
}

// modes are those that a store offers, from the cheapest to the safest.
var modes = []mode{
	{name: "lose-on-kill", o: wal.Options{LoseOnKill: true}},
	{name: "written"},
	{name: "synced", sync: true},
}

// benchValue is the value that every key gets.
var benchValue = make([]byte, 100)

// open opens the logs of a directory of the benchmark's own.
func open(b *testing.B, o wal.Options) (logs *wal.Logs, dir string) {
	b.Helper()
	dir = b.TempDir()
	logs, _, err := wal.Open(dir, o, 0)
	if err != nil {
		b.Fatal(err)
	}
	return logs, dir
}

// BenchmarkLog measures one record of 116 bytes in one log: append and commit.
func BenchmarkLog(b *testing.B) {
	for _, m := range modes {
		b.Run(m.name, func(b *testing.B) {
			logs, _ := open(b, m.o)
			l, err := logs.Create(1)
			if err != nil {
				b.Fatal(err)
			}
			var batch kv.Batch
			batch.Set(make([]byte, 16), benchValue)
			b.ReportAllocs()
			seq := kv.Seq(0)
			for b.Loop() {
				seq++
				if err := l.Commit(l.Append(seq, &batch), m.sync); err != nil {
					b.Fatal(err)
				}
			}
			if err := l.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

// BenchmarkPut measures puts of random keys into an engine with logs, flushes included, beside one without any.
func BenchmarkPut(b *testing.B) {
	for _, m := range append([]mode{{name: "no-log"}}, modes...) {
		b.Run(m.name, func(b *testing.B) {
			logs, dir := open(b, m.o)
			o := &engine.Options{Logs: logs, Sync: m.sync}
			if m.name == "no-log" {
				o.Logs = nil
			}
			e, err := engine.Open(dir, o)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			key, i := make([]byte, 16), uint64(0)
			for b.Loop() {
				i++
				binary.BigEndian.PutUint64(key, i*0x9e3779b97f4a7c15)
				if err := e.Put(key, benchValue); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			if err := e.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

// BenchmarkOpen measures the replay of logs with 116 bytes a write, in memtables of 4 MiB.
func BenchmarkOpen(b *testing.B) {
	const writes, logsOf = 1 << 17, 1 << 15
	logs, dir := open(b, wal.Options{LoseOnKill: true})
	key := make([]byte, 16)
	var l engine.Log
	for i := range writes {
		if i%logsOf == 0 {
			l = nextLog(b, logs, l, uint64(i/logsOf+1))
		}
		var batch kv.Batch
		binary.BigEndian.PutUint64(key, uint64(i)*0x9e3779b97f4a7c15)
		batch.Set(key, benchValue)
		if err := l.Commit(l.Append(kv.Seq(i+1), &batch), false); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, found, err := wal.Open(dir, wal.Options{}, 0)
		if err != nil || found.Last != writes {
			b.Fatal(fmt.Sprint("replayed up to ", found, err))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/writes, "ns/write")
}

// nextLog closes a log, if there is one, and begins the next.
func nextLog(b *testing.B, logs *wal.Logs, before engine.Log, number uint64) engine.Log {
	b.Helper()
	if before != nil {
		if err := before.Close(); err != nil {
			b.Fatal(err)
		}
	}
	l, err := logs.Create(number)
	if err != nil {
		b.Fatal(err)
	}
	return l
}
