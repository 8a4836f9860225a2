package harness

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lsmlab/internal/kv"
)

// store is a map; a forgetful one loses its second delete.
type store struct {
	values    map[string]string
	forgetful bool
	deletes   int
}

func (s *store) Do(o Op) string {
	switch o.Name {
	case "put":
		s.values[string(o.Key)] = string(o.Value)
	case "delete":
		if s.deletes++; !s.forgetful || s.deletes != 2 {
			delete(s.values, string(o.Key))
		}
	case "get":
		value, ok := s.values[string(o.Key)]
		return Answer([]byte(value), kv.KindSet, ok)
	case "crash":
		if s.forgetful {
			panic("ouch")
		}
	}
	return ""
}

func (s *store) Close() error { return nil }

// open returns two stores, one of them forgetful.
func open() (Side, Side, error) {
	return &store{values: map[string]string{}, forgetful: true}, &store{values: map[string]string{}}, nil
}

func TestShorten_KeepsOnlyWhatMatters(t *testing.T) {
	op := func(name, key string) Op { return Op{Name: name, Key: []byte(key)} }
	var list []Op
	for range 20 {
		list = append(list, op("get", "x"), op("put", "y"))
	}
	list = append(list, op("delete", "z"), op("put", "a"), op("get", "q"), op("delete", "a"), op("put", "b"), op("get", "a"), op("get", "b"))
	d := compare(list, open)
	if !d.found {
		t.Fatal("no difference found")
	}
	want := "  1  delete(\"z\")\n  2  put(\"a\", \"\")\n  3  delete(\"a\")\n  4  get(\"a\")\n     reference  nothing\n     yours      \"\""
	if diff := cmp.Diff(want, shorten(d, open).String()); diff != "" {
		t.Errorf("shortened (-want +got)\n%s", diff)
	}
}

func TestCompare_TakesAPanicForAnAnswer(t *testing.T) {
	d := compare([]Op{{Name: "crash"}}, open)
	if !d.found || d.got != "panic: ouch" {
		t.Errorf("got %+v", d)
	}
}

func TestCompare_FindsNothingWhereThereIsNothing(t *testing.T) {
	both := func() (Side, Side, error) {
		return &store{values: map[string]string{}}, &store{values: map[string]string{}}, nil
	}
	Compare(t, []string{"put", "delete", "get"}, both)
}
