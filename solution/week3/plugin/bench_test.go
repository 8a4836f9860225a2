//lab:day 3.5

package plugin_test

import (
	"encoding/binary"
	"io"
	"testing"

	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/plugin"
)

// stuck is a plugin that waits in its first event until the benchmark is over.
type stuck struct{ over chan struct{} }

func (stuck) Name() string          { return "stuck" }
func (stuck) Initialize() error     { return nil }
func (s stuck) Handle(plugin.Event) { <-s.over }
func (stuck) Shutdown() error       { return nil }

// crowds are the plugins of each benchmark. nil: not even a host.
var crowds = []struct {
	name    string
	plugins func(over chan struct{}) []plugin.Plugin
}{
	{"no host", nil},
	{"no plugin", func(chan struct{}) []plugin.Plugin { return nil }},
	{"metrics", func(chan struct{}) []plugin.Plugin { return []plugin.Plugin{plugin.NewMetrics(io.Discard, 0)} }},
	{"full queue", func(over chan struct{}) []plugin.Plugin { return []plugin.Plugin{stuck{over}} }},
}

// benchCrowds runs a benchmark beside each crowd, over a store without a log and with large memtables: the cheapest writes show the
// price best.
func benchCrowds(b *testing.B, run func(b *testing.B, s *store.Store)) {
	for _, c := range crowds {
		b.Run(c.name, func(b *testing.B) {
			o := store.Options{Log: store.LogOff}
			o.MemtableSize = 128 << 20
			over := make(chan struct{})
			if c.plugins != nil {
				h := plugin.NewHost(plugin.Options{})
				o.Listener = h.Listener(engine.Listener{})
				for _, p := range c.plugins(over) {
					if err := h.Register(p); err != nil {
						b.Fatal(err)
					}
				}
				b.Cleanup(func() {
					close(over)
					if err := h.Shutdown(); err != nil {
						b.Error(err)
					}
					for _, s := range h.Stats() {
						b.ReportMetric(float64(s.Dropped)/float64(s.Dropped+s.Delivered), "dropped/event")
					}
				})
			}
			s, err := store.Open(b.TempDir(), &o)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			b.ReportAllocs()
			run(b, s)
		})
	}
}

// benchKey overwrites key with another one, of 16 bytes.
func benchKey(key []byte, n int) []byte {
	return binary.BigEndian.AppendUint64(append(key[:0], "key-----"...), uint64(n)*0x9e3779b97f4a7c15)
}

// BenchmarkPut writes values of 100 bytes.
func BenchmarkPut(b *testing.B) {
	benchCrowds(b, func(b *testing.B, s *store.Store) {
		key, value := []byte{}, make([]byte, 100)
		for n := 0; b.Loop(); n++ {
			key = benchKey(key, n)
			if err := s.Put(key, value); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGet reads values of 100 bytes from one memtable.
func BenchmarkGet(b *testing.B) {
	benchCrowds(b, func(b *testing.B, s *store.Store) {
		const keys = 10000
		var key []byte
		for n := range keys {
			key = benchKey(key, n)
			if err := s.Put(key, make([]byte, 100)); err != nil {
				b.Fatal(err)
			}
		}
		var buf []byte
		var err error
		for n := 0; b.Loop(); n++ {
			key = benchKey(key, n%keys)
			if buf, err = s.GetTo(buf[:0], key); err != nil {
				b.Fatal(err)
			}
		}
	})
}
