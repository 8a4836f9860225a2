package labtest

import (
	"fmt"

	"pgregory.net/rapid"

	"lsmlab/internal/kv"
)

// Keys generates user keys: few enough that they meet again, and odd enough to hurt, with prefixes of each other, zero
// bytes and 0xff.
func Keys() *rapid.Generator[[]byte] {
	pieces := rapid.SampledFrom([]string{"a", "b", "c", "ab", "\x00", "\xff", "@", "k1"})
	return rapid.Custom(func(t *rapid.T) []byte {
		key := []byte(pieces.Draw(t, "piece"))
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			key = append(key, pieces.Draw(t, "piece")...)
		}
		return key
	})
}

// Values generates values of 0 to 20 bytes, empty ones often.
func Values() *rapid.Generator[[]byte] {
	return rapid.OneOf(rapid.Just([]byte{}), rapid.SliceOfN(rapid.Byte(), 1, 20))
}

// Bounds generates bounds of all kinds, at keys of Keys.
func Bounds() *rapid.Generator[kv.Bound] {
	return rapid.Custom(func(t *rapid.T) kv.Bound {
		switch rapid.IntRange(0, 4).Draw(t, "bound") {
		case 0:
			return kv.Unbounded()
		case 1, 2:
			return kv.Included(Keys().Draw(t, "key"))
		}
		return kv.Excluded(Keys().Draw(t, "key"))
	})
}

// Write is one step of a random history: one write, or several that belong together.
type Write []kv.Op

// AddTo adds the step's writes to a batch.
func (w Write) AddTo(b *kv.Batch) {
	for _, op := range w {
		if op.Kind == kv.KindDelete {
			b.Delete(op.Key)
		} else {
			b.Set(op.Key, op.Value)
		}
	}
}

// String returns the step for people.
func (w Write) String() string {
	text := ""
	for i, op := range w {
		if i > 0 {
			text += ", "
		}
		if op.Kind == kv.KindDelete {
			text += fmt.Sprintf("delete %q", op.Key)
		} else {
			text += fmt.Sprintf("set %q = %q", op.Key, op.Value)
		}
	}
	return text
}

// Ops generates a history of at most n steps, of which some are batches.
func Ops(n int) *rapid.Generator[[]Write] {
	op := rapid.Custom(func(t *rapid.T) kv.Op {
		if rapid.IntRange(0, 2).Draw(t, "delete") == 0 {
			return kv.Op{Kind: kv.KindDelete, Key: Keys().Draw(t, "key")}
		}
		return kv.Op{Kind: kv.KindSet, Key: Keys().Draw(t, "key"), Value: Values().Draw(t, "value")}
	})
	step := rapid.Custom(func(t *rapid.T) Write {
		if rapid.IntRange(0, 3).Draw(t, "batch") > 0 {
			return Write{op.Draw(t, "op")}
		}
		return Write(rapid.SliceOfN(op, 1, 4).Draw(t, "ops"))
	})
	return rapid.SliceOfN(step, 0, n)
}
