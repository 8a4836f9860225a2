package scheck

import (
	"fmt"

	"lsmlab/internal/course"
)

// abilities says, in a sentence a day, what the engine can do once the day is green.
var abilities = map[string]string{
	"1.1": "Your memtable keeps the newest writes sorted, while any number of goroutines read and write.",
	"1.2": "Your iterators make one ordered view out of many sources, and show each key once.",
	"1.3": "Your blocks pack sorted entries into bytes and find a key in them by halving.",
	"1.4": "Your tables put millions of entries on disk, find one with a single read, and notice damage.",
	"1.5": "Your read path answers from memory and from disk as from one place, the newest write first.",
	"1.6": "Your engine takes writes from many goroutines, moves them to disk in the background, and never loses sight of one.",
	"1.7": "Your filters spare most reads that would find nothing, and your blocks store what keys share only once.",
}

// outlook returns what the engine can do with the given days green, and what to do next.
func outlook(days []course.Day) (can []string, next string) {
	last := days[len(days)-1]
	if text := abilities[last.ID()]; text != "" {
		can = append(can, text)
	}
	for _, d := range course.Released() {
		if last.Less(d) {
			return can, fmt.Sprintf("go tool mage copy-test -week=%d -day=%d, and read %s", d.Week, d.Day, d.Chapter())
		}
	}
	return append(can, "That was the last day so far."), "go tool mage bench, to see your engine beside the reference"
}
