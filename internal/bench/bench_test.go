package bench

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mapStore is a Store that cannot be wrong.
type mapStore struct{ keys [][]byte }

// Put adds a key.
func (m *mapStore) Put(key, _ []byte) error {
	i, found := slices.BinarySearchFunc(m.keys, key, bytes.Compare)
	if !found {
		m.keys = slices.Insert(m.keys, i, bytes.Clone(key))
	}
	return nil
}

// Get looks a key up.
func (m *mapStore) Get(key []byte) (bool, error) {
	_, found := slices.BinarySearchFunc(m.keys, key, bytes.Compare)
	return found, nil
}

// Scan counts keys.
func (m *mapStore) Scan(from []byte, limit int) (int, error) {
	i, _ := slices.BinarySearchFunc(m.keys, from, bytes.Compare)
	return min(limit, len(m.keys)-i), nil
}

// Settle does nothing.
func (m *mapStore) Settle() error { return nil }

// Compact does nothing.
func (m *mapStore) Compact() error { return nil }

// Close does nothing.
func (m *mapStore) Close() error { return nil }

// locked is a mapStore for writers at the same time: one after the other.
type locked struct {
	mapStore
	turn chan struct{}
}

// Put waits for its turn.
func (l *locked) Put(key, value []byte) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	return l.mapStore.Put(key, value)
}

// TestRun_MeasuresEveryWorkload runs all workloads over two stores that are right, and prints a table.
func TestRun_MeasuresEveryWorkload(t *testing.T) {
	crashed := map[string]Store{} // a copy of a directory holds what the directory held
	open := func(dir string, _ Settings) (Store, error) {
		if s, ok := crashed[strings.TrimSuffix(dir, "-copy")]; ok {
			return s, nil
		}
		s := &locked{turn: make(chan struct{}, 1)}
		crashed[dir] = s
		return s, os.MkdirAll(dir, 0o777)
	}
	table, err := Run(Plan{Peers: []Peer{{Name: "one", Open: open, Durable: true}, {Name: "two", Open: open}}, Entries: 400, Rounds: 2, Settings: Settings{Memtable: 1 << 20}})
	require.NoError(t, err)
	for i, name := range table.Names {
		for peer := range 2 {
			require.Len(t, table.Cells[i][peer], 2, name)
			if peer == 0 || !strings.Contains(name, "sync") && name != reopening {
				require.Positive(t, table.Cells[i][peer][0].Ops, name)
			}
		}
	}
	var out strings.Builder
	table.Print(&out)
	require.Contains(t, out.String(), "fill random")
	require.Contains(t, out.String(), "×")
}

// forgetful is a store that loses what it is told.
type forgetful struct{ mapStore }

// Put forgets.
func (*forgetful) Put(_, _ []byte) error { return nil }

// TestRun_NoticesAStoreThatIsWrong runs a store that forgets.
func TestRun_NoticesAStoreThatIsWrong(t *testing.T) {
	open := func(dir string, _ Settings) (Store, error) { return &forgetful{}, os.MkdirAll(dir, 0o777) }
	_, err := Run(Plan{Peers: []Peer{{Name: "forgetful", Open: open}}, Entries: 100, Rounds: 1})
	require.ErrorContains(t, err, "the scan met 0 entries of 100")
}

// TestMedian takes the middle, and of two the lower.
func TestMedian(t *testing.T) {
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 1.0, median([]float64{2, 1}))
}

// TestKeys_AreDifferentAndMissingOnesToo checks the bijection on a sample.
func TestKeys_AreDifferentAndMissingOnesToo(t *testing.T) {
	seen := map[string]bool{}
	key := make([]byte, keySize)
	for i := range uint64(2000) {
		keyAt(key, i)
		seen[string(key)] = true
		missingAt(key, i)
		seen[string(key)] = true
	}
	require.Len(t, seen, 4000)
}
