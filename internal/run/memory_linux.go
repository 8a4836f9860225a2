package run

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// memory returns how many bytes of memory the group's leader holds, 0 if that cannot be told.
func (g *group) memory() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", g.pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
