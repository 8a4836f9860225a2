package sstable

import (
	"fmt"
	"strconv"
	"strings"
)

// suffix ends the name of every table file.
const suffix = ".sst"

// FileName returns the name of the table file with that number: 1 gives "000001.sst".
func FileName(number uint64) string { return fmt.Sprintf("%06d%s", number, suffix) }

// ParseFileName undoes FileName. It returns false for every name that FileName does not give.
func ParseFileName(name string) (number uint64, ok bool) {
	number, err := strconv.ParseUint(strings.TrimSuffix(name, suffix), 10, 64)
	return number, err == nil && FileName(number) == name
}
