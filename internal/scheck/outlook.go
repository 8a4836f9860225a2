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

	"2.1": "Your compaction merges tables while others read and write, and drops what nobody can see, and nothing else.",
	"2.2": "Your first policy keeps the levels of a tree in proportion, and comes to rest.",
	"2.3": "Your tiers merge runs of like sizes: few bytes written, at a price in space that you can name.",
	"2.4": "Your levels keep a tree in shape that grows, and lose nothing when it shrinks.",
	"2.5": "Your manifest finds the tree again after any restart, and tells a torn end from damage.",
	"2.6": "Your log brings back every write that a killed process had acknowledged.",
	"2.7": "Your store survives a power cut at every single operation, whole batches or nothing, with one sync for many writers.",

	"3.1": "Your store remembers: it shows any moment, and every version that a key ever had.",
	"3.2": "Your transactions happen as a whole or not at all, and see their own writes before anybody else does.",
	"3.3": "Your store keeps the past as long as somebody reads it, and not a merge longer.",
	"3.4": "Your transactions run side by side, and end as if they had run one after the other.",
	"3.5": "Your engine tells plugins what happens, and none of them can harm it, however it behaves.",
	"3.6": "Your series find the newest point in one step, and drop most of the others with a bound that holds.",
	"3.7": "Your keys live in many stores behind one door, and move to another division without one being lost.",
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
	return append(can, "That was the last day: you have built a storage engine, and five things that stand on one."),
		"read book/week3/where-next.md, and go tool mage bench shows your engine beside the reference"
}
