package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lsmlab/internal/shape"
)

// Rule names what a subject must keep.
type Rule string

// The rules.
const (
	// RuleTree: the tree is always in order (shape.Tree.Check).
	RuleTree Rule = "broken tree"
	// RuleTask: no version is carried past an older one of its key (shape.Task.Check).
	RuleTask Rule = "broken task"
	// RuleEdit: an edit drops a task's inputs, adds its outputs at their place, and leaves everything else as it is now.
	RuleEdit Rule = "broken edit"
	// RuleLost: what was written is there.
	RuleLost Rule = "lost write"
	// RuleRevived: what was deleted does not come back.
	RuleRevived Rule = "revived delete"
	// RuleStale: the newest version of a key is found first from the top.
	RuleStale Rule = "old version found first"
	// RulePure: policies and edits change nothing that they are given, and answer the same to the same.
	RulePure Rule = "not pure"
	// RuleRest: when no flush comes, a policy soon wants nothing more.
	RuleRest Rule = "does not come to rest"
	// RuleFull: Full merges everything, and leaves no tombstone.
	RuleFull Rule = "full compaction is not full"
)

// Violation is a rule that was broken. Its text is some lines: what, the task, the key's story, the tree.
type Violation struct {
	// Rule that was broken.
	Rule Rule
	// Step at which it was seen: how many memtables had been flushed.
	Step int
	// Workload and Seed bring it about again.
	Workload Workload
	Seed     uint64
	// Message says what is wrong.
	Message string
	// Task is the last task, nil if a flush came after it.
	Task *shape.Task
	// Story is what happened to the key, a line an event; none if it is not about one key.
	Story []string
	// Tree as it is, or, for broken tasks and edits, as it was before.
	Tree shape.Tree
}

// Error tells the whole story.
func (v *Violation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at step %d (workload %s, seed %d): %s\n",
		v.Rule, v.Step, v.Workload, v.Seed, strings.TrimRight(v.Message, "\n"))
	if v.Task != nil {
		fmt.Fprintf(&b, "task\n  %s\n", v.Task)
	}
	if len(v.Story) > 0 {
		fmt.Fprintf(&b, "what happened to the key\n  %s\n", strings.Join(v.Story, "\n  "))
	}
	fmt.Fprintf(&b, "tree\n%s", sketch(v.Tree))
	return b.String()
}

// violation returns the violation of a rule; key is -1 if it is not about one.
func (m *sim) violation(rule Rule, key int, format string, args ...any) error {
	v := &Violation{
		Rule: rule, Step: m.step, Workload: m.Workload, Seed: m.Seed, Task: m.task, Tree: m.tree,
		Message: fmt.Sprintf(format, args...),
	}
	if key >= 0 {
		v.Story = m.story(key)
	}
	return v
}

// storyLines is how many events of a key's story are told: the last ones.
const storyLines = 8

// story returns what happened to a key: each table that had it, in the order they were made, and where a version ended.
func (m *sim) story(key int) (lines []string) {
	numbers := slices.Sorted(maps.Keys(m.tables))
	last := map[uint64]uint64{} // the newest table that has a version, by sequence number
	for _, n := range numbers {
		if v, ok := m.tables[n].find(key); ok {
			last[v.seq] = n
		}
	}
	for _, n := range numbers {
		t := m.tables[n]
		v, ok := t.find(key)
		if !ok {
			continue
		}
		line := fmt.Sprintf("%s: table %d with %s", t.born, n, v)
		if t.died != "" {
			line += "; " + t.died
			if last[v.seq] == n {
				line += ", where it was dropped"
			}
		}
		lines = append(lines, line)
	}
	return lines[max(0, len(lines)-storyLines):]
}
