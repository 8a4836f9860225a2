// Package harness puts the same random operations through two implementations of one thing and compares what they answer.
package harness

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// Op is one operation. Which of the fields count depends on Name.
type Op struct {
	Name         string // one of the names that the subject offers
	Key, Value   []byte
	Lower, Upper kv.Bound
	Number       int // anything else: a sequence number to read at, counted back from the newest
}

// verb returns what the operation does, without the word before it that says where: "get" of "snapshot get".
func (o Op) verb() string {
	for _, where := range []string{"transaction ", "snapshot "} {
		if verb, ok := strings.CutPrefix(o.Name, where); ok {
			return verb
		}
	}
	return o.Name
}

// String returns the operation as a learner would write it.
func (o Op) String() string {
	switch o.verb() {
	case "put":
		return fmt.Sprintf("%s(%q, %q)", o.Name, o.Key, o.Value)
	case "delete", "get", "seek":
		return fmt.Sprintf("%s(%q)", o.Name, o.Key)
	case "get earlier":
		return fmt.Sprintf("get(%q, %d writes ago)", o.Key, o.Number)
	case "scan":
		return fmt.Sprintf("%s(%v, %v)", o.Name, o.Lower, o.Upper)
	}
	return o.Name
}

// Side is one of the two implementations, in the state that the operations so far have brought it to.
type Side interface {
	// Do carries out an operation and returns its answer, for people and for comparison.
	Do(o Op) string
	// Close gives back what the side holds and returns what went wrong.
	Close() error
}

// Compare draws runs of operations, out of the named ones, and lets both sides carry out each. Where their answers differ
// the test fails with the shortest list of operations that it can find. At the end it says how much it has compared. A
// name may occur more than once: it is drawn more often.
func Compare(t *testing.T, names []string, open func() (student, reference Side, err error)) {
	ops, runs := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(operation(names), 40, 100).Draw(t, "operations")
		ops, runs = ops+len(list), runs+1
		if d := compare(list, open); d.found {
			t.Fatal(shorten(d, open))
		}
	})
	fmt.Fprintf(os.Stdout, "\ncompared %d operations in %d runs\n", ops, runs)
}

// operation generates one operation.
func operation(names []string) *rapid.Generator[Op] {
	return rapid.Custom(func(t *rapid.T) Op {
		o := Op{Name: rapid.SampledFrom(names).Draw(t, "name")}
		switch o.verb() {
		case "scan":
			o.Lower, o.Upper = labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
		case "put":
			o.Key, o.Value = labtest.Keys().Draw(t, "key"), labtest.Values().Draw(t, "value")
		case "get earlier":
			o.Key, o.Number = labtest.Keys().Draw(t, "key"), rapid.IntRange(1, 20).Draw(t, "number")
		case "delete", "get", "seek":
			o.Key = labtest.Keys().Draw(t, "key")
		}
		return o
	})
}

// difference is where two sides part.
type difference struct {
	found     bool
	list      []Op   // up to the operation whose answers differ
	want, got string // the reference's answer, and the student's
}

// compare carries out operations on both sides and returns the first difference.
func compare(list []Op, open func() (student, reference Side, err error)) difference {
	student, reference, err := open()
	if err != nil {
		return difference{true, nil, "it opens", "it cannot be opened: " + err.Error()}
	}
	for i, o := range list {
		want, got := reference.Do(o), do(student, o)
		if want != got {
			shut(student)
			reference.Close()
			return difference{true, list[:i+1], want, got}
		}
	}
	want, got := reference.Close(), shut(student)
	if want == nil && got != "" {
		return difference{true, append(list[:len(list):len(list)], Op{Name: "close"}), "no error", got}
	}
	return difference{}
}

// shorten leaves out operations, many at a time and then one at a time, as long as the sides still differ. What rapid
// shrinks is each operation; a list with a least length it cannot make short.
func shorten(d difference, open func() (student, reference Side, err error)) difference {
	for size := len(d.list) / 2; size > 0; size /= 2 {
		for at := 0; at+size < len(d.list); {
			less := append(d.list[:at:at], d.list[at+size:]...)
			if shorter := compare(less, open); shorter.found {
				d = shorter
			} else {
				at += size
			}
		}
	}
	return d
}

// do carries out an operation; a panic is an answer, too.
func do(s Side, o Op) (answer string) {
	defer func() {
		if p := recover(); p != nil {
			answer = fmt.Sprintf("panic: %v", p)
		}
	}()
	return s.Do(o)
}

// shut closes a side and returns its error as text, "" if there was none.
func shut(s Side) (answer string) {
	defer func() {
		if p := recover(); p != nil {
			answer = fmt.Sprintf("panic: %v", p)
		}
	}()
	if err := s.Close(); err != nil {
		return err.Error()
	}
	return ""
}

// String lists the operations up to the one whose answers differ, and the answers.
func (d difference) String() string {
	var b strings.Builder
	for i, o := range d.list {
		fmt.Fprintf(&b, "\n%3d  %s", i+1, o)
	}
	fmt.Fprintf(&b, "\n     reference  %s\n     yours      %s", indent(d.want), indent(d.got))
	return strings.TrimPrefix(b.String(), "\n")
}

// indent sets the lines of an answer below each other.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n                ") }
