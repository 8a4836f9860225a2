package run

import "sync"

// clipped keeps the beginning and the end of what is written to it, outputLimit bytes of each. A program that prints
// without end costs no memory.
type clipped struct {
	mu         sync.Mutex // guards both
	head, tail []byte
	lost       bool
}

// Write never fails.
func (c *clipped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(p)
	if room := outputLimit - len(c.head); room > 0 {
		room = min(room, len(p))
		c.head = append(c.head, p[:room]...)
		p = p[room:]
	}
	c.tail = append(c.tail, p...)
	if len(c.tail) > 2*outputLimit {
		c.tail = append(c.tail[:0], c.tail[len(c.tail)-outputLimit:]...)
		c.lost = true
	}
	return n, nil
}

// String returns what was kept.
func (c *clipped) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	gap := ""
	if c.lost {
		gap = "\n…\n"
	}
	return string(c.head) + gap + string(c.tail)
}
