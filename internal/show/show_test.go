package show_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/show"
	"lsmlab/internal/skeleton"
)

// load returns the lab's root, and the reference.
func load(t *testing.T) (string, *skeleton.Source) {
	if testing.Short() {
		t.Skip("compiles a program for each day")
	}
	root, err := course.Root()
	require.NoError(t, err)
	src, err := skeleton.Load(root)
	require.NoError(t, err)
	return root, src
}

// What is drawn of the reference, a few words for each day.
var drawn = map[string][]string{
	"1.1": {`level 0  head -> "apple"#5 -> "apple"#2 -> "banana"#6 -> "cherry"#1 -> "date"#7 deleted -> "date"#4 -> "fig"#3 -> end`,
		`Get("date"  at 7) = deleted`, `Get("fig" at 25) = "from table 2"`},
	"1.2": {"Bounded  [\"apple\", \"cherry\")             \"apple\"#7,set = \"green\"\n"},
	"1.3": {`0  05                                                key size 5`, `entry 1 begins at 18`, "4 entries\n"},
	"1.4": {"opening it read 0 data blocks", `Get("key050") = "value of 50"   1 block read`, `Get("zoo") = nothing         0 blocks read`},
	"1.5": {`Get("k30") = "newest"         0 blocks read`, `Get("k65") = not found        0 blocks read`, `k66 = "from table 4"`, `k73`},
	"1.6": {"[k300 … k900]  601 entries", "may be in 1 of 3 tables", `Scan(["k200", "k300"))`},
	"1.7": {`"apple"  perhaps`, "········1:cart", "codec prefix"},
	"2.1": {"apple#7 = red, banana#5 deleted, fig#9 = blue\n", "apple#7 = red, cherry#3 = red, fig#9 = blue\n", "(0 bytes written)"},
	"2.2": {"merge L0@7 13, L0@6 12, L1 8 9 into L1: ", "merge L1 8 9, L2 3 into L2: ", "nothing to do", "write amplification"},
	"2.3": {"merge L0@3 3, L0@2 2 into L0@2: ", "merge L0@4 4, L0@3 3 into L0@3: ", "nothing to do", "write amplification"},
	"2.4": {"17 MiB: base level 5  · L5 16.0 MiB\n", "Pick: 1 of L4, 4 of L5 into L5, because", "Pick: 4 runs of L0, 1 of L3 into L3, because"},
	"2.6": {"first write: 300\n", "after log 0, write 0\n", "LoseOnKill   the process is killed: 0 of 3   the machine stops: 0 of 3\n", "written      the process is killed: 3 of 3",
		"replayed  memtable 1: ", "lost      000006.log, from offset 0 on: write 3, in 000004.log, came before it and is missing\n", "writes go on with 3\n"},
	"2.5": {"-L0@1 000003.sst +L1 000003.sst", "body of 13 bytes", "before the flush, 1 orphan  with the new table\n", "with the new table             with"},
	"2.7": {"open-append  db/000002.log\n", "holds apple banana\n", "8 puts are durable, with 2 writes to the log and 2 syncs\n", "of 45 operations", "a         a b c     a b c\n"},
	"3.1": {"4  deleted    level 0, 000006.sst\n", "8  \"brown\"    memtable 7\n", "get at 9: this version has not been written yet", "3 open, the oldest at version 3\n",
		`apple = "", fig = "blue"`, "taken at main.go:"},
	"3.2": {"it deletes carol                   400     500   -       100        500     500   500     -   own number 6\n", `"zoe", which was not there`,
		`included "b" to included "carol"`, "500 500                      400 600\n", "after it                   400 600                      400 600\n"},
	"3.3": {"visible 23   watermark  9", "begin to read at 5?     false", "NewCollector( 2)   reader open: 4:c 5:d 6:e ", "gone: 3:- 4:c 5:d 6:e\n",
		"after a merge: 5:d 6:e\n", "round 6    160 versions", "held by 1 snapshot at 150, made in main.go:"},
	"3.4": {"C may not: conflict: \"counter\", which it writes, was written at 4, after the snapshot of this transaction at 3\n",
		"ann is gone, bob is gone\n  write skew: ", "ann is gone, bob is on call\n  serializable: Ann\n", "and 1,000 puts of one key                             1001  ",
		"the transaction ends                                     0"},
	"3.5": {"   5  Batch #2, 2 writes\n", "stuck  delivered  5, dropped  6, queued 0\n", "Initialize 1 2 3 4 5 Missed 6 Shutdown\n",
		"open          store: session/bob user/1     "},
	"3.6": {`"cpu"  100000000000000000`, "18 kept, the worst is off by 0.0981", "21 points, min 4.24, max 9.00, avg 7.47"},
	"3.7": {"254 254 236 256          792, 594 of them", "203, 0 of them", "nut      key not found\n", "from hash(4) to hash(2), in 4 directories\n",
		"by hash(2), in 2 directories, 2 left over\n", "opens by hash(2); in the end 8 of 8 keys\n"},
}

// Every released day has a picture, and the reference's looks as it should.
func TestDraw_Reference(t *testing.T) {
	root, src := load(t)
	files := map[string][]byte{}
	for _, f := range src.Files {
		text, err := f.Reference()
		require.NoError(t, err)
		files[f.Path] = text
	}
	for _, d := range course.Released() {
		t.Run(d.Prefix(), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			require.NoError(t, show.Draw(t.Context(), &out, root, d, files))
			require.NotEmpty(t, drawn[d.ID()])
			for _, want := range drawn[d.ID()] {
				require.Contains(t, out.String(), want)
			}
			require.NotContains(t, out.String(), "Not implemented")
		})
	}
}

// Over the skeleton the learner hears which task is missing, and sees no stack.
func TestDraw_Skeleton(t *testing.T) {
	root, src := load(t)
	files, err := src.Skeleton()
	require.NoError(t, err)
	for _, d := range course.Released() {
		t.Run(d.Prefix(), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := show.Draw(t.Context(), &out, root, d, files)
			require.ErrorContains(t, err, "not implemented yet: week ")
			require.ErrorContains(t, err, "The chapter is book/week")
			require.NotContains(t, err.Error(), "goroutine")
			require.NotContains(t, out.String(), "goroutine")
		})
	}
}

// Code that does not compile, or panics, is said in the compiler's words or with the learner's line.
func TestDraw_BrokenCode(t *testing.T) {
	root, src := load(t)
	d, err := course.Find(1, 2)
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, f := range src.Files {
		files[f.Path], err = f.Reference()
		require.NoError(t, err)
	}
	const path = "week1/iterator/bounded.go"
	good := string(files[path])
	files[path] = []byte(good + "\nfunc oops() { return 1 }\n")
	err = show.Draw(t.Context(), &strings.Builder{}, root, d, files)
	require.ErrorContains(t, err, "does not compile")
	require.ErrorContains(t, err, "too many return values")

	files[path] = []byte(strings.Replace(good, "func (b *Bounded) First() {", "func (b *Bounded) First() {\n\tpanic(\"oops\")\n", 1))
	err = show.Draw(t.Context(), &strings.Builder{}, root, d, files)
	require.ErrorContains(t, err, "panic: oops")
	require.NotContains(t, err.Error(), "goroutine")
}
