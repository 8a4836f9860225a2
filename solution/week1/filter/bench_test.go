//lab:day 1.7

package filter

import (
	"fmt"
	"testing"
)

// benchFilter returns a filter of 10 bits a key over 100,000 keys, and 1,000 keys of the given prefix to ask it for.
func benchFilter(b *testing.B, prefix string) (f interface{ MayContain([]byte) bool }, keys [][]byte) {
	builder := Bloom(10).NewBuilder()
	for i := range 100_000 {
		builder.Add(fmt.Appendf(nil, "user%012d", i))
	}
	f, err := Bloom(10).Parse(builder.Finish())
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		keys = append(keys, fmt.Appendf(nil, "%s%012d", prefix, 97*i))
	}
	return f, keys
}

// BenchmarkMayContain measures one question, for keys that the filter holds and for keys that it does not.
func BenchmarkMayContain(b *testing.B) {
	for name, prefix := range map[string]string{"present": "user", "absent": "miss"} {
		b.Run(name, func(b *testing.B) {
			f, keys := benchFilter(b, prefix)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f.MayContain(keys[i%len(keys)])
			}
		})
	}
}

// BenchmarkBuild measures a filter over 100,000 keys, as one operation.
func BenchmarkBuild(b *testing.B) {
	_, keys := benchFilter(b, "user")
	b.ReportAllocs()
	for b.Loop() {
		builder := Bloom(10).NewBuilder()
		for i := range 100_000 {
			builder.Add(keys[i%len(keys)])
		}
		builder.Finish()
	}
}
