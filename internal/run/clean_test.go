package run

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessage_LeavesTheToolsOut(t *testing.T) {
	for name, c := range map[string]struct{ out, want, seed string }{
		"a diff": {
			"    a_test.go:12: value (-want +got)\n          string(\n        - \t\"a\",\n        + \t\"b\",\n          )",
			"value (-want +got)\n  string(\n- \t\"a\",\n+ \t\"b\",\n  )", "",
		},
		"testify": {
			"    a_test.go:7: \n        \tError Trace:\t/x/a_test.go:7\n        \t            \t\t\t\t/x/b.go:1\n        \tError:      \tReceived unexpected error:\n        \t            \tboom\n        \tTest:       \tTestX\n        \tMessages:   \topen the table",
			"open the table:\nReceived unexpected error:\nboom", "",
		},
		"rapid": {
			"    a_test.go:9: [rapid] failed after 3 tests: want 1,\n        got 2\n        To reproduce, specify -run=\"TestX\" -rapid.seed=77\n        Failed test output:\n    a_test.go:10: [rapid] draw keys: []\n    a_test.go:11: want 1,\n        got 2",
			"want 1,\ngot 2", "-rapid.seed=77",
		},
		"a panic in rapid": {
			"    a_test.go:9: [rapid] panic after 0 tests: index out of range\n        To reproduce, specify -run=\"TestX\" -rapid.seed=5\n        Traceback:\n            /x/y.go:3 in z\n        Failed test output:",
			"panic: index out of range", "-rapid.seed=5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := frame + "=== RUN   TestX\nprinted by the student\n" + c.out + "\n" + frame + "--- FAIL: TestX (0.00s)\n" + frame + "FAIL\n"
			text, seed := message(parse(out), "TestX")
			if diff := cmp.Diff(c.want, text); diff != "" {
				t.Errorf("message (-want +got)\n%s", diff)
			}
			if seed != c.seed {
				t.Errorf("seed: want %q, got %q", c.seed, seed)
			}
		})
	}
}

func TestParse_SeesFramesBehindAnUnfinishedLine(t *testing.T) {
	p := parse(frame + "=== RUN   TestX\nno newline" + frame + "--- PASS: TestX (0.25s)\n" + frame + "PASS\n")
	if p.action["TestX"] != "PASS" || !p.finished || p.elapsed["TestX"].Milliseconds() != 250 {
		t.Errorf("got %+v", p)
	}
}

func TestRace_NamesBothSides(t *testing.T) {
	const report = `==================
WARNING: DATA RACE
Read at 0x00c000012345 by goroutine 8:
  lsmlab/week1/memtable.(*Table).Get()
      /lab/week1/memtable/table.go:52 +0x3c
  lsmlab/week1/memtable_test.TestX.func1()
      /lab/week1/memtable/w1d1_table_test.go:9 +0x44

Previous write at 0x00c000012345 by goroutine 7:
  bytes.Equal()
      /go/src/bytes/bytes.go:1 +0x3c
  lsmlab/week1/memtable.(*Table).Put()
      /lab/week1/memtable/table.go:40 +0x3c

Goroutine 8 (running) created at:
  lsmlab/week1/memtable_test.TestX()
      /lab/week1/memtable/w1d1_table_test.go:8 +0x44
==================
`
	text, where := race("/lab", report)
	want := []string{
		"data race: two goroutines use the same memory at the same time, and one of them writes",
		"  read at week1/memtable/table.go:52  memtable.(*Table).Get",
		"  previous write at week1/memtable/table.go:40  memtable.(*Table).Put",
	}
	if diff := cmp.Diff(want, strings.Split(text, "\n")); diff != "" {
		t.Errorf("summary (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"week1/memtable/table.go:52", "week1/memtable/table.go:40"}, where); diff != "" {
		t.Errorf("positions (-want +got)\n%s", diff)
	}
}
