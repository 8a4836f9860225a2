// Package tuning is what the measuring tools share: sizes with units on the command line, and sweeps, which run the same
// command once for each value of one of its flags.
//
//	--flush-size=4MiB                     a size
//	--sweep=flush-size=1MiB,4MiB,16MiB    three runs
package tuning

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// Sweep is a flag and the values that it takes in turn.
type Sweep struct {
	Flag   string
	Values []string
}

// ParseSweep reads "multiplier=4,8,16".
func ParseSweep(spec string) (s Sweep, err error) {
	name, list, ok := strings.Cut(strings.TrimPrefix(spec, "--"), "=")
	if !ok || name == "" || list == "" {
		return s, fmt.Errorf("--sweep=%s: write it like --sweep=multiplier=4,8,16", spec)
	}
	return Sweep{Flag: name, Values: strings.Split(list, ",")}, nil
}

// Each calls do with the flags that args give when the sweep's flag has been added, once with each value. F is the struct of
// the flags, which kong fills.
func Each[F any](s Sweep, args []string, options []kong.Option, do func(f F) error) error {
	for _, value := range s.Values {
		var one F
		parser, err := kong.New(&one, options...)
		if err != nil {
			return err
		}
		if _, err := parser.Parse(append(args[:len(args):len(args)], "--"+s.Flag+"="+value)); err != nil {
			return fmt.Errorf("--sweep: %w", err)
		}
		if err := do(one); err != nil {
			return fmt.Errorf("with --%s=%s: %w", s.Flag, value, err)
		}
	}
	return nil
}

// Positions returns where the values stand on an axis, and the axis's unit: numbers at themselves, sizes at their MiB. For
// other values ok is false; they stand side by side.
func (s Sweep) Positions() (at []float64, unit string, ok bool) {
	for _, value := range s.Values {
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			at = append(at, n)
			continue
		}
		var size Size
		if size.UnmarshalText([]byte(value)) != nil {
			return nil, "", false
		}
		at, unit = append(at, float64(size)/(1<<20)), ", MiB"
	}
	return at, unit, true
}
