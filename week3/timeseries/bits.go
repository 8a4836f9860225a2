package timeseries

// bitWriter appends numbers of any length in bits, the highest bit first. Zeros fill the last byte.
type bitWriter struct {
	buf  []byte
	free int // bits of the last byte that are not used, 0 to 7
}

// write appends the lowest n bits of v, at most 64.
func (w *bitWriter) write(v uint64, n int) {
	for n > 0 {
		if w.free == 0 {
			w.buf, w.free = append(w.buf, 0), 8
		}
		k := min(n, w.free)
		n -= k
		w.free -= k
		w.buf[len(w.buf)-1] |= byte(v>>n&(1<<k-1)) << w.free
	}
}

// bitReader reads what a bitWriter has written.
type bitReader struct {
	buf   []byte
	at    int  // bits that were read
	short bool // more was read than there is
}

// read returns the next n bits, at most 64. Behind the end are zeros, and short tells.
func (r *bitReader) read(n int) (v uint64) {
	if r.at+n > 8*len(r.buf) {
		r.at, r.short = 8*len(r.buf), true
		return 0
	}
	for n > 0 {
		left := 8 - r.at%8 // bits of this byte that are not read
		k := min(n, left)
		v = v<<k | uint64(r.buf[r.at/8]>>(left-k)&(1<<k-1))
		r.at += k
		n -= k
	}
	return v
}
