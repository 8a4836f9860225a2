package mutant_test

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/course"
	"lsmlab/internal/mutant"
)

// shapes is a lab with functions of every shape, and a test for each of them.
//
//go:embed testdata/shapes.txtar
var shapes string

// bug is a line of a zoo: "name: find => put", or "name: find => put & find => put".
func bug(line string) string {
	name, text, _ := strings.Cut(line, ": ")
	var w strings.Builder
	fmt.Fprintf(&w, "[[mutant]]\nname = '%s'\nstory = 's'\nfile = 'week1/shapes/shapes.go'\n", name)
	for i, edit := range strings.Split(text, " & ") {
		find, put, _ := strings.Cut(edit, " => ")
		if i == 0 {
			fmt.Fprintf(&w, "find = '''%s'''\nput = '''%s'''\n", find, put)
		} else {
			fmt.Fprintf(&w, "also = [{find = '''%s''', put = '''%s'''}]\n", find, put)
		}
	}
	return w.String()
}

// try runs a zoo over the shapes. It returns a line a mutant: how it was built, what became of it, and by which test.
func try(t *testing.T, zoo ...string) (lines map[string]string, results []mutant.Result) {
	t.Helper()
	return tryIn(t, shapes, false, zoo...)
}

// tryIn runs a zoo over a lab, with or without its random tests.
func tryIn(t *testing.T, lab string, certain bool, zoo ...string) (lines map[string]string, results []mutant.Result) {
	t.Helper()
	root := t.TempDir()
	day, err := course.Find(1, 1)
	require.NoError(t, err)
	files := txtar.Parse([]byte(lab)).Files
	var all strings.Builder
	for _, line := range zoo {
		all.WriteString(bug(line) + "\n")
	}
	files = append(files, txtar.File{Name: day.Mutants(), Data: []byte(all.String())})
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, f.Data, 0o666))
	}
	results, err = mutant.Run(context.Background(), mutant.Options{Root: root, Days: []course.Day{day}, Certain: certain})
	require.NoError(t, err)
	lines = map[string]string{}
	for _, r := range results {
		how := "schema"
		if r.Alone {
			how = "alone"
		}
		lines[r.Name] = strings.TrimSpace(fmt.Sprintf("%s %s %s", how, r.Verdict, r.By))
	}
	return lines, results
}

// What changes bodies only fits into one build, whatever the function looks like, and each mutant is active in its own
// run and in no other: a different test notices each.
func TestSchema_HoldsFunctionsOfEveryShape(t *testing.T) {
	lines, _ := try(t,
		"pointer: b.n += n => b.n -= n",
		"unnamed: return \"box\" => return \"bag\"",
		"generic-method: return p.k == k => return p.k != k",
		"generic: Pair[K, V]{k, v} } => Pair[K, V]{v: v} }",
		"zero: (zero T) { return } => (zero T) { panic(zero) }",
		"named: quotient = a / b => quotient = a - b",
		"variadic: range more => range more[:0]",
		"recursive: Factorial(n-1) => (Factorial(n-1) + 1)",
		"two-functions: start += n => start -= n & b.n } => b.n + 1 }",
		"same-but-longer: return limit => n := limit; return n",
		"new-import: strings.ToUpper(s) => fmt.Sprint(strings.ToLower(s)) & \"strings\" => (\"fmt\"; \"strings\")",
	)
	require.Equal(t, map[string]string{
		"pointer":         "schema killed TestPointer",
		"unnamed":         "schema killed TestUnnamed",
		"generic-method":  "schema killed TestGeneric",
		"generic":         "schema killed TestGeneric",
		"zero":            "schema killed TestZero",
		"named":           "schema killed TestNamed",
		"variadic":        "schema killed TestVariadic",
		"recursive":       "schema killed TestRecursive",
		"two-functions":   "schema killed TestPointer",
		"same-but-longer": "schema survived",
		"new-import":      "schema killed TestUpper",
	}, lines)
}

// What changes more than bodies, or a function that minds its caller, is built alone. So is what does not compile: it
// is named, and takes none of the others with it.
func TestSchema_LeavesTheOthersAlone(t *testing.T) {
	lines, results := try(t,
		"constant: limit = 3 => limit = 5",
		"type: struct{ n int } => struct{ n, m int }",
		"signature: Factorial(n int) int { => Factorial(m int) int { n := m-1",
		"new-function: strings.ToUpper(s) } => twice(s) }; func twice(s string) string { return strings.Repeat(s, 2) }",
		"init: \"init\") } => \"first\") }",
		"recovers: *ok = false => *ok = true",
		"wrong-type: b.n += n => b.n += \"n\"",
		"unused-import: return strings.ToUpper(s) => return s",
		"good: b.n += n => b.n -= n",
	)
	require.Equal(t, map[string]string{
		"constant":      "alone killed TestLimit",
		"type":          "alone survived",
		"signature":     "alone killed TestRecursive",
		"new-function":  "alone killed TestUpper",
		"init":          "alone killed TestInit",
		"recovers":      "alone killed TestRecover",
		"wrong-type":    "alone broken",
		"unused-import": "alone broken",
		"good":          "schema killed TestPointer",
	}, lines)
	require.Contains(t, results[6].Why, "it does not compile:")
	require.Contains(t, results[7].Why, `"strings" imported and not used`)
}

// A test that the dispatchers alone turn red, here because a pointer that is handed to one of them escapes, kills
// nobody in the schema. Who survives there for want of that test is tried with it.
func TestSchema_BlamesNobodyForTheDispatchers(t *testing.T) {
	lines, _ := try(t,
		"escapes: return *p } => Kept = p; return *p }",
		"harmless: return *p } => q := p; return *q }",
		"good: b.n += n => b.n -= n",
	)
	require.Equal(t, map[string]string{
		"escapes":  "alone killed TestLocal",
		"harmless": "alone survived",
		"good":     "schema killed TestPointer",
	}, lines)
}

// Who survives is tried again, and whoever falls only then is held up to the authors.
func TestRun_TellsLuck(t *testing.T) {
	_, results := try(t, "fickle: bool { return false => bool { return true", "good: b.n += n => b.n -= n")
	require.Equal(t, []int{2, 1}, []int{results[0].Try, results[1].Try})
	var out bytes.Buffer
	require.NoError(t, mutant.Summary(&out, results, 3*time.Second))
	require.Contains(t, out.String(), "2 mutants in 3 s, 0 of them in builds of their own\n\nKilled by luck")
	require.Contains(t, out.String(), "by TestFickle at try 2\n")
}

// Without the random tests, only what another test kills is killed.
func TestRun_CertainLeavesRandomTestsOut(t *testing.T) {
	tasks := strings.ReplaceAll(shapes, "\nfunc Test", "\n// Why.\n//\n//lab:task 1 points=1\nfunc Test")
	tasks = strings.Replace(tasks, "points=1\nfunc TestUpper", "points=1 random\nfunc TestUpper", 1)
	for certain, want := range map[bool]string{false: "schema killed TestUpper", true: "schema survived"} {
		lines, _ := tryIn(t, tasks, certain, "lower: return strings.ToUpper(s) => return strings.ToLower(s)")
		require.Equal(t, want, lines["lower"])
	}
}
