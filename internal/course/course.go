// Package course is the map of the course: its 21 days, with their titles, packages and chapters, in one table.
//
// Everything else about a day is derived by looking: which files belong to it stands in the files of solution/, its
// tasks in their annotations, its tests below its TestDir. A day that is not released yet has a place in the table and
// nothing else.
//
//	day, err := course.Find(1, 6)
//	fmt.Println(day, day.Chapter()) // week 1 day 6 book/week1/day6-write-path.md
package course

import (
	"fmt"
	"regexp"
	"strconv"
)

// Module is the module path, the first word of every import path of the lab.
const Module = "lsmlab"

// Weeks and DaysPerWeek give the course its size.
const (
	Weeks       = 3
	DaysPerWeek = 7
)

// Given are the import paths of the packages below internal/ that the student's packages may import, beside the stubs' own todo.
var Given = []string{Module + "/internal/kv", Module + "/internal/vfs", Module + "/internal/shape"}

// Day is one day of the course. It is a plain value: two are the same day when they are equal.
type Day struct {
	// Week and Day count from one.
	Week, Day int
	// Title is what the chapter is called: "The write path".
	Title string
	// Slug names the chapter in file names and links: "write-path".
	Slug string
	// Package is the package, below the week's directory, in which most of the day's work is done: "engine".
	Package string
	// Released tells whether the day exists. The others are announced and nothing more.
	Released bool
}

// days is the course, in order.
var days = []Day{
	{1, 1, "The memtable", "memtable", "memtable", true},
	{1, 2, "Merging iterators", "merging-iterators", "iterator", true},
	{1, 3, "Blocks", "blocks", "block", true},
	{1, 4, "Sorted string tables", "sstables", "sstable", true},
	{1, 5, "The read path", "read-path", "version", true},
	{1, 6, "The write path", "write-path", "engine", true},
	{1, 7, "Filters and prefixes", "filters-and-prefixes", "filter", true},

	{2, 1, "Compaction", "compaction", "compaction", true},
	{2, 2, "Simple leveled compaction", "simple-leveled", "simple", true},
	{2, 3, "Tiered compaction", "tiered", "tiered", true},
	{2, 4, "Leveled compaction", "leveled", "leveled", true},
	{2, 5, "The manifest", "manifest", "manifest", true},
	{2, 6, "The write-ahead log", "write-ahead-log", "wal", true},
	{2, 7, "Batches, group commit, crashes", "batches-and-crashes", "store", true},

	{3, 1, "Snapshots and versions", "snapshots", "mvcc", true},
	{3, 2, "Transactions", "transactions", "txn", true},
	{3, 3, "Watermark and garbage collection", "garbage-collection", "mvcc", true},
	{3, 4, "Serializable transactions", "serializable", "txn", true},
	{3, 5, "Plugins", "plugins", "plugin", true},
	{3, 6, "Time series", "time-series", "timeseries", true},
	{3, 7, "Partitions", "partitions", "partition", true},
}

// Days returns all days in order, released or not.
func Days() []Day { return append([]Day(nil), days...) }

// Released returns the days that exist, in order.
func Released() []Day {
	var out []Day
	for _, d := range days {
		if d.Released {
			out = append(out, d)
		}
	}
	return out
}

// Find returns a released day. Its error says, in words for a learner, what is wrong with the numbers.
func Find(week, day int) (Day, error) {
	for _, d := range days {
		if d.Week != week || d.Day != day {
			continue
		}
		if !d.Released {
			return Day{}, fmt.Errorf("%s (%s) is not released yet; %s", d, d.Title, extent())
		}
		return d, nil
	}
	return Day{}, fmt.Errorf("there is no week %d day %d: the course has %d weeks of %d days", week, day, Weeks, DaysPerWeek)
}

// Week returns the released days of one week.
func Week(week int) ([]Day, error) {
	if week < 1 || week > Weeks {
		return nil, fmt.Errorf("there is no week %d: the course has %d weeks of %d days", week, Weeks, DaysPerWeek)
	}
	var out []Day
	for _, d := range Released() {
		if d.Week == week {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("week %d is not released yet; %s", week, extent())
	}
	return out, nil
}

// extent says up to which day the course exists.
func extent() string {
	r := Released()
	if len(r) == 0 {
		return "no day is released yet"
	}
	return "the course goes up to " + r[len(r)-1].String() + " so far"
}

// Parse returns the day, released or not, that an ID such as "1.6" names.
func Parse(id string) (Day, error) {
	for _, d := range days {
		if d.ID() == id {
			return d, nil
		}
	}
	return Day{}, fmt.Errorf("no such day: %q (a day is written like 1.6)", id)
}

// Before returns the released days that come before d.
func Before(d Day) []Day {
	var out []Day
	for _, r := range Released() {
		if r.Less(d) {
			out = append(out, r)
		}
	}
	return out
}

// Through returns the released days up to d, which is among them if it is released.
func Through(d Day) []Day {
	var out []Day
	for _, r := range Released() {
		if !d.Less(r) {
			out = append(out, r)
		}
	}
	return out
}

// Less reports whether d comes before e.
func (d Day) Less(e Day) bool {
	if d.Week != e.Week {
		return d.Week < e.Week
	}
	return d.Day < e.Day
}

// ID returns the day as the annotations write it: "1.6".
func (d Day) ID() string { return fmt.Sprintf("%d.%d", d.Week, d.Day) }

// String returns the day as messages write it: "week 1 day 6".
func (d Day) String() string { return fmt.Sprintf("week %d day %d", d.Week, d.Day) }

// Prefix returns what names of copied files and of the day's testdata begin with: "w1d6".
func (d Day) Prefix() string { return fmt.Sprintf("w%dd%d", d.Week, d.Day) }

// WeekDir returns the directory of the day's week in the student's tree, and below solution/: "week1".
func (d Day) WeekDir() string { return "week" + strconv.Itoa(d.Week) }

// PackageDir returns the directory of the day's main package in the student's tree: "week1/engine".
func (d Day) PackageDir() string { return d.WeekDir() + "/" + d.Package }

// Chapter returns the path of the day's chapter: "book/week1/day6-write-path.md".
func (d Day) Chapter() string {
	return fmt.Sprintf("book/week%d/day%d-%s.md", d.Week, d.Day, d.Slug)
}

// TestDir returns the directory of the day's graded tests: "tests/week1/day6".
func (d Day) TestDir() string { return fmt.Sprintf("tests/week%d/day%d", d.Week, d.Day) }

// Mutants returns the path of the day's zoo of seeded bugs: "tests/week1/day6/mutants.toml".
func (d Day) Mutants() string { return d.TestDir() + "/mutants.toml" }

// Hints returns the path of the day's hints: "book/hints/week1-day6.md".
func (d Day) Hints() string { return fmt.Sprintf("book/hints/week%d-day%d.md", d.Week, d.Day) }

// TaskText returns how stubs and messages name a task of the day: "week 1 day 6 task 2", or "week 1 day 6 bonus".
func (d Day) TaskText(task string) string {
	if task == Bonus {
		return d.String() + " bonus"
	}
	return d.String() + " task " + task
}

// Bonus is the task "number" of work that is not required.
const Bonus = "bonus"

// taskText matches what TaskText returns.
var taskText = regexp.MustCompile(`^week (\d) day (\d) (?:task (\d+)|(bonus))\b`)

// ParseTaskText is the inverse of TaskText; what follows the task in text is ignored.
func ParseTaskText(text string) (d Day, task string, ok bool) {
	m := taskText.FindStringSubmatch(text)
	if m == nil {
		return Day{}, "", false
	}
	d, err := Parse(m[1] + "." + m[2])
	return d, m[3] + m[4], err == nil
}
