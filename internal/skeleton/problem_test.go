package skeleton_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/skeleton"
)

// head is a good beginning of a file of day 1.3: its fourth line is free.
const head = "//lab:day 1.3\n\npackage block\n"

// Each mistake in an annotation is reported at its line, and says what would be right.
func TestLoad_Problems(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      []string // without the file's name
	}{
		{"no owner", "package block\n", []string{"1: no owner: the first line is //lab:day WEEK.DAY"}},
		{"todo without owner", lines("package block", "", "// F.", "//", "//lab:todo 1 blocks#f", "//lab:hint H.", "func F() {}"),
			[]string{"1: no owner: the first line is //lab:day WEEK.DAY"}},
		{"unknown day", "//lab:day 1.8\n\npackage block\n", []string{`1: no such day: "1.8" (a day is written like 1.6)`}},
		{"day of another week", "//lab:day 2.1\n\npackage block\n", []string{"1: a file of week 2 day 1 stands in week2/"}},
		{"late header", "\n//lab:day 1.3\n\npackage block\n",
			[]string{"1: no owner: the first line is //lab:day WEEK.DAY", "2: //lab:day is the first line of its file, once"}},
		{"second header", head + "\n//lab:day 1.4\n", []string{"5: //lab:day is the first line of its file, once"}},
		{"does not parse", "//lab:day 1.3\n\npackage block\n\nfunc {\n", []string{"5: expected 'IDENT', found '{'"}},

		{"unknown directive", head + "\n//lab:todos 1 blocks#f\nfunc F() {}\n", []string{"5: unknown directive //lab:todos"}},
		{"directive of tests", head + "\n//lab:task 1 points=2\nfunc F() {}\n", []string{"5: unknown directive //lab:task"}},
		{"blank before lab", head + "\n// lab:todo 1 blocks#f\nfunc F() {}\n",
			[]string{"5: not a directive: write //lab:name without blanks, the name in lower case"}},
		{"capital", head + "\n//lab:Todo 1 blocks#f\nfunc F() {}\n",
			[]string{"5: not a directive: write //lab:name without blanks, the name in lower case"}},
		{"behind code", head + "\nvar x = 1 //lab:omit\n", []string{"5: a directive stands on a line of its own",
			"5: //lab:omit belongs in a declaration's doc comment"}},
		{"text after", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\n// F is late.\nfunc F() {}\n",
			[]string{"7: text after a directive: directives are a comment's last lines"}},
		{"in a body", head + "\nfunc F() {\n\t//lab:hint H.\n}\n", []string{"6: //lab:hint belongs in a function's doc comment"}},
		{"on a type", head + "\n// T.\n//\n//lab:todo 1 blocks#f\n//lab:hint H.\ntype T int\n",
			[]string{"7: //lab:todo belongs in a function's doc comment", "8: //lab:hint belongs in a function's doc comment"}},
		{"detached", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\n\nfunc F() {}\n",
			[]string{"5: //lab:todo belongs in a function's doc comment", "6: //lab:hint belongs in a function's doc comment"}},
		{"omit and todo", head + "\n//lab:omit\n//lab:todo 1 blocks#f\nfunc F() {}\n",
			[]string{"6: //lab:todo belongs in a function's doc comment"}},

		{"no hint", head + "\n//lab:todo 1 blocks#f\nfunc F() {}\n", []string{"5: a task without //lab:hint: F"}},
		{"empty hint", head + "\n//lab:todo 1 blocks#f\n//lab:hint\nfunc F() {}\n",
			[]string{"5: a task without //lab:hint: F", "6: empty //lab:hint"}},
		{"hint alone", head + "\n//lab:hint H.\nfunc F() {}\n", []string{"5: //lab:hint without a //lab:todo before it"}},
		{"two todos", head + "\n//lab:todo 1 blocks#f\n//lab:todo 2 blocks#f\n//lab:hint H.\nfunc F() {}\n",
			[]string{"6: a function has one //lab:todo"}},
		{"no anchor", head + "\n//lab:todo 1 blocks\n//lab:hint H.\nfunc F() {}\n",
			[]string{"5: write //lab:todo TASK CHAPTER#ANCHOR, as in //lab:todo 2 write-path#flush"}},
		{"no task", head + "\n//lab:todo blocks#f\n//lab:hint H.\nfunc F() {}\n",
			[]string{"5: write //lab:todo TASK CHAPTER#ANCHOR, as in //lab:todo 2 write-path#flush"}},
		{"task zero", head + "\n//lab:todo 0 blocks#f\n//lab:hint H.\nfunc F() {}\n",
			[]string{"5: write //lab:todo TASK CHAPTER#ANCHOR, as in //lab:todo 2 write-path#flush"}},
		{"other chapter", head + "\n//lab:todo 1 memtable#f\n//lab:hint H.\nfunc F() {}\n",
			[]string{"5: the chapter of week 1 day 3 is blocks, not memtable"}},
		{"no body", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\nfunc F()\n", []string{"5: F has no body to write"}},
		{"shadowed", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\nfunc F(a, todo int) {}\n",
			[]string{"5: F has a parameter named todo, which its stub needs for the package"}},
		{"stub", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\n//lab:stub x := 1\n//lab:stub return x +\nfunc F() int { return 1 }\n",
			[]string{"8: the stub does not parse: expected operand, found '}'"}},
		{"stub with a brace", head + "\n//lab:todo 1 blocks#f\n//lab:hint H.\n//lab:stub }; func G() {\nfunc F() {}\n",
			[]string{"7: the stub does not parse: it closes the function's body"}},

		{"not closed", head + "\n// #region a\nvar x = 1\n", []string{`5: region "a" is not closed`}},
		{"not opened", head + "\nvar x = 1\n\n// #endregion\n", []string{"7: #endregion without #region"}},
		{"twice", head + "\n// #region a\n\n// #endregion\n\n// #region a\n\n// #endregion\n",
			[]string{`9: region "a" stands in this file twice`}},
		{"no name", head + "\n// #region\n\n// #endregion\n", []string{"5: a region needs a name", "7: #endregion without #region"}},
		{"crossed", head + "\n// #region a\n\n// #region b\n\n// #endregion a\n\n// #endregion b\n",
			[]string{`9: #endregion a closes region "b"`, `11: #endregion b closes region "a"`}},
		{"marker behind code", head + "\nvar x = 1 // #region a\n\n// #endregion\n", []string{"5: a region marker stands on a line of its own",
			"7: #endregion without #region"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := lay(t, "")
			put(t, root, "solution/week1/block/x.go", test.src)
			_, err := skeleton.Load(root)
			var problems skeleton.Problems
			require.ErrorAs(t, err, &problems)
			var got []string
			for _, p := range problems {
				require.Equal(t, "solution/week1/block/x.go", p.File)
				got = append(got, p.String()[len(p.File)+1:])
			}
			require.ElementsMatch(t, test.want, got)
		})
	}
}

// All mistakes of all files are reported at once, by file and line.
func TestLoad_ReportsAllProblems(t *testing.T) {
	root := lay(t, "")
	put(t, root, "solution/week1/block/b.go", head+"\n//lab:nope\n\n//lab:never\n")
	put(t, root, "solution/week1/block/a.go", "package block\n")
	_, err := skeleton.Load(root)
	require.EqualError(t, err, "solution/week1/block/a.go:1: no owner: the first line is //lab:day WEEK.DAY\n"+
		"solution/week1/block/b.go:5: unknown directive //lab:nope\n"+
		"solution/week1/block/b.go:7: unknown directive //lab:never")
}

// A todo must point to an anchor that its chapter has. A chapter that is not there yet is not wrong about it.
func TestCheckAnchors(t *testing.T) {
	root := lay(t, "")
	put(t, root, "solution/week1/block/x.go", head+"\n//lab:todo 1 blocks#seek\n//lab:hint H.\nfunc F() {}\n")
	s := load(t, root)
	require.NoError(t, s.CheckAnchors())
	put(t, root, "book/week1/day3-blocks.md", "# Blocks\n\n<a id=\"find\"></a>\n")
	require.EqualError(t, s.CheckAnchors(),
		`solution/week1/block/x.go:5: book/week1/day3-blocks.md has no <a id="seek"></a>, which F points to`)
	put(t, root, "book/week1/day3-blocks.md", "# Blocks\n\n<a id=\"seek\"></a>\n")
	require.NoError(t, s.CheckAnchors())
}
